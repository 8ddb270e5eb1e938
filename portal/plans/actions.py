"""Writing the plan: one transaction with its record; additions never conflict, two edits of one line do."""

from datetime import datetime

from auth.access import Forbidden, NotFound, Opened, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.plans import may_report
from auth.reasons import READ_ONLY
from auth.who import Who
from documents.acts import Act
from documents.model import day_of, to_bson
from documents.plan import Item, Plan, Task, in_force, in_work, waiting
from documents.store import AlreadySo, Changed, Store, Transaction
from portal.events.rules import Message, Values
from portal.notices import tell
from portal.plans.form import Ground, family_kinds_of, read_item
from portal.plans.people import possible_doers
from portal.plans.rules import begun, find_item, in_draft, reported, with_added, with_changed, without


class Wrong(Exception):
    """The form says something that will not do: one message a field."""

    def __init__(self, errors: dict[str, Message]) -> None:
        super().__init__("the form is wrong")
        self.errors = errors


async def begin_plan(store: Store, who: Who, dossier_id: str, now: datetime) -> None:
    """Begin a new version from what is in force. Raises NotFound, Forbidden, CannotPlan, AlreadySo."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        if in_work(opened.dossier.plans):
            raise AlreadySo
        plan = begun(opened.dossier.plans, who.as_professional(), now)
        await transaction.change(opened.dossier, {"$push": {"plans": to_bson(plan)}}, worked=now)
        transaction.record(entry_for(who, Act.PLAN_BEGUN, now, dossier_id=dossier_id, subject=str(plan.number)))

    await store.transact(work)


async def add_item(
    store: Store, who: Who, dossier_id: str, kind: str, item_id: str, values: Values, now: datetime
) -> None:
    """Add a goal, task or service to the draft. Raises NotFound, Forbidden, CannotPlan, Wrong, AlreadySo."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        plan = in_draft(opened.dossier.plans)
        if find_item(plan, item_id):
            raise AlreadySo
        item = _read(opened, plan, kind, item_id, values)
        await _save(transaction, opened, with_added(plan, item), item_id)

    await store.transact(work)


async def change_item(
    store: Store, who: Who, dossier_id: str, kind: str, item_id: str, values: Values, version: int, now: datetime
) -> None:
    """Change a line of the draft. Raises as `add_item`, and Changed with the line as somebody else left it."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        plan = in_draft(opened.dossier.plans)
        old = find_item(plan, item_id)
        if old is None:
            raise Changed
        item = _read(opened, plan, kind, item_id, values)
        if _content(item) == _content(old):
            raise AlreadySo
        if old.version != version:
            raise Changed(old)
        item.version = old.version + 1
        if isinstance(item, Task) and isinstance(old, Task):
            item.state = old.state
        await _save(transaction, opened, with_changed(plan, item), item_id)

    await store.transact(work)


async def remove_item(store: Store, who: Who, dossier_id: str, item_id: str, version: int, now: datetime) -> None:
    """Take a line out of the draft. Raises NotFound, Forbidden, CannotPlan, Changed, AlreadySo."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        plan = in_draft(opened.dossier.plans)
        old = find_item(plan, item_id)
        if old is None:
            raise AlreadySo
        if old.version != version:
            raise Changed(old)
        await _save(transaction, opened, without(plan, item_id), item_id)

    await store.transact(work)


async def report_task(
    store: Store, who: Who, dossier_id: str, task_id: str, state: str, result: str, version: int, now: datetime
) -> None:
    """Say how a task in force goes; the case manager is told.

    Raises NotFound, Forbidden, CannotPlan, Changed, AlreadySo.
    """

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_TASK, now)
        held = in_force(opened.dossier.plans)
        task = find_item(held, task_id) if held else None
        if held is None or not isinstance(task, Task):
            raise NotFound
        if not may_report(who, opened.access, task):
            raise Forbidden(READ_ONLY)
        if (task.state, task.result) == (state, result):
            raise AlreadySo
        if task.version != version:
            raise Changed(task)
        plan = with_changed(held, reported(task, state, result, who.person.name, now))
        plans = [plan if each.number == plan.number else each for each in opened.dossier.plans]
        values = {f"plans.{plan.number - 1}": to_bson(plan), **waiting(plans)}
        await transaction.change(opened.dossier, {"$set": values}, worked=None if who.in_family_role else now)
        transaction.record(entry_for(who, Act.TASK_REPORTED, now, dossier_id=dossier_id, subject=task_id))
        manager = opened.dossier.case_manager
        if manager and manager.person_id != who.person_id:
            tell(transaction, [f"r:{manager.role_id}"], "task_reported", now, dossier_id, task_id)

    await store.transact(work)


def ground_of(opened: Opened, plan: Plan) -> Ground:
    """What a line of this plan is checked against."""
    doers = {doer.key: doer for doer in possible_doers(opened.dossier, opened.now)}
    return Ground(plan, doers, family_kinds_of(opened.dossier), day_of(opened.now))


def _read(opened: Opened, plan: Plan, kind: str, item_id: str, values: Values) -> Item:
    item, errors = read_item(values, kind, item_id, ground_of(opened, plan))
    if item is None:
        raise Wrong(errors)
    item.by = opened.who.as_professional()
    return item


def _content(item: Item) -> object:
    """What the form says of a line."""
    return item.model_dump(exclude={"version", "by", "state", "result", "reported_at", "reported_by"})


async def _save(transaction: Transaction, opened: Opened, plan: Plan, item_id: str) -> None:
    changes = {"$set": {f"plans.{plan.number - 1}": to_bson(plan)}}
    await transaction.change(opened.dossier, changes, worked=opened.now)
    about = {"dossier_id": opened.dossier.id, "subject": item_id}
    transaction.record(entry_for(opened.who, Act.PLAN_CHANGED, opened.now, **about))
