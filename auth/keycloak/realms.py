"""The realm as production imports it, and the few things that differ where it is tried out on loopback."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from argon2.low_level import Type, hash_secret_raw

Realm = dict[str, Any]
FILE = Path(__file__).parent / "atbalsts-realm.json"
DEMO, HIGH = "demo", "high"


class DemoUser(Protocol):
    """Somebody who can sign in to the demo."""

    id: str
    given_name: str
    family_name: str


def production_realm() -> Realm:
    """Return the realm file, its `${…}` still open: Keycloak fills them in from its environment."""
    realm: Realm = json.loads(FILE.read_text())
    return realm


def on_loopback(realm: Realm) -> Realm:
    """Return the realm for plain http on this machine alone; everything else stays as strict as it is."""
    tried: Realm = json.loads(json.dumps(realm))
    tried["sslRequired"] = "none"
    tried.pop("smtpServer", None)
    for profile in tried["clientProfiles"]["profiles"]:
        for executor in profile["executors"]:
            if executor["executor"] == "secure-redirect-uris-enforcer":
                executor["configuration"] |= {"allow-http-scheme": True, "allow-ipv4-loopback-address": True}
    return tried


def demo_realm(people: Iterable[DemoUser], password: str, portal: str, secret: str) -> Realm:
    """Return a realm for the demo at the address `portal`: the strict one on loopback, with its people as users
    of one password and nothing open in it.

    The hash of the password is the same for all of them, so that starting does not take a minute.
    """
    realm: Realm = on_loopback(production_realm()) | {"realm": DEMO, "displayName": "Atbalsts demo"}
    realm["identityProviders"], realm["identityProviderMappers"] = [], []
    realm = json.loads(json.dumps(realm).replace("${PORTAL_URL}", portal).replace("${PORTAL_CLIENT_SECRET}", secret))
    credential = password_credential(password)
    realm["users"] = [
        {
            "id": demo_subject(person.id),
            "username": person.id,
            "firstName": person.given_name,
            "lastName": person.family_name,
            "enabled": True,
            "credentials": [credential],
        }
        for person in people
    ]
    (client,) = realm["clients"]
    client["protocolMappers"] = [_level(HIGH)]  # the demo shows what a sign-in by eID leads to
    return realm


def demo_subject(person_id: str) -> str:
    """Return what the demo's realm calls a person; as in any realm it is not what we call the person."""
    return str(uuid5(NAMESPACE_URL, f"atbalsts-demo:{person_id}"))


def password_credential(password: str) -> dict[str, Any]:
    """Return a user's password as Keycloak keeps it."""
    salt = secrets.token_bytes(16)
    value = hash_secret_raw(
        password.encode(), salt, time_cost=5, memory_cost=7168, parallelism=1, hash_len=32, type=Type.ID
    )
    parameters = {"hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
    return {
        "type": "password",
        "secretData": json.dumps({"value": b64encode(value).decode(), "salt": b64encode(salt).decode()}),
        "credentialData": json.dumps({"hashIterations": 5, "algorithm": "argon2", "additionalParameters": parameters}),
    }


def _level(assurance: str) -> dict[str, Any]:
    return {
        "name": "level of assurance",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {
            "claim.name": "acr",
            "claim.value": assurance,
            "jsonType.label": "String",
            "id.token.claim": "true",
            "access.token.claim": "false",
            "userinfo.token.claim": "false",
        },
    }
