"""The head's page of a dossier: who is responsible, who stands in, who leads; and the naming for an unled request."""

from collections.abc import Coroutine, Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound, Opened, dossier_for, record_look
from auth.permissions import Permission
from auth.who import Who
from documents.model import day_of
from documents.store import AlreadySo, Changed
from portal.access_requests.one import Seen, one_request, unled
from portal.access_requests.view import for_decider
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, one
from portal.forms import Values, read_form, refused_at
from portal.naming.actions import name_responsible, name_substitute
from portal.naming.form import read_naming, read_substitution
from portal.naming.leading import name_family_manager, name_manager
from portal.naming.rules import CannotName, state_of_leading
from portal.naming.view import choices, naming_view
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.typed_before import typed_before

NAME = Permission.PEOPLE_NAME
PAGE = "/dossiers/{dossier_id}/naming"
UNLED = "/access-requests/{request_id}/case-manager"
ONE = "/dossiers/{dossier_id:str}/involvements/{involvement_id:str}"
TYPED = "/dossiers/{dossier_id:str}"


class NamingController(Controller):
    """`/dossiers/{id}/naming` and the forms on it."""

    @get(f"{TYPED}/naming", name="naming", opt={"permission": NAME})
    async def show(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Who is responsible in the own institution, and who leads."""
        opened = await _open(request, dossier_id, quiet=False)
        values = await typed_before(request, PAGE.format(dossier_id=dossier_id))
        return page(request, "naming/naming.html", **await _context(request, opened, values, {}))

    @post(f"{ONE}/responsible", name="name_responsible", opt={"permission": NAME, "draft": PAGE})
    async def responsible(
        self, request: Request, dossier_id: FromPath[str], involvement_id: FromPath[str]
    ) -> Response[Any]:
        """Name who is responsible from today on."""
        opened = await _open(request, dossier_id)
        values, _ = await read_form(request)
        naming, errors = read_naming(values)
        work = name_responsible(runtime(request).store, opened.who, dossier_id, involvement_id, naming, opened.now)
        return await _answer(request, opened, values, errors, work, f"r-{involvement_id}", "people_named")

    @post(f"{ONE}/substitute", name="name_substitute", opt={"permission": NAME, "draft": PAGE})
    async def substitute(
        self, request: Request, dossier_id: FromPath[str], involvement_id: FromPath[str]
    ) -> Response[Any]:
        """Name who stands in, from a day to a day."""
        opened = await _open(request, dossier_id)
        values, _ = await read_form(request)
        naming, errors = read_substitution(values, day_of(opened.now))
        work = name_substitute(runtime(request).store, opened.who, dossier_id, involvement_id, naming, opened.now)
        return await _answer(request, opened, values, errors, work, f"s-{involvement_id}", "people_named")

    @post(f"{TYPED}/case-manager", name="name_manager", opt={"permission": NAME, "draft": PAGE})
    async def manager(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Ask somebody to lead the case."""
        opened = await _open(request, dossier_id)
        values, _ = await read_form(request)
        naming, errors = read_naming(values)
        store, state = runtime(request).store, one(values, "state")
        work = name_manager(store, opened.who, dossier_id, naming.role_id, state, opened.now)
        return await _answer(request, opened, values, errors, work, "manager", "manager_named")

    @post(f"{TYPED}/family-case-manager", name="name_family_manager", opt={"permission": NAME, "draft": PAGE})
    async def family_manager(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Name who works with the family."""
        opened = await _open(request, dossier_id)
        values, _ = await read_form(request)
        naming, errors = read_naming(values)
        store = runtime(request).store
        work = name_family_manager(store, opened.who, dossier_id, naming.role_id, naming.instead_of, opened.now)
        return await _answer(request, opened, values, errors, work, "family", "family_manager_named")

    @get(
        "/access-requests/{request_id:str}/case-manager",
        name="unled_form",
        opt={"permission": Permission.ACCESS_REQUESTS_READ},
    )
    async def unled_form(self, request: Request, request_id: FromPath[str]) -> Response[Any]:
        """Nobody leads the case a request is about: the head of the institution that decides names somebody."""
        seen = await _unled(request, request_id)
        return page(request, "naming/unled.html", **await _unled_context(request, seen, {}, {}))

    @post(
        "/access-requests/{request_id:str}/case-manager",
        name="name_for_request",
        opt={"permission": Permission.ACCESS_REQUESTS_READ, "draft": UNLED},
    )
    async def name_for_request(self, request: Request, request_id: FromPath[str]) -> Response[Any]:
        """Ask somebody to lead it; who accepts decides the request."""
        state = request.scope["state"]
        seen = await _unled(request, request_id)
        values, _ = await read_form(request)
        naming, errors = read_naming(values)
        if not errors:
            try:
                await name_manager(
                    runtime(request).store,
                    state["who"],
                    seen.asked.dossier_id or "",
                    naming.role_id,
                    one(values, "state"),
                    state["now"],
                    request_id=request_id,
                )
            except AlreadySo:
                pass
            except CannotName as wrong:
                errors = {wrong.field: wrong.message}
            except Changed:
                context = await _unled_context(request, await _unled(request, request_id), values, {}, conflict=True)
                return page(request, "naming/unled.html", status=409, **context)
        if errors:
            context = await _unled_context(request, seen, values, errors)
            return refused(request, "naming/unled.html", "main", **context)
        return changed(request, "/access-requests", "manager_named")


async def _open(request: Request, dossier_id: str, *, quiet: bool = True) -> Opened:
    state = request.scope["state"]
    return await dossier_for(runtime(request).store, state["who"], dossier_id, NAME, state["now"], quiet=quiet)


async def _answer(
    request: Request,
    opened: Opened,
    values: Values,
    errors: Mapping[str, Message],
    work: Coroutine[Any, Any, None],
    form: str,
    done: str,
) -> Response[Any]:
    """Do it unless the form is wrong; what will not do comes back beside its form, with what was chosen."""
    try:
        errors = await refused_at(work, errors)
    except Changed:
        opened = await _open(request, opened.dossier.id, quiet=False)
        context = await _context(request, opened, values, {}, form=form, conflict=True)
        return page(request, "naming/naming.html", status=409, **context)
    if errors:
        await record_look(runtime(request).store, opened)
        return refused(
            request, "naming/naming.html", "main", **await _context(request, opened, values, errors, form=form)
        )
    return changed(request, PAGE.format(dossier_id=opened.dossier.id), done)


async def _context(
    request: Request,
    opened: Opened,
    values: Values,
    errors: Mapping[str, Message],
    *,
    form: str = "",
    conflict: bool = False,
) -> dict[str, Any]:
    return {
        "child": header_of(opened),
        "naming": await naming_view(runtime(request).store, opened),
        "errors": {name: say(message) for name, message in errors.items()},
        "form": form,
        "one": lambda name: one(values, name),
        "conflict": conflict,
        "here": "naming",
    }


async def _unled(request: Request, request_id: str) -> Seen:
    """The request, for the head who has to name somebody. Raises NotFound."""
    who: Who = request.scope["state"]["who"]
    seen = await one_request(request, request_id)
    if seen.dossier is None or seen.asked.state != "waiting" or not unled(who, seen.asked, seen.dossier):
        raise NotFound
    return seen


async def _unled_context(
    request: Request, seen: Seen, values: Values, errors: Mapping[str, Message], *, conflict: bool = False
) -> dict[str, Any]:
    store, state = runtime(request).store, request.scope["state"]
    dossier = seen.dossier
    return {
        "asked": for_decider(seen.asked, state["now"]),
        "state": state_of_leading(dossier) if dossier else "",
        "next": dossier.next_manager if dossier else None,
        "leaders": await choices(store, state["who"], state["now"], leads=True),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "conflict": conflict,
    }
