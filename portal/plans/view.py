"""What the pages show of a plan: each line as far as this reader sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Opened
from auth.entries import Sight
from auth.matrix import Scope
from auth.permissions import Permission, Section
from auth.place import is_family, place_hidden
from auth.plans import is_own, may_report, plan_seer, sees_version
from documents.classifiers import classifiers
from documents.model import day_of
from documents.plan import OPEN, Doer, Item, Plan, Service, Task, in_work
from portal.dossier.people import domain_of
from portal.plans.form import PRIORITIES, SERVICES, STATES
from portal.plans.people import answerers, find_doer
from portal.translations import N_, gettext, language

VERSION_WORDS = {
    "draft": N_("being written"),
    "proposed": N_("waits for the family's word"),
    "in_force": N_("in force"),
    "replaced": N_("replaced"),
}
NEW = ("draft", "proposed")
WORD_WORDS = {"agree": N_("agrees"), "disagree": N_("does not agree"), "unable": N_("could not answer")}


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task. `text` is empty where the reader sees states, windows and who does it only."""

    id: str
    text: str
    who: str
    place: str
    color: str | None
    icon: str
    since: date | None
    due: date
    late: int  # days past the due day; 0 while there is time, or when it is over
    urgent: bool
    priority: str
    state: str
    state_words: str
    result: str
    reported_by: str
    reported_at: datetime | None
    version: int
    mine: bool
    may_report: bool
    withheld: str
    given_anew: bool  # who does it has no access any more; said to who writes the plan


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal with its tasks; `id` is empty for those under no goal, or under one the reader does not see."""

    id: str
    text: str
    factors: tuple[str, ...]
    withheld: str
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service and how it is with it."""

    id: str
    text: str
    status: str
    status_words: str
    reason: str
    withheld: str


@dataclass(frozen=True, slots=True)
class WordView:
    """What somebody of the family said; without a word yet, `word` is empty."""

    person_id: str
    name: str
    kin: str
    word: str
    words: str
    reason: str
    at: datetime | None
    by: str
    own: bool  # answered this proposal themselves: nobody writes it for them


@dataclass(frozen=True, slots=True)
class PlanView:
    """One version as this reader sees it."""

    number: int
    state: str
    state_words: str
    since: datetime
    proposal: str
    goals: tuple[GoalView, ...]
    services: tuple[ServiceView, ...]
    words: tuple[WordView, ...]
    versions: tuple[tuple[int, str, datetime], ...]  # number, state in words, when
    may_write: bool
    may_begin: bool
    only_states: bool

    @property
    def tasks(self) -> tuple[TaskView, ...]:
        """All tasks."""
        return tuple(task for goal in self.goals for task in goal.tasks)

    @property
    def counts(self) -> dict[str, int]:
        """How many tasks there are, are done, are late: for the words beside the bar."""
        tasks = self.tasks
        return {
            "all": len(tasks),
            "done": sum(task.state == "done" for task in tasks),
            "late": sum(bool(task.late) for task in tasks),
        }


def chosen_version(opened: Opened, number: str) -> Plan | None:
    """The version asked for, or the one that matters most to this reader: for the family what waits for their word."""
    plans = [plan for plan in opened.dossier.plans if sees_version(opened.access, plan)]
    asked = [plan for plan in plans if str(plan.number) == number or (number == "new" and plan.state in NEW)]
    order = ("proposed", "in_force") if is_family(opened.access) else ("in_force", "proposed", "draft")
    ranked = [plan for state in order for plan in plans if plan.state == state]
    return next(iter([*asked, *ranked, *reversed(plans)]), None)


def plan_view(opened: Opened, plan: Plan) -> PlanView:
    """Return what the reader sees of one version."""
    see = plan_seer(opened.who, opened.access, opened.dossier, day_of(opened.now))
    tasks = [task for task in plan.tasks if see(plan, task) > Sight.NOTHING]
    goals = [goal for goal in plan.goals if see(plan, goal) is Sight.FULL]
    shown = {goal.id for goal in goals}
    views = [
        GoalView(
            goal.id,
            goal.text,
            tuple(classifiers().factors[code].label(language()) for code in goal.factors),
            _withheld(opened, goal),
            tuple(task_view(opened, plan, task) for task in tasks if task.goal_id == goal.id),
        )
        for goal in goals
    ]
    loose = tuple(task_view(opened, plan, task) for task in tasks if task.goal_id not in shown)
    if loose:
        views.append(GoalView("", "", (), "", loose))
    services = tuple(_service(opened, each) for each in plan.services if see(plan, each) is Sight.FULL)
    plans = [each for each in opened.dossier.plans if sees_version(opened.access, each)]
    may_write = opened.can(Permission.PLAN_WRITE)
    return PlanView(
        plan.number,
        plan.state,
        gettext(VERSION_WORDS[plan.state]),
        plan.in_force_at or plan.proposed_at or plan.begun_at,
        f"{plan.number}-{plan.proposal}",
        tuple(views),
        services,
        tuple(_words(opened, plan)),
        tuple((p.number, gettext(VERSION_WORDS[p.state]), p.in_force_at or p.proposed_at or p.begun_at) for p in plans),
        may_write and plan.state == "draft",
        may_write and in_work(opened.dossier.plans) is None,
        opened.access.scopes(Section.PLAN) == {Scope.LINE},
    )


