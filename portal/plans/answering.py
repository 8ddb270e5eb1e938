"""How the pages of a plan answer a form: done, sent twice, refused with a sentence, or changed meanwhile."""

from collections.abc import Awaitable, Sequence
from typing import Any

from litestar import Response

from auth.access import Opened, dossier_for, record_look
from auth.permissions import Permission
from auth.place import is_family
from documents.store import AlreadySo, Changed
from portal.dossier.header import header_of, manager_contact
from portal.dossier.people import InvolvedPerson, involved_people
from portal.events.form import say
from portal.events.rules import Message, one
from portal.forms import Values
from portal.page import Request, changed, page
from portal.plans.meeting import next_meeting
from portal.plans.paper import shows
from portal.plans.rules import CannotPlan
from portal.plans.team import MemberView, team_view
from portal.plans.view import chosen_version, plan_view
from portal.runtime import runtime

PAGE = "/dossiers/{dossier_id}/plan"


async def open_plan(request: Request, dossier_id: str, permission: Permission, *, quiet: bool = True) -> Opened:
    """The dossier for this permission; every page of the plan goes through here."""
    store, state = runtime(request).store, request.scope["state"]
    who, now = state["who"], state["now"]
    return await dossier_for(store, who, dossier_id, permission, now, narrative=False, quiet=quiet)


async def plan_answer(
    request: Request, opened: Opened, values: Values, work: Awaitable[None], notice: str
) -> Response[Any]:
    """Do it and show the plan; a refusal or a change in between is said on the plan itself, words typed kept."""
    error, conflict = None, False
    try:
        await work
    except AlreadySo:
        pass
    except CannotPlan as wrong:
        error = wrong
    except Changed:
        conflict = True
    if error is None and not conflict:
        return changed(request, PAGE.format(dossier_id=opened.dossier.id), notice)
    opened = await open_plan(request, opened.dossier.id, Permission.PLAN_READ, quiet=False)
    errors = {error.field: error.message} if error else {}
    context = plan_context(opened, values, errors, conflict=conflict)
    return page(request, template_of(opened), status=409 if conflict else 422, **context)


def template_of(opened: Opened) -> str:
    """Plain words for the family, the working page for professionals."""
    return "plans/mine.html" if is_family(opened.access) else "plans/plan.html"


def plan_context(
    opened: Opened,
    values: Values,
    errors: dict[str, Message],
    *,
    number: str = "",
    conflict: bool = False,
) -> dict[str, Any]:
    """What the page of the plan needs."""
    plan = chosen_version(opened, number)
    team = team_view(opened) if shows(opened) else []
    return {
        "child": header_of(opened),
        "plan": plan_view(opened, plan) if plan else None,
        "manager": manager_contact(opened, opened.dossier.case_manager),
        "may_begin": opened.can(Permission.PLAN_WRITE),
        "meeting": next_meeting(opened) if shows(opened) else None,
        "meetings_set": opened.dossier.meetings_set,
        "team": team,
        "involved": _others_involved(opened, team),
        "edits_team": opened.can(Permission.TEAM_EDIT),
        "writes": opened.can(Permission.MESSAGE_WRITE) and is_family(opened.access),
        "given_name": opened.dossier.child.given_name,
        "own_plan": opened.dossier.child.person_id == opened.who.person_id,
        "reads_documents": opened.can(Permission.DOCUMENTS_READ),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "conflict": conflict,
        "here": "plan",
    }


def _others_involved(opened: Opened, team: Sequence[MemberView]) -> list[InvolvedPerson]:
    """While nobody leads the case: whom a family can turn to instead, as the dossier's own page names them."""
    if opened.dossier.case_manager or not is_family(opened.access):
        return []
    named = {member.name for member in team}
    return [person for person in involved_people(opened) if person.name not in named]


async def shown(request: Request, opened: Opened) -> None:
    """Put on record that a dossier opened quietly is shown after all."""
    await record_look(runtime(request).store, opened)
