"""Joining a provisional dossier with the true one: an act of a person at the console, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.relations import derived
from documents.acts import Act
from documents.archive import overflow
from documents.audit import AuditEntry
from documents.child import Child
from documents.dossier import Dossier
from documents.event import Event
from documents.joining import Join, JoinNote
from documents.model import new_id, to_bson
from documents.personal_code import PersonalCode
from documents.store import Row, Store, Transaction
from fixtures.loaders.people.protection import sealed_address, take_addresses
from portal.identities.merging import PARTS, merged, same_people
from portal.identities.neighbours import lead_decisions, lead_people, lead_rows, lead_siblings

CODES = "identity"  # the class of secrecy of personal codes


class CannotJoin(Exception):
    """The two cannot be joined, or not taken apart; the text says why and what to do."""


@dataclass(frozen=True)
class Order:
    """Who at the server's console wants it, why, and when."""

    by: str
    reason: str
    now: datetime


@dataclass(frozen=True)
class Done:
    """What was done: the join, how many entries it moved, how many written since stay with the true dossier."""

    join: Join
    entries: int
    stayed: int = 0


async def join_with_code(store: Store, provisional_id: str, code: PersonalCode, order: Order) -> Done:
    """Join with the dossier of this code; where there is none, the provisional one gets the code. Raises CannotJoin."""
    code_hash, sealed = code.hash(store.code_key), await store.secrets.seal(code.text, CODES, order.now.year)

    async def work(transaction: Transaction) -> Done:
        provisional = await _provisional(transaction, provisional_id)
        for field in ("child.code_hash", "child.former_code_hashes"):
            row = await store.dossiers.find_one({field: code_hash}, {"_id": 1}, session=transaction.session)
            if row:
                return await _join(transaction, provisional, row["_id"], order)
        return await _identify(transaction, provisional, _with_code(provisional.child, code, code_hash, sealed), order)

    return await store.transact(work)


async def join_with_dossier(store: Store, provisional_id: str, dossier_id: str, order: Order) -> Done:
    """Join with a dossier named by its id. Raises CannotJoin."""

    async def work(transaction: Transaction) -> Done:
        return await _join(transaction, await _provisional(transaction, provisional_id), dossier_id, order)

    return await store.transact(work)


async def parts_of(transaction: Transaction, dossier_id: str) -> Row:
    """Return the dossier as it is stored, in this transaction."""
    row = await transaction.store.dossiers.find_one({"_id": dossier_id}, session=transaction.session)
    return row or {}


def write_parts(parts: Row) -> Row:
    """Return the operations that make these parts of a dossier so; what is empty takes no room."""
    operations: Row = {"$set": {name: value for name, value in parts.items() if not _empty(value)}}
    if gone := {name: "" for name, value in parts.items() if _empty(value)}:
        operations["$unset"] = gone
    return operations


def _empty(value: object) -> bool:
    return value is None or value == [] or value == {}


def record_both(transaction: Transaction, act: Act, one: str, other: str, now: datetime) -> None:
    """Write the act into the log of both dossiers."""
    transaction.record(AuditEntry(act=act, at=now, dossier_id=one, subject=other))
    if one != other:
        transaction.record(AuditEntry(act=act, at=now, dossier_id=other, subject=one))


async def _provisional(transaction: Transaction, dossier_id: str) -> Dossier:
    dossier = await transaction.dossier(dossier_id)
    if dossier is None:
        raise CannotJoin(f"There is no dossier {dossier_id}.")
    if dossier.joined_into:
        raise CannotJoin(f"{dossier_id} is joined with {dossier.joined_into} already. Undo that first: admin unjoin.")
    if not dossier.child.provisional:
        raise CannotJoin(f"The child of {dossier_id} has a personal code: its identity is not provisional.")
    return dossier


def _with_code(child: Child, code: PersonalCode, code_hash: str, sealed: bytes) -> Child:
    """The child under its code, which may also tell a birth date that was not known exactly."""
    update: dict[str, Any] = {"code_hash": code_hash, "code": sealed, "provisional": False}
    if child.birth_date_approximate and code.birth_date:
        update |= {"birth_date": code.birth_date, "birth_date_approximate": False}
    return child.model_copy(update=update)


