"""Following each change: the stream of what was saved becomes differences of counters, whoever dies in between.

Saving writes nothing for it. One transaction takes what the changed cases count towards now, the differences and the
place in the stream: killed at any moment, a change is counted once, by this worker or the next.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from pymongo import DeleteMany, DeleteOne, InsertOne, ReturnDocument, UpdateOne
from pymongo.asynchronous.change_stream import AsyncDatabaseChangeStream
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from documents.store import DURABLE, Row, Store
from portal.counters.parts import PARTS, parts_of
from portal.counters.rebuilding import CHANGES, rebuild
from portal.counters.state import STATE, Counting, counting_in, state_of

EVERY = 1.0  # seconds between two looks
AT_ONCE = 500  # changes in one transaction
LEASE = timedelta(seconds=5)  # after which another worker goes on
QUIET_MS = 100  # how long the stream must bring nothing to be at its end
LOST = {260, 280, 286}  # the stream does not reach back so far any more: count anew
Changed = dict[str, set[str]]


class TakenOver(Exception):
    """Another worker follows the changes by now, or everything was counted anew."""


class Following:
    """One worker's part: it leads while nobody else does, and stands by otherwise."""

    def __init__(self, store: Store, worker: str, now: Callable[[], datetime]) -> None:
        self._store, self._worker, self._now = store, worker, now
        self._settings = store.database["settings"]
        self._counting: Counting | None = None
        self._stream: AsyncDatabaseChangeStream[Row] | None = None

    async def step(self) -> None:
        """Count what was saved since the last step; everything, where nothing is counted yet."""
        try:
            while await self._one():
                pass
        except TakenOver:
            await self.let_go()
        except OperationFailure as error:
            await self.let_go()
            if error.code not in LOST:
                raise
            await rebuild(self._store, self._now(), self._hold_on)
        except PyMongoError:
            await self.let_go()
            raise

    async def let_go(self) -> None:
        """Forget the place in the stream; the next step begins where the counters stand."""
        stream, self._stream, self._counting = self._stream, None, None
        if stream is not None:
            with suppress(PyMongoError):
                await stream.close()

    async def _one(self) -> bool:
        """Take one batch; says whether there may be more."""
        counting = self._counting = self._counting or await self._take()
        if counting is None:
            return False
        as_of = self._now()
        changed, token, more = await self._read(counting)
        fresh = replace(counting, token=token, as_of=counting.as_of if more else as_of)
        if not changed:
            await self._move(counting, fresh)
        else:
            async with self._store.client.start_session() as session:

                async def work(session: AsyncClientSession) -> None:
                    await self._move(counting, fresh, session)
                    await self._count(counting.generation, changed, session)

                await session.with_transaction(work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
        self._counting = fresh
        return more

    async def _take(self) -> Counting | None:
        """Lead, if nobody else does; count everything first where nothing is counted yet."""
        if await state_of(self._store) is None:
            with suppress(DuplicateKeyError):
                await self._settings.insert_one({"_id": STATE})
        free = [{"worker": self._worker}, {"until": None}, {"until": {"$lt": self._now()}}]
        row = await self._settings.find_one_and_update(
            {"_id": STATE, "$or": free},
            {"$set": {"worker": self._worker, "until": self._now() + LEASE}},
            return_document=ReturnDocument.AFTER,
        )
        if row is not None and counting_in(row) is None:
            await rebuild(self._store, self._now(), self._hold_on)
            row = await self._settings.find_one({"_id": STATE, "worker": self._worker})
        return counting_in(row)

    async def _hold_on(self, _: int) -> None:
        """Counting everything takes longer than a lease."""
        mine = {"_id": STATE, "worker": self._worker}
        await self._settings.update_one(mine, {"$set": {"until": self._now() + LEASE}})

    async def _read(self, counting: Counting) -> tuple[Changed, Row, bool]:
        """What was saved since, by collection; the place in the stream after it; whether there may be more."""
        if self._stream is None:
            self._stream = await self._store.database.watch(
                CHANGES, resume_after=counting.token, max_await_time_ms=QUIET_MS, batch_size=AT_ONCE
            )
        found: Changed = {}
        number = 0
        while number < AT_ONCE and (change := await self._stream.try_next()) is not None:
            found.setdefault(change["ns"]["coll"], set()).add(change["documentKey"]["_id"])
            number += 1
        if not self._stream.alive:
            raise TakenOver  # the collections themselves were taken away
        return found, dict(self._stream.resume_token or counting.token), number == AT_ONCE

    async def _move(self, counting: Counting, to: Counting, session: AsyncClientSession | None = None) -> None:
        """Note the new place, unless somebody moved it meanwhile. Raises TakenOver."""
        mine = {
            "_id": STATE,
            "worker": self._worker,
            "generation": counting.generation,
            "token": counting.token,
        }
        values = {"token": to.token, "as_of": to.as_of, "until": self._now() + LEASE}
        if not (await self._settings.update_one(mine, {"$set": values}, session=session)).matched_count:
            raise TakenOver

    async def _count(self, generation: str, changed: Changed, session: AsyncClientSession) -> None:
        """Replace what the changed count towards, and move the counters by the difference."""
        difference, kept = Counter[str](), list[InsertOne[Row] | UpdateOne | DeleteOne]()
        for name in PARTS:
            ids = sorted(changed.get(name, ()))
            now = await parts_of(self._store, name, ids, session)
            rows = {f"{generation}|{name}|{each}": now.get(each) for each in ids}
            found = self._store.counted.find({"_id": {"$in": list(rows)}}, session=session)
            before = {row["_id"]: row["keys"] async for row in found}
            for row_id, keys in rows.items():
                if keys == before.get(row_id):
                    continue
                difference.update(keys or ())
                difference.subtract(before.get(row_id, ()))
                if keys is None:
                    kept.append(DeleteOne({"_id": row_id}))
                elif row_id in before:
                    kept.append(UpdateOne({"_id": row_id}, {"$set": {"keys": keys}}))
                else:
                    kept.append(InsertOne({"_id": row_id, "keys": keys}))
        if not kept:
            return
        await self._store.counted.bulk_write(kept, session=session)
        moved = {f"{generation}|{key}": by for key, by in difference.items() if by}
        if moved:
            changes = [UpdateOne({"_id": key}, {"$inc": {"n": by}}, upsert=True) for key, by in moved.items()]
            gone = DeleteMany({"_id": {"$in": list(moved)}, "n": 0})
            await self._store.counters.bulk_write([*changes, gone], session=session)
