"""The case manager's page of the team: who is in it, joining, leaving, and handing the case over."""

from collections.abc import Coroutine, Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import Opened, dossier_for, record_look
from auth.permissions import Permission
from documents.store import Changed
from portal.dossier.header import header_of
from portal.dossier.people import title_of
from portal.events.form import say
from portal.events.rules import Message, one
from portal.forms import Values, read_form, refused_at
from portal.naming.form import read_naming
from portal.naming.leading import hand_over_lead
from portal.naming.rules import state_of_leading
from portal.page import Request, changed, page, refused
from portal.plans.people import at_work_now
from portal.plans.team import colleagues, join_team, leave_team, read_joining, team_view, who_may_join
from portal.runtime import runtime
from portal.typed_before import typed_before

TEAM = Permission.TEAM_EDIT
PAGE = "/dossiers/{dossier_id}/team"


class TeamController(Controller):
    """`/dossiers/{id}/team`."""

    path = "/dossiers/{dossier_id:str}/team"

    @get("/", name="team", opt={"permission": TEAM})
    async def show(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Who is in the team, as what, since when, what for."""
        opened = await _open(request, dossier_id, quiet=False)
        values = await typed_before(request, PAGE.format(dossier_id=dossier_id))
        return page(request, "plans/team.html", **await _context(request, opened, values, {}))

    @post("/", name="join_team", opt={"permission": TEAM, "draft": PAGE})
    async def join(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Somebody joins."""
        opened = await _open(request, dossier_id)
        values, _ = await read_form(request)
        joining, errors = read_joining(values)
        work = join_team(runtime(request).store, opened.who, dossier_id, joining, opened.now)
        return await _answer(request, opened, values, errors, work, "join", "team_changed")

    @post("/{role_id:str}/leaving", name="leave_team", opt={"permission": TEAM})
    async def leave(self, request: Request, dossier_id: FromPath[str], role_id: FromPath[str]) -> Response[Any]:
        """Somebody leaves."""
        opened = await _open(request, dossier_id)
        work = leave_team(runtime(request).store, opened.who, dossier_id, role_id, opened.now)
        return await _answer(request, opened, {}, {}, work, "", "team_changed")

    @post("/lead", name="hand_over_lead", opt={"permission": TEAM, "draft": PAGE})
    async def lead(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Ask somebody to take the case over; until they accept, nothing changes."""
        opened = await _open(request, dossier_id)
        values, _ = await read_form(request)
        naming, errors = read_naming(values)
        store, state = runtime(request).store, one(values, "state")
        work = hand_over_lead(store, opened.who, dossier_id, naming.role_id, state, opened.now)
        return await _answer(request, opened, values, errors, work, "lead", "manager_named")


async def _open(request: Request, dossier_id: str, *, quiet: bool = True) -> Opened:
    store, state = runtime(request).store, request.scope["state"]
    return await dossier_for(store, state["who"], dossier_id, TEAM, state["now"], quiet=quiet, subject="team")


async def _answer(
    request: Request,
    opened: Opened,
    values: Values,
    errors: Mapping[str, Message],
    work: Coroutine[Any, Any, None],
    form: str,
    notice: str,
) -> Response[Any]:
    try:
        errors = await refused_at(work, errors)
    except Changed:
        opened = await _open(request, opened.dossier.id, quiet=False)
        context = await _context(request, opened, values, {}, form=form, conflict=True)
        return page(request, "plans/team.html", status=409, **context)
    if errors:
        await record_look(runtime(request).store, opened)
        return refused(request, "plans/team.html", "main", **await _context(request, opened, values, errors, form=form))
    return changed(request, PAGE.format(dossier_id=opened.dossier.id), notice)


async def _context(
    request: Request,
    opened: Opened,
    values: Values,
    errors: Mapping[str, Message],
    *,
    form: str = "",
    conflict: bool = False,
) -> dict[str, Any]:
    people = [(p.role_id, ", ".join((p.name, title_of(p), p.institution_name))) for p in who_may_join(opened)]
    leaders, unshown = await colleagues(runtime(request).store, opened, at_work_now(opened.dossier, opened.now))
    return {
        "child": header_of(opened),
        "team": team_view(opened),
        "people": people,
        "leaders": leaders,
        "unshown": unshown,
        "state": state_of_leading(opened.dossier),
        "asked": opened.dossier.next_manager,
        "form": form,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "conflict": conflict,
        "here": "team",
    }
