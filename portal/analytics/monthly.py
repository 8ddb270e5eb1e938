"""The month's release, made beside the pages as soon as the month has none: by one worker, of any number."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError

from documents.model import day_of
from documents.store import Row, Store
from portal.analytics.reading import month_of, released
from portal.runtime import Runtime

log = structlog.get_logger("release")
LEASE = "release"  # the row of `settings`
EVERY = 60.0  # seconds between two looks
HELD = timedelta(minutes=5)  # a worker that has not been heard of for so long has died
HOLD_ON = 60.0  # seconds: making one may take minutes
AGAIN = timedelta(hours=1)  # after one that failed


class Monthly:
    """One worker's part. Which month it is, Riga's calendar says; a release is made as the command makes it."""

    def __init__(self, held: Runtime, worker: str) -> None:
        self._store, self._worker, self._now = held.store, worker, held.now
        self._settings = held.store.database["settings"]

    async def step(self) -> None:
        """Make what is due, unless another worker does. Broken off, nothing of it is seen, and one begins anew."""
        now = self._now()
        if await released(self._store, month_of(day_of(now))) or await _is_empty(self._store):
            return
        if not await self._take(now):
            return
        holding = asyncio.create_task(self._hold_on())
        rest = timedelta()
        try:
            from portal.analytics.releasing import make_release  # with a solver the pages need not hold

            made, new = await make_release(self._store, now)
            if new:
                log.info("release_made", month=made.id, figures=made.figures, hidden=made.hidden)
        except Exception as error:  # whatever it is: a job that ended would make none ever after
            rest = AGAIN
            log.warning("release_failed", month=month_of(day_of(now)), error=type(error).__name__)
        finally:
            holding.cancel()
            await self._keep(rest)

    async def _take(self, now: datetime) -> bool:
        """Whether this worker is the one; nobody is while another holds on or the last failure is fresh."""
        with suppress(DuplicateKeyError):
            await self._settings.insert_one({"_id": LEASE, "until": now})
        taken: Row = {"$set": {"worker": self._worker, "until": now + HELD, "making": True}}
        free: Row = {"_id": LEASE, "until": {"$lte": now}}
        after = ReturnDocument.AFTER
        return await self._settings.find_one_and_update(free, taken, return_document=after) is not None

    async def _hold_on(self) -> None:
        while True:
            await asyncio.sleep(HOLD_ON)
            with suppress(PyMongoError):
                await self._set({"until": self._now() + HELD})

    async def _keep(self, rest: timedelta) -> None:
        """Let go, at once or until it may be tried again; a lease that cannot be ended runs out."""
        with suppress(PyMongoError):
            await self._set({"until": self._now() + rest, "making": False})

    async def _set(self, values: Row) -> None:
        await self._settings.update_one({"_id": LEASE, "worker": self._worker}, {"$set": values})


async def being_made(store: Store, now: datetime) -> bool:
    """Whether some worker is making a release."""
    return await store.database["settings"].find_one({"_id": LEASE, "making": True, "until": {"$gt": now}}) is not None


async def _is_empty(store: Store) -> bool:
    """A register without any child, as it is before its first load, has nothing to release: a month is frozen."""
    return await store.dossiers.find_one({}, {"_id": 1}, sort=[("_id", 1)]) is None
