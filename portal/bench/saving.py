"""Saving an event against the same documents in one raw transaction, fifty writers at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from statistics import median

from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from auth.who import Who, who_is
from documents.model import new_id
from documents.person import Person
from documents.store import DURABLE, Row, Store
from portal.bench.client import READERS
from portal.bench.pages import Pace
from portal.bench.report import Line, judged
from portal.bench.samples import Samples, Signed
from portal.cli.listening import settle
from portal.events.actions import add_event
from portal.events.rules import EventDraft

BUDGET = 1.5
Save = Callable[[str, Who], Awaitable[None]]


async def measure_saving(store: Store, samples: Samples, pace: Pace) -> Line:
    """Return how much longer our way takes than the floor's, by turns."""
    now = datetime.now(UTC)
    people = await who_signed(store, {who.person_id: who for _, who in samples.dossiers}, now)
    targets = [(dossier, people[who.person_id]) for dossier, who in samples.dossiers]
    before = await store.dossiers.find({"_id": {"$in": [dossier for dossier, _ in targets]}}).to_list()
    example = await _example(store, *targets[0])
    raw = _raw_saver(store, *example)

    async def ours(dossier_id: str, who: Who) -> None:
        await add_event(store, who, dossier_id, _draft(), [], datetime.now(UTC))

    settle()  # as a worker of the portal is
    rates: dict[Save, list[float]] = {ours: [], raw: []}
    for save in rates:
        await _rate(save, targets, min(1.0, pace.seconds))
    for _ in range(pace.turns):
        for save, found in rates.items():
            found.append(await _rate(save, targets, pace.seconds))
            await put_back(store, before)
    mine, floor = median(rates[ours]), median(rates[raw])
    return judged(
        "saving an event", floor / mine, BUDGET, "×", f"{mine:.0f} / {floor:.0f} saved a second, {READERS} writers"
    )


async def _rate(save: Save, targets: Sequence[tuple[str, Who]], seconds: float) -> float:
    """How many are saved a second, each writer on a child of its own at a time."""
    number, saved = count(), 0
    start = time.perf_counter()

    async def writer() -> None:
        nonlocal saved
        while time.perf_counter() - start < seconds:
            await save(*targets[next(number) % len(targets)])
            saved += 1

    await asyncio.gather(*(writer() for _ in range(min(READERS, len(targets)))))
    return saved / (time.perf_counter() - start)


async def put_back(store: Store, before: Sequence[Row]) -> None:
    """As it was: the nation is kept for the next run, and lives must not grow from turn to turn."""
    await store.dossiers.bulk_write([ReplaceOne({"_id": row["_id"]}, row) for row in before], ordered=False)
    await store.archive.delete_many({"dossier_id": {"$in": [row["_id"] for row in before if not row.get("archived")]}})


def _draft() -> EventDraft:
    return EventDraft(
        kind="home_visit",
        day=date.today(),  # noqa: DTZ011
        to=None,
        ongoing=False,
        time="",
        summary="Mājas apmeklējums: viss kā norunāts",
        detail="Māte stāsta par nedēļu, bērns rāda zīmējumus.",
        fields={"present": "māte, bērns", "conditions": "good", "observed": "Tīrs, silts."},
        confidentiality="standard",
        named_people=(),
        siblings=(),
        withheld=False,
        withheld_reason="",
        withheld_for=(),
        names_no_other=True,
    )


async def _example(store: Store, dossier_id: str, who: Who) -> tuple[Row, Row, list[Row], Row]:
    """Save one event our way; what it wrote is what the floor writes."""
    saved = await add_event(store, who, dossier_id, _draft(), [], datetime.now(UTC))
    event_id = saved[dossier_id]
    dossier = await store.dossiers.find_one({"_id": dossier_id})
    audit = await store.audit_entries.find_one({"subject": event_id, "dossier_id": dossier_id})
    notices = await store.outbox.find({"dossier_id": dossier_id}).to_list()
    assert dossier is not None
    assert audit is not None
    event = next(row for row in dossier["events"] if row["id"] == event_id)
    recent = next(row for row in dossier["recent"] if row["event_id"] == event_id)
    return event, audit, [row for row in notices if row["subject"] == event_id], recent


def _raw_saver(store: Store, event: Row, audit: Row, notices: Sequence[Row], recent: Row) -> Save:
    """The same documents with the raw driver in one transaction, with the same guarantees."""
    numbers = count(1)

    async def save(dossier_id: str, _: Who) -> None:
        event_id = new_id()
        push = {
            "events": event | {"id": event_id},
            "recent": {"$each": [recent | {"event_id": event_id}], "$slice": -20},
        }
        entry = audit | {"_id": f"bench:{event_id}", "writer": f"bench-{event_id}", "n": next(numbers)}
        told = [row | {"_id": new_id(), "dossier_id": dossier_id, "subject": event_id} for row in notices]

        async def work(session: AsyncClientSession) -> None:
            await store.dossiers.update_one(
                {"_id": dossier_id}, {"$push": push, "$inc": {"revision": 1}}, session=session
            )
            if told:
                await store.outbox.insert_many(told, session=session)
            await store.audit_entries.insert_one(entry | {"dossier_id": dossier_id}, session=session)

        async with store.client.start_session() as session:
            await session.with_transaction(work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE)

    return save


async def who_signed(store: Store, signed: dict[str, Signed], now: datetime) -> dict[str, Who]:
    """Return the signed as the policy knows them."""
    rows = store.people.find({"_id": {"$in": list(signed)}})
    people = [Person.model_validate(row) async for row in rows]
    return {person.id: who_is(person, signed[person.id].role_id, None, now) for person in people}
