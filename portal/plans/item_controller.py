"""The form of one line of the draft: a goal, a task, a service; added, changed, taken out."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound, Opened
from auth.permissions import Permission
from documents.classifiers import classifiers
from documents.model import new_id
from documents.plan import Goal, Item, Plan, Service, Task, in_work
from documents.store import AlreadySo, Changed
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, many, number_in, one
from portal.formats import date_text
from portal.forms import Values, read_form, submission_of
from portal.page import Request, changed, page
from portal.plans.actions import Wrong, add_item, change_item, remove_item
from portal.plans.answering import PAGE, open_plan, plan_answer, shown
from portal.plans.form import KINDS, PRIORITIES, SERVICES, audiences, kind_of
from portal.plans.people import possible_doers
from portal.plans.rules import CannotPlan, find_item, fresh_id
from portal.runtime import runtime
from portal.translations import gettext, language
from portal.typed_before import typed_before

WRITE = Permission.PLAN_WRITE
NEW = "/dossiers/{dossier_id}/plan/items/new"
ONE = "/dossiers/{dossier_id}/plan/items/{item_id}"


class PlanItemController(Controller):
    """`/dossiers/{id}/plan/items`."""

    path = "/dossiers/{dossier_id:str}/plan/items"

    @get("/new", name="plan_item_new", opt={"permission": WRITE})
    async def new(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """An empty form; `kind` and `goal` in the address."""
        opened = await open_plan(request, dossier_id, WRITE, quiet=False)
        values = await typed_before(request, NEW.format(dossier_id=dossier_id))
        asked = {name: [request.query_params.get(name, "")] for name in ("kind", "goal")}
        return page(request, "plans/item.html", **_context(opened, None, values or asked, {}))

    @post("/new", name="add_plan_item", opt={"permission": WRITE, "draft": NEW})
    async def add(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Add it to the draft."""
        opened = await open_plan(request, dossier_id, WRITE)
        values, _ = await read_form(request)
        item_id = fresh_id(submission_of(values))
        work = add_item(runtime(request).store, opened.who, dossier_id, _kind(values), item_id, values, opened.now)
        try:
            await work
        except AlreadySo:
            pass
        except Wrong as wrong:
            return await self._refuse(request, opened, None, values, wrong.errors)
        except CannotPlan as cannot:
            return await self._refuse(request, opened, None, values, {"text": cannot.message})
        return changed(request, _draft(dossier_id), "plan_changed")

    @get("/{item_id:str}", name="plan_item", opt={"permission": WRITE})
    async def form(self, request: Request, dossier_id: FromPath[str], item_id: FromPath[str]) -> Response[Any]:
        """The line as it is."""
        opened = await open_plan(request, dossier_id, WRITE, quiet=False)
        values = await typed_before(request, ONE.format(dossier_id=dossier_id, item_id=item_id))
        item = _item(opened, item_id)
        return page(request, "plans/item.html", **_context(opened, item, values or _values(item), {}))

    @post("/{item_id:str}", name="change_plan_item", opt={"permission": WRITE, "draft": ONE})
    async def change(self, request: Request, dossier_id: FromPath[str], item_id: FromPath[str]) -> Response[Any]:
        """Save it; where somebody was faster, show both texts."""
        opened = await open_plan(request, dossier_id, WRITE)
        item = _item(opened, item_id)
        values, _ = await read_form(request)
        values["kind"] = [kind_of(item)]
        store, number = runtime(request).store, number_in(values)
        try:
            await change_item(store, opened.who, dossier_id, kind_of(item), item_id, values, number, opened.now)
        except AlreadySo:
            pass
        except Wrong as wrong:
            return await self._refuse(request, opened, item, values, wrong.errors)
        except CannotPlan as cannot:
            return await self._refuse(request, opened, item, values, {"text": cannot.message})
        except Changed:
            opened = await open_plan(request, dossier_id, WRITE, quiet=False)
            theirs = _item(opened, item_id)
            context = _context(opened, theirs, values, {}, theirs=theirs)
            return page(request, "plans/item.html", status=409, **context)
        return changed(request, _draft(dossier_id), "plan_changed")

    @post("/{item_id:str}/removal", name="remove_plan_item", opt={"permission": WRITE})
    async def remove(self, request: Request, dossier_id: FromPath[str], item_id: FromPath[str]) -> Response[Any]:
        """Take it out of the draft."""
        opened = await open_plan(request, dossier_id, WRITE)
        values, _ = await read_form(request)
        store = runtime(request).store
        work = remove_item(store, opened.who, dossier_id, item_id, number_in(values), opened.now)
        answered = await plan_answer(request, opened, values, work, "plan_changed")
        return changed(request, _draft(dossier_id), "plan_changed") if (answered.status_code or 200) < 400 else answered

    async def _refuse(
        self, request: Request, opened: Opened, item: Item | None, values: Values, errors: dict[str, Message]
    ) -> Response[Any]:
        await shown(request, opened)
        return page(request, "plans/item.html", status=422, **_context(opened, item, values, errors))


