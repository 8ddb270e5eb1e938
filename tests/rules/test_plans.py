"""Plans move only as they may: whatever is tried in whatever order, what was agreed does not change."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from auth.entries import Sight
from auth.plans import plan_seer
from auth.policy import access_now
from auth.who import who_is
from documents.event import Withholding
from documents.plan import Doer, Goal, Plan, Task, Word, doers_of, in_force, in_work
from portal.plans.form import Ground, family_kinds_of
from portal.plans.people import Answerer, answerers, find_doer, possible_doers
from portal.plans.rules import (
    CannotPlan,
    answered,
    begun,
    doable,
    in_draft,
    proposed,
    put_in_force,
    reported,
    silent,
    taken_back,
    with_added,
    with_changed,
)
from tests.people import NOW, TODAY, dossier, person, who

BY = who("inese").as_professional()
FAMILY = [Answerer("ilze", "Ilze", "mother"), Answerer("marta", "Marta", "self")]
DOER = Doer(kind="specialist", id="role-aija", name="Aija")


def task(key: str = "t", **more: object) -> Task:
    """A task of Aija's."""
    return Task(**{"id": key, "text": "Sagaida pie durvīm", "doer": DOER, "due": TODAY} | more)  # type: ignore[arg-type]


def said(person_id: str, word: str = "agree", reason: str = "", proposal: int = 1, *, told: bool = False) -> Word:
    """Somebody's word; `told`: Inese wrote it down."""
    by = BY if told else None
    return Word(
        proposal=proposal, person_id=person_id, name="x", kind="x", word=word, reason=reason, at=NOW, written_by=by
    )


class PlanMachine(RuleBasedStateMachine):
    """Everything a case manager, a worker and the family can try."""

    def __init__(self) -> None:
        super().__init__()
        self.plans: list[Plan] = []
        self.agreed: dict[int, object] = {}
        self.count = 0

    def put(self, plan: Plan) -> None:
        """The version as it stands now."""
        self.plans = [plan if each.number == plan.number else each for each in self.plans]

    @rule()
    def begin(self) -> None:
        """A new version."""
        try:
            self.plans.append(begun(self.plans, BY, NOW))
        except CannotPlan:
            assert in_work(self.plans)

    @rule(goal=st.booleans())
    def add(self, goal: bool) -> None:
        """A line more."""
        self.count += 1
        item = Goal(id=f"g{self.count}", text="x") if goal else task(f"t{self.count}")
        try:
            self.put(with_added(in_draft(self.plans), item))
        except CannotPlan:
            assert in_work(self.plans) is None or in_work(self.plans).state == "proposed"  # type: ignore[union-attr]

    @rule()
    def propose(self) -> None:
        """To the family."""
        try:
            self.put(proposed(in_draft(self.plans), NOW))
        except CannotPlan:
            waiting = in_work(self.plans)
            assert waiting is None or waiting.state == "proposed" or not (waiting.goals and waiting.tasks)

    @precondition(lambda self: in_work(self.plans) and in_work(self.plans).state == "proposed")
    @rule()
    def take_back(self) -> None:
        """A draft again."""
        self.put(taken_back(in_work(self.plans)))  # type: ignore[arg-type]

    @rule(
        who_says=st.sampled_from(["ilze", "marta", "andris"]),
        word=st.sampled_from(["agree", "disagree", "unable"]),
        told=st.booleans(),
    )
    def answer(self, who_says: str, word: str, told: bool) -> None:
        """Of one who may, themselves or as told, and of a father without custody."""
        plan = in_work(self.plans)
        if plan is None:
            return
        theirs = told and who_says in plan.own_words
        try:
            self.put(answered(plan, said(who_says, word, "tā", plan.proposal, told=told), FAMILY))
            assert who_says != "andris" and not theirs
        except CannotPlan:
            assert who_says == "andris" or theirs or plan.state != "proposed"

    @rule()
    def bring_into_force(self) -> None:
        """Only with every word."""
        waiting = in_work(self.plans)
        ready = waiting is not None and waiting.state == "proposed" and not silent(waiting, FAMILY)
        try:
            self.plans = put_in_force(self.plans, FAMILY, NOW)
            assert ready
        except CannotPlan:
            assert not ready

    @rule(state=st.sampled_from(["doing", "done", "open", "not_done"]))
    def report(self, state: str) -> None:
        """How a task in force goes."""
        held = in_force(self.plans)
        if held:
            self.put(with_changed(held, reported(held.tasks[0], state, "tā", "Aija", NOW)))

    @invariant()
    def at_most_one_of_each(self) -> None:
        """One holds, one is in work, numbers are places."""
        assert sum(plan.state == "in_force" for plan in self.plans) <= 1
        assert sum(plan.state in ("draft", "proposed") for plan in self.plans) <= 1
        assert [plan.number for plan in self.plans] == list(range(1, len(self.plans) + 1))

    @invariant()
    def what_was_agreed_stays(self) -> None:
        """Goals, services, words, and of tasks all but how they go."""
        moving = {"state", "result", "reported_at", "reported_by", "version"}
        for plan in self.plans:
            if plan.state in ("in_force", "replaced"):
                content = [[t.model_dump(exclude=moving) for t in plan.tasks], plan.goals, plan.services, plan.words]
                assert self.agreed.setdefault(plan.number, content) == content
                assert not silent(plan, FAMILY)

    @invariant()
    def doers_are_those_of_open_tasks_in_force(self) -> None:
        """What my tasks are found by."""
        held = in_force(self.plans)
        assert bool(doers_of(self.plans)) is bool(held and any(t.state in ("open", "doing") for t in held.tasks))


PlanMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestPlans = PlanMachine.TestCase


def test_progress_made_while_a_new_version_was_written_is_not_lost():
    goal = Goal(id="g", text="x")
    first = Plan(number=1, state="in_force", begun_at=NOW, by=BY, goals=[goal], tasks=[task()])
    second = proposed(begun([first], BY, NOW), NOW)
    first = with_changed(first, reported(task(), "done", "Izdevās", "Aija", NOW))
    _, now = put_in_force([first, second], [], NOW)
    assert (now.tasks[0].state, now.tasks[0].result) == ("done", "Izdevās")


def test_what_was_not_done_needs_a_reason():
    with pytest.raises(CannotPlan, match="why it was not done"):
        reported(task(), "not_done", "", "Aija", NOW)


def test_an_own_answer_is_not_written_over_and_one_written_down_may_be():
    plan = Plan(number=1, begun_at=NOW, by=BY, goals=[Goal(id="g", text="x")], tasks=[task()])
    plan = proposed(plan, NOW)
    for word in (said("ilze", "unable", "Nav sasniedzama.", told=True), said("ilze", told=True)):
        plan = answered(plan, word, FAMILY)
    plan = answered(plan, said("ilze", "disagree", "Nē."), FAMILY)
    with pytest.raises(CannotPlan, match="answered this proposal already"):
        answered(plan, said("ilze", told=True), FAMILY)
    assert answered(plan, said("ilze"), FAMILY).answers["ilze"].word == "agree", "oneself one may think again"
    anew = proposed(taken_back(plan), NOW)
    assert answered(anew, said("ilze", proposal=2, told=True), FAMILY).answers["ilze"].written_by == BY


KEPT = [Withholding(audience="mother", reason="x")]
ILZE, ANDRIS, OLGA = (
    Doer(kind="family", id="ilze", name="Ilze"),
    Doer(kind="family", id="andris", name="Andris"),
    Doer(kind="specialist", id="role-olga", name="Olga"),
)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (task(), ""),
        (task(doer=ILZE), ""),
        (task(doer=ANDRIS, goal_id="kept"), ""),
        (task(doer=DOER, goal_id="kept"), ""),
        (task(doer=OLGA), "has no access"),
        (task(doer=OLGA, state="done"), ""),
        (task(doer=ILZE, goal_id="kept"), "is kept from"),
        (task(doer=ILZE, goal_id="over"), ""),
        (task(doer=ILZE, withheld=KEPT), "is kept from"),
        (task(doer=ILZE, goal_id="kept", state="not_done"), ""),
    ],
)
def test_a_plan_goes_on_only_when_each_who_has_a_task_reaches_and_sees_it(given: Task, wrong: str):
    child = dossier()
    over = [Withholding(audience="mother", reason="x", until=TODAY - timedelta(days=1))]
    goals = [Goal(id="kept", text="x", withheld=KEPT), Goal(id="over", text="x", withheld=over)]
    plan = Plan(number=1, begun_at=NOW, by=BY, goals=goals, tasks=[given])
    doers = {doer.key: doer for doer in possible_doers(child, NOW)}
    ground = Ground(plan, doers, family_kinds_of(child), TODAY)
    if wrong:
        with pytest.raises(CannotPlan, match=wrong):
            doable(plan, ground)
    else:
        assert doable(plan, ground) is plan


def test_tasks_are_given_only_to_who_reaches_the_child():
    child = dossier()
    assert find_doer(child, "r:role-inese", NOW)
    assert find_doer(child, "r:role-olga", NOW) is None
    assert {one.person_id for one in answerers(child, NOW)} == {
        r.key[2:] for r in child.readers if r.relation in ("parent", "self") and r.since <= NOW < r.until
    }


def seen(name: str, plan: Plan, item: Goal | Task) -> Sight:
    """How much Inese, or the mother, sees."""
    child = dossier()
    reader = who(name) if name != "ilze" else who_is(person("ilze", children=["d1"]), "family", None, NOW)
    return plan_seer(reader, access_now(reader, child, NOW), child, TODAY)(plan, item)


@pytest.mark.parametrize("state", ["draft", "proposed", "in_force", "replaced"])
def test_the_family_reads_no_draft_and_nothing_kept_from_it(state: str):
    plan = Plan(number=1, state=state, begun_at=NOW, by=BY)
    kept = [Withholding(audience="mother", reason="x")]
    over = [Withholding(audience="mother", reason="x", until=TODAY - timedelta(days=1))]
    plan.goals = [Goal(id="open", text="x"), Goal(id="kept", text="x", withheld=kept)]
    ilze, father = (Doer(kind="family", id=key, name="x") for key in ("ilze", "andris"))
    open_to_her = state != "draft"
    for item, shown in (
        (plan.goals[0], True),
        (plan.goals[1], False),
        (task(withheld=kept), False),
        (task(withheld=over), True),
        (task(goal_id="kept"), False),
        (task(doer=ilze), True),
        (task(doer=father), False),
    ):
        assert (seen("ilze", plan, item) is Sight.FULL) is (shown and open_to_her), item
        assert seen("inese", plan, item) is Sight.FULL
        assert seen("olga", plan, item) is Sight.NOTHING
