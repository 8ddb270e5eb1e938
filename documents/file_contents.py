"""What files contain, sealed before the database sees it: GridFS, one sealed mebibyte to a chunk.

Each sealed part names its file and place, so that parts cannot be swapped, repeated or cut off unnoticed.
Written chunk by chunk and not through the driver's upload stream, which keeps up to 32 MB of a file in memory.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO

from documents.secrecy import Unreadable
from documents.store import Store

PART = 1 << 20  # bytes before sealing
SECRECY_CLASS = "file"


async def write_sealed(store: Store, file_id: str, content: IO[bytes], size: int, now: datetime) -> None:
    """Write `size` bytes of `content` (at least one), holding one part in memory."""
    chunks, length, chunk_size = store.database["fs.chunks"], 0, 0
    count = -(-size // PART)
    content.seek(0)
    for number in range(count):
        part = {"file": file_id, "n": number, "last": number == count - 1, "data": content.read(PART)}
        sealed = await store.secrets.seal(part, SECRECY_CLASS, now.year)
        await chunks.insert_one({"files_id": file_id, "n": number, "data": bytes(sealed)})
        chunk_size, length = max(chunk_size, len(sealed)), length + len(sealed)
    # The name of a file may tell whom it is about: GridFS gets the id only.
    row = {"_id": file_id, "length": length, "chunkSize": chunk_size, "uploadDate": now, "filename": file_id}
    await store.database["fs.files"].insert_one(row)


async def read_sealed(store: Store, file_id: str) -> AsyncIterator[bytes]:
    """Open a file part by part. Raises Unreadable when a part is missing, foreign or changed."""
    number, last = 0, False
    while not last:
        row = await store.database["fs.chunks"].find_one({"files_id": file_id, "n": number}, {"data": 1})
        part = await store.secrets.open(row["data"]) if row else {}
        if part.get("file") != file_id or part.get("n") != number:
            raise Unreadable("A part of this file is missing or was changed.")
        number, last = number + 1, part["last"]
        yield bytes(part["data"])


async def remove_contents(store: Store, file_id: str) -> None:
    """Remove what a file contains, whether it was written whole or not."""
    await store.database["fs.files"].delete_one({"_id": file_id})
    await store.database["fs.chunks"].delete_many({"files_id": file_id})