def _draft(dossier_id: str) -> str:
    return f"{PAGE.format(dossier_id=dossier_id)}?version=new"


def _item(opened: Opened, item_id: str) -> Item:
    plan = in_work(opened.dossier.plans)
    item = find_item(plan, item_id) if plan else None
    if item is None:
        raise NotFound
    return item


def _kind(values: Values) -> str:
    return one(values, "kind") if one(values, "kind") in KINDS else "goal"


def _values(item: Item) -> Values:
    """What stands in the fields of a line's form."""
    values: Values = {"kind": [kind_of(item)], "text": [item.text]}
    for withholding in item.withheld:
        values |= {"withheld": [withholding.audience], "withheld_reason": [withholding.reason]}
    if isinstance(item, Goal):
        values["factors"] = list(item.factors)
    if isinstance(item, Service):
        values |= {"status": [item.status], "reason": [item.reason]}
    if isinstance(item, Task):
        days = {"since": [date_text(item.since) if item.since else ""], "due": [date_text(item.due, "lv")]}
        values |= days | {"doer": [item.doer.key], "goal": [item.goal_id], "priority": [item.priority]}
    return values


def _context(
    opened: Opened,
    item: Item | None,
    values: Values,
    errors: dict[str, Message],
    *,
    theirs: Item | None = None,
) -> dict[str, Any]:
    lang, known, plan = language(), classifiers(), in_work(opened.dossier.plans)
    their_values = _values(theirs) if theirs else {}
    return {
        "child": header_of(opened),
        "kind": _kind(values),
        "item": item,
        "version": item.version if item else 0,
        "submission": submission_of(values) or new_id(),
        "factors": [(row.code, row.label(lang)) for row in known.factors.values()],
        "doers": _doers(opened),
        "goals": [(goal.id, goal.text) for goal in _goals(plan)],
        "priorities": [(code, gettext(words)) for code, words in PRIORITIES.items()],
        "statuses": [(code, gettext(words)) for code, words in SERVICES.items()],
        "audiences": [(code, known.withholding_audiences[code].label(lang)) for code in audiences()],
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "many": lambda name: many(values, name),
        "theirs": theirs,
        "theirs_one": lambda name: one(their_values, name),
    }


def _goals(plan: Plan | None) -> list[Goal]:
    return plan.goals if plan else []


def _doers(opened: Opened) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a task may be given to, in groups."""
    names = {
        "specialist": gettext("People"),
        "institution": gettext("Institutions: whoever is responsible there"),
        "family": gettext("The family"),
    }
    doers = possible_doers(opened.dossier, opened.now)
    return [
        (
            name,
            [
                (d.key, ", ".join(filter(None, (d.name, d.institution_name if kind == "specialist" else ""))))
                for d in doers
                if d.kind == kind
            ],
        )
        for kind, name in names.items()
        if any(d.kind == kind for d in doers)
    ]