async def _identify(transaction: Transaction, dossier: Dossier, child: Child, order: Order) -> Done:
    """Give a provisional dossier its code: nothing moves. Ages change with the birth date, and rights with them."""
    stored, after = await parts_of(transaction, dossier.id), dossier.model_copy(update={"child": child})
    parts = {"child": to_bson(child)}
    join = Join(
        id=new_id(), provisional_id=dossier.id, dossier_id=dossier.id, at=order.now, by=order.by, reason=order.reason
    )
    await _remember(transaction, join, {"child": stored["child"]}, parts)
    note = JoinNote(id=join.id, at=order.now, other=dossier.id, reason=order.reason)
    operations = write_parts(parts | derived(after)) | {"$push": {"joins": to_bson(note)}}
    await transaction.change(dossier, operations)
    record_both(transaction, Act.IDENTITY_JOINED, dossier.id, dossier.id, order.now)
    return Done(join, 0)


async def _join(transaction: Transaction, provisional: Dossier, dossier_id: str, order: Order) -> Done:
    true = await _true(transaction, provisional, dossier_id)
    before = await parts_of(transaction, true.id)
    after = await _protected(transaction.store, merged(true, provisional, order.now), provisional)
    moved = await _entries(transaction, provisional)
    same = same_people(true.relationships, provisional.relationships)
    join = Join(
        id=new_id(),
        provisional_id=provisional.id,
        dossier_id=true.id,
        at=order.now,
        by=order.by,
        reason=order.reason,
        events=[event.id for event in moved],
        people=await lead_people(transaction, provisional, true.id),
        siblings=await lead_siblings(transaction, provisional, true.id),
        reports=await lead_rows(transaction, "reports", provisional.id, true.id),
        reports_of_siblings=await lead_rows(transaction, "reports.siblings", provisional.id, true.id),
        requests=await lead_rows(transaction, "access_requests", provisional.id, true.id),
        decisions=await lead_decisions(transaction, provisional.id, true.id, same),
        same=same,
    )
    made = to_bson(after)
    parts = {part: made.get(part) for part in PARTS}
    stood = {part: before[part] for part in PARTS if part in before}
    await _remember(transaction, join, stood, {part: value for part, value in parts.items() if value is not None})
    parts |= await _with_entries(transaction, after, moved)
    here = JoinNote(id=join.id, at=order.now, other=provisional.id, reason=order.reason)
    await transaction.change(true, write_parts(parts | derived(after)) | {"$push": {"joins": to_bson(here)}})
    there = here.model_copy(update={"other": true.id})
    left = provisional.model_copy(update={"joined_into": true.id})
    tombstone = {"joined_into": true.id} | derived(left)
    await transaction.change(provisional, write_parts(tombstone) | {"$push": {"joins": to_bson(there)}})
    record_both(transaction, Act.IDENTITY_JOINED, true.id, provisional.id, order.now)
    return Done(join, len(moved))


async def _true(transaction: Transaction, provisional: Dossier, dossier_id: str) -> Dossier:
    if dossier_id == provisional.id:
        raise CannotJoin("A dossier cannot be joined with itself.")
    true = await transaction.dossier(dossier_id)
    if true is None:
        raise CannotJoin(f"There is no dossier {dossier_id}.")
    if true.joined_into:
        raise CannotJoin(f"{dossier_id} was joined with {true.joined_into} itself. Name that one.")
    for one, other in ((true, provisional), (provisional, true)):
        if any(relationship.dossier_id == other.id for relationship in one.relationships):
            raise CannotJoin("The two children are written down as relatives of each other: they are not one child.")
    return true


async def _entries(transaction: Transaction, dossier: Dossier) -> list[Event]:
    """All entries of a dossier, archived ones too."""
    rows = transaction.store.archive.find({"dossier_id": dossier.id}, session=transaction.session).sort("number", 1)
    archived = [Event.model_validate(event) async for row in rows for event in row["events"]]
    return archived + dossier.events


async def _with_entries(transaction: Transaction, true: Dossier, moved: list[Event]) -> Row:
    """Put the entries into the true dossier; what does not fit goes to its archive, the oldest first."""
    whole = true.model_copy(update={"events": [*true.events, *moved]})
    fitted = await overflow(transaction, whole, coming=0)
    return fitted or {"events": [to_bson(event) for event in whole.events]}


async def _protected(store: Store, after: Dossier, provisional: Dossier) -> Dossier:
    """A protected child stays one: its addresses are sealed, wherever they stood openly."""
    if not after.child.protected:
        return after
    base = dict(after.base)
    told = take_addresses(base)
    sealed = after.protected_address or provisional.protected_address
    sealed = sealed or await sealed_address(store, None, told)
    return after.model_copy(update={"base": base, "protected_address": sealed})


async def _remember(transaction: Transaction, join: Join, before: Row, after: Row) -> None:
    """Keep the join with what it takes to undo it."""
    joins = transaction.store.database["joins"]
    await joins.insert_one(to_bson(join) | {"before": before, "after": after}, session=transaction.session)
