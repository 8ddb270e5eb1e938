"""How a plan moves: draft, proposed, in force, replaced; and what each step needs. No clock, no database."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from documents.involvement import Professional
from documents.model import new_id
from documents.plan import (
    GOALS_KEPT,
    OPEN,
    SERVICES_KEPT,
    TASKS_KEPT,
    VERSIONS_KEPT,
    Goal,
    Item,
    Plan,
    Service,
    Task,
    Word,
    in_force,
    in_work,
)
from portal.events.rules import Cannot
from portal.plans.form import Ground, kept_from
from portal.plans.people import Answerer
from portal.translations import N_

WORDS = ("agree", "disagree", "unable")


class CannotPlan(Cannot):
    """What speaks against a step of the plan."""

    where = "plan"


def begun(plans: Sequence[Plan], by: Professional, now: datetime) -> Plan:
    """A new version: what is in force without the tasks that are over. Raises CannotPlan."""
    if in_work(plans):
        raise CannotPlan(N_("A version is being written already. Go on with that one."))
    if len(plans) >= VERSIONS_KEPT:
        raise CannotPlan(N_("This plan has had %(count)s versions, and no more fit."), count=VERSIONS_KEPT)
    plan, held = Plan(number=len(plans) + 1, begun_at=now, by=by), in_force(plans)
    if held:
        plan.goals = [goal.model_copy(deep=True) for goal in held.goals]
        plan.tasks = [task.model_copy(deep=True) for task in held.tasks if task.state in OPEN]
        plan.services = [service.model_copy(deep=True) for service in held.services]
    return plan


def in_draft(plans: Sequence[Plan]) -> Plan:
    """The version that may be changed. Raises CannotPlan: what is proposed or in force does not change."""
    plan = in_work(plans)
    if plan is None:
        raise CannotPlan(N_("A plan in force does not change. Begin a new version."))
    if plan.state == "proposed":
        raise CannotPlan(N_("This version waits for the family's word. Take it back first, then change it."))
    return plan


def with_added(plan: Plan, item: Item) -> Plan:
    """The plan with one more line. Raises CannotPlan when it is too long."""
    kept = {Goal: ("goals", GOALS_KEPT), Task: ("tasks", TASKS_KEPT), Service: ("services", SERVICES_KEPT)}
    name, most = kept[type(item)]
    items = getattr(plan, name)
    if len(items) >= most:
        raise CannotPlan(N_("A plan with more than %(count)s of these is not read any more. Choose."), count=most)
    return plan.model_copy(update={name: [*items, item]})


def with_changed(plan: Plan, item: Item) -> Plan:
    """The plan with this line in place of the one with its id."""
    return _mapped(plan, lambda old: item if old.id == item.id else old)


def without(plan: Plan, item_id: str) -> Plan:
    """The plan without a line; tasks of a goal that goes stay, under none."""
    goals = [goal for goal in plan.goals if goal.id != item_id]
    tasks = [task for task in plan.tasks if task.id != item_id]
    tasks = [task.model_copy(update={"goal_id": ""}) if task.goal_id == item_id else task for task in tasks]
    services = [service for service in plan.services if service.id != item_id]
    return plan.model_copy(update={"goals": goals, "tasks": tasks, "services": services})


def find_item(plan: Plan, item_id: str) -> Item | None:
    """A line by its id."""
    return next((item for item in plan.items if item.id == item_id), None)


def reported(task: Task, state: str, result: str, by: str, now: datetime) -> Task:
    """The task with how it goes. One that was not done needs a reason. Raises CannotPlan."""
    if state == "not_done" and not result:
        raise CannotPlan(N_("Write shortly why it was not done: the next plan learns from it."), "result")
    word = {"state": state, "result": result, "reported_at": now, "reported_by": by}
    return task.model_copy(update=word | {"version": task.version + 1})


def proposed(plan: Plan, now: datetime) -> Plan:
    """The draft as it goes to the family. Raises CannotPlan while there is nothing to answer to."""
    if not plan.goals:
        raise CannotPlan(N_("A plan begins with a goal: what shall be different for the child?"))
    if not plan.tasks:
        raise CannotPlan(N_("Write at least one task: who does what, and until when?"))
    return plan.model_copy(update={"state": "proposed", "proposed_at": now, "proposal": plan.proposal + 1})


def doable(plan: Plan, ground: Ground) -> Plan:
    """The plan once everybody with an open task reaches it and sees it; asked at propose and at put in force.

    What the form of a line refuses may have come true since: access ended (access.md: windows of time), a relation
    changed. Raises CannotPlan with the first task that nobody could do or would see.
    """
    goals = {goal.id: goal for goal in plan.goals}
    for task in plan.tasks:
        if task.state not in OPEN:
            continue
        named = {"name": task.doer.name, "task": task.text}
        if task.doer.key not in ground.doers:
            raise CannotPlan(
                N_(
                    "%(name)s has no access to the dossier now, but has the task “%(task)s”. "
                    "Give it to somebody else, or take the person into the team."
                ),
                **named,
            )
        held = goals.get(task.goal_id)
        if kept_from([*task.withheld, *(held.withheld if held else [])], task.doer, ground):
            raise CannotPlan(
                N_(
                    "The task “%(task)s” or its goal is kept from %(name)s, who is to do it. "
                    "Give it to somebody else, or show it."
                ),
                **named,
            )
    return plan


def taken_back(plan: Plan) -> Plan:
    """The proposal as a draft again; the words said of it stay."""
    return plan.model_copy(update={"state": "draft", "proposed_at": None})


def answered(plan: Plan, word: Word, may: Iterable[Answerer]) -> Plan:
    """The proposal with somebody's word. Raises CannotPlan for somebody whose word it does not need.

    The plan holds by the family's own word (access.md, parent: "word on the plan"): what somebody answered themselves
    nobody writes over; what was written down for them may be corrected.
    """
    names = {person.person_id: person.name for person in may}
    if plan.state != "proposed":
        raise CannotPlan(N_("No plan waits for an answer now."))
    if word.person_id not in names:
        raise CannotPlan(
            N_("This person has no custody or care of the child now and cannot agree the plan. Ask: %(names)s."),
            "person",
            names=", ".join(names.values()) or "–",
        )
    if word.written_by and word.person_id in plan.own_words:
        raise CannotPlan(
            N_(
                "%(name)s answered this proposal already, and nobody changes another's own answer. "
                "Ask for a new answer, or take the proposal back and propose it anew."
            ),
            "person",
            name=names[word.person_id],
        )
    if word.word not in WORDS:
        raise CannotPlan(N_("Choose an answer."), "word")
    if word.word != "agree" and not word.reason:
        raise CannotPlan(N_("Write in your own words why."), "reason")
    return plan.model_copy(update={"words": [*plan.words, word]})


def silent(plan: Plan, may: Iterable[Answerer]) -> list[Answerer]:
    """Those whose word on the proposal is missing."""
    return [person for person in may if person.person_id not in plan.answers]


def put_in_force(plans: Sequence[Plan], may: Sequence[Answerer], now: datetime) -> list[Plan]:
    """All versions, the proposed one in force, the one before replaced. Raises CannotPlan while a word is missing."""
    plan = in_work(plans)
    if plan is None or plan.state != "proposed":
        raise CannotPlan(N_("Propose the plan to the family first."))
    if missing := silent(plan, may):
        names = ", ".join(person.name for person in missing)
        raise CannotPlan(
            N_("The word of %(names)s is missing. Write it down, also when they could not answer."), names=names
        )
    ready = with_progress(plan, in_force(plans))
    return [_moved(ready if each is plan else each, plan.number, now) for each in plans]


def with_progress(plan: Plan, held: Plan | None) -> Plan:
    """The version with how its tasks went on in the one in force."""
    done = {task.id: task for task in held.tasks} if held else {}
    return plan.model_copy(update={"tasks": [_with_progress(task, done.get(task.id)) for task in plan.tasks]})


def _with_progress(task: Task, held: Task | None) -> Task:
    """How a task went on while the new version was written stays with it."""
    if held is None:
        return task
    said = {name: getattr(held, name) for name in ("state", "result", "reported_at", "reported_by")}
    return task.model_copy(update=said | {"version": max(task.version, held.version) + 1})


def _moved(plan: Plan, number: int, now: datetime) -> Plan:
    if plan.number == number:
        return plan.model_copy(update={"state": "in_force", "in_force_at": now})
    if plan.state == "in_force":
        return plan.model_copy(update={"state": "replaced", "replaced_at": now})
    return plan


def _mapped(plan: Plan, change: Callable[[Item], Item]) -> Plan:
    names = ("goals", "tasks", "services")
    return plan.model_copy(update={name: [change(item) for item in getattr(plan, name)] for name in names})


def fresh_id(submission: str) -> str:
    """The id of a new line: that of its form, so that the same form sent twice is one line."""
    return submission or new_id()
