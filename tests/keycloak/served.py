"""A portal on its reserved port with a register of its own, and somebody at a browser without JavaScript."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import httpx
import uvicorn

from auth.oidc import OidcClient
from auth.sessions import Sessions
from documents.store import Store
from portal.app import create_app
from portal.runtime import Runtime
from portal.settings import Settings
from tests.browsing import Clock, check_page
from tests.keycloak.ground import SECRET, Ground


class Running(Clock):
    """Goes with Keycloak's own, however slow the machine is; `ahead` moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Portal:
    """A running portal; `told` are the logout tokens it was sent."""

    held: Runtime
    base: str
    told: list[str] = field(default_factory=list)
    visitors: list["Visitor"] = field(default_factory=list)

    async def forget(self) -> None:
        """Everybody closes their browser."""
        for visitor in self.visitors:
            await visitor.http.aclose()
        self.visitors.clear()
        self.told.clear()
        self.clock.ahead = timedelta()

    @property
    def clock(self) -> Running:
        clock = self.held.clock
        assert isinstance(clock, Running)
        return clock


@asynccontextmanager
async def served(ground: Ground, realm: str, store: Store, **settings: Any) -> AsyncIterator[Portal]:
    """Serve a portal of this realm."""
    base = ground.portal(realm)
    made = Settings(mode="demo", public_url=base, oidc_issuer=ground.keycloak.issuer(realm), **settings)
    held = Runtime(
        settings=made,
        store=store,
        oidc=OidcClient(made.oidc_issuer, made.oidc_client_id, SECRET),
        sessions=Sessions(store.sessions),
        cookie_key=b"c" * 32,
        audit_key=b"a" * 32,
        clock=Running(),
    )
    portal = Portal(held, base)
    app = create_app(held)

    async def listened(scope: Any, receive: Any, send: Any) -> None:
        async def heard() -> Any:
            message = await receive()
            if scope["path"] == "/sign-out/backchannel":
                portal.told += parse_qs(message.get("body", b"").decode()).get("logout_token", [])
            return message

        await app(scope, heard if scope["type"] == "http" else receive, send)

    server = uvicorn.Server(uvicorn.Config(listened, log_config=None, ws="none", lifespan="off"))
    serving = asyncio.create_task(
        server.serve(sockets=[socket.socket(fileno=socket.dup(ground.ports[realm].fileno()))])
    )
    yield portal
    await portal.forget()
    server.should_exit = True
    await serving
    await held.oidc.aclose()


class Visitor:
    """One browser: follows redirects, fills in Keycloak's form, and looks at every page of ours it gets."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        hooks = {"response": [self._keep_cookies]}
        self.http = httpx.AsyncClient(trust_env=False, follow_redirects=True, timeout=30, event_hooks=hooks)
        portal.visitors.append(self)
        self.page = ""
        self.asked: list[str] = []

    async def go(self, path: str) -> httpx.Response:
        """Open an address of the portal."""
        return self._seen(await self.http.get(self.portal.base + path if path.startswith("/") else path))

    async def submit(self, **values: str) -> httpx.Response:
        """Send the (only) form of the page that has these fields, with what it holds already."""
        for action, form in re.findall(r'<form\b[^>]*?action="([^"]*)"[^>]*>(.*?)</form>', self.page, re.S):
            names = re.findall(r'name="([^"]+)"', form)
            if set(values) <= set(names) and (values or "SAML" in form):
                hidden = re.findall(r'<input\b[^>]*type="hidden"[^>]*>', form)
                kept = {_attribute(tag, "name"): _attribute(tag, "value") for tag in hidden}
                target = httpx.URL(self.at).join(unescape(action))
                return self._seen(await self.http.post(target, data=kept | values))
        raise AssertionError(f"no form with {sorted(values)}")

    async def sign_in(self, user: str, password: str, path: str = "/sign-in") -> httpx.Response:
        """From the portal through Keycloak's page and back."""
        await self.go(path)
        return await self.submit(username=user, password=password)

    @property
    def signed_in(self) -> bool:
        return any(cookie.name == self.portal.held.settings.cookie_name for cookie in self.http.cookies.jar)

    async def _keep_cookies(self, _: httpx.Response) -> None:
        """Keycloak's cookies are Secure and of an old version: browsers send them to loopback, Python needs help."""
        for cookie in self.http.cookies.jar:
            cookie.secure, cookie.version = False, 0

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        self.last, self.page, self.at = answer, answer.text, str(answer.url)
        self.asked += [str(one.request.url) for one in (*answer.history, answer)]
        if self.at.startswith(self.portal.base) and "text/html" in answer.headers.get("content-type", ""):
            check_page(answer)
        return answer


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
