"""Identify a need: the form reached from the search, what was typed before, and its saving."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import Redirect

from auth.access import NotFound
from auth.permissions import Permission
from documents.classifiers import classifiers
from documents.model import day_of, new_id
from portal.domains import DOMAINS
from portal.events.form import say
from portal.events.rules import Message, Values, one
from portal.forms import read_form, submission_of
from portal.needs.actions import identify_need
from portal.needs.kept import FORM, KeptNeed, find_kept_need, forget_kept_need
from portal.needs.rules import read_need
from portal.needs.tokens import need_token, read_need_token
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import gettext, language


class NeedController(Controller):
    """`/needs`. The child travels as a sealed reference in the form, never in the address."""

    @post(FORM, name="need_form", status_code=200, opt={"permission": Permission.NEED_IDENTIFY})
    async def form(self, request: Request) -> Response[Any]:
        """The form for the child just found: empty, or with what was typed about this child and not saved."""
        values, _ = await read_form(request)
        kept = await find_kept_need(runtime(request), request.scope["state"]["who"], _child(request, values))
        return page(request, "needs/form.html", **_context(request, values, {}, kept))

    @get(FORM, name="kept_need", opt={"permission": Permission.NEED_IDENTIFY})
    async def again(self, request: Request) -> Response[Any]:
        """The form as it was when the session ended; where nothing waits, the search."""
        held, state = runtime(request), request.scope["state"]
        kept = await find_kept_need(held, state["who"])
        if kept is None:
            return Redirect("/search", status_code=303)
        token = need_token(held.cookie_key, state["who"], kept.dossier_id, state["now"])
        return page(request, "needs/form.html", **_context(request, {"child": [token]}, {}, kept))

    @post("/needs", name="identify_need", opt={"permission": Permission.NEED_IDENTIFY, "draft": FORM})
    async def identify(self, request: Request) -> Response[Any]:
        """Open the dossier, or pass the words on as a report where it is open already."""
        held, state = runtime(request), request.scope["state"]
        values, _ = await read_form(request)
        dossier_id = _child(request, values)
        draft, errors = read_need(values, day_of(state["now"]))
        if draft is None:
            return refused(request, "needs/form.html", "main", **_context(request, values, errors))
        outcome = await identify_need(held.store, state["who"], dossier_id, draft, state["now"], submission_of(values))
        await forget_kept_need(held, state["who"], dossier_id)
        if outcome == "reported":
            return changed(request, "/desk", "concern_reported")
        return changed(request, f"/dossiers/{dossier_id}", "dossier_opened")


def _child(request: Request, values: Values) -> str:
    state = request.scope["state"]
    token = one(values, "child")
    dossier_id = read_need_token(runtime(request).cookie_key, state["who"], token, state["now"])
    if dossier_id is None:
        raise NotFound
    return dossier_id


def _context(
    request: Request, values: Values, errors: Mapping[str, Message], kept: KeptNeed | None = None
) -> dict[str, Any]:
    typed = kept.values if kept else values
    return {
        "token": one(values, "child"),
        "kept_at": kept.at if kept else None,
        "submission": submission_of(values) or new_id(),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(typed, name),
        **need_fields(day_of(request.scope["state"]["now"])),
    }


def need_fields(today: Any) -> dict[str, Any]:
    """The choices of a need's form, in the language spoken now."""
    lang = language()
    return {
        "kinds": need_choices(lang, today),
        "levels": level_choices(lang, (2, 3, 4)),
        "bases": basis_choices(lang, today),
    }


def need_choices(lang: str, today: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds of need in groups by domain."""
    names: dict[str, str] = {domain.key: gettext(domain.name) for domain in DOMAINS}
    order = list(names)
    kinds = sorted(classifiers().need_kinds.in_force(today), key=lambda k: order.index(k.domain))
    return [
        (names[domain], [(k.code, k.label(lang).capitalize()) for k in members])
        for domain, members in groupby(kinds, key=lambda k: k.domain)
    ]


def level_choices(lang: str, levels: tuple[int, ...]) -> list[tuple[str, str, str]]:
    """The prevention levels with what each means."""
    rows = [classifiers().prevention_level(level) for level in levels]
    return [(str(row.level), f"{row.level}. {row.label(lang)}", row.meaning(lang)) for row in rows]


def basis_choices(lang: str, today: Any) -> list[tuple[str, str]]:
    """The legal bases a need or level may rest on."""
    return [(b.code, b.label(lang)) for b in classifiers().legal_bases.in_force(today) if "need" in b.asked_for]
