"""The one way to read and write: every write is a transaction of change, audit entry and outbox."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar

import pymongo
from beanie import Document, init_beanie
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from documents.audit import AuditEntry, AuditWriter, Lane
from documents.dossier import Dossier, DossierDocument
from documents.institution import InstitutionDocument
from documents.model import to_bson
from documents.outbox import OutboxItem
from documents.person import Person, PersonDocument
from documents.secrecy import Secrets

Row = dict[str, Any]
Result = TypeVar("Result")
MODELS: list[type[Document]] = [DossierDocument, PersonDocument, InstitutionDocument]
DURABLE: WriteConcern = WriteConcern("majority", j=True)
OPTIONS: CodecOptions[Row] = CodecOptions(tz_aware=True, document_class=dict)
# What a dossier tells of a life, as against who stands how to the child.
NOT_FOR_RIGHTS: Row = dict.fromkeys(
    ("events", "assessments", "base", "recent", "involvements", "levels", "needs", "summary", "plans"), 0
)

# Seconds whoever waits for the write has patience; None: nobody waits, the driver tries for two minutes.
_patience: ContextVar[float | None] = ContextVar("patience", default=None)


@contextmanager
def somebody_waits(seconds: float) -> Iterator[None]:
    """Within, each write is given up after so many seconds; loads and jobs are outside and go on trying longer."""
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


class Changed(Exception):
    """Somebody else saved first: `theirs` is what stands now."""

    def __init__(self, theirs: object = None) -> None:
        super().__init__("Somebody else changed this first.")
        self.theirs = theirs


class AlreadySo(Exception):
    """What the form asks stands already: it came twice."""


class Store:
    """An open database with its secrets and this process's hand in the audit log."""

    def __init__(
        self, client: AsyncMongoClient[Row], database: AsyncDatabase[Row], secrets: Secrets, code_key: bytes
    ) -> None:
        self.client, self.database, self.secrets, self.code_key = client, database, secrets, code_key
        self.dossiers = database["dossiers"]
        self.archive = database["dossier_archive"]
        self.people = database["people"]
        self.institutions = database["institutions"]
        self.sessions = database["sessions"]
        self.drafts = database["drafts"]
        self.invitations = database["invitations"]
        self.outbox = database["outbox"]
        self.access_requests = database["access_requests"]
        self.decisions = database["decisions"]
        self.court_counters = database["court_counters"]
        self.reports = database["reports"]
        self.threads = database["threads"]
        self.releases = database["releases"]
        self.release_rows = database["release_rows"]
        self.counters = database["counters"]
        self.counted = database["counted"]
        self.boundaries = database["boundaries"]
        self.files = database["files"]
        self.rates = database["rates"]
        self.audit_entries = database["audit"]
        self.audit_seals = database["audit_seals"]
        self.audit_searches = database["audit_searches"]
        self.steward_proposals = database["steward_proposals"]
        self.audit = AuditWriter(self.audit_entries)

    async def transact(self, work: Callable[["Transaction"], Awaitable[Result]]) -> Result:
        """Run `work` in a transaction and return its result; run it anew when another write came between.

        What `work` reads is fresh in each run, so additions never conflict. Refusals raised by `work` end
        the transaction without a trace of it. Raises PyMongoError when the database stays away; where the error is
        labelled UnknownTransactionCommitResult, all of it may be saved all the same.
        """
        # The driver's deadline is for every command below, also where a node is silent on an open socket.
        with pymongo.timeout(_patience.get()):
            async with self.audit.lane() as lane, self.client.start_session() as session:

                async def attempt(session: AsyncClientSession) -> Result:
                    transaction = Transaction(self, session)
                    result = await work(transaction)
                    await transaction.flush(lane)
                    return result

                return await session.with_transaction(
                    attempt, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
                )

    async def close(self) -> None:
        """Finish what is on its way and close the connection."""
        await self.audit.close()
        await self.secrets.close()
        await self.client.close()


