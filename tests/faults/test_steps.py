"""Whatever dies while the story's people work: each step is done once, whole, and with its record, or not at all."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from documents.mark import mark_if_empty
from documents.migrate import migrate
from documents.model import day_of
from fixtures.story import load_story
from portal.decisions.seal import new_seal
from portal.runtime import Runtime
from tests.browsing import Clock, make_runtime
from tests.faults.nodes import Node, node_set, uri
from tests.faults.story_steps import Fault, Hand, Sending, ledger, play
from tests.faults.test_writes import DATABASE, FAIL_POINTS, fail_at, opened

OFF = {"configureFailPoint": "failCommand", "mode": "off"}


@asynccontextmanager
async def portal(folder: Path, *, patience: int = 1500) -> AsyncIterator[tuple[Runtime, Node]]:
    """The story in a portal on a database that may be killed."""
    key = folder / "master"
    key.write_bytes(secrets.token_bytes(96))
    with node_set(folder, 1) as nodes:
        await migrate(uri(nodes), DATABASE)
        async with opened(nodes, key, patience=patience) as store:
            clock = Clock()
            await mark_if_empty(store, clock.now)
            await load_story(store, day_of(clock.now), clock.now)
            held = make_runtime(store, clock)
            held.seal = new_seal("Tests", clock.now)
            yield held, nodes[0]
            await held.oidc.aclose()


async def nothing(send: Sending) -> httpx.Response | None:
    return await send()


def fail_points(node: Node, start: int) -> Fault:
    """At each step another of the places where a database answers with an error or not at all."""
    step = count(start)

    async def fault(send: Sending) -> httpx.Response | None:
        fail_at(node, FAIL_POINTS[next(step) % len(FAIL_POINTS)], times=1)
        try:
            return await send()
        finally:
            with node.client() as client:
                client.admin.command(OFF)

    return fault


def killed(node: Node, seed: int, struck: list[bool]) -> Fault:
    """The database dies at some moment of the step, and comes back; `struck` keeps whether it was at work then."""
    chance = random.Random(seed)

    async def fault(send: Sending) -> httpx.Response | None:
        sending = asyncio.ensure_future(send())
        await asyncio.sleep(chance.uniform(0, 0.06))
        struck.append(not sending.done())
        node.kill()
        await asyncio.to_thread(node.start)
        await asyncio.to_thread(node.wait_until, lambda hello: hello.get("isWritablePrimary"))
        return await sending

    return fault


def gone(seed: int, struck: list[bool]) -> Fault:
    """The portal is stopped at some moment of the step."""
    chance = random.Random(seed)

    async def fault(send: Sending) -> httpx.Response | None:
        sending = asyncio.ensure_future(send())
        await asyncio.sleep(chance.uniform(0, 0.06))
        struck.append(sending.cancel())
        with suppress(asyncio.CancelledError):
            return await sending
        return None

    return fault


async def left_behind(folder: Path, kind: str, seed: int) -> tuple[dict[str, int], Hand]:
    folder.mkdir()
    async with portal(folder) as (held, node):
        struck: list[bool] = []
        fault = {
            "nothing": nothing,
            "fail": fail_points(node, seed),
            "killed": killed(node, seed, struck),
            "gone": gone(seed, struck),
        }
        hand = Hand(held, fault[kind])
        await play(held, hand)
        assert kind in ("nothing", "fail") or struck.count(True) > len(struck) / 4, "hardly a step was disturbed"
        return await ledger(held.store), hand


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    return (await left_behind(tmp_path_factory.mktemp("story") / "undisturbed", "nothing", 0))[0]


@pytest.mark.prove
@pytest.mark.asvs("2.3.3")
@pytest.mark.parametrize(("kind", "seed"), [("fail", 0), ("fail", 3), ("fail", 6), ("killed", 1), ("gone", 1)])
async def test_every_step_of_the_story_is_done_once_and_whole(
    tmp_path: Path, undisturbed: dict[str, int], kind: str, seed: int
) -> None:
    disturbed, hand = await left_behind(tmp_path / "disturbed", kind, seed)
    assert hand.sent > 35
    assert disturbed == undisturbed
    if kind == "gone":
        assert hand.again, "nothing was disturbed"


@pytest.mark.prove
async def test_the_ledger_sees_a_step_done_twice(tmp_path: Path) -> None:
    """The control of the proof above."""
    async with portal(tmp_path) as (held, _):
        before = await ledger(held.store)
        row = await held.store.reports.find_one({}) or {}
        await held.store.reports.insert_one(row | {"_id": "twice"})
        assert await ledger(held.store) != before
