"""Counting everything anew beside the counting that holds, which then passes to the new one in a single write."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from pymongo import WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from documents.store import Row, Store
from portal.counters.parts import PARTS
from portal.counters.state import STATE, beginning_with, counting_in, generation_after, older_than, state_of

BATCH = 2000
# What is written beside waits for nothing: once the last write is safe, so is all before it.
_AT_ONCE: WriteConcern = WriteConcern(1, j=False)
CHANGES: list[Row] = [
    {
        "$match": {
            "ns.coll": {"$in": sorted(PARTS)},
            "operationType": {"$in": ["insert", "update", "replace", "delete"]},
        }
    },
    {"$project": {"ns": 1, "documentKey": 1}},
]
Tell = Callable[[int], Awaitable[None]]


async def _nobody(_: int) -> None:
    """Nobody asks how far it is."""


async def rebuild(store: Store, now: datetime, tell: Tell = _nobody) -> int | None:
    """Count everything anew; returns how many cases and reports there are, none if another one was done first.

    `tell` hears how many were counted so far. Broken off, nothing of it is seen: the counting before goes on. What
    changes meanwhile is in the stream after the place noted first, and followed from there.
    """
    state = await state_of(store)
    before = counting_in(state)
    generation = generation_after(before)
    async with await store.database.watch(CHANGES, max_await_time_ms=1) as stream:
        await stream.try_next()
        token = stream.resume_token
    counters, parts = (each.with_options(write_concern=_AT_ONCE) for each in (store.counters, store.counted))
    counted, totals, batch = 0, Counter[str](), list[Row]()
    for name, stages in PARTS.items():
        source = store.database[name].with_options(read_concern=ReadConcern("majority"))
        async for row in await source.aggregate(stages, batchSize=BATCH):
            batch.append({"_id": f"{generation}|{name}|{row['_id']}", "keys": row["keys"]})
            totals.update(row["keys"])
            if len(batch) == BATCH:
                counted += await _put(parts, batch)
                await tell(counted)
    counted += await _put(parts, batch)
    rows: list[Row] = [{"_id": f"{generation}|{key}", "n": n} for key, n in totals.items()]
    for start in range(0, len(rows), BATCH):
        await _put(counters, rows[start : start + BATCH])
    await tell(counted)
    if state is None:
        with suppress(DuplicateKeyError):
            await store.database["settings"].insert_one({"_id": STATE})
    same = {"_id": STATE, "generation": before.generation if before else None}
    held = {"generation": generation, "token": token, "as_of": now}
    done = await store.database["settings"].update_one(same, {"$set": held})
    left = older_than(generation) if done.matched_count else beginning_with(generation)
    await parts.delete_many(left)
    await counters.delete_many(left)
    return counted if done.matched_count else None


async def _put(collection: AsyncCollection[Row], batch: list[Row]) -> int:
    """Write a batch, empty it, and say how many it held."""
    number = len(batch)
    if batch:
        await collection.insert_many(batch, ordered=False)
        batch.clear()
    return number
