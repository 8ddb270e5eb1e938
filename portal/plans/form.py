"""What is written about a goal, a task, a service: read, checked, refused with a sentence that says what to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from auth.entries import withheld_from
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.event import Withholding
from documents.plan import OPEN, Doer, Goal, Item, Plan, Service, Task
from portal.events.rules import Message, Values, many, one, read_day
from portal.translations import N_

TEXT_LETTERS = 300
REASON_LETTERS = 500
KINDS = ("goal", "task", "service")
PRIORITIES = {"high": N_("urgent"), "normal": N_("ordinary"), "low": N_("can wait")}
STATES = {"open": N_("to do"), "doing": N_("under way"), "done": N_("done"), "not_done": N_("not done")}
SERVICES = {"needed": N_("needed"), "received": N_("received"), "not_available": N_("not available")}
FURTHEST = timedelta(days=730)
Errors = dict[str, Message]


@dataclass(frozen=True)
class Ground:
    """What a line is checked against: the plan, whom a task may be given to, today."""

    plan: Plan
    doers: Mapping[str, Doer]  # by key
    family_kinds: Mapping[str, set[str]]  # person of the family → what they are to the child
    today: date


def family_kinds_of(dossier: Dossier) -> dict[str, set[str]]:
    """What each person of the family is to the child; the child is the young person."""
    kinds: dict[str, set[str]] = {}
    for relationship in dossier.relationships:
        if relationship.person_id:
            kinds.setdefault(relationship.person_id, set()).add(relationship.kind)
    if dossier.child.person_id:
        kinds[dossier.child.person_id] = {"young_person"}
    return kinds


def kind_of(item: Item) -> str:
    """goal, task or service."""
    return type(item).__name__.lower()


def read_item(values: Values, kind: str, item_id: str, ground: Ground) -> tuple[Item | None, Errors]:
    """Read the form of one line. Returns it, or none with one message for each field to put right."""
    errors: Errors = {}
    text = one(values, "text")
    if not text:
        errors["text"] = Message(_EMPTY[kind])
    elif len(text) > TEXT_LETTERS:
        words = N_("Shorten it to %(limit)s letters; it has %(count)s.")
        errors["text"] = Message(words, {"limit": TEXT_LETTERS, "count": len(text)})
    base: dict[str, Any] = {"id": item_id, "text": text, "withheld": _withheld(values, errors)}
    if kind == "goal":
        _seen_by_its_doers(base, ground, errors)
        factors = [code for code in many(values, "factors") if code in classifiers().factors]
        return _or_errors(errors, lambda: Goal(**base, factors=factors))
    if kind == "service":
        return _service(values, base, errors)
    return _task(values, base, ground, errors)


_EMPTY = {
    "goal": N_("Write what shall be different for the child."),
    "task": N_("Write what is to be done."),
    "service": N_("Write which service it is."),
}


def _service(values: Values, base: dict[str, Any], errors: Errors) -> tuple[Item | None, Errors]:
    status, reason = one(values, "status"), one(values, "reason")[:REASON_LETTERS]
    if status not in SERVICES:
        errors["status"] = Message(N_("Choose how it is with the service."))
    elif status == "not_available" and not reason:
        errors["reason"] = Message(N_("Write why it cannot be had: the municipality plans services by this."))
    return _or_errors(errors, lambda: Service(**base, status=status, reason=reason))


def _task(values: Values, base: dict[str, Any], ground: Ground, errors: Errors) -> tuple[Item | None, Errors]:
    doer = ground.doers.get(one(values, "doer"))
    if not one(values, "doer"):
        errors["doer"] = Message(N_("Choose who does it."))
    elif doer is None:
        errors["doer"] = Message(
            N_(
                "Who does it has to reach the dossier, and this person does not now. Choose somebody of the list, "
                "or take the person into the team first."
            )
        )
    days = {name: _day(values, name, errors) for name in ("since", "due")}
    since, due = days["since"], days["due"]
    if "due" not in errors:
        if due is None:
            errors["due"] = Message(N_("Write until which day."))
        elif due < ground.today:
            errors["due"] = Message(N_("This day has passed. Write one from today on."))
        elif due > ground.today + FURTHEST:
            errors["due"] = Message(N_("Plan at most two years ahead."))
        elif since and since > due:
            errors["since"] = Message(N_("It begins after its end. Correct one of the days."))
    goal_id = one(values, "goal")
    goal = next((goal for goal in ground.plan.goals if goal.id == goal_id), None)
    if goal_id and goal is None:
        errors["goal"] = Message(N_("This goal is not in the plan any more. Choose another."))
    elif goal and doer and kept_from(goal.withheld, doer, ground):
        errors["goal"] = Message(
            N_(
                "This goal is kept from who does the task, so the task would be too. "
                "Choose another goal or somebody else, or show the goal."
            )
        )
    priority = one(values, "priority") or "normal"
    if priority not in PRIORITIES:
        errors["priority"] = Message(N_("Choose how urgent it is."))
    if doer and kept_from(base["withheld"], doer, ground):
        errors["withheld"] = Message(N_("Who does the task has to know of it. Give it to somebody else, or show it."))
    return _or_errors(
        errors,
        lambda: Task(**base, goal_id=goal_id, doer=doer, since=since, due=due, priority=priority),
    )


def _seen_by_its_doers(base: dict[str, Any], ground: Ground, errors: Errors) -> None:
    """A goal is not kept from somebody with an open task towards it: the task would go out of sight with it."""
    tasks = [task for task in ground.plan.tasks if task.goal_id == base["id"] and task.state in OPEN]
    blind = next((task.doer for task in tasks if kept_from(base["withheld"], task.doer, ground)), None)
    if blind:
        words = N_("%(name)s has a task towards this goal and has to know of it. Give the task to somebody else first.")
        errors["withheld"] = Message(words, {"name": blind.name})


def kept_from(withheld: list[Withholding], doer: Doer, ground: Ground) -> bool:
    """Whether what is withheld so is out of the doer's sight today, by the rule of sight itself; only of the family."""
    kinds, line = ground.family_kinds.get(doer.id, set()), Item(id="", text="", withheld=withheld)
    child = "young_person" in kinds
    return doer.kind == "family" and withheld_from(line, doer.id, kinds, is_child=child, today=ground.today)


def _withheld(values: Values, errors: Errors) -> list[Withholding]:
    audience, reason = one(values, "withheld"), one(values, "withheld_reason")[:REASON_LETTERS]
    if not audience:
        return []
    if audience not in audiences():
        errors["withheld"] = Message(N_("Choose from whom it is kept."))
        return []
    if not reason:
        errors["withheld_reason"] = Message(N_("Write shortly why the family should not see it."))
    return [Withholding(audience=audience, reason=reason)]


def audiences() -> list[str]:
    """From whom a line can be kept; a single person is named on entries only."""
    return [code for code in classifiers().withholding_audiences if code != "person"]


def _day(values: Values, name: str, errors: Errors) -> date | None:
    read = read_day(one(values, name))
    if isinstance(read, Message):
        errors[name] = read
        return None
    return read


def _or_errors(errors: Errors, make: Callable[[], Item]) -> tuple[Item | None, Errors]:
    return (None, errors) if errors else (make(), {})
