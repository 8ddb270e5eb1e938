"""What every test of the house may ask for: the true database, one per process, empty per module."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.synchronous.collection import Collection

from documents.embedded import embedded
from documents.mark import mark_if_empty
from documents.migrate import migrate
from documents.store import Store, open_store
from tests.resuming import resume
from tests.together import Together


def pytest_configure(config: pytest.Config) -> None:
    """The long proofs can be interrupted."""
    resume(config)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Two processes share the tests."""
    return Together(config, log)


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real mongod of this test process alone."""
    with embedded(tmp_path_factory.mktemp("mongo"), cache_gb=0.25) as store:
        yield store.uri


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(mongo_uri: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """A database that no other test module sees."""
    async with AsyncMongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client:
        name = f"test_{uuid4().hex[:12]}"
        yield client[name]
        await client.drop_database(name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def prepared_store(mongo_uri: str) -> AsyncIterator[Store]:
    """A demo store with its indexes, for one test after the other."""
    name = f"test_{uuid4().hex[:12]}"
    await migrate(mongo_uri, name)
    kms = {"local": {"key": secrets.token_bytes(96)}}
    async with open_store(mongo_uri, name, kms, secrets.token_bytes(32), models=False) as opened:
        await mark_if_empty(opened, datetime.now(UTC))
        yield opened
        await opened.client.drop_database(name)


@pytest_asyncio.fixture(loop_scope="session")
async def demo_store(prepared_store: Store) -> Store:
    """An empty demo store of one test alone: marked, with indexes and keys, without any document."""
    for name in await prepared_store.database.list_collection_names():
        if name not in ("settings", "keys", "migrations_log"):
            await prepared_store.database[name].delete_many({})
    return prepared_store


@pytest.fixture
def sync_dossiers(mongo_uri: str) -> Iterator[Collection[dict[str, Any]]]:
    """A bare collection for properties that hypothesis drives without a loop."""
    with MongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client:
        name = f"test_{uuid4().hex[:12]}"
        yield client[name]["dossiers"]
        client.drop_database(name)