def task_view(opened: Opened, plan: Plan, task: Task) -> TaskView:
    """One task as this reader sees it."""
    who, today = opened.who, day_of(opened.now)
    full = plan_seer(who, opened.access, opened.dossier, today)(plan, task) is Sight.FULL
    name, place = _who_does(opened, task.doer, named=full)
    color, icon = domain_of(task.doer.institution_type) if task.doer.institution_type else (None, "heart")
    hidden = place_hidden(opened.access, opened.dossier)
    late = (today - task.due).days if task.state in OPEN and plan.state == "in_force" else 0
    return TaskView(
        id=task.id,
        text=task.text if full else "",
        who=name,
        place=place,
        color=None if hidden else color,
        icon="user" if hidden else icon,
        since=task.since,
        due=task.due,
        late=max(0, late),
        urgent=task.priority == "high",
        priority=gettext(PRIORITIES[task.priority]),
        state=task.state,
        state_words=gettext(STATES[task.state]),
        result=task.result if full else "",
        reported_by=task.reported_by if full and not hidden else "",
        reported_at=task.reported_at,
        version=task.version,
        mine=is_own(who, task.doer),
        may_report=full and plan.state == "in_force" and may_report(who, opened.access, task),
        withheld=_withheld(opened, task) if full else "",
        given_anew=_given_anew(opened, plan, task),
    )


def _given_anew(opened: Opened, plan: Plan, task: Task) -> bool:
    """Whether an open task needs somebody else: who has it left, or may not reach the dossier for another reason."""
    if task.state not in OPEN or plan.state == "replaced" or not opened.can(Permission.PLAN_WRITE):
        return False
    return find_doer(opened.dossier, task.doer.key, opened.now) is None


def _who_does(opened: Opened, doer: Doer, *, named: bool) -> tuple[str, str]:
    """Name and institution; of a protected child the family reads neither: they would tell the place.

    Who sees states and windows only is not told who of the family: that would name the child.
    """
    if doer.kind == "family" and not named:
        return gettext("The family"), ""
    if doer.kind != "family" and place_hidden(opened.access, opened.dossier):
        return gettext("a specialist"), ""
    return doer.name, doer.institution_name if doer.kind == "specialist" else ""


def _service(opened: Opened, service: Service) -> ServiceView:
    words = gettext(SERVICES[service.status])
    return ServiceView(service.id, service.text, service.status, words, service.reason, _withheld(opened, service))


def _withheld(opened: Opened, item: Item) -> str:
    """From whom a line is kept, for professionals; families never learn that there is one."""
    if is_family(opened.access) or not item.withheld:
        return ""
    names = classifiers().withholding_audiences
    kept = [w for w in item.withheld if w.lifted_at is None]
    return ", ".join(names[w.audience].label(language()) for w in kept if w.audience in names)


def _words(opened: Opened, plan: Plan) -> Sequence[WordView]:
    """Each who may answer with the word said; professionals who read the whole plan see all, the family its own."""
    if Scope.ALL in opened.access.scopes(Section.PLAN):
        only = None
    elif opened.can(Permission.PLAN_ANSWER):
        only = opened.who.person_id
    else:
        return []
    said, found = plan.answers, []
    waiting = answerers(opened.dossier, opened.now) if plan.state == "proposed" else []
    people = {one.person_id: (one.name, one.kind) for one in waiting}
    people |= {word.person_id: (word.name, word.kind) for word in said.values()}
    for person_id, (name, kind) in people.items():
        if only and person_id != only:
            continue
        word = said.get(person_id)
        found.append(
            WordView(
                person_id,
                name,
                kin(kind),
                word.word if word else "",
                gettext(WORD_WORDS[word.word]) if word else "",
                word.reason if word else "",
                word.at if word else None,
                word.written_by.name if word and word.written_by else "",
                person_id in plan.own_words,
            )
        )
    return found


def kin(kind: str) -> str:
    """What somebody of the family is to the child."""
    return gettext("the young person") if kind == "self" else classifiers().relationship_kinds[kind].label(language())
