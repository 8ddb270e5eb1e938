"""Files: uploaded as pending, made visible by the transaction that writes their entry, swept when nothing does.

GridFS takes no part in transactions; the row in `files` does. A file is served only once it is kept.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO

from pydantic import Field

from documents.event import Attachment
from documents.file_contents import PART, read_sealed, remove_contents, write_sealed
from documents.file_names import clean_name, shown_name
from documents.file_refusal import EMPTY, TOO_LARGE, TOO_MANY_WAITING, RefusedFile
from documents.file_types import LARGEST, FileType, recognise
from documents.malware import Scan
from documents.model import Model, new_id, to_bson
from documents.pictures import cleaned
from documents.store import Store, Transaction

WAITS = timedelta(hours=24)
MOST_WAITING = 40  # pending files of one owner
# What a crash leaves half written or half removed is found by its state.
_UNKEPT = ["arriving", "pending", "leaving"]


class StoredFile(Model):
    """What is known of a file. `owner` is the reader key of the role that uploaded it."""

    id: str = Field(alias="_id")
    owner: str
    state: str  # arriving, pending, kept, leaving
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded: datetime
    expires: datetime | None = None

    def as_attachment(self) -> Attachment:
        """The file as an entry names it."""
        return Attachment(
            file_id=self.id, name=self.name, media_type=self.media_type, size=self.size, sha256=self.sha256
        )


class NotYours(ValueError):
    """A file that is not there, is somebody else's, or belongs to another entry."""


class FileGone(Exception):
    """No kept file of this id."""


class BrokenOff(Exception):
    """The right to read ended while the file was on its way."""


async def upload_pending(
    store: Store, owner: str, content: AsyncIterable[bytes], name: str, now: datetime, scan: Scan | None = None
) -> Attachment:
    """Take a file: received within the limit, scanned, recognised, pictures made anew, sealed, pending for 24 h.

    Holds about a mebibyte of it in memory. Raises RefusedFile, which names the file.
    """
    try:
        await _check_waiting(store, owner)
        with TemporaryFile() as file:
            await _receive(content, file)
            if scan is not None:
                file.seek(0)
                await scan(file)
            file_type = await asyncio.to_thread(recognise, file)
            if not file_type.picture:
                return await _store(store, owner, file, file_type, name, now)
            async with cleaned(file, file_type.picture) as picture:
                return await _store(store, owner, picture, file_type, name, now)
    except RefusedFile as refusal:
        raise refusal.about(shown_name(name)) from refusal


async def keep_files(
    transaction: Transaction, owner: str, attachments: Sequence[Attachment], *, already: Collection[str] = ()
) -> None:
    """Make pending files of `owner` visible with the entry this transaction writes.

    `already` are ids the entry named before: they need nothing. Raises NotYours (a ValueError) for any other file
    that is not pending and the owner's: a kept file never moves to a second entry.
    """
    wanted = sorted({a.file_id for a in attachments} - set(already))
    if not wanted:
        return
    done = await transaction.store.files.update_many(
        {"_id": {"$in": wanted}, "owner": owner, "state": "pending"},
        {"$set": {"state": "kept"}, "$unset": {"expires": ""}},
        session=transaction.session,
    )
    if done.matched_count != len(wanted):
        raise NotYours("A file of this entry is not waiting, or is somebody else's.")


async def discard_pending(store: Store, owner: str, file_id: str) -> None:
    """Remove a pending file of the owner that no entry will take, before it expires by itself."""
    waiting = {"_id": file_id, "owner": owner, "state": "pending"}
    if (await store.files.update_one(waiting, {"$set": {"state": "leaving"}})).matched_count:
        await remove_contents(store, file_id)
        await store.files.delete_one({"_id": file_id, "state": "leaving"})


async def pending_files(store: Store, owner: str, file_ids: Sequence[str]) -> list[Attachment]:
    """Return those of the owner's waiting files that a form carries along, in its order."""
    ids = list(dict.fromkeys(file_ids))[:MOST_WAITING]
    query = {"_id": {"$in": ids}, "owner": owner, "state": "pending"}
    found = {row["_id"]: StoredFile.model_validate(row) async for row in store.files.find(query)}
    return [found[file_id].as_attachment() for file_id in ids if file_id in found]


async def open_file(
    store: Store, file_id: str, still_allowed: Callable[[], Awaitable[bool]] | None = None
) -> AsyncIterator[bytes]:
    """Return a kept file as its parts of one mebibyte; the first is read at once, so failures come before an answer.

    `still_allowed` is asked before each further part; the stream then ends with BrokenOff. Raises FileGone, Unreadable.
    """
    if await store.files.find_one({"_id": file_id, "state": "kept"}, {"_id": 1}) is None:
        raise FileGone(file_id)
    parts = read_sealed(store, file_id)
    first = await anext(parts)

    async def stream() -> AsyncIterator[bytes]:
        yield first
        while still_allowed is None or await still_allowed():
            try:
                yield await anext(parts)
            except StopAsyncIteration:
                return
        raise BrokenOff(file_id)

    return stream()


async def sweep_pending(store: Store, now: datetime) -> int:
    """Remove files that no entry took within their 24 h; returns how many. Any number of sweepers may run."""
    count = 0
    expired = {"state": {"$in": _UNKEPT}, "expires": {"$lte": now}}
    while row := await store.files.find_one_and_update(expired, {"$set": {"state": "leaving"}}, {"_id": 1}):
        await remove_contents(store, row["_id"])
        count += (await store.files.delete_one({"_id": row["_id"], "state": "leaving"})).deleted_count
    return count


async def _check_waiting(store: Store, owner: str) -> None:
    if await store.files.count_documents({"owner": owner, "state": "pending"}, limit=MOST_WAITING) == MOST_WAITING:
        raise RefusedFile(TOO_MANY_WAITING, {"limit": MOST_WAITING})


async def _receive(content: AsyncIterable[bytes], file: IO[bytes]) -> None:
    """Write what comes to a file without a name, no further than the limit."""
    size = 0
    async for block in content:
        size += len(block)
        if size > LARGEST:
            raise RefusedFile(TOO_LARGE, {"limit": LARGEST >> 20})
        file.write(block)
    if not size:
        raise RefusedFile(EMPTY)
    file.flush()


async def _store(
    store: Store, owner: str, file: IO[bytes], file_type: FileType, name: str, now: datetime
) -> Attachment:
    sha256 = await asyncio.to_thread(_sha256, file)
    stored = StoredFile(
        id=new_id(),
        owner=owner,
        state="arriving",
        name=clean_name(name, file_type.extensions),
        media_type=file_type.media_type,
        size=file.seek(0, 2),
        sha256=sha256,
        uploaded=now,
        expires=now + WAITS,
    )
    await store.files.insert_one(to_bson(stored))
    await write_sealed(store, stored.id, file, stored.size, now)
    await store.files.update_one({"_id": stored.id, "state": "arriving"}, {"$set": {"state": "pending"}})
    return stored.as_attachment()


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(PART):
        digest.update(block)
    return digest.hexdigest()
