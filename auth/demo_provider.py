"""The demo's identity provider, its outside: Keycloak's addresses, and a page to choose a person instead of a
password. In the portal's own process, in demo mode only."""

from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from litestar import Request, Response, Router, get, route
from litestar.response import Redirect

from auth.demo_issuer import AuthRequest, DemoClient, DemoIssuer

__all__ = ["DemoPerson", "demo_provider"]

Asked = Request[Any, Any, Any]
Answer = Response[Any]
# A form of the provider is no form of the portal: its own parameters tie it to the sign-in.
_PUBLIC = {"permission": "public", "csrf": "checked by the protocol"}
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the cast to choose: one line below the name, and the group to stand in."""

    id: str
    name: str
    subtitle: str
    group: str


People = Callable[[], Awaitable[list[DemoPerson]]]
Render = Callable[[Asked, dict[str, Any]], Answer]


def demo_provider(issuer: DemoIssuer, people: People, render: Render, clock: Callable[[], datetime]) -> Router:
    """The provider's routes. `render` shows the choice: `groups` of (name, people) and `action`, where the form
    posts `person` to."""
    realm_path = urlsplit(issuer.issuer).path
    protocol = "/protocol/openid-connect"

    @get("/.well-known/openid-configuration", opt=_PUBLIC, name="demo.discovery")
    async def discovery() -> dict[str, Any]:
        return _discovery(issuer.issuer, issuer.issuer + protocol)

    @get(f"{protocol}/certs", opt=_PUBLIC, name="demo.certs")
    async def certs() -> dict[str, Any]:
        return issuer.certs()

    @route(f"{protocol}/auth", http_method=["GET", "POST"], opt=_PUBLIC, status_code=200, name="demo.auth")
    async def auth(request: Asked) -> Answer:
        asked = _auth_request(issuer, request)
        if isinstance(asked, Response):
            return asked
        cast = await people()
        if request.method == "GET":
            groups: dict[str, list[DemoPerson]] = {}
            for person in cast:
                groups.setdefault(person.group, []).append(person)
            return render(
                request, {"groups": list(groups.items()), "action": f"{request.url.path}?{request.url.query}"}
            )
        chosen = (await request.form()).get("person")
        chosen_one = next((p for p in cast if p.id == chosen), None)
        if chosen_one is None:
            return _refused("There is nobody like this in the demo.")
        code = issuer.issue_code(asked, chosen_one.id, chosen_one.name, clock())
        return _back(asked.redirect_uri, request, {"code": code, "iss": issuer.issuer})

    @route(f"{protocol}/token", http_method=["POST"], opt=_PUBLIC, status_code=200, name="demo.token")
    async def token(request: Asked) -> Answer:
        return await _token(issuer, request, clock())

    @get(f"{protocol}/userinfo", opt=_PUBLIC, name="demo.userinfo")
    async def userinfo(request: Asked) -> Answer:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        claims = issuer.read(bearer, "Bearer", clock()) if scheme.lower() == "bearer" else None
        if claims is None:
            return Response({"error": "invalid_token"}, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response({name: claims[name] for name in ("sub", "name") if name in claims}, headers=_NO_STORE)

    @route(f"{protocol}/logout", http_method=["GET", "POST"], opt=_PUBLIC, status_code=200, name="demo.logout")
    async def logout(request: Asked) -> Answer:
        return await _logout(issuer, request, clock())

    return Router(realm_path, route_handlers=[discovery, certs, auth, token, userinfo, logout])


def _auth_request(issuer: DemoIssuer, request: Asked) -> AuthRequest | Answer:
    """The request, if it is sound; an unknown client or address is never sent back to, other faults are."""
    given = _once(request.query_params.multi_items())
    client = issuer.client(given.get("client_id", ""))
    redirect_uri = given.get("redirect_uri", "")
    if client is None or client.machine or redirect_uri not in client.redirect_uris:
        return _refused("Unknown client or address to return to.")
    sound = (
        given.get("response_type") == "code"
        and "openid" in given.get("scope", "").split()
        and given.get("code_challenge_method") == "S256"
        and 43 <= len(given.get("code_challenge", "")) <= 128
        and given.get("nonce")
    )
    if not sound:
        return _back(redirect_uri, request, {"error": "invalid_request"})
    return AuthRequest(client.client_id, redirect_uri, given["nonce"], given["code_challenge"])


async def _token(issuer: DemoIssuer, request: Asked, now: datetime) -> Answer:
    form = _once((await request.form()).multi_items())
    client = _client(issuer, request, form)
    if client is None:
        return Response({"error": "invalid_client"}, status_code=401, headers=_NO_STORE)
    answer, error = None, "unsupported_grant_type"
    if form.get("grant_type") == "client_credentials":
        answer, error = (issuer.machine_token(client, now) if client.machine else None), "unauthorized_client"
    elif form.get("grant_type") == "authorization_code":
        address, verifier = form.get("redirect_uri", ""), form.get("code_verifier", "")
        answer = issuer.redeem(form.get("code", ""), client, address, verifier, now)
        error = "invalid_grant"
    if answer is None:
        return Response({"error": error}, status_code=400, headers=_NO_STORE)
    return Response(answer, status_code=200, headers=_NO_STORE)


def _client(issuer: DemoIssuer, request: Asked, form: dict[str, str]) -> DemoClient | None:
    """The client by `client_secret_basic` or `client_secret_post`."""
    scheme, _, basic = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = b64decode(basic, validate=True).decode().partition(":")
        except ValueError:
            return None
        return issuer.authenticated(name, secret)
    return issuer.authenticated(form.get("client_id", ""), form.get("client_secret", ""))


async def _logout(issuer: DemoIssuer, request: Asked, now: datetime) -> Answer:
    """End a session at the client's wish: tell the client by the back channel, send the browser back."""
    items = request.query_params if request.method == "GET" else await request.form()
    given = _once(items.multi_items())
    claims = issuer.read(given.get("id_token_hint", ""), "ID", None)
    client = issuer.client(str(claims["aud"])) if claims else None
    target = given.get("post_logout_redirect_uri", "")
    if claims is None or client is None or target not in client.post_logout_uris:
        return _refused("Unknown session or address to return to.")
    if client.backchannel_logout_uri:
        logout_token = issuer.logout_token(client.client_id, claims["sub"], claims["sid"], now)
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            # A client that is away has ended its session by itself; the browser goes on.
            with suppress(httpx.HTTPError):
                await http.post(client.backchannel_logout_uri, data={"logout_token": logout_token})
    return _back(target, request, {}, given)


def _back(address: str, request: Asked, answer: dict[str, str], given: dict[str, str] | None = None) -> Answer:
    state = (given or _once(request.query_params.multi_items())).get("state")
    words = urlencode({**answer, **({"state": state} if state else {})})
    joined = f"{address}{'&' if '?' in address else '?'}{words}" if words else address
    return Redirect(joined, status_code=303)


def _refused(reason: str) -> Answer:
    return Response(reason, status_code=400, media_type="text/plain")


def _once(given: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Parameters by name; one given twice counts as absent, so that nobody reads another one than we do."""
    items = list(given)
    names = [name for name, _ in items]
    return {name: value for name, value in items if isinstance(value, str) and names.count(name) == 1}


def _discovery(issuer: str, base: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/auth",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/userinfo",
        "jwks_uri": f"{base}/certs",
        "end_session_endpoint": f"{base}/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }
