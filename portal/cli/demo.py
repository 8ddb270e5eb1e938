"""What the portal holds in the demo: keys of the data folder, sign-in by the embedded provider or Keycloak."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from auth.oidc import OidcClient
from auth.sessions import Sessions
from documents.store import Store
from portal.cli.stores import key_file
from portal.decisions.seal import kept_seal
from portal.mail.caught import CaughtPost
from portal.runtime import Runtime
from portal.settings import Settings

REALM = "demo"
CLIENT_SECRET = "demo"  # noqa: S105 - of a provider that lets anybody in, on loopback


@dataclass(frozen=True)
class Provider:
    """Who signs people in to the demo. `password` is everybody's, none where one chooses a person; `subject_of`
    tells what it calls a person."""

    issuer: str
    secret: str = field(repr=False)
    password: str = field(repr=False)
    subject_of: Callable[[str], str]


def own_provider(port: int) -> Provider:
    """Return the provider in the portal's own process."""
    return Provider(f"{address(port)}/realms/{REALM}", CLIENT_SECRET, "", lambda person_id: person_id)


def address(port: int) -> str:
    """Return where the demo is served."""
    return f"http://127.0.0.1:{port}"


def demo_runtime(store: Store, data: Path, port: int, provider: Provider | None = None) -> Runtime:
    """Return what a portal at `http://127.0.0.1:port` holds."""
    provider = provider or own_provider(port)
    settings = Settings(mode="demo", public_url=address(port), oidc_issuer=provider.issuer)
    return Runtime(
        settings=settings,
        store=store,
        oidc=OidcClient(settings.oidc_issuer, settings.oidc_client_id, provider.secret),
        sessions=Sessions(store.sessions),
        cookie_key=key_file(data, "cookie", 32).read_bytes(),
        audit_key=key_file(data, "audit", 32).read_bytes(),
        seal=kept_seal(data / "keys"),
        clock=lambda: datetime.now(UTC),
        demo_password=provider.password,
        post=CaughtPost(store),
    )
