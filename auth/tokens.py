"""Tokens of the identity provider, believed only after every check of our own (OpenID Connect Core 3.1.3.7,
Back-Channel Logout 2.6)."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

ALGORITHMS: dict[str, type[RSAKey] | type[ECKey]] = {"RS256": RSAKey, "ES256": ECKey}
LEEWAY = timedelta(seconds=30)
OLDEST = timedelta(minutes=10)  # a token is used right after it was issued
KEYS_KEPT = timedelta(minutes=1)  # then also a known key must still be among the provider's
NEW_KEYS = 2  # how often in that time an unknown key is asked for
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_FOREIGN_KEYS = {"jku", "jwk", "x5u", "x5c", "crit", "b64"}

Claims = dict[str, Any]


class TokenRefused(Exception):
    """The token is not what it must be; the message names the check, never the token."""


class Keys:
    """The provider's signing keys: kept a minute, fetched when an unknown one is named, twice a minute at most."""

    def __init__(self, fetch: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._fetch = fetch
        self._keys: dict[str, RSAKey | ECKey] = {}
        self._fetched: datetime | None = None
        self._asked: list[datetime] = []

    async def find(self, kid: str, algorithm: str, now: datetime) -> RSAKey | ECKey:
        """The key named `kid`, if it is one for signing with this algorithm."""
        old = self._fetched is None or abs(now - self._fetched) >= KEYS_KEPT
        if old or (kid not in self._keys and self._may_ask(now)):
            self._keys = _signing_keys(await self._fetch())
            self._fetched = now
        key = self._keys.get(kid)
        if key is None:
            raise TokenRefused("signed with an unknown key")
        if not isinstance(key, ALGORITHMS[algorithm]) or key.get("alg", algorithm) != algorithm:
            raise TokenRefused("the key is not for this algorithm")
        return key

    def _may_ask(self, now: datetime) -> bool:
        """Right after a change of keys: at once; whoever invents names of keys costs no more than that."""
        self._asked = [at for at in self._asked if abs(now - at) < KEYS_KEPT]
        if len(self._asked) >= NEW_KEYS:
            return False
        self._asked.append(now)
        return True


@dataclass(frozen=True)
class LogoutToken:
    """What the provider says has ended: a session (`sid`) or all of a subject's (`sub`); `jti` names the token."""

    jti: str
    sub: str | None
    sid: str | None


async def verify_id_token(token: str, keys: Keys, *, issuer: str, client_id: str, nonce: str, now: datetime) -> Claims:
    """The claims of an ID token made for us, for this very sign-in; :class:`TokenRefused` otherwise."""
    claims = await _verified(token, keys, {None, "JWT"}, now)
    _check_made_for_us(claims, issuer, client_id, now)
    if claims.get("typ") != "ID":
        raise TokenRefused("not an ID token")
    if not _same(claims.get("nonce"), nonce):
        raise TokenRefused("nonce")
    if not _text(claims.get("sub")):
        raise TokenRefused("sub")
    if "events" in claims:
        raise TokenRefused("a logout token")
    return claims


async def verify_logout_token(token: str, keys: Keys, *, issuer: str, client_id: str, now: datetime) -> LogoutToken:
    """What a back-channel logout token ends; :class:`TokenRefused` if it is none of ours.

    Whoever acts on it remembers `jti` until the token's end, so that it works once.
    """
    claims = await _verified(token, keys, {None, "JWT", "logout+jwt"}, now)
    _check_made_for_us(claims, issuer, client_id, now)
    if claims.get("typ", "Logout") != "Logout":
        raise TokenRefused("not a logout token")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise TokenRefused("events")
    if "nonce" in claims:
        raise TokenRefused("nonce")
    jti, sub, sid = claims.get("jti"), claims.get("sub"), claims.get("sid")
    if not _text(jti):
        raise TokenRefused("jti")
    if not (_text(sub) or _text(sid)) or not all(value is None or _text(value) for value in (sub, sid)):
        raise TokenRefused("neither sub nor sid")
    return LogoutToken(str(jti), sub, sid)


async def verify_access_token(token: str, keys: Keys, *, issuer: str, audience: str, now: datetime) -> str:
    """The client that an access token was made for in its own name, to ask `audience`; :class:`TokenRefused` otherwise.

    Whom it may be is another question; a person's token is made for another audience.
    """
    claims = await _verified(token, keys, {None, "JWT", "at+jwt"}, now)
    client_id = claims.get("azp")
    if not _text(client_id):
        raise TokenRefused("azp")
    if claims.get("client_id", client_id) != client_id:
        raise TokenRefused("client_id")
    _check_made_for_us({**claims, "azp": audience}, issuer, audience, now)
    if claims.get("typ") != "Bearer":
        raise TokenRefused("not an access token")
    if "nonce" in claims or "sid" in claims:
        raise TokenRefused("of a person's session")
    return str(client_id)


def moment(value: object) -> datetime | None:
    """A NumericDate claim as UTC; None if it is no sensible number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


async def _verified(token: str, keys: Keys, types: set[str | None], now: datetime) -> Claims:
    """The claims, after the signature was checked with a key of the provider's own set and no other."""
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefused("not a signed token") from error
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenRefused("algorithm")
    if _FOREIGN_KEYS & header.keys():
        raise TokenRefused("brings its own key")
    if header.get("typ") not in types:
        raise TokenRefused("type of token")
    if not isinstance(kid, str):
        raise TokenRefused("names no key")
    key = await keys.find(kid, algorithm, now)
    try:
        return jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise TokenRefused("signature") from error


def _check_made_for_us(claims: Claims, issuer: str, client_id: str, now: datetime) -> None:
    if claims.get("iss") != issuer:
        raise TokenRefused("iss")
    if claims.get("aud") not in (client_id, [client_id]):
        raise TokenRefused("aud")  # also if others are named beside us: we trust no other audience
    if claims.get("azp", client_id) != client_id:
        raise TokenRefused("azp")
    expires, issued = moment(claims.get("exp")), moment(claims.get("iat"))
    if expires is None or expires <= now - LEEWAY:
        raise TokenRefused("exp")
    if issued is None or issued > now + LEEWAY or issued < now - OLDEST:
        raise TokenRefused("iat")
    if "nbf" in claims and ((begins := moment(claims["nbf"])) is None or begins > now + LEEWAY):
        raise TokenRefused("nbf")


def _signing_keys(answer: dict[str, Any]) -> dict[str, RSAKey | ECKey]:
    keys: dict[str, RSAKey | ECKey] = {}
    for raw in answer.get("keys", ()):
        usable = raw.get("use", "sig") == "sig" and raw.get("kty") in ("RSA", "EC") and _text(raw.get("kid"))
        if usable:
            try:
                key = KeySet.import_key_set({"keys": [raw]}).keys[0]
            except (JoseError, ValueError, TypeError, KeyError):
                continue  # a key we cannot read signs nothing we would believe
            if isinstance(key, RSAKey | ECKey):
                keys[raw["kid"]] = key
    return keys


def _text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255


def _same(value: object, expected: str) -> bool:
    return bool(expected) and isinstance(value, str) and compare_digest(value.encode(), expected.encode())
