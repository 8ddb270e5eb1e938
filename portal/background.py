"""What runs beside the pages: seals over the audit log, copies, counters, mail, sweeping, the month's release."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from pymongo.errors import PyMongoError

from documents.copies import work_once
from documents.files import sweep_pending
from documents.seals import AT_MOST, seal_once
from portal.analytics.monthly import EVERY as RELEASE_EVERY
from portal.analytics.monthly import Monthly
from portal.counters.following import EVERY, Following
from portal.mail.sending import SEND_AT_MOST, Mailing
from portal.runtime import Runtime

log = structlog.get_logger("background")
ALL_WRITERS_EVERY = 300  # rounds of sealing


@asynccontextmanager
async def background(held: Runtime, *, releases: bool = True) -> AsyncIterator[None]:
    """Run the jobs until the portal stops. In production `atbalsts worker` does; in the demo the portal itself.

    Without `releases` no month's figures are made: a demo for load tests measures its pages.
    """
    owner = f"{socket.gethostname()}-{os.getpid()}"
    rounds = 0

    async def seal() -> None:
        nonlocal rounds
        # Now and then all writers: a long load bears the time it began at.
        everything, rounds = rounds % ALL_WRITERS_EVERY == 0, rounds + 1
        while await seal_once(held.store, held.audit_key, owner, held.now(), everything=everything) == AT_MOST:
            pass

    async def copy() -> None:
        while await work_once(held.store, owner, held.now()):
            pass

    async def sweep() -> None:
        await sweep_pending(held.store, held.now())

    following = Following(held.store, owner, held.now)
    jobs = [
        asyncio.create_task(_every(EVERY, "counters", following.step)),
        asyncio.create_task(_every(1, "seal", seal)),
        asyncio.create_task(_every(2, "copies", copy)),
        asyncio.create_task(_every(3600, "sweep", sweep)),
    ]
    if releases:
        jobs.append(asyncio.create_task(_every(RELEASE_EVERY, "release", Monthly(held, owner).step)))
    mailing = Mailing(held.store, held.post, held.settings.public_url, owner, held.now) if held.post else None
    sending = asyncio.create_task(mailing.run()) if mailing else None
    try:
        yield
    finally:
        if mailing and sending:  # a letter in the server's hands is not broken off: it would be sent again
            mailing.stop.set()
            await asyncio.wait([sending], timeout=SEND_AT_MOST + 5)
            jobs.append(sending)
        for job in jobs:
            job.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*jobs, return_exceptions=True)
        await following.let_go()
        with contextlib.suppress(PyMongoError):  # what is left is sealed by the next one
            await seal_once(held.store, held.audit_key, owner, held.now())


async def _every(seconds: float, name: str, job: Callable[[], Awaitable[None]]) -> None:
    """Do a job again and again; a database that is away is asked again, and the log says so once a while."""
    while True:
        try:
            await job()
        except PyMongoError as error:
            log.warning("job_waits", job=name, error=type(error).__name__)
        await asyncio.sleep(seconds)
