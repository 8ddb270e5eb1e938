"""A sign-in under way, or refused: what must come back unchanged lives in the browser, sealed, for ten minutes."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FLOW_LIFE = timedelta(minutes=10)
_FLOW, _LEAVING = b"atbalsts sign-in flow", b"atbalsts leaving the provider"
_NONCE = 12


@dataclass(frozen=True)
class SignInFlow:
    """One sign-in: `state` and `nonce` tie the answer to it, `verifier` is the PKCE secret, then where to go."""

    state: str
    nonce: str
    verifier: str
    return_path: str = "/"
    proves: str = ""  # the stay that is proved anew; empty for a sign-in

    @property
    def challenge(self) -> str:
        """What the provider is shown of the verifier (PKCE, S256)."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def new_flow(return_path: str = "/", proves: str = "") -> SignInFlow:
    """Begin a sign-in that ends at `return_path` (already made safe), or a step-up of the stay it `proves`."""
    state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    return SignInFlow(state, nonce, verifier, return_path, proves)


def seal_flow(flow: SignInFlow, key: bytes, now: datetime) -> str:
    """The flow as a cookie value (encrypted and authenticated with a key derived from `key`, 32 bytes or more)."""
    return _seal(asdict(flow), key, now, _FLOW)


def open_flow(sealed: str | None, key: bytes, now: datetime) -> SignInFlow | None:
    """The flow of a cookie value; None if it is missing, too old, or not sealed by us."""
    body = _open(sealed, key, now, _FLOW)
    return SignInFlow(**body) if body else None


def seal_leaving(id_token: str, key: bytes, now: datetime) -> str:
    """The ID token of somebody we refused, to leave the provider with, as a cookie value."""
    return _seal({"id_token": id_token}, key, now, _LEAVING)


def open_leaving(sealed: str | None, key: bytes, now: datetime) -> str | None:
    """The ID token of such a cookie value; None if it is missing, too old, or not sealed by us."""
    body = _open(sealed, key, now, _LEAVING)
    return str(body["id_token"]) if body else None


def _seal(body: dict[str, Any], key: bytes, now: datetime, purpose: bytes) -> str:
    nonce = secrets.token_bytes(_NONCE)
    content = json.dumps({**body, "until": (now + FLOW_LIFE).timestamp()}).encode()
    return urlsafe_b64encode(nonce + _cipher(key, purpose).encrypt(nonce, content, purpose)).decode()


def _open(sealed: str | None, key: bytes, now: datetime, purpose: bytes) -> dict[str, Any] | None:
    try:
        raw = urlsafe_b64decode((sealed or "").encode("ascii"))
        body: dict[str, Any] = json.loads(_cipher(key, purpose).decrypt(raw[:_NONCE], raw[_NONCE:], purpose))
    except (InvalidTag, ValueError):
        return None
    return None if now > datetime.fromtimestamp(body.pop("until"), UTC) else body


def _cipher(key: bytes, purpose: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=purpose).derive(key))
