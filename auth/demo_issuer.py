"""The demo's identity provider, its inside: keys, one-time codes and tokens, shaped like Keycloak's."""

from __future__ import annotations

import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth.tokens import LOGOUT_EVENT

CODE_LIFE, TOKEN_LIFE, LOGOUT_LIFE = timedelta(seconds=60), timedelta(minutes=5), timedelta(minutes=2)
ACR_OF_CHOOSING = "high"  # the demo shows what a sign-in by eID leads to


@dataclass(frozen=True)
class DemoClient:
    """A client the provider knows. Addresses match exactly; a machine client only gets tokens of its own."""

    client_id: str
    secret: str = field(repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    machine: bool = False
    audience: str = "account"  # what a machine's token is made for


@dataclass(frozen=True)
class AuthRequest:
    """What a client asked for, and a code is bound to."""

    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str


@dataclass(frozen=True)
class _Code:
    request: AuthRequest
    person_id: str
    name: str
    at: datetime


class DemoIssuer:
    """Issues tokens for the people of the demo. `key_file` keeps the signing key between starts, else in memory."""

    def __init__(self, issuer: str, clients: Collection[DemoClient], key_file: Path | None = None) -> None:
        self.issuer = issuer
        self._clients = {client.client_id: client for client in clients}
        self._key = _signing_key(key_file)
        self._codes: dict[str, _Code] = {}

    def client(self, client_id: str) -> DemoClient | None:
        """The client of this id."""
        return self._clients.get(client_id)

    def authenticated(self, client_id: str, secret: str) -> DemoClient | None:
        """The client, if this is its secret."""
        client = self._clients.get(client_id)
        known = client.secret if client else ""
        return client if compare_digest(known.encode(), secret.encode()) and known else None

    def issue_code(self, request: AuthRequest, person_id: str, name: str, now: datetime) -> str:
        """A code good once, for a minute."""
        self._codes = {code: kept for code, kept in self._codes.items() if now - kept.at <= CODE_LIFE}
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Code(request, person_id, name, now)
        return code

    def redeem(
        self, code: str, client: DemoClient, redirect_uri: str, verifier: str, now: datetime
    ) -> dict[str, Any] | None:
        """The token answer for a code; None if it is used, old, of another client or address, or unproved."""
        kept = self._codes.pop(code, None)
        if kept is None or now - kept.at > CODE_LIFE:
            return None
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        request = kept.request
        if request.client_id != client.client_id or request.redirect_uri != redirect_uri:
            return None
        if not compare_digest(challenge, request.challenge):
            return None
        person = {"sub": kept.person_id, "name": kept.name, "sid": secrets.token_urlsafe(16)}
        proof = {"auth_time": int(kept.at.timestamp()), "acr": ACR_OF_CHOOSING}
        own = {"aud": client.client_id, "azp": client.client_id, "nonce": request.nonce}
        return {
            **self._access_answer({**person, "azp": client.client_id}, now),
            "id_token": self._sign({**person, **proof, **own, "typ": "ID"}, now, TOKEN_LIFE),
        }

    def machine_token(self, client: DemoClient, now: datetime) -> dict[str, Any]:
        """The token answer for a machine client in its own name."""
        return self._access_answer(
            {
                "sub": f"service-account-{client.client_id}",
                "aud": client.audience,
                "azp": client.client_id,
                "client_id": client.client_id,
            },
            now,
        )

    def logout_token(self, client_id: str, sub: str, sid: str, now: datetime) -> str:
        """What tells a client that a session has ended (OpenID Connect Back-Channel Logout 2.4)."""
        claims = {"aud": client_id, "sub": sub, "sid": sid, "typ": "Logout", "events": {LOGOUT_EVENT: {}}}
        return self._sign(claims, now, LOGOUT_LIFE, "logout+jwt")

    def read(self, token: str, typ: str, now: datetime | None) -> dict[str, Any] | None:
        """The claims of a token of ours of that type, in time at `now` (None: of any age); else None."""
        try:
            claims = jwt.decode(token, self._key, algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            return None
        late = now is not None and claims["exp"] <= now.timestamp()
        return None if late or claims.get("typ") != typ or claims.get("iss") != self.issuer else claims

    def certs(self) -> dict[str, Any]:
        """The public key, as the certs endpoint shows it."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": "ES256"}]}

    def _access_answer(self, claims: dict[str, Any], now: datetime) -> dict[str, Any]:
        token = self._sign({"aud": "account", **claims, "typ": "Bearer", "scope": "openid"}, now, TOKEN_LIFE)
        life = int(TOKEN_LIFE.total_seconds())
        return {"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": "openid"}

    def _sign(self, claims: dict[str, Any], now: datetime, life: timedelta, typ: str = "JWT") -> str:
        at = int(now.timestamp())
        times = {"iat": at, "exp": at + int(life.total_seconds()), "jti": secrets.token_urlsafe(16)}
        header = {"alg": "ES256", "kid": self._key.kid, "typ": typ}
        return jwt.encode(header, {**claims, **times, "iss": self.issuer}, self._key)


def _signing_key(file: Path | None) -> ECKey:
    if file is not None and file.exists():
        key = ECKey.import_key(json.loads(file.read_text()))
    else:
        key = ECKey.generate_key("P-256", auto_kid=True)
        if file is not None:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as out:
                json.dump(key.as_dict(private=True), out)
    key.ensure_kid()
    return key
