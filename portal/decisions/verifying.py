"""Is a decision genuine? Anybody may ask, by the code on the paper or with the file; nothing is told of the child."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from documents.decision import CourtDecision, decision_by_code, decision_by_file, plain_code
from documents.model import day_of
from documents.rates import Limit, within_rates
from documents.store import Store
from portal.decisions.seal import is_sealed
from portal.decisions.view import STATES, TONES, last_day, state_of
from portal.translations import gettext

LIMITS: tuple[Limit, ...] = ((30, timedelta(minutes=15)), (200, timedelta(days=1)))
LARGEST = 2_000_000  # bytes: a decision is far smaller


class TooOften(Exception):
    """Somebody at this address asked too often."""


@dataclass(frozen=True)
class Verdict:
    """What anybody may know: genuine or not; of a genuine one the court, the day and whether it is in force."""

    genuine: bool
    court: str = ""
    day: date | None = None
    state: str = ""
    tone: str = ""
    last: date | None = None  # the last day in force, where another one replaces or ends it


async def count_asking(store: Store, origin: str, now: datetime) -> None:
    """Count one question from this network address. Raises TooOften."""
    key = hashlib.sha256(origin.encode()).hexdigest()[:32]
    if not await within_rates(store, f"decision.verify:{key}", LIMITS, now):
        raise TooOften


async def by_code(store: Store, text: str, now: datetime) -> Verdict:
    """Return the verdict on a code. Nonsense is looked for like any other, so that it takes as long."""
    return _verdict(await decision_by_code(store, plain_code(text) or "none"), now)


async def by_file(store: Store, blocks: AsyncIterator[bytes], now: datetime) -> Verdict:
    """Return the verdict on a file. Only one that we know to the byte is opened at all; then its seal is checked."""
    content = bytearray()
    async for block in blocks:
        content += block
        if len(content) > LARGEST:
            return Verdict(genuine=False)
    decision = await decision_by_file(store, hashlib.sha256(content).hexdigest())
    if decision is None or decision.certificate is None or decision.issued_at is None:
        return Verdict(genuine=False)
    holds = await asyncio.to_thread(is_sealed, bytes(content), decision.certificate, decision.issued_at)
    return _verdict(decision if holds else None, now)


def _verdict(decision: CourtDecision | None, now: datetime) -> Verdict:
    if decision is None or decision.issued_at is None:
        return Verdict(genuine=False)
    state = state_of(decision, day_of(now))
    return Verdict(
        genuine=True,
        court=decision.court_name,
        day=day_of(decision.issued_at),
        state=gettext(STATES[state]),
        tone=TONES[state],
        last=last_day(decision),
    )
