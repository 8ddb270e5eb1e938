"""Browsers of the portal on the demo story, loaded once for a test module."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import pytest_asyncio

from documents.mark import mark_if_empty
from documents.migrate import migrate
from documents.model import day_of
from documents.store import open_store
from fixtures.story import load_story
from portal.runtime import Runtime
from tests.browsing import Browser, Clock, make_runtime


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def held(mongo_uri: str) -> AsyncIterator[Runtime]:
    """The portal's holdings on the story; `held.clock.now` is the time, and may be moved."""
    name = f"test_{uuid4().hex[:12]}"
    await migrate(mongo_uri, name)
    kms = {"local": {"key": secrets.token_bytes(96)}}
    async with open_store(mongo_uri, name, kms, secrets.token_bytes(32), models=False) as store:
        now = datetime.now(UTC)
        await mark_if_empty(store, now)
        await load_story(store, day_of(now), now)
        made = make_runtime(store, Clock())
        yield made
        await made.oidc.aclose()
        await store.client.drop_database(name)


@pytest.fixture
def visit(held: Runtime) -> Callable[..., Awaitable[Browser]]:
    """Sign somebody of the cast in: `await visit("inese-liepina")`; nobody without a name."""

    async def start(person_id: str = "", role_id: str | None = None) -> Browser:
        visitor = Browser(held)
        return await visitor.sign_in(person_id, role_id) if person_id else visitor

    return start
