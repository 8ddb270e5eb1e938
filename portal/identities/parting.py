"""Undoing a join: both dossiers as they were, what was done since kept, in one transaction."""

from datetime import datetime
from typing import Any

from auth.relations import derived
from documents.acts import Act
from documents.dossier import ArchiveBucket, Dossier
from documents.joining import Join
from documents.model import to_bson
from documents.store import Row, Store, Transaction
from portal.identities.joining import CannotJoin, Done, Order, parts_of, record_both, write_parts
from portal.identities.merging import PARTS
from portal.identities.neighbours import lead_decisions, lead_people_back, lead_rows, lead_siblings_back
from portal.identities.undoing import AT_WORK, KEYS, given_back, taken_apart


async def unjoin(store: Store, provisional_id: str, order: Order) -> Done:
    """Take the last join of a provisional dossier apart.

    What was written since stays with the true dossier; where nobody had opened that one before, it stays open for
    those who work with it, so that they can read what they wrote. Raises CannotJoin.
    """

    async def work(transaction: Transaction) -> Done:
        provisional, join = await _joined(transaction, provisional_id)
        if join.dossier_id == provisional.id:
            await _unidentify(transaction, provisional, join)
            done = Done(join, 0)
        else:
            done = await _part(transaction, provisional, join)
        undone = {"undone_at": order.now, "undone_by": order.by, "undone_reason": order.reason}
        joins = store.database["joins"]
        await joins.update_one({"_id": join.id}, {"$set": undone}, session=transaction.session)
        await _note(transaction, {provisional.id, join.dossier_id}, join.id, order)
        record_both(transaction, Act.IDENTITY_PARTED, join.dossier_id, provisional.id, order.now)
        return done

    return await store.transact(work)


async def _joined(transaction: Transaction, dossier_id: str) -> tuple[Dossier, Join]:
    dossier = await transaction.dossier(dossier_id)
    if dossier is None:
        raise CannotJoin(f"There is no dossier {dossier_id}.")
    notes = [note for note in dossier.joins if note.undone_at is None]
    joins = transaction.store.database["joins"]
    row = await joins.find_one({"_id": notes[-1].id}, session=transaction.session) if notes else None
    if row is None:
        raise CannotJoin(f"{dossier_id} is not joined with any other dossier.")
    join = Join.model_validate(row)
    if join.provisional_id != dossier_id:
        raise CannotJoin(f"Name the provisional dossier: {join.provisional_id} was joined with {dossier_id}.")
    return dossier, join


async def _unidentify(transaction: Transaction, dossier: Dossier, join: Join) -> None:
    """Take the code back; what a register told of the child since then stays."""
    stored = (await parts_of(transaction, dossier.id))["child"]
    child = join.before["child"]
    if stored != join.after["child"]:
        child = {name: value for name, value in stored.items() if name not in ("code", "code_hash")}
        child |= {"provisional": True}
    after = Dossier.model_validate({**(await parts_of(transaction, dossier.id)), "child": child})
    await transaction.change(dossier, write_parts({"child": child} | derived(after)))


async def _part(transaction: Transaction, provisional: Dossier, join: Join) -> Done:
    true = await _parted_from(transaction, join)
    stored, left = await parts_of(transaction, true.id), await parts_of(transaction, provisional.id)
    moved = await _moved_now(transaction, join, stored)
    stayed = sum(_since(event, join) for event in stored.get("events", ()) if event["id"] not in moved)
    keep = AT_WORK if stayed and "opened" not in join.before else frozenset()
    apart = taken_apart({part: stored.get(part) for part in PARTS}, join.before, join.after, PARTS, keep)
    parts = apart.true | await _without(transaction, join, stored)
    parts["recent"] = [change for change in parts.get("recent") or () if change["event_id"] not in moved]
    true_after = _as_dossier(stored, parts)
    await transaction.change(true, write_parts(parts | derived(true_after)))
    back: Row = {part: given_back(part, left.get(part, []), apart.back[part]) for part in KEYS}
    back["recent"] = _recent(left, stored, join)
    back["events"] = [moved.get(event["id"], event) for event in left.get("events", ())]
    back["joined_into"] = None
    await _archive_back(transaction, provisional.id, moved)
    await transaction.change(provisional, write_parts(back | derived(_as_dossier(left, back))))
    await lead_people_back(transaction, join.people, true_after, provisional.id)
    await lead_siblings_back(transaction, join.siblings, provisional.id)
    for name, ids in (
        ("reports", join.reports),
        ("reports.siblings", join.reports_of_siblings),
        ("access_requests", join.requests),
    ):
        await lead_rows(transaction, name, true.id, provisional.id, only=ids)
    back_again = {there: here for here, there in join.same.items()}
    await lead_decisions(transaction, true.id, provisional.id, back_again, only=join.decisions)
    return Done(join, len(join.events), stayed)


