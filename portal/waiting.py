"""Somebody waits for each answer: what it writes is given up in time, and the page says so."""

from litestar.types import ASGIApp, Receive, Scope, Send

from documents.store import somebody_waits
from portal.runtime import Runtime


class Waiting:
    """ASGI middleware around pages and interface; each write's time begins with it, not while a file comes in."""

    def __init__(self, app: ASGIApp, held: Runtime) -> None:
        self.app, self.held = app, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the patience people have."""
        with somebody_waits(self.held.answer_within):
            await self.app(scope, receive, send)
