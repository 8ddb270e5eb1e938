"""A worker that follows changes without a pause: `python -m tests.faults.follower URI DATABASE KEY NAME`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pymongo.errors import PyMongoError

from documents.secrecy import local_master_key
from documents.store import open_store
from portal.counters.following import Following


async def main(uri: str, database: str, key: str, name: str) -> None:
    """Follow until killed."""
    async with open_store(uri, database, local_master_key(Path(key)), b"k" * 32, models=False) as store:
        following = Following(store, name, lambda: datetime.now(UTC))
        print("ready", flush=True)
        while True:
            with suppress(PyMongoError):
                await following.step()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
