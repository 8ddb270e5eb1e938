"""The demo's mail server: catches every mail and sends none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from bson.binary import Binary

from documents.store import Row, Store

KEPT = timedelta(days=14)
SHOWN = 50


@dataclass(frozen=True)
class CaughtPost:
    """Takes letters as a mail server does, as they would go over the wire, into the demo's own database."""

    store: Store
    sender: str = "no-reply@atbalsts.example"

    @asynccontextmanager
    async def open(self) -> AsyncIterator["CaughtPost"]:
        """It is never away."""
        yield self

    async def send(self, letter: EmailMessage) -> None:
        """Keep it."""
        now = datetime.now(UTC)
        row: Row = {"at": now, "letter": Binary(letter.as_bytes()), "expires": now + KEPT}
        await self.store.database["caught_mail"].insert_one(row)


@dataclass(frozen=True)
class CaughtMail:
    """A mail as its receiver would read it."""

    at: datetime
    to: str
    subject: str
    text: str


async def caught(store: Store) -> list[CaughtMail]:
    """The newest that were caught."""
    rows = await store.database["caught_mail"].find({}).sort("at", -1).limit(SHOWN).to_list()
    return [_read(row) for row in rows]


def _read(row: Row) -> CaughtMail:
    letter = message_from_bytes(row["letter"], policy=SMTP)
    return CaughtMail(row["at"], str(letter["To"]), str(letter["Subject"]), str(letter.get_content()))