class Transaction:
    """One write: reads in a snapshot, changes, and with them the audit entries and what is to be sent."""

    def __init__(self, store: Store, session: AsyncClientSession) -> None:
        self.store, self.session = store, session
        self._entries: list[AuditEntry] = []
        self._outbox: list[OutboxItem] = []

    async def dossier(self, dossier_id: str, query: Row | None = None, *, lean: bool = False) -> Dossier | None:
        """Return the dossier as it stands in this transaction, if `query` (the rights filter) reaches it.

        `lean`: only what rights are decided on, for a change that adds without looking at what is there.
        """
        row = await self.store.dossiers.find_one(
            {"_id": dossier_id, "erased": None, **(query or {})},
            NOT_FOR_RIGHTS if lean else None,
            session=self.session,
        )
        return Dossier.model_validate(row) if row else None

    async def person(self, person_id: str) -> Person | None:
        """Return a person as it stands in this transaction."""
        row = await self.store.people.find_one({"_id": person_id}, session=self.session)
        return Person.model_validate(row) if row else None

    async def change(self, dossier: Dossier, operations: Row, *, worked: datetime | None = None) -> None:
        """Change a dossier read in this transaction. Raises Changed when its revision moved on.

        `worked`: somebody at work for the child recorded something then, so the case is not silent.
        """
        if not await self.change_if(dossier, operations, {}, worked=worked):
            raise Changed

    async def change_if(
        self, dossier: Dossier, operations: Row, condition: Row, *, worked: datetime | None = None
    ) -> bool:
        """Change a dossier if it also meets `condition`; says whether it did.

        The only write path to `dossiers`: never an upsert, never over an erased dossier.
        """
        operations = {name: dict(values) for name, values in operations.items()}
        if worked is not None:
            operations.setdefault("$max", {})["touched"] = worked
        operations.setdefault("$inc", {})["revision"] = 1
        done = await self.store.dossiers.update_one(
            {"_id": dossier.id, "revision": dossier.revision, "erased": None, **condition},
            operations,
            session=self.session,
        )
        dossier.revision += done.matched_count
        return done.matched_count == 1

    async def change_person(self, person: Person, values: Row) -> None:
        """Set values of a person read in this transaction. Raises Changed when its revision moved on."""
        stored = person.revision if person.revision > 1 else {"$in": [1, None]}  # it may be absent: the default
        done = await self.store.people.update_one(
            {"_id": person.id, "revision": stored},
            {"$set": values | {"revision": person.revision + 1}},
            session=self.session,
        )
        if done.matched_count != 1:
            raise Changed
        person.revision += 1

    async def insert(self, collection: AsyncCollection[Row], document: Any) -> None:
        """Insert a new document."""
        await collection.insert_one(to_bson(document), session=self.session)

    def record(self, entry: AuditEntry) -> None:
        """Write this audit entry with the change, or neither."""
        self._entries.append(entry)

    def send(self, item: OutboxItem) -> None:
        """Send this once the change is made, or not at all."""
        self._outbox.append(item)

    async def flush(self, lane: Lane) -> None:
        """Put the outbox and the audit entries into the transaction. A write without a record is a bug."""
        if not self._entries:
            raise AssertionError("A write must record what was done.")
        if self._outbox:
            await self.store.outbox.insert_many([i.as_row() for i in self._outbox], session=self.session)
        await lane.write(self._entries, self.session)


@asynccontextmanager
async def open_store(
    uri: str, database: str, kms: dict[str, Any], code_key: bytes, *, models: bool = True
) -> AsyncIterator[Store]:
    """Open the store; every write waits for a majority and its journal."""
    client: AsyncMongoClient[Row] = AsyncMongoClient(uri, tz_aware=True, retryWrites=True)
    base = client.get_database(database, codec_options=OPTIONS, write_concern=DURABLE)
    secrets = Secrets(client, database, kms)
    if models:
        await init_beanie(database=base, document_models=MODELS, skip_indexes=True)
    store = Store(client, base, secrets, code_key)
    try:
        yield store
    finally:
        await store.close()
