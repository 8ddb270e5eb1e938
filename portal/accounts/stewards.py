"""Making stewards: the first two by invitation of the console, every other by one who proposes and one who confirms."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from auth.access import Forbidden, NotFound, entry_for
from auth.reasons import ABOUT_ONESELF
from auth.who import Who
from documents.acts import Act
from documents.audit import AuditEntry
from documents.classifiers import classifiers
from documents.institution import Institution
from documents.model import day_of, new_id, to_bson
from documents.person import Person, Role
from documents.personal_code import PersonalCode
from documents.rates import Limit, within_rates
from documents.stewards import CONTROLLER, FIRST, Invitation, Proposal, administers, hash_of, stewards
from documents.store import Changed, Store, Transaction
from portal.accounts.actions import not_oneself
from portal.search.actions import TooMany

VALID = timedelta(hours=24)
TRIES: tuple[Limit, ...] = ((10, timedelta(hours=1)),)


class NotInvited(Exception):
    """The code opens nothing: unknown, used, too old, or somebody else's."""


class EnoughStewards(Exception):
    """There are two stewards, or as many invitations out: a third is made by two of them."""


async def propose(store: Store, who: Who, person_id: str, role: Role, revision: int, now: datetime) -> None:
    """Ask a second steward to make somebody one. Raises Changed, Forbidden for oneself, NotFound."""
    not_oneself(who, person_id)
    proposal = Proposal(person_id=person_id, role=role, proposed_by=who.person_id, at=now, state="open")

    async def work(transaction: Transaction) -> None:
        person = await transaction.person(person_id)
        if person is None:
            raise NotFound
        if person.revision != revision:
            raise Changed(person)
        await transaction.insert(store.steward_proposals, proposal)
        transaction.record(entry_for(who, Act.STEWARD_PROPOSED, now, subject=person_id, series=proposal.id))

    await store.transact(work)


async def open_proposals(store: Store) -> list[Proposal]:
    """Return what waits for a second steward, the oldest first."""
    rows = store.steward_proposals.find({"state": "open"}).sort("at", 1).limit(50)
    return [Proposal.model_validate(row) async for row in rows]


async def decide_proposal(store: Store, who: Who, proposal_id: str, *, confirmed: bool, now: datetime) -> None:
    """Confirm or reject. Who proposed may take it back, never confirm; nor may whom it is about.

    Raises Forbidden, NotFound (also when it is decided already).
    """
    act = Act.STEWARD_CONFIRMED if confirmed else Act.STEWARD_REJECTED

    async def work(transaction: Transaction) -> None:
        row = await store.steward_proposals.find_one({"_id": proposal_id, "state": "open"}, session=transaction.session)
        if row is None:
            raise NotFound
        proposal = Proposal.model_validate(row)
        if who.person_id == proposal.person_id or (confirmed and who.person_id == proposal.proposed_by):
            raise Forbidden(ABOUT_ONESELF)
        await store.steward_proposals.update_one(
            {"_id": proposal_id, "state": "open"},
            {
                "$set": {
                    "state": "confirmed" if confirmed else "rejected",
                    "decided_by": who.person_id,
                    "decided_at": now,
                }
            },
            session=transaction.session,
        )
        if confirmed:
            await _appoint(transaction, proposal.person_id, proposal.role)
        transaction.record(entry_for(who, act, now, subject=proposal.person_id, series=proposal_id))

    await store.transact(work)


