"""A store whose commands are listened to: what was sent, and in which order it was answered."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog
from pymongo import AsyncMongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from documents.mark import mark_if_empty
from documents.migrate import migrate
from documents.secrecy import Secrets
from documents.store import DURABLE, OPTIONS, Store
from portal.logs import set_up_logs


class Ear(CommandListener):
    """Commands as they were sent, and one line of time that tests add their own moments to."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []
        self.moments: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Keep the command."""
        self.commands.append({"name": event.command_name, "on": _target(event), **event.command})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Mark when it was acknowledged."""
        self.moments.append(event.command_name)

    def failed(self, event: CommandFailedEvent) -> None:
        """Mark when it failed."""
        self.moments.append(f"{event.command_name} failed")

    def on(self, collection: str, name: str = "insert") -> list[dict[str, Any]]:
        """The commands of one name on one collection."""
        return [command for command in self.commands if command["name"] == name and command["on"] == collection]


def _target(event: CommandStartedEvent) -> str:
    value = event.command.get(event.command_name)
    return value if isinstance(value, str) else ""


@asynccontextmanager
async def listened_store(uri: str) -> AsyncIterator[tuple[Store, Ear]]:
    """A marked demo store with indexes, and the ear on its connection."""
    name, ear = f"test_{uuid4().hex[:12]}", Ear()
    await migrate(uri, name)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, tz_aware=True, event_listeners=[ear])
    base = client.get_database(name, codec_options=OPTIONS, write_concern=DURABLE)
    secret = Secrets(client, name, {"local": {"key": secrets.token_bytes(96)}})
    store = Store(client, base, secret, secrets.token_bytes(32))
    await mark_if_empty(store, datetime.now(UTC))
    try:
        yield store, ear
    finally:
        await client.drop_database(name)
        await store.close()


@contextmanager
def spoken_log() -> Iterator[None]:
    """The portal's log goes to standard error, where a test may read it; afterwards it is as before."""
    set_up_logs("DEBUG")
    try:
        yield
    finally:
        structlog.reset_defaults()
