"""Sending what is due: one claim at a time, the mark straight after the server's answer, no claim while it is away."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from pymongo.errors import PyMongoError

from documents.jobs import Job, TakenOver, claim, is_due
from documents.store import Store
from portal.mail.addressing import MAIL, Receiver, address_next, receiver_now
from portal.mail.letter import letter
from portal.mail.post import Counter, Never, NotNow, Post, PostAway
from portal.mail.rules import ATTEMPTS, is_address, pause_after, pause_while_away

log = structlog.get_logger("mail")
EVERY = 2.0  # seconds between two looks for something due
SEND_AT_MOST = 30.0  # seconds for one letter: far less than a claim lasts
MARK_EVERY = 0.5  # seconds between two attempts to write down that it is sent


@dataclass
class Mailing:
    """One worker's mailing. `stop` ends it after the letter in hand."""

    store: Store
    post: Post
    public_url: str
    worker: str
    now: Callable[[], datetime]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    away: int = 0  # how many times in a row the server could not be reached

    async def run(self) -> None:
        """Work until told to stop. A database or a mail server that is away is asked again after a pause."""
        while not self.stop.is_set():
            pause = EVERY
            try:
                await self.round()
                self.away = 0
            except PyMongoError as error:
                log.warning("job_waits", job="mail", error=type(error).__name__)
            except PostAway as error:
                self.away += 1
                pause = pause_while_away(self.away)
                log.warning("mail_server_away", error=str(error), again_in=pause)
            except Exception as error:  # one broken mail must not end all others: its claim runs out, and it is counted
                log.error("mail_broke", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), pause)

    async def round(self) -> int:
        """Address what is new, then send all that is due; returns how many were sent. Raises PostAway."""
        while not self.stop.is_set() and await address_next(self.store, self.worker, self.now()):
            pass
        if self.stop.is_set() or not await is_due(self.store, MAIL, self.now()):
            return 0
        sent = 0
        async with self.post.open() as counter:
            while not self.stop.is_set() and (job := await claim(self.store, MAIL, self.worker, self.now())):
                with contextlib.suppress(TakenOver):
                    sent += await self._send(counter, job)
        return sent

    async def _send(self, counter: Counter, job: Job) -> bool:
        if job.item.attempts > ATTEMPTS:
            await self._give_up(job, "no worker lived through it")
            return False
        receiver = await self._receiver(job)
        if isinstance(receiver, str):
            await job.done(self.now(), receiver)
            return False
        if not is_address(receiver.address):
            await self._give_up(job, "no plain address")
            return False
        made = letter(job.item, receiver.address, receiver.person.language, self.post.sender, self.public_url)
        try:
            async with asyncio.timeout(SEND_AT_MOST):
                await counter.send(made)
        except Never as error:
            await self._give_up(job, str(error))
            return False
        except NotNow as error:
            await self._later(job, str(error))
            return False
        except (PostAway, TimeoutError) as error:
            await self._later(job, "broken off")
            raise PostAway(str(error) or "too slow") from error
        await self._mark_sent(job)
        log.info("mail_sent", mail=job.item.id, attempts=job.item.attempts)
        return True

    async def _receiver(self, job: Job) -> Receiver | str:
        """Who gets it; or why nobody does any more: the role has ended, there is no address, it was read by now."""
        content = job.item.content
        receiver = await receiver_now(self.store, content["person_id"], content["role_id"], self.now())
        if receiver is None:
            return "nobody"
        if not receiver.address:
            return "no_address"
        read = {"_id": job.item.subject, "read_by": receiver.reader}
        return "read" if await self.store.outbox.find_one(read, {"_id": 1}) else receiver

    async def _mark_sent(self, job: Job) -> None:
        """Write down that the server has it. A database that is away is waited for: else it would be sent twice."""
        while True:
            try:
                return await job.done(self.now(), "sent")
            except PyMongoError as error:
                log.warning("mark_waits", mail=job.item.id, error=type(error).__name__)
                await asyncio.sleep(MARK_EVERY)

    async def _later(self, job: Job, error: str) -> None:
        if job.item.attempts >= ATTEMPTS:
            await self._give_up(job, error)
            return
        await job.later(self.now() + pause_after(job.item.attempts), error)
        log.warning("mail_waits", mail=job.item.id, attempts=job.item.attempts, answer=error)

    async def _give_up(self, job: Job, error: str) -> None:
        await job.give_up(error)
        log.error("mail_given_up", mail=job.item.id, attempts=job.item.attempts, answer=error)
