"""A worker makes a few pages at once; whoever is slow to read, or a database that is silent, holds up nobody else."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from portal.app import create_app
from portal.identity import Identity
from portal.runtime import Runtime
from portal.turns import AT_ONCE, Turns

SIGNED_IN = object()


class Maker:
    """The application inside: begins a page, waits until it may go on, sends it off in two parts."""

    def __init__(self) -> None:
        self.begun = self.most = 0
        self.go_on, self.read = asyncio.Event(), asyncio.Event()
        self.fails = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.begun += 1
        self.most = max(self.most, self.begun)
        await self.go_on.wait()
        self.begun -= 1
        if self.fails:
            raise RuntimeError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.read.wait()
        await send({"type": "http.response.body", "body": b""})


def asks(turns: Turns, method: str = "GET", who: object = SIGNED_IN) -> asyncio.Task[None]:
    async def drop(message: Any) -> None:
        pass

    scope: Any = {"type": "http", "method": method, "state": {"who": who}}
    return asyncio.create_task(turns(scope, drop, drop))  # type: ignore[arg-type]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 – what is awaited has no event of its own
            await asyncio.sleep(0.01)


async def test_no_more_pages_are_begun_at_once_and_all_are_made():
    maker = Maker()
    maker.read.set()
    turns = Turns(maker, at_once=3, patience=60)
    tasks = [asks(turns) for _ in range(10)]
    await until(lambda: maker.begun == 3)
    await asyncio.sleep(0.05)
    assert maker.begun == 3
    maker.go_on.set()
    await asyncio.gather(*tasks)
    assert maker.most == 3


@pytest.mark.parametrize(("method", "who"), [("POST", SIGNED_IN), ("GET", None)])
async def test_what_people_send_and_pages_for_everybody_take_no_turn(method: str, who: object):
    maker = Maker()
    turns = Turns(maker, at_once=1, patience=60)
    tasks = [asks(turns), asks(turns), asks(turns, method, who), asks(turns, method, who)]
    await until(lambda: maker.begun == 3)
    maker.go_on.set()
    maker.read.set()
    await asyncio.gather(*tasks)


async def test_who_reads_slowly_holds_no_turn():
    maker = Maker()
    maker.go_on.set()
    turns = Turns(maker, at_once=1, patience=60)
    slow = [asks(turns) for _ in range(3)]
    await until(lambda: maker.most >= 1 and maker.begun == 0)
    assert not any(task.done() for task in slow)
    maker.read.set()
    await asyncio.wait_for(asyncio.gather(*slow), 10)


@pytest.mark.parametrize("ends", ["fails", "cancelled"])
async def test_a_page_that_comes_to_nothing_gives_its_turn_back(ends: str):
    maker = Maker()
    turns = Turns(maker, at_once=1, patience=60)
    first, waiting = asks(turns), asks(turns)
    await until(lambda: maker.begun == 1)
    if ends == "fails":
        maker.fails = True
        maker.go_on.set()
        await until(first.done)
        assert isinstance(first.exception(), RuntimeError)
    else:
        waiting.cancel()
        first.cancel()
        await asyncio.wait([first, waiting])
    maker.fails = False
    maker.go_on.set()
    maker.read.set()
    await asyncio.wait_for(asyncio.gather(asks(turns), waiting, return_exceptions=True), 10)


async def test_where_the_database_is_silent_nobody_waits_for_the_others_too():
    maker = Maker()
    turns = Turns(maker, at_once=1, patience=0.05)
    tasks = [asks(turns) for _ in range(4)]
    await until(lambda: maker.begun == 4)
    maker.go_on.set()
    maker.read.set()
    await asyncio.gather(*tasks)


async def test_the_portal_takes_turns_once_it_knows_who_asks(held: Runtime):
    around: Any = create_app(held).asgi_handler
    while not isinstance(around, Identity):
        around = getattr(around, "app", None) or around.pages
    assert isinstance(around.app, Turns) and around.app.at_once == AT_ONCE < 20
