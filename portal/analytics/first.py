"""The demo's first release: made beside the pages, so that its analyst finds figures. A register's is made by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from pymongo.errors import PyMongoError

from documents.trouble import Trouble
from portal.analytics.reading import released
from portal.runtime import Runtime

log = structlog.get_logger("first_release")


@asynccontextmanager
async def first_release(held: Runtime) -> AsyncIterator[None]:
    """Make a release meanwhile, where there is none at all. Broken off, the next start makes it."""
    if await released(held.store):
        yield
        return
    held.making_release = True
    making = asyncio.create_task(_make(held))
    try:
        yield
    finally:
        making.cancel()
        with suppress(asyncio.CancelledError):
            await making


async def _make(held: Runtime) -> None:
    from portal.analytics.releasing import make_release  # with a solver a worker need not hold

    try:
        await make_release(held.store, held.now())
    except (PyMongoError, Trouble) as error:
        log.warning("no_first_release", error=type(error).__name__)
    finally:
        held.making_release = False
