"""One Keycloak with all realms of these tests, the ports portals will answer on, and its administrator's hand."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from auth.keycloak.distribution import admin_password
from auth.keycloak.realms import demo_realm, on_loopback, production_realm
from auth.keycloak.server import ADMIN, Keycloak, free_port, running_keycloak
from documents.personal_code import invent
from tests.keycloak.brokers import SigningKey, gateway, latvija_lv
from tests.keycloak.brokers import environment as brokered
from tests.people import person

SECRET = "loopback-secret-of-the-portal"
PASSWORD = "a password for everybody here"
REALM, DEMO = "atbalsts", "demo"
CODES = {name: invent(date(1980, 5, 17), number) for number, name in enumerate(("inese", "dace", "ilze", "nobody"))}
_DIGITS = {name: code.replace("-", "") for name, code in CODES.items()}
# What latvija.lv knows: also somebody whom we do not know, and one who acts for another.
CITIZENS = {
    "ilze": {"name_id": f"PK:{_DIGITS['ilze']}"},
    "inese": {"name_id": f"PK:{_DIGITS['inese']}"},
    "nobody": {"name_id": f"PK:{_DIGITS['nobody']}"},
    "deputy": {"name_id": f"DP:40003000000-PK:{_DIGITS['ilze']}"},
}
# What the gateway knows, for Smart-ID and the institution alike.
APP_USERS = {
    "inese": {"personal_code": f"PNOLV-{CODES['inese']}", "acr": "high"},
    "ilze": {"personal_code": CODES["ilze"], "acr": "high"},
    "low": {"personal_code": CODES["dace"], "acr": "low"},
    "unsaid": {"personal_code": CODES["dace"]},
    "foreign": {"personal_code": "PNOEE-38001085718", "acr": "high"},
}
USERS = [person(name) for name in ("inese", "dace", "ilze")]


@dataclass
class Ground:
    """A running server; each realm's portal has a port of its own, reserved before its realm was written."""

    keycloak: Keycloak
    ports: dict[str, socket.socket]
    admin: "Admin" = field(init=False)

    def __post_init__(self) -> None:
        self.admin = Admin(self.keycloak.base)

    def portal(self, realm: str) -> str:
        """Where the portal of a realm answers."""
        return _address(self.ports[realm])


class Admin:
    """What an administrator of Keycloak does at its console."""

    def __init__(self, base: str) -> None:
        self._http = httpx.Client(base_url=base, trust_env=False, timeout=20)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request to the administration, signed in anew: tokens live for a minute."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": admin_password()}
        token = self._http.post("/realms/master/protocol/openid-connect/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = self._http.request(method, f"/admin/realms/{path}", json=body, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def does(self, method: str, path: str, body: Any = None) -> Any:
        """The same while portals of this process go on answering: Keycloak may tell them something."""
        return await asyncio.to_thread(self.ask, method, path, body)

    def events(self, realm: str) -> list[dict[str, Any]]:
        """What the realm recorded of sign-ins, newest first."""
        found: list[dict[str, Any]] = self.ask("GET", f"{realm}/events?max=200")
        return found


@contextmanager
def running_ground(folder: Path) -> Iterator[Ground]:
    """Start the server with every realm; its ports are free and stay reserved for the portals."""
    ports = {realm: socket.create_server(("127.0.0.1", 0)) for realm in (REALM, DEMO)}
    port, key = free_port(), SigningKey()
    base = f"http://127.0.0.1:{port}"
    realms = [
        on_loopback(production_realm()),
        demo_realm(USERS, PASSWORD, _address(ports[DEMO]), SECRET),
        latvija_lv(base, PASSWORD, CITIZENS, key),
        gateway(base, PASSWORD, APP_USERS),
    ]
    environment = {"PORTAL_URL": _address(ports[REALM]), "PORTAL_CLIENT_SECRET": SECRET, **brokered(base, key)}
    try:
        with running_keycloak(realms, folder, environment=environment, port=port) as keycloak:
            ground = Ground(keycloak, ports)
            yield ground
            ground.admin.close()
    finally:
        for reserved in ports.values():
            reserved.close()


def _address(reserved: socket.socket) -> str:
    return f"http://127.0.0.1:{reserved.getsockname()[1]}"
