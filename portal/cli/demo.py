"""What the portal holds in the demo: keys of the data folder, sign-in by the embedded provider."""

from datetime import UTC, datetime
from pathlib import Path

from auth.oidc import OidcClient
from auth.sessions import Sessions
from documents.store import Store
from portal.cli.stores import key_file
from portal.runtime import Runtime
from portal.settings import Settings

REALM = "demo"
CLIENT_SECRET = "demo"  # noqa: S105 - of a provider that lets anybody in, on loopback


def demo_runtime(store: Store, data: Path, port: int) -> Runtime:
    """Return what a portal at `http://127.0.0.1:port` holds."""
    base = f"http://127.0.0.1:{port}"
    settings = Settings(mode="demo", public_url=base, oidc_issuer=f"{base}/realms/{REALM}")
    return Runtime(
        settings=settings,
        store=store,
        oidc=OidcClient(settings.oidc_issuer, settings.oidc_client_id, CLIENT_SECRET),
        sessions=Sessions(store.sessions),
        cookie_key=key_file(data, "cookie", 32).read_bytes(),
        audit_key=key_file(data, "audit", 32).read_bytes(),
        clock=lambda: datetime.now(UTC),
    )
