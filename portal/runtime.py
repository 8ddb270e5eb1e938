"""What one running portal holds: settings, store, identity provider, clock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from litestar.connection import ASGIConnection

from auth.oidc import OidcClient
from auth.sessions import Sessions
from documents.store import Store
from portal.decisions.seal import Seal
from portal.mail.post import Post
from portal.settings import Settings


@dataclass
class Runtime:
    """Made once at start; handlers reach it through `runtime(request)`."""

    settings: Settings
    store: Store
    oidc: OidcClient
    sessions: Sessions
    cookie_key: bytes
    audit_key: bytes
    clock: Callable[[], datetime]
    demo_password: str = ""  # of everybody in the demo on Keycloak; shown to whoever is at this machine
    seal: Seal | None = field(default=None, repr=False)  # without one no decision can be issued
    post: Post | None = None  # how mail goes; without one notices are read in the portal alone
    answer_within: float = 30.0  # seconds a write may take that somebody waits for; an election takes some twelve
    turns: dict[str, asyncio.Lock] = field(default_factory=dict, repr=False)  # one decision of a court at a time

    def now(self) -> datetime:
        """The present moment, UTC; tests move it."""
        return self.clock()


def runtime(connection: ASGIConnection) -> Runtime:  # type: ignore[type-arg]
    """Return what this portal holds."""
    held: Runtime = connection.app.state.runtime
    return held
