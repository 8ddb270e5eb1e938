"""A machine client of a real Keycloak: its token opens the interface, a person's or another client's does not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from auth.oidc import API_AUDIENCE, OidcClient
from auth.tokens import TokenRefused
from tests.keycloak.ground import REALM, SECRET, Ground

NAME, WORD = "pmlp", "a secret of the machine alone"


def client(name: str, audience: str) -> dict[str, Any]:
    """What is typed at Keycloak's console (docs/decisions/0075)."""
    config = {"included.custom.audience": audience, "access.token.claim": "true", "id.token.claim": "false"}
    mapper = {"name": "interface", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper"}
    return {
        "clientId": name,
        "protocol": "openid-connect",
        "publicClient": False,
        "clientAuthenticatorType": "client-secret",
        "secret": WORD,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "fullScopeAllowed": False,
        "protocolMappers": [mapper | {"config": config}],
        "defaultClientScopes": ["basic"],
        "optionalClientScopes": [],
    }


@pytest.fixture(scope="module")
def machines(ground: Ground) -> Iterator[Ground]:
    """Two clients: one for our interface, one for another system's."""
    for name, audience in ((NAME, API_AUDIENCE), ("other", "another-api")):
        ground.admin.ask("POST", f"{REALM}/clients", client(name, audience))
    yield ground
    for each in ground.admin.ask("GET", f"{REALM}/clients"):
        if each["clientId"] in (NAME, "other"):
            ground.admin.ask("DELETE", f"{REALM}/clients/{each['id']}")


def token(ground: Ground, name: str, word: str = WORD) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": word}
    return httpx.post(f"{ground.keycloak.issuer(REALM)}/protocol/openid-connect/token", data=form, trust_env=False)


async def test_its_token_names_the_client_and_another_audiences_is_refused(machines: Ground) -> None:
    oidc = OidcClient(machines.keycloak.issuer(REALM), "atbalsts-portal", SECRET)
    try:
        mine, others = (token(machines, name).json()["access_token"] for name in (NAME, "other"))
        assert await oidc.client_of(mine, datetime.now(UTC)) == NAME
        with pytest.raises(TokenRefused, match="aud"):
            await oidc.client_of(others, datetime.now(UTC))
    finally:
        await oidc.aclose()
    assert token(machines, NAME, "guessed").status_code == 401
    assert token(machines, "atbalsts-portal", SECRET).status_code in (400, 401), "the portal gets none in its own name"
