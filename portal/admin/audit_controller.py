"""Searching the audit log. What is asked travels in the body; the answer has an opaque address."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from auth.permissions import Permission
from auth.who import Who
from documents.audit import AuditEntry
from documents.audit_search import AuditSearch, all_answering
from documents.seals import seal_state
from documents.store import Store
from portal.admin.audit_rules import Asked, read_search
from portal.admin.audit_searching import (
    EXPORTED_AT_MOST,
    AuditPage,
    TooMuch,
    about_oneself,
    begin_export,
    begin_search,
    people_in,
    read_page,
)
from portal.admin.audit_words import HEADINGS, OUTCOMES, act_choices, audit_row, cells, purpose_choices
from portal.admin.explain_controller import ABOUT_ONESELF
from portal.admin.explaining import AboutOneself
from portal.admin.finding import AT_MOST, institutions_named, person_id_of
from portal.csv_cells import csv_line
from portal.events.form import say
from portal.events.rules import Message, Values, one
from portal.forms import read_form
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import N_, gettext
from portal.typed_before import typed_before

BATCH = 200  # entries of an export between two look-ups of the people in them


FORM = "/admin/audit"


class AuditController(Controller):
    """`/admin/audit`."""

    path = "/admin/audit"

    @get("/", name="audit_form", opt={"permission": Permission.AUDIT_SEARCH, "step_up": True})
    async def form(self, request: Request) -> Response[Any]:
        """The question, and how far the log is sealed."""
        return page(request, "admin/audit.html", **await _context(request, await typed_before(request, FORM), {}))

    @post("/", name="audit_search", opt={"permission": Permission.AUDIT_SEARCH, "step_up": True, "draft": FORM})
    async def search(self, request: Request) -> Response[Any]:
        """Put the search on record, then lead to its answer."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        values, _ = await read_form(request)
        asked, errors = read_search(values)
        if asked is not None:
            question, errors = await _resolved(held.store, asked, invented=held.settings.demo)
            if not errors:
                try:
                    search = await begin_search(held.store, who, asked.purpose, asked.words, question, now)
                    return changed(request, f"/admin/audit/{search.id}")
                except AboutOneself:
                    errors = {"person": ABOUT_ONESELF}
        return refused(request, "admin/audit.html", "main", **await _context(request, values, errors))

    @get("/{search_id:str}", name="audit_answer", opt={"permission": Permission.AUDIT_SEARCH, "step_up": True})
    async def answer(self, request: Request, search_id: FromPath[str]) -> Response[Any]:
        """Fifty entries a page, the newest first."""
        cursor = request.query_params.get("before", "")[:60]
        state = request.scope["state"]
        found = await read_page(runtime(request).store, state["who"], search_id[:64], cursor, state["now"])
        return page(request, "admin/audit_answer.html", **_answer(found))

    @post(
        "/{search_id:str}/export",
        name="audit_export",
        status_code=200,
        opt={"permission": Permission.AUDIT_SEARCH, "step_up": True, "draft": "/admin/audit/{search_id}"},
    )
    async def export(self, request: Request, search_id: FromPath[str]) -> Stream | Response[Any]:
        """The whole answer as a table, on record before its first line."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        try:
            search = await begin_export(store, who, search_id[:64], now)
        except TooMuch:
            found = await read_page(store, who, search_id[:64], "", now)
            return page(request, "admin/audit_answer.html", status=422, **_answer(found, too_much=EXPORTED_AT_MOST))
        headers = {"Content-Disposition": f'attachment; filename="audit-{search.id}.csv"'}
        lines = _lines(store, who, search)
        return Stream(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _resolved(store: Store, asked: Asked, *, invented: bool) -> tuple[Any, dict[str, Message]]:
    """The question with the ids of whom and which institution were meant."""
    question, errors = asked.question, dict[str, Message]()
    if asked.person:
        person_id = await person_id_of(store, asked.person, invented=invented)
        if await store.people.find_one({"_id": person_id}, {"_id": 1}) is None:
            errors["person"] = Message(N_("There is no account with this id or code."))
        question = question.model_copy(update={"person_id": person_id})
    if asked.institution:
        found = await institutions_named(store, asked.institution)
        exact = [each for each in found if each.name == asked.institution] or found
        if not found:
            errors["institution"] = Message(N_("No institution's name begins so."))
        elif len(exact) > 1:
            names = "; ".join(each.name for each in found[:AT_MOST])
            errors["institution"] = Message(
                N_("Several begin so: %(names)s. Write more of the name."), {"names": names}
            )
        else:
            question = question.model_copy(update={"institution_id": exact[0].id})
    return question, errors


async def _lines(store: Store, who: Who, search: AuditSearch) -> AsyncIterator[bytes]:
    yield "\ufeff".encode() + csv_line(gettext(heading) for heading in HEADINGS)
    waiting: list[AuditEntry] = []
    async for entry in all_answering(store, search.question, EXPORTED_AT_MOST, search.at):
        if not about_oneself(who, entry):
            waiting.append(entry)
        if len(waiting) == BATCH:
            yield await _part(store, waiting)
            waiting = []
    if waiting:
        yield await _part(store, waiting)


async def _part(store: Store, entries: list[AuditEntry]) -> bytes:
    people = await people_in(store, entries)
    return b"".join(csv_line(cells(entry, people)) for entry in entries)


async def _context(request: Request, values: Values, errors: Mapping[str, Message]) -> dict[str, Any]:
    return {
        "one": lambda name: one(values, name),
        "errors": {name: say(message) for name, message in errors.items()},
        "purposes": purpose_choices(),
        "acts": act_choices(),
        "outcomes": [(code, gettext(words)) for code, words in OUTCOMES.items()],
        "seals": await seal_state(runtime(request).store),
    }


def _answer(found: AuditPage, too_much: int = 0) -> dict[str, Any]:
    question = found.search.question
    return {
        "search": found.search,
        "purpose": dict(purpose_choices()).get(found.search.purpose, ""),
        "rows": [audit_row(entry, found.people, found.words) for entry in found.entries],
        "hidden": found.hidden,
        "dossier": question.dossier_id[-5:].upper(),
        "older": f"/admin/audit/{found.search.id}?before={found.older}" if found.older else "",
        "too_much": too_much,
    }
