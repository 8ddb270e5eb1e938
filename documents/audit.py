"""The audit log: who looked at or changed what, when and why. Append-only, numbered without gaps per writer.

A read's entry is group-committed and acknowledged before the answer's first byte; a write's entry lies inside
the write's own transaction, numbered in a lane that nobody else uses meanwhile – so numbers have no gaps.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import datetime
from typing import Any

from pydantic import Field
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from documents.model import Model, to_bson

TRY_FOR = 10.0  # seconds after which a failed insert is not tried once more: somebody waits for the page


class AuditEntry(Model):
    """One act. No names, no codes, no narrative: ids, words of the vocabulary, and where it came from."""

    act: str  # verb of the vocabulary `documents.acts`
    at: datetime
    person_id: str | None = None
    role_id: str | None = None
    institution_id: str | None = None
    dossier_id: str | None = None
    sections: list[str] = Field(default_factory=list)
    subject: str | None = None  # the entry, file, need … acted on
    relation: str | None = None  # how the person reaches the child; purpose is derived from it
    purpose: str | None = None  # asked only for consent, emergency, export, audit search
    outcome: str = "allowed"
    reason: str | None = None  # reason code of a denial
    series: str | None = None  # entries of one search or one page visit belong together
    origin: str | None = None  # network address the proxy vouches for
    count: int | None = None  # how many children an answer named
    children: list[str] = Field(default_factory=list)  # the dossiers an answer named
    id: str = Field(default="", alias="_id")
    writer: str = ""
    n: int = 0


class AuditUnavailable(Exception):
    """The log does not accept entries: pages fail closed."""


class AuditWriter:
    """This process's hand in the log: one series for reads, a few lanes for writes."""

    def __init__(self, entries: AsyncCollection[dict[str, Any]], lanes: int = 64) -> None:
        self._entries = entries
        self.name = f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._read_number = 0
        self._waiting: list[tuple[AuditEntry, asyncio.Future[None]]] = []
        self._flusher: asyncio.Task[None] | None = None
        self._lanes: asyncio.Queue[list[Any]] = asyncio.Queue()
        for number in range(lanes):
            self._lanes.put_nowait([f"{self.name}-w{number}", 0])

    async def record(self, *entries: AuditEntry) -> None:
        """Return once the entries are on disk on a majority; one insert carries whoever waits meanwhile.

        Raises AuditUnavailable: the caller then answers with an error and shows nothing.
        """
        loop = asyncio.get_running_loop()
        futures = []
        for entry in entries:
            done: asyncio.Future[None] = loop.create_future()
            self._waiting.append((entry, done))
            futures.append(done)
        if self._flusher is None or self._flusher.done():
            # In a context of its own: it writes for others too, whom no deadline of the first one concerns.
            self._flusher = loop.create_task(self._flush(), context=Context())
        await asyncio.gather(*futures)

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rows = []
            for entry, _ in batch:
                self._read_number += 1
                rows.append(_row(entry, f"{self.name}-r", self._read_number))
            error = await self._insert(rows)
            for _, done in batch:
                if done.cancelled():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(AuditUnavailable(type(error).__name__))

    async def _insert(self, rows: list[dict[str, Any]]) -> Exception | None:
        """Insert numbered rows in order, trying again after a failure with those not yet there."""
        error: Exception | None = None
        missing = rows
        until = asyncio.get_running_loop().time() + TRY_FOR
        for attempt in range(3):
            try:
                if error is not None:
                    missing = await self._not_yet_there(rows)
                if missing:
                    await _insert(self._entries, missing)
            except PyMongoError as failure:
                error = failure
                if asyncio.get_running_loop().time() > until:
                    break
                await asyncio.sleep(0.05 * 4**attempt)
            except Exception as failure:  # what cannot be written at all: nobody waits for ever, nothing is shown
                error = failure
                break
            else:
                return None
        # The last numbers may or may not be taken: this series ends here, without a gap, and a new one begins.
        self.name = f"{self.name.rsplit('-', 1)[0]}-{secrets.token_hex(4)}"
        self._read_number = 0
        return error

    async def _not_yet_there(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        majority = self._entries.with_options(read_concern=ReadConcern("majority"))
        there = {row["_id"] async for row in majority.find({"_id": {"$in": [r["_id"] for r in rows]}}, {"_id": 1})}
        return [row for row in rows if row["_id"] not in there]

    @asynccontextmanager
    async def lane(self) -> AsyncIterator["Lane"]:
        """Lend a lane of numbers for one write transaction."""
        state = await self._lanes.get()
        lane = Lane(self._entries, state[0], state[1])
        try:
            yield lane
        except BaseException:
            # Once entries were sent, nobody here knows whether their numbers are taken: a new lane begins.
            untouched = lane.committed == state[1]
            self._lanes.put_nowait(state if untouched else [f"{self.name}-w{secrets.token_hex(3)}", 0])
            raise
        self._lanes.put_nowait([state[0], lane.committed])

    async def close(self) -> None:
        """Wait for entries still on their way."""
        if self._flusher is not None:
            with contextlib.suppress(AuditUnavailable):
                await self._flusher


class Lane:
    """Numbers for the entries of one transaction; a retried transaction uses the same numbers again."""

    def __init__(self, entries: AsyncCollection[dict[str, Any]], writer: str, last: int) -> None:
        self._entries, self._writer, self._start = entries, writer, last
        self.committed = last

    async def write(self, entries: list[AuditEntry], session: AsyncClientSession) -> None:
        """Insert the transaction's entries; the numbers count once the transaction commits."""
        rows = [_row(entry, self._writer, self._start + i) for i, entry in enumerate(entries, 1)]
        await _insert(self._entries, rows, session)
        self.committed = self._start + len(rows)


async def _insert(
    entries: AsyncCollection[dict[str, Any]], rows: list[dict[str, Any]], session: AsyncClientSession | None = None
) -> None:
    if len(rows) == 1:  # as most often, and cheaper than a bulk of one
        await entries.insert_one(rows[0], session=session)
    else:
        await entries.insert_many(rows, session=session)


def _row(entry: AuditEntry, writer: str, number: int) -> dict[str, Any]:
    return to_bson(entry) | {"_id": f"{writer}:{number}", "writer": writer, "n": number}
