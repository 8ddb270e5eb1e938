"""So many pages at once: a worker's memory is bounded by what it works at, not by how many people ask."""

import asyncio

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE = 8
PATIENCE = 5.0  # seconds; then a page is made out of turn: where a database is silent, nobody waits for the others too


class Turns:
    """ASGI middleware inside `Identity`: pages of those signed in are made a few at a time, first come, first served.

    A worker has one processor: more pages begun at once are ready no sooner, and each holds a whole life course while
    it waits. What is sent afterwards, and what people send us, takes no turn: a slow connection holds up nobody.
    """

    def __init__(self, app: ASGIApp, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self.app, self.at_once, self.patience = app, at_once, patience
        self._turns = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the page when its turn has come."""
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("GET", "HEAD") or not scope["state"].get("who"):
            await self.app(scope, receive, send)
            return
        turn = _Turn(self._turns)
        await turn.take(self.patience)

        async def send_after_turn(message: Message) -> None:
            turn.end()
            await send(message)

        try:
            await self.app(scope, receive, send_after_turn)
        finally:
            turn.end()


class _Turn:
    """One page's turn: ended once, however often that is said."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self.turns, self.held = turns, False

    async def take(self, patience: float) -> None:
        """Wait for the turn; not longer than that."""
        try:
            async with asyncio.timeout(patience):
                self.held = await self.turns.acquire()
        except TimeoutError:
            return

    def end(self) -> None:
        """The next may begin."""
        if self.held:
            self.held = False
            self.turns.release()
