"""Jobs of the outbox: claimed by one worker at a time, tried again, done for good, or given up where it is seen."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from documents.outbox import OutboxItem
from documents.store import Row, Store

CLAIM = timedelta(minutes=5)  # a worker that has not been heard of for so long has died
KEPT = timedelta(days=30)
SHOWN = 20


class TakenOver(Exception):
    """The claim ran out and another worker took the job."""


@dataclass(frozen=True)
class Job:
    """One claimed item; each of its ways out takes hold only while the claim is ours, else raises TakenOver."""

    store: Store
    item: OutboxItem

    async def done(self, now: datetime, outcome: str) -> None:
        """It is done. Its row stays as long as it had been meant to, a mail's for 30 days."""
        values = {"state": "done", "content.outcome": outcome, "expires": self.item.expires or now + KEPT}
        await self._end({"$set": values, "$unset": {"due": "", "error": ""}})

    async def later(self, due: datetime, error: str) -> None:
        """It did not work; try again when `due`."""
        await self._end({"$set": {"state": "waiting", "due": due, "error": error}})

    async def give_up(self, error: str) -> None:
        """It will never work: it stays, without an end, until somebody has looked at it."""
        await self._end({"$set": {"state": "failed", "error": error}, "$unset": {"due": "", "expires": ""}})

    async def _end(self, operations: Row) -> None:
        mine = {"_id": self.item.id, "claimed_by": self.item.claimed_by, "attempts": self.item.attempts}
        done = await self.store.outbox.update_one(mine | {"state": "claimed"}, operations)
        if not done.matched_count:
            raise TakenOver


async def claim(store: Store, kind: str, worker: str, now: datetime) -> Job | None:
    """Take the item of this kind that has been due for longest; none if none is. Any number of workers may ask."""
    row = await store.outbox.find_one_and_update(
        {"kind": kind, "due": {"$lte": now}},
        {"$set": {"state": "claimed", "claimed_by": worker, "due": now + CLAIM}, "$inc": {"attempts": 1}},
        sort=[("due", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return Job(store, OutboxItem.model_validate(row)) if row else None


async def is_due(store: Store, kind: str, now: datetime) -> bool:
    """Whether something of this kind waits to be taken now."""
    return await store.outbox.find_one({"kind": kind, "due": {"$lte": now}}, {"_id": 1}) is not None


async def add_once(store: Store, items: Sequence[OutboxItem]) -> None:
    """Put items into the outbox; those that are there already stay as they are."""
    for item in items:
        with contextlib.suppress(DuplicateKeyError):  # a worker that died meanwhile had added it
            await store.outbox.insert_one(item.as_row())


@dataclass(frozen=True)
class JobState:
    """How many of a kind wait, are under way and were given up; since when the oldest of the waiting does."""

    kind: str
    waiting: int
    claimed: int
    failed: int
    oldest: datetime | None


async def job_states(store: Store, kinds: Sequence[str]) -> list[JobState]:
    """How the outbox stands, kind by kind."""
    found = []
    for kind in kinds:
        counts = {
            state: await store.outbox.count_documents({"state": state, "kind": kind})
            for state in ("waiting", "claimed", "failed")
        }
        oldest = await store.outbox.find_one({"state": "waiting", "kind": kind}, {"at": 1}, sort=[("at", 1)])
        found.append(JobState(kind, **counts, oldest=oldest["at"] if oldest else None))
    return found


async def given_up(store: Store) -> list[OutboxItem]:
    """The newest of what was given up."""
    rows = await store.outbox.find({"state": "failed"}).sort("at", -1).limit(SHOWN).to_list()
    return [OutboxItem.model_validate(row) for row in rows]


async def try_again(store: Store, now: datetime) -> int:
    """Let everything that was given up be tried from the beginning; returns how much that is."""
    again = {"$set": {"state": "waiting", "attempts": 0, "due": now}}
    done = await store.outbox.update_many({"state": "failed"}, again)
    return done.modified_count
