"""The archive of outlier dossiers: the oldest events in buckets, read back so that no reader can tell."""

from documents.dossier import EVENTS_KEPT, ArchiveBucket, Dossier
from documents.event import Event
from documents.model import to_bson
from documents.store import Store, Transaction


async def with_archive(store: Store, dossier: Dossier) -> Dossier:
    """Return the dossier with its archived events in front of the others."""
    rows = store.archive.find({"dossier_id": dossier.id}).sort("number", 1)
    older = [Event.model_validate(event) async for row in rows for event in row["events"]]
    return dossier.model_copy(update={"events": older + dossier.events})


async def overflow(transaction: Transaction, dossier: Dossier, coming: int) -> dict[str, object]:
    """Move the oldest events out so that `coming` more fit; return what to set on the dossier (maybe nothing).

    Moves a quarter at a time, oldest day first, so that one addition in 125 pays for it.
    """
    if len(dossier.events) + coming <= EVENTS_KEPT:
        return {}
    ordered = sorted(dossier.events, key=lambda event: event.day)
    moved = ordered[: max(EVENTS_KEPT // 4, len(ordered) + coming - EVENTS_KEPT)]
    kept_ids = {event.id for event in moved}
    await archive(transaction, dossier, moved)
    dossier.events = [event for event in dossier.events if event.id not in kept_ids]
    return {"events": [to_bson(event) for event in dossier.events], "archived": dossier.archived + len(moved)}


async def archive(transaction: Transaction, dossier: Dossier, events: list[Event]) -> None:
    """Write events into new buckets behind the last one."""
    store = transaction.store
    last = await store.archive.find_one(
        {"dossier_id": dossier.id}, {"number": 1}, sort=[("number", -1)], session=transaction.session
    )
    number = last["number"] + 1 if last else 1
    for start in range(0, len(events), ArchiveBucket.SIZE):
        part = events[start : start + ArchiveBucket.SIZE]
        bucket = ArchiveBucket(
            id=f"{dossier.id}:{number}",
            dossier_id=dossier.id,
            number=number,
            newest=max(event.day for event in part),
            oldest=min(event.day for event in part),
            events=[to_bson(event) for event in part],
        )
        await transaction.insert(store.archive, bucket)
        number += 1


async def archived_event(transaction: Transaction, dossier: Dossier, event_id: str) -> tuple[str, Event] | None:
    """Return the bucket id and the event of an archived entry, for correcting or withdrawing it."""
    row = await transaction.store.archive.find_one(
        {"dossier_id": dossier.id, "events.id": event_id}, {"events.$": 1}, session=transaction.session
    )
    return (row["_id"], Event.model_validate(row["events"][0])) if row else None


async def find_archived(store: Store, dossier_id: str, event_id: str) -> Event | None:
    """Return one archived entry without reading the others, or none."""
    row = await store.archive.find_one({"dossier_id": dossier_id, "events.id": event_id}, {"events.$": 1})
    return Event.model_validate(row["events"][0]) if row else None
