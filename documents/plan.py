"""The support plan (atbalsta plāns): goals, tasks towards them, services; what is agreed does not change any more."""

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import Field

from documents.event import Withholding
from documents.involvement import Professional
from documents.model import Day, Model

# Stated caps: a plan is what people can keep in mind, and the dossier stays one document.
VERSIONS_KEPT = 40
GOALS_KEPT = 12
TASKS_KEPT = 40
SERVICES_KEPT = 20
OPEN = ("open", "doing")
KEYS = {"specialist": "r", "institution": "i", "family": "p"}


class Doer(Model):
    """Who does a task: a named specialist, an institution through whoever is responsible there, one of the family."""

    kind: str  # specialist, institution, family
    id: str  # of the role, the institution, the person
    name: str
    institution_name: str = ""
    institution_type: str = ""

    @property
    def key(self) -> str:
        """What the task is found by: r:<role>, i:<institution>, p:<person>."""
        return f"{KEYS[self.kind]}:{self.id}"


class Item(Model):
    """One line of a plan with its own version; `withheld` names whom of the family it is not for."""

    id: str
    text: str
    withheld: list[Withholding] = Field(default_factory=list)
    version: int = 1
    by: Professional | None = None  # who wrote it last


class Goal(Item):
    """What shall be different for the child, and the factors (classifier factors) it is about."""

    factors: list[str] = Field(default_factory=list)


class Task(Item):
    """A step with who does it, when, and how it went."""

    goal_id: str = ""
    doer: Doer
    since: Day | None = None
    due: Day
    priority: str = "normal"  # high, normal, low
    state: str = "open"  # open, doing, done, not_done
    result: str = ""
    reported_at: datetime | None = None
    reported_by: str = ""  # name of whoever said so


class Service(Item):
    """A service the child or family needs, receives, or cannot have, and then why: a gap that planning learns of."""

    status: str  # needed, received, not_available
    reason: str = ""


class Word(Model):
    """What one of those who may answer said of a proposal: agree, disagree, unable (could not answer)."""

    proposal: int
    person_id: str
    name: str
    kind: str  # classifier relationship_kinds, or "self"
    word: str
    reason: str = ""
    at: datetime
    written_by: Professional | None = None  # absent when the person answered here


class Meeting(Model):
    """When and where everybody meets next about the plan; the family is told."""

    at: datetime
    place: str
    version: int = 1
    by: Professional


class Plan(Model):
    """One version. In force, only the state and result of its tasks go on; a change of anything else is a new one."""

    number: int  # from 1; its place in the dossier
    state: str = "draft"  # draft, proposed, in_force, replaced
    begun_at: datetime
    by: Professional
    goals: list[Goal] = Field(default_factory=list)
    tasks: list[Task] = Field(default_factory=list)
    services: list[Service] = Field(default_factory=list)
    words: list[Word] = Field(default_factory=list)
    proposal: int = 0  # how often it was proposed; words count for the present one
    proposed_at: datetime | None = None
    in_force_at: datetime | None = None
    replaced_at: datetime | None = None

    @property
    def items(self) -> list[Item]:
        """Everything that has a version of its own."""
        return [*self.goals, *self.tasks, *self.services]

    @property
    def answers(self) -> dict[str, Word]:
        """Person → the last word on the present proposal."""
        return {word.person_id: word for word in self.words if word.proposal == self.proposal}

    @property
    def own_words(self) -> set[str]:
        """Who answered the present proposal themselves: their word is theirs, nobody writes over it."""
        return {w.person_id for w in self.words if w.proposal == self.proposal and w.written_by is None}


def in_force(plans: Iterable[Plan]) -> Plan | None:
    """The version that holds now."""
    return next((plan for plan in plans if plan.state == "in_force"), None)


def in_work(plans: Iterable[Plan]) -> Plan | None:
    """The version that is being written or waits for the family's word: at most one."""
    return next((plan for plan in plans if plan.state in ("draft", "proposed")), None)


def waiting(plans: Iterable[Plan]) -> dict[str, object]:
    """What is stored beside the plans after any change of them: whose tasks are open, and the first day one is due."""
    plans = list(plans)
    due = due_of(plans)
    return {"doers": doers_of(plans), "due": due.isoformat() if due else None}


def due_of(plans: Iterable[Plan]) -> date | None:
    """The first day an open task in force is due."""
    held = in_force(plans)
    return min((task.due for task in held.tasks if task.state in OPEN), default=None) if held else None


def doers_of(plans: Iterable[Plan]) -> list[str]:
    """Keys of those with an open task in force: what "my tasks" are found by."""
    held = in_force(plans)
    return sorted({task.doer.key for task in held.tasks if task.state in OPEN}) if held else []
