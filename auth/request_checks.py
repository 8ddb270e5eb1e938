"""Is this change really asked for by our own page? A token bound to the session, and where the browser says it is."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Collection
from hmac import compare_digest
from typing import Protocol

_BYTES = 32


class HasCsrfSecret(Protocol):
    """What the token is bound to."""

    @property
    def csrf_secret(self) -> bytes:
        """32 random bytes of this session."""


class Headers(Protocol):
    """Request headers, looked up in lower case."""

    def get(self, key: str, /) -> str | None:
        """The value, if sent."""


def csrf_token(session: HasCsrfSecret) -> str:
    """The session's secret under a fresh mask: no two pages carry the same letters, so their length tells nothing."""
    mask = secrets.token_bytes(_BYTES)
    return urlsafe_b64encode(mask + _xor(mask, session.csrf_secret)).decode()


def csrf_valid(session: HasCsrfSecret, token: str) -> bool:
    """Whether the token was made for this session."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (NotBase64, ValueError):
        return False
    if len(raw) != 2 * _BYTES or len(session.csrf_secret) != _BYTES:
        return False
    return compare_digest(_xor(raw[:_BYTES], raw[_BYTES:]), session.csrf_secret)


def request_origin_ok(headers: Headers, own_origins: Collection[str]) -> bool:
    """Whether a change may come from where the browser says. Saying nothing is no refusal: the token decides.

    `Origin: null` comes from our own forms too when the page sends no referrer (Fetch standard, "append a request
    Origin header"), so it passes only together with `Sec-Fetch-Site: same-origin`, which scripts cannot set.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    if origin == "null":
        return site == "same-origin"
    return origin is None or origin in own_origins


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
