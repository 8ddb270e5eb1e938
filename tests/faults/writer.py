"""A portal at work without pages: does the portal's own writes one after the other, and says what was acknowledged.

Run as `python -m tests.faults.writer URI DATABASE KEY LOG SEED`; it works until it is killed.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pymongo.errors import PyMongoError

from auth.access import entry_for
from documents.acts import Act
from documents.audit import AuditEntry, AuditUnavailable
from documents.copies import work_once
from documents.dossier import Dossier
from documents.files import upload_pending
from documents.model import new_id
from documents.outbox import OutboxItem
from documents.secrecy import local_master_key
from documents.store import Changed, Store, Transaction, open_store
from portal.events.actions import add_event, correct_event, withdraw_event
from portal.levels.actions import LevelDraft, change_level
from portal.needs.actions import NeedDraft, identify_need
from tests.pages.test_writing_events import DRAFT
from tests.people import who

SIBLINGS = ("d1", "d2", "d3")
INESE = who("inese")


class Worker:
    """One of several that write at once."""

    def __init__(self, store: Store, log: Path, seed: int) -> None:
        self.store, self.chance = store, random.Random(seed)
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def acknowledged(self, *words: object) -> None:
        """Write down what was acknowledged: one line, at once."""
        os.write(self.log, (" ".join(map(str, words)) + "\n").encode())

    async def go_on(self) -> None:
        """Write until killed; what fails is not acknowledged, that is all."""
        kinds: list[Callable[[], Awaitable[None]]] = [
            *(self.add, self.add, self.correct, self.withdraw),
            *(self.need, self.level, self.contact, self.look),
        ]
        while True:
            try:
                await self.chance.choice(kinds)()
            except (PyMongoError, Changed, AuditUnavailable) as error:
                self.acknowledged("failed", type(error).__name__)

    async def add(self) -> None:
        """One visit to three siblings, with a file."""
        now, submission = datetime.now(UTC), new_id()
        file = await upload_pending(self.store, INESE.keys[0], _pdf(), "ieraksts.pdf", now)
        draft = replace(DRAFT, siblings=SIBLINGS[1:], detail=self.chance.randbytes(1000).hex())
        await add_event(self.store, INESE, "d1", draft, [file], now, submission)
        self.acknowledged("add", submission)

    async def correct(self) -> None:
        """Correct an entry that stands."""
        if found := await self._standing():
            dossier, event_id, version = found
            draft = replace(DRAFT, summary=f"Labots {version}", confidentiality="sensitive")
            await correct_event(self.store, INESE, dossier, event_id, version, draft, [], "kļūda", datetime.now(UTC))
            self.acknowledged("correct", dossier, event_id, version + 1)

    async def withdraw(self) -> None:
        """Withdraw an entry that stands."""
        if self.chance.random() < 0.3 and (found := await self._standing()):
            dossier, event_id, version = found
            await withdraw_event(self.store, INESE, dossier, event_id, version, "ne tas bērns", datetime.now(UTC))
            self.acknowledged("withdraw", dossier, event_id)

    async def need(self) -> None:
        """Identify a need: opens a dossier."""
        row = await self.store.dossiers.find_one({"_id": {"$regex": "^n"}, "opened": None}, {"_id": 1})
        if row:
            draft = NeedDraft("school_attendance", "Kavē skolu katru nedēļu", 2, "child_rights_law")
            outcome = await identify_need(self.store, INESE, row["_id"], draft, datetime.now(UTC))
            self.acknowledged("need", row["_id"], outcome)

    async def level(self) -> None:
        """Change the prevention level."""
        row = await self.store.dossiers.find_one({"_id": "d2"}, {"levels": 1})
        count = len(row["levels"]) if row else 0
        draft = LevelDraft(2 + count % 3, "new_risks", "vārdi", "child_rights_law")
        await change_level(self.store, INESE, "d2", draft, count, datetime.now(UTC))
        self.acknowledged("level", count + 1)

    async def contact(self) -> None:
        """A mother's telephone changes; the copies follow."""
        number = f"0{self.chance.randrange(10**9):09}"
        now = datetime.now(UTC)

        async def work(transaction: Transaction) -> None:
            await self.store.people.update_one(
                {"_id": "ilze"}, {"$set": {"phone": number}, "$inc": {"revision": 1}}, session=transaction.session
            )
            transaction.send(OutboxItem(kind="person.copies", at=now, subject="ilze", content={"phone": number}))
            transaction.record(AuditEntry(act=Act.REGISTER_APPLIED, at=now, subject=f"phone {number}"))

        await self.store.transact(work)
        self.acknowledged("contact", number)
        await work_once(self.store, f"worker-{os.getpid()}", now)

    async def look(self) -> None:
        """Somebody opens a page."""
        subject = new_id()
        await self.store.audit.record(entry_for(INESE, Act.DOSSIER_READ, datetime.now(UTC), subject=subject))
        self.acknowledged("look", subject)

    async def _standing(self) -> tuple[str, str, int] | None:
        """An entry that is not withdrawn."""
        dossier_id = self.chance.choice(SIBLINGS)
        row = await self.store.dossiers.find_one({"_id": dossier_id})
        standing = [e for e in Dossier.model_validate(row).events if e.withdrawn is None] if row else []
        if not standing:
            return None
        event = self.chance.choice(standing)
        return dossier_id, event.id, event.version


async def _pdf() -> AsyncIterator[bytes]:
    yield b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    yield b"% " + os.urandom(12_000).hex().encode() + b"\n"
    yield b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF\n"


async def main(uri: str, database: str, key: str, log: str, seed: str) -> None:
    """Open the store and let three workers write."""
    async with open_store(uri, database, local_master_key(Path(key)), b"k" * 32, models=False) as store:
        await asyncio.gather(*(Worker(store, Path(log), int(seed) * 10 + n).go_on() for n in range(3)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