async def invite(store: Store, code: PersonalCode, given_name: str, family_name: str, now: datetime) -> str:
    """Invite one of the first two stewards and return the one-time code; the console's act. Raises EnoughStewards."""
    today = day_of(now)
    people = {person.id for person in await stewards(store, today)}
    code_hash = code.hash(store.code_key)
    row = await store.people.find_one({"code_hash": code_hash})
    known = Person.model_validate(row) if row else None
    sealed = await store.secrets.seal(code.text, "identity", now.year)
    person = known or Person(
        id=new_id(), given_name=given_name, family_name=family_name, code_hash=code_hash, code=sealed
    )
    waiting = store.invitations.find({"redeemed_at": None, "expires": {"$gt": now}}, {"person_id": 1})
    people |= {row["person_id"] async for row in waiting}
    if len(people - {person.id}) >= FIRST or person.id in {p.id for p in await stewards(store, today)}:
        raise EnoughStewards
    one_time = "-".join(new_id()[:5] for _ in range(4))
    institution, is_new = await _controller(store)
    invitation = Invitation(
        id=hash_of(one_time), person_id=person.id, role=_role(institution, now), at=now, expires=now + VALID
    )

    async def work(transaction: Transaction) -> None:
        if is_new:
            await transaction.insert(store.institutions, institution)
        if known is None:
            await transaction.insert(store.people, person)
        await transaction.insert(store.invitations, invitation)
        transaction.record(AuditEntry(act=Act.STEWARD_INVITED, at=now, subject=person.id))

    await store.transact(work)
    return one_time


async def redeem(store: Store, code: str, now: datetime, who: Who | None = None) -> str:
    """Become a steward by a one-time code, once, within a day; `who` none on the console. Returns the person's id.

    Raises NotInvited, TooMany.
    """
    if who and not await within_rates(store, f"{Act.STEWARD_REDEEMED}:{who.person_id}", TRIES, now):
        await store.audit.record(entry_for(who, Act.STEWARD_REDEEMED, now, outcome="refused", reason="too_many"))
        raise TooMany

    async def work(transaction: Transaction) -> str:
        row = await store.invitations.find_one({"_id": hash_of(code)}, session=transaction.session)
        invitation = Invitation.model_validate(row) if row else None
        if invitation is None or invitation.redeemed_at or invitation.expires <= now:
            raise NotInvited
        if who and who.person_id != invitation.person_id:
            raise NotInvited
        done = await store.invitations.update_one(
            {"_id": invitation.id, "redeemed_at": None}, {"$set": {"redeemed_at": now}}, session=transaction.session
        )
        if not done.modified_count:
            raise NotInvited
        await _appoint(transaction, invitation.person_id, invitation.role)
        entry = AuditEntry(act=Act.STEWARD_REDEEMED, at=now, subject=invitation.person_id)
        transaction.record(entry_for(who, Act.STEWARD_REDEEMED, now, subject=who.person_id) if who else entry)
        return invitation.person_id

    try:
        return await store.transact(work)
    except NotInvited:
        if who:
            await store.audit.record(entry_for(who, Act.STEWARD_REDEEMED, now, outcome="refused", reason="not_invited"))
        raise


async def names_of(store: Store, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of people."""
    rows = store.people.find({"_id": {"$in": sorted(set(ids))}}, {"given_name": 1, "family_name": 1})
    return {row["_id"]: Person.model_validate(row).name async for row in rows}


async def _appoint(transaction: Transaction, person_id: str, role: Role) -> None:
    person = await transaction.person(person_id)
    if person is None:
        raise NotFound
    await transaction.change_person(person, {"roles": [to_bson(each) for each in (*person.roles, role)]})


async def _controller(store: Store) -> tuple[Institution, bool]:
    row = await store.institutions.find_one({"type": CONTROLLER})
    if row:
        return Institution.model_validate(row), False
    name = classifiers().institution_types[CONTROLLER].lv
    return Institution(id=new_id(), type=CONTROLLER, name=name[:1].upper() + name[1:]), True


def _role(institution: Institution, now: datetime) -> Role:
    position = next(p for p in classifiers().positions.values() if administers(p.code))
    return Role(
        id=new_id(),
        institution_id=institution.id,
        institution_type=institution.type,
        institution_name=institution.name,
        position=position.code,
        level=position.level,
        since=day_of(now),
    )
