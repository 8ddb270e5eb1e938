"""Signing in through the identity provider: authorization code with PKCE; Keycloak, or the demo's own provider."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

from keycloak import KeycloakOpenID
from keycloak.exceptions import KeycloakConnectionError, KeycloakError

from auth.assurance import level
from auth.flow import SignInFlow, new_flow, open_flow, seal_flow
from auth.return_path import safe_return_path
from auth.tokens import (
    Keys,
    LogoutToken,
    TokenRefused,
    moment,
    verify_access_token,
    verify_id_token,
    verify_logout_token,
)

__all__ = [
    "Identity",
    "OidcClient",
    "ProviderUnavailable",
    "SignInFailed",
    "SignInFlow",
    "new_flow",
    "open_flow",
    "safe_return_path",
    "seal_flow",
]

TIMEOUT_SECONDS = 5
API_AUDIENCE = "atbalsts-api"  # what a machine's token must be made for, and nothing beside it


class SignInFailed(Exception):
    """The answer of the identity provider is not to be believed, or it refused; begin again."""


class ProviderUnavailable(Exception):
    """The identity provider does not answer; try later."""


@dataclass(frozen=True)
class Identity:
    """Who the identity provider says signed in, by which broker (None: none), how surely (`acr`) and when (UTC).

    `id_token` goes back to the provider at sign-out, in an address: it holds no personal code.
    """

    issuer: str
    sub: str
    sid: str | None
    provider: str | None
    acr: str | None
    auth_time: datetime | None
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


class OidcClient:
    """Our side of the protocol; one for the life of the application, closed with :meth:`aclose`.

    `issuer` is the realm's address (`https://…/realms/name`).
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        server, separator, realm = issuer.rpartition("/realms/")
        if not separator or not realm or "/" in realm:
            raise ValueError("The issuer must be a realm's address: …/realms/name")
        self.issuer, self.client_id = issuer, client_id
        host = urlsplit(issuer).hostname or ""
        # The demo calls itself: a proxy named in the environment must not come between.
        direct = {f"all://{host}": None} if host in ("127.0.0.1", "localhost") else None
        self._provider = KeycloakOpenID(
            server_url=f"{server}/",
            realm_name=realm,
            client_id=client_id,
            client_secret_key=client_secret,
            timeout=TIMEOUT_SECONDS,
            proxies=direct,
            # Sign-ins are seldom: a connection kept for the next may just be closing, and would swallow the code.
            custom_headers={"Connection": "close"},
        )
        self._keys = Keys(self._certs)
        self._known: dict[str, Any] | None = None
        self._asking, self._telling = asyncio.Lock(), asyncio.Lock()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._provider.connection.aclose()

    async def authorization_url(self, redirect_uri: str, flow: SignInFlow, **extra: str) -> str:
        """Where to send the browser; `extra` may ask for a step-up (`prompt`, `max_age`, `acr_values`)."""
        request = {
            **extra,
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        return await self._address("authorization_endpoint", request)

    async def exchange(self, code: str, state: str, flow: SignInFlow, redirect_uri: str, now: datetime) -> Identity:
        """Who signed in, for the code and state that came back to `redirect_uri`.

        Raises :class:`SignInFailed` or :class:`ProviderUnavailable`.
        """
        if not compare_digest(state.encode("utf-8", "replace"), flow.state.encode()):
            raise SignInFailed("state")
        try:
            answer = await self._provider.a_token(
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=flow.verifier,
            )
            return await self._identity(answer, flow.nonce, now)
        except (KeycloakError, TypeError) as error:
            if _is_away(error):
                raise ProviderUnavailable("token") from error
            raise SignInFailed("the provider refused the code") from error
        except TokenRefused as error:
            raise SignInFailed(f"ID token: {error}") from error

    async def asserted_code(self, identity: Identity) -> str | None:
        """Return how the broker names who signed in by personal code, as it writes it; None if it does not.

        Asked for from server to server: a code travels in no token that a browser sees. Raises ProviderUnavailable.
        """
        try:
            async with self._telling:  # the library lays the token among the headers of all
                told = await self._provider.a_userinfo(identity.access_token)
        except (KeycloakError, TypeError) as error:
            raise ProviderUnavailable("userinfo") from error
        if not isinstance(told, dict):
            return None
        if told.get("sub") != identity.sub or told.get("identity_provider") != identity.provider:
            return None
        return _text(told.get("asserted_code")) or _text(told.get("asserted_name_id"))

    async def end_session_url(self, id_token: str, post_logout_redirect: str) -> str:
        """Where to send the browser so that the provider's own session ends too."""
        request = {
            "id_token_hint": id_token,
            "client_id": self.client_id,
            "post_logout_redirect_uri": post_logout_redirect,
        }
        return await self._address("end_session_endpoint", request)

    async def logged_out(self, logout_token: str, now: datetime) -> LogoutToken:
        """What a back-channel logout ends; :class:`~auth.tokens.TokenRefused` if it is not the provider's."""
        return await verify_logout_token(
            logout_token, self._keys, issuer=self.issuer, client_id=self.client_id, now=now
        )

    async def client_of(self, access_token: str, now: datetime) -> str:
        """The machine client an access token was made for; :class:`~auth.tokens.TokenRefused` if it is not for our
        interface. Raises ProviderUnavailable.
        """
        return await verify_access_token(access_token, self._keys, issuer=self.issuer, audience=API_AUDIENCE, now=now)

    async def _identity(self, answer: dict[str, Any], nonce: str, now: datetime) -> Identity:
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise TokenRefused("missing")
        claims = await verify_id_token(
            id_token, self._keys, issuer=self.issuer, client_id=self.client_id, nonce=nonce, now=now
        )
        return Identity(
            issuer=self.issuer,
            sub=claims["sub"],
            sid=_text(claims.get("sid")),
            provider=_text(claims.get("identity_provider")),
            acr=level(_text(claims.get("acr"))),
            auth_time=moment(claims.get("auth_time")),
            id_token=id_token,
            access_token=access_token,
        )

    async def _address(self, endpoint: str, request: dict[str, str]) -> str:
        async with self._asking:
            if self._known is None:
                self._known = await self._discover()
        return f"{self._known[endpoint]}?{urlencode(request)}"

    async def _discover(self) -> dict[str, Any]:
        try:
            known: dict[str, Any] = await self._provider.a_well_known()
        except (KeycloakError, TypeError) as error:
            raise ProviderUnavailable("discovery") from error
        if known.get("issuer") != self.issuer:
            raise ProviderUnavailable("discovery names another issuer")
        return known

    async def _certs(self) -> dict[str, Any]:
        try:
            certs: dict[str, Any] = await self._provider.a_certs()
        except (KeycloakError, TypeError) as error:
            raise ProviderUnavailable("keys") from error
        return certs


def _is_away(error: Exception) -> bool:
    code = getattr(error, "response_code", None)
    return isinstance(error, KeycloakConnectionError) or (isinstance(code, int) and code >= 500)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
