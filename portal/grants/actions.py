"""Taking a grant back, denying somebody, lifting and reviewing a denial: each acts at the next click."""

from datetime import datetime

from auth.access import Forbidden, Opened, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.reasons import NOT_YOUR_SECTION
from auth.relations import derived
from auth.supervision import supervises, supervisor_keys
from auth.who import Who
from documents.acts import Act
from documents.dossier import Denial, Grant
from documents.model import new_id, to_bson
from documents.person import Person
from documents.store import Store, Transaction
from portal.grants.rules import DenialDraft, in_force, may_deny, may_revoke, people_to_deny
from portal.notices import tell


class NobodyKnown(Exception):
    """Nobody works under this e-mail address, or it is one's own."""


async def revoke_grant(store: Store, who: Who, dossier_id: str, grant_id: str, now: datetime) -> None:
    """Take a grant back; one that is over or taken back already stays as it is. Raises NotFound, Forbidden."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.ACCESS_LIST_READ, now)
        grants = opened.dossier.grants
        index = next((i for i, grant in enumerate(grants) if grant.id == grant_id), None)
        if index is None or (in_force(grants[index], now) and not may_revoke(opened, grants[index])):
            raise Forbidden(NOT_YOUR_SECTION)
        grant = grants[index]
        entry = entry_for(who, Act.ACCESS_REVOKED, now, dossier_id=dossier_id, subject=grant.id)
        if not in_force(grant, now):
            transaction.record(entry.model_copy(update={"outcome": "nothing"}))
            return
        grant.revoked_at, grant.revoked_by = now, who.as_professional()
        await transaction.change(
            opened.dossier, {"$set": {f"grants.{index}": to_bson(grant), **derived(opened.dossier)}}
        )
        await _note_in_request(transaction, grant, now)
        transaction.record(entry)
        tell(transaction, [f"r:{grant.role_id}"], "access_revoked", now, dossier_id, grant.id)

    await store.transact(work)


async def deny_access(store: Store, who: Who, dossier_id: str, draft: DenialDraft, now: datetime) -> None:
    """Put somebody on the child's list of denials. Raises NotFound, Forbidden, NobodyKnown."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.ACCESS_LIST_READ, now)
        person = await _denied_person(transaction, opened, draft)
        if not may_deny(opened, of_family=person.id in opened.dossier.family_ids):
            raise Forbidden(NOT_YOUR_SECTION)
        denial = Denial(
            id=new_id(),
            person_id=person.id,
            name=person.name,
            reason=draft.reason,
            since=now,
            until=draft.until,
            decided_by=who.as_professional(),
            call=draft.call,
        )
        await transaction.change(opened.dossier, {"$push": {"denials": to_bson(denial)}})
        transaction.record(entry_for(who, Act.ACCESS_DENIED, now, dossier_id=dossier_id, subject=denial.id))
        tell(transaction, supervisor_keys(opened.dossier, now), "access_denied", now, dossier_id, denial.id)

    await store.transact(work)


async def lift_denial(store: Store, who: Who, dossier_id: str, denial_id: str, now: datetime) -> None:
    """Let somebody in again as far as relations and grants go. Raises NotFound, Forbidden."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.ACCESS_LIST_READ, now)
        index, denial = _denial(opened, denial_id)
        if not may_deny(opened, of_family=denial.person_id in opened.dossier.family_ids):
            raise Forbidden(NOT_YOUR_SECTION)
        denial.lifted_at, denial.lifted_by = denial.lifted_at or now, denial.lifted_by or who.as_professional()
        await transaction.change(opened.dossier, {"$set": {f"denials.{index}": to_bson(denial)}})
        transaction.record(entry_for(who, Act.DENIAL_LIFTED, now, dossier_id=dossier_id, subject=denial.id))

    await store.transact(work)


async def review_denial(store: Store, who: Who, dossier_id: str, denial_id: str, now: datetime) -> None:
    """The supervisor has read why. Raises NotFound, Forbidden."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.ACCESS_REVIEW, now)
        if not supervises(who, opened.dossier, now):
            raise Forbidden(NOT_YOUR_SECTION)
        index, denial = _denial(opened, denial_id)
        denial.reviewed_at, denial.reviewed_by = now, who.as_professional()
        await transaction.change(opened.dossier, {"$set": {f"denials.{index}": to_bson(denial)}})
        transaction.record(entry_for(who, Act.DENIAL_REVIEWED, now, dossier_id=dossier_id, subject=denial.id))

    await store.transact(work)


def _denial(opened: Opened, denial_id: str) -> tuple[int, Denial]:
    found = next(((i, d) for i, d in enumerate(opened.dossier.denials) if d.id == denial_id), None)
    if found is None:
        raise Forbidden(NOT_YOUR_SECTION)
    return found


async def _denied_person(transaction: Transaction, opened: Opened, draft: DenialDraft) -> Person:
    if draft.person_id:
        offered = {person_id for person_id, _ in people_to_deny(opened)}
        person = await transaction.person(draft.person_id) if draft.person_id in offered else None
    else:
        row = await transaction.store.people.find_one({"roles.email": draft.email}, session=transaction.session)
        person = Person.model_validate(row) if row else None
    if person is None or person.id == opened.who.person_id:
        raise NobodyKnown
    return person


async def _note_in_request(transaction: Transaction, grant: Grant, now: datetime) -> None:
    """Whoever asked sees in the request that the access it led to was taken back."""
    if grant.request_id:
        await transaction.store.access_requests.update_one(
            {"_id": grant.request_id}, {"$set": {"decision.revoked_at": now}}, session=transaction.session
        )