async def _parted_from(transaction: Transaction, join: Join) -> Dossier:
    true = await transaction.dossier(join.dossier_id)
    if true is None:
        raise CannotJoin(f"The dossier {join.dossier_id} is no more.")
    if true.joined_into:
        raise CannotJoin(f"{true.id} was joined with {true.joined_into} since. Undo that first.")
    newer = [note for note in true.joins if note.undone_at is None][-1]
    if newer.id != join.id:
        raise CannotJoin(f"{newer.other} was joined with {true.id} since. Undo that first.")
    return true


async def _moved_now(transaction: Transaction, join: Join, stored: Row) -> dict[str, Row]:
    """The entries that moved, as they are by now: a correction made since goes back with its entry."""
    ids = set(join.events)
    events = [*stored.get("events", ()), *await _archived(transaction, join.dossier_id)]
    return {event["id"]: event for event in events if event["id"] in ids}


async def _archived(transaction: Transaction, dossier_id: str) -> list[Row]:
    rows = transaction.store.archive.find({"dossier_id": dossier_id}, session=transaction.session)
    return [event async for row in rows for event in row["events"]]


async def _without(transaction: Transaction, join: Join, stored: Row) -> Row:
    """The true dossier's own entries; those that moved are taken out of its archive too."""
    ids, archived = set(join.events), 0
    rows = await transaction.store.archive.find({"dossier_id": join.dossier_id}, session=transaction.session).to_list()
    for row in rows:
        own = [event for event in row["events"] if event["id"] not in ids]
        archived += len(own)
        if len(own) != len(row["events"]):
            await _rewrite(transaction, row, own)
    events = [event for event in stored.get("events", ()) if event["id"] not in ids]
    return {"events": events, "archived": archived or None}


async def _archive_back(transaction: Transaction, dossier_id: str, moved: dict[str, Row]) -> None:
    rows = await transaction.store.archive.find({"dossier_id": dossier_id}, session=transaction.session).to_list()
    for row in rows:
        events = [moved.get(event["id"], event) for event in row["events"]]
        if events != row["events"]:
            await _rewrite(transaction, row, events)


async def _rewrite(transaction: Transaction, row: Row, events: list[Row]) -> None:
    bucket = {"_id": row["_id"]}
    if not events:
        await transaction.store.archive.delete_one(bucket, session=transaction.session)
        return
    days = [event["day"] for event in events]
    fresh = ArchiveBucket.model_validate(row | {"events": events, "newest": max(days), "oldest": min(days)})
    values = to_bson(fresh) | {"events": events}
    await transaction.store.archive.update_one(bucket, {"$set": values}, session=transaction.session)


def _recent(left: Row, stored: Row, join: Join) -> list[Row]:
    """The provisional dossier's newest changes, with those made to its entries while they stood in the true one."""
    own = list(left.get("recent", ()))
    return own + [c for c in stored.get("recent", ()) if c["event_id"] in set(join.events) and c not in own]


def _since(event: Row, join: Join) -> bool:
    written: datetime = event["recorded_at"]
    return written >= join.at


def _as_dossier(stored: Row, parts: dict[str, Any]) -> Dossier:
    row = {name: value for name, value in (stored | parts).items() if value is not None}
    return Dossier.model_validate(row)


async def _note(transaction: Transaction, dossier_ids: set[str], join_id: str, order: Order) -> None:
    """Write the end of the join into the history of both."""
    for dossier_id in sorted(dossier_ids):
        dossier = await transaction.dossier(dossier_id)
        if dossier is not None:
            index = next(i for i, note in enumerate(dossier.joins) if note.id == join_id)
            note = {f"joins.{index}.undone_at": order.now, f"joins.{index}.undone_reason": order.reason}
            await transaction.change(dossier, {"$set": note})
