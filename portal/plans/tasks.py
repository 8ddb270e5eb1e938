"""My tasks over all children: what is late first, found by one index and shown as far as the policy lets me read."""

from dataclasses import dataclass
from datetime import datetime

from auth.access import Opened, entry_for
from auth.permissions import Permission, Section
from auth.plans import is_own
from auth.policy import RESPONSIBLE, decide, reach
from auth.who import Who
from documents.acts import Act
from documents.dossier import Dossier
from documents.plan import OPEN, in_force
from documents.reading import own_readers
from documents.store import NOT_FOR_RIGHTS, Row, Store
from portal.plans.view import TaskView, task_view

SHOWN = 200
# Of a plan only its tasks come along, of the family nothing: whoever holds tasks in a role is none of it.
_LEFT: Row = {name: 0 for name in NOT_FOR_RIGHTS if name != "plans"} | dict.fromkeys(
    ("relationships", "plans.goals", "plans.services", "plans.words", "plans.tasks.by"), 0
)


@dataclass(frozen=True, slots=True)
class MyTask:
    """A task with the child it is for."""

    dossier_id: str
    child: str
    task: TaskView


async def my_tasks(store: Store, who: Who, now: datetime, *, record: bool = True) -> list[MyTask]:
    """Return the open tasks of this person and, where responsible, of the own institution; the most urgent first.

    Recorded as a look at the children named, unless the caller's page does that itself.
    """
    if who.role is None:
        return []
    rows = await store.dossiers.aggregate(tasks_pipeline(who, who.role.id, now))
    found = [task async for row in rows for task in _tasks(who, Dossier.model_validate(row), now)]
    if record:
        children = sorted({task.dossier_id for task in found})
        sections = [Section.PLAN.value, Section.EXISTENCE.value] if children else []
        entry = entry_for(who, Act.TASKS_READ, now, count=len(found), children=children, sections=sections)
        await store.audit.record(entry)
    return sorted(found, key=lambda each: (each.task.due, not each.task.urgent, each.child))


def tasks_pipeline(who: Who, role_id: str, now: datetime) -> list[Row]:
    """The children with a task of this role or institution, found by one index, each with its plan in force."""
    keys = [f"r:{role_id}", f"i:{who.institution_id}"]
    held = {"$filter": {"input": "$plans", "cond": {"$eq": ["$$this.state", "in_force"]}}}
    return [
        {"$match": {"doers": {"$in": keys}} | reach(who, now, RESPONSIBLE)},
        {"$limit": SHOWN},
        {"$project": _LEFT},
        {"$set": {"plans": held, "readers": own_readers(who.keys)}},
    ]


def _tasks(who: Who, dossier: Dossier, now: datetime) -> list[MyTask]:
    access = decide(who, Permission.PLAN_READ, dossier, now)
    plan = in_force(dossier.plans)
    if not access.allowed or plan is None:
        return []
    opened = Opened(who, dossier, access, now)
    own = [task for task in plan.tasks if task.state in OPEN and is_own(who, task.doer)]
    return [MyTask(dossier.id, dossier.child.name, task_view(opened, plan, task)) for task in own]
