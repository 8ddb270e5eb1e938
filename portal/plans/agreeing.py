"""Agreeing the plan: proposed, answered by each who may, in force; everybody concerned is told."""

from datetime import datetime

from auth.access import Opened, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.who import Who
from documents.acts import Act
from documents.involvement import CaseManager
from documents.model import to_bson
from documents.plan import OPEN, Plan, Word, in_force, in_work, waiting
from documents.store import AlreadySo, Changed, Store, Transaction
from portal.notices import tell
from portal.plans.actions import ground_of
from portal.plans.people import Answerer, answerers
from portal.plans.rules import (
    CannotPlan,
    answered,
    doable,
    in_draft,
    proposed,
    put_in_force,
    taken_back,
    with_progress,
)
from portal.translations import N_


async def propose(store: Store, who: Who, dossier_id: str, now: datetime) -> None:
    """Propose the draft to the family. Raises NotFound, Forbidden, CannotPlan, AlreadySo."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        waiting = in_work(opened.dossier.plans)
        if waiting and waiting.state == "proposed":
            raise AlreadySo
        plan = proposed(in_draft(opened.dossier.plans), now)
        doable(with_progress(plan, in_force(opened.dossier.plans)), ground_of(opened, plan))
        await _save(transaction, opened, plan, Act.PLAN_PROPOSED)
        family = [f"p:{person.person_id}" for person in answerers(opened.dossier, now)]
        tell(transaction, family, "plan_proposed", now, dossier_id, str(plan.number))

    await store.transact(work)


async def take_back(store: Store, who: Who, dossier_id: str, now: datetime) -> None:
    """Make the proposal a draft again. Raises NotFound, Forbidden, AlreadySo."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        plan = in_work(opened.dossier.plans)
        if plan is None or plan.state != "proposed":
            raise AlreadySo
        await _save(transaction, opened, taken_back(plan), Act.PLAN_TAKEN_BACK)

    await store.transact(work)


async def answer(store: Store, who: Who, dossier_id: str, said: tuple[str, str], proposal: str, now: datetime) -> None:
    """One's own word (agree …, reason) on the proposal that was read.

    Raises NotFound, Forbidden, CannotPlan, Changed, AlreadySo.
    """

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_ANSWER, now)
        if said[0] == "unable":
            raise CannotPlan(N_("Choose an answer."), "word")
        plan = await _with_word(transaction, opened, who.person_id, said, proposal, None)
        managers = (opened.dossier.case_manager, opened.dossier.family_case_manager)
        tell(transaction, [_key(m) for m in managers if m], "plan_answered", now, dossier_id, str(plan.number))

    await store.transact(work)


async def write_word(
    store: Store, who: Who, dossier_id: str, person_id: str, said: tuple[str, str], proposal: str, now: datetime
) -> None:
    """Somebody's word as told to the case manager; the person is told what stands for them. Raises as `answer` does."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        plan = await _with_word(transaction, opened, person_id, said, proposal, who)
        tell(transaction, [f"p:{person_id}"], "plan_word", now, dossier_id, str(plan.number))

    await store.transact(work)


async def into_force(store: Store, who: Who, dossier_id: str, proposal: str, now: datetime) -> None:
    """Put the proposal in force once each word is there. Raises NotFound, Forbidden, CannotPlan, Changed, AlreadySo."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        held = in_force(opened.dossier.plans)
        if held and _state(held) == proposal:
            raise AlreadySo
        _same(opened, proposal)
        family = answerers(opened.dossier, now)
        plans = put_in_force(opened.dossier.plans, family, now)
        if ready := in_force(plans):
            doable(ready, ground_of(opened, ready))
        values = {"plans": [to_bson(plan) for plan in plans], **waiting(plans)}
        await transaction.change(opened.dossier, {"$set": values}, worked=now)
        transaction.record(entry_for(who, Act.PLAN_IN_FORCE, now, dossier_id=dossier_id, subject=proposal))
        await _tell_in_force(transaction, opened, plans, family)

    await store.transact(work)


async def _tell_in_force(transaction: Transaction, opened: Opened, plans: list[Plan], family: list[Answerer]) -> None:
    """The family that it is in force, each with a task that there is one; of an institution who is responsible."""
    plan = in_force(plans)
    tasks = [task for task in plan.tasks if task.state in OPEN] if plan else []
    named = {task.doer.key for task in tasks if task.doer.kind == "specialist"}
    places = {task.doer.id for task in tasks if task.doer.kind == "institution"}
    at_work = {r.key for r in opened.dossier.readers if r.relation == "responsible" and r.since <= opened.now < r.until}
    people = [p for involvement in opened.dossier.involvements for p in involvement.responsible]
    named |= {f"r:{p.role_id}" for p in people if p.institution_id in places} & at_work
    subject, dossier_id = str(plan.number if plan else 0), opened.dossier.id
    mine = f"r:{opened.who.role.id}" if opened.who.role else ""
    tell(transaction, named - {mine}, "task_given", opened.now, dossier_id, subject)
    tell(transaction, [f"p:{one.person_id}" for one in family], "plan_in_force", opened.now, dossier_id, subject)


async def _with_word(
    transaction: Transaction, opened: Opened, person_id: str, said: tuple[str, str], proposal: str, writer: Who | None
) -> Plan:
    plan = _same(opened, proposal)
    may = answerers(opened.dossier, opened.now)
    person = next((each for each in may if each.person_id == person_id), Answerer(person_id, "", ""))
    before = plan.answers.get(person_id)
    mine = writer is None and person_id not in plan.own_words  # saying the same oneself makes it one's own
    if before and (before.word, before.reason) == said and not mine:
        raise AlreadySo
    word = Word(
        proposal=plan.proposal,
        person_id=person_id,
        name=person.name,
        kind=person.kind,
        word=said[0],
        reason=said[1],
        at=opened.now,
        written_by=writer.as_professional() if writer else None,
    )
    plan = answered(plan, word, may)
    await _save(transaction, opened, plan, Act.PLAN_WORD)
    return plan


def _same(opened: Opened, proposal: str) -> Plan:
    """The proposal that was read. Raises Changed when it was taken back or proposed anew since, CannotPlan."""
    plan = in_work(opened.dossier.plans)
    if plan is None or plan.state != "proposed":
        raise CannotPlan(N_("No plan waits for an answer now."))
    if _state(plan) != proposal:
        raise Changed(plan)
    return plan


def _state(plan: Plan) -> str:
    """Which proposal of which version: carried by the forms."""
    return f"{plan.number}-{plan.proposal}"


def _key(manager: CaseManager) -> str:
    return f"r:{manager.role_id}"


async def _save(transaction: Transaction, opened: Opened, plan: Plan, act: Act) -> None:
    changes = {"$set": {f"plans.{plan.number - 1}": to_bson(plan)}}
    await transaction.change(opened.dossier, changes, worked=None if opened.who.in_family_role else opened.now)
    about = {"dossier_id": opened.dossier.id, "subject": f"{plan.number}-{plan.proposal}"}
    transaction.record(entry_for(opened.who, act, opened.now, **about))
