"""The demo's identity provider speaks the protocol as strictly as the true one, and our client with it."""

import asyncio
import re
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio
import uvicorn
from litestar import Litestar, Request, Response, post

from auth.demo_issuer import DemoClient, DemoIssuer
from auth.demo_provider import DemoPerson, demo_provider
from auth.oidc import Identity, OidcClient, ProviderUnavailable, SignInFailed, new_flow
from auth.tokens import TokenRefused

CAST = [
    DemoPerson("anna", "Anna Ozola", "Sociālā pedagoģe", "Skola"),
    DemoPerson("berta", "Berta Kalniņa", "Ārste", "Veselība"),
    DemoPerson("zane", "Zane Liepa", "Direktore", "Skola"),
]


@dataclass
class World:
    """A portal with its provider in one process, as in the demo."""

    base: str
    issuer: DemoIssuer
    oidc: OidcClient
    browser: httpx.AsyncClient
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))
    logout_tokens: list[str] = field(default_factory=list)

    @property
    def callback(self) -> str:
        return f"{self.base}/sign-in/callback"

    async def choose(self, address: str, person: str = "anna") -> dict[str, str]:
        """What comes back to us when somebody opens the address and presses a person's button."""
        page = await self.browser.get(address)
        assert page.status_code == 200
        action = re.search('action="([^"]+)"', page.text)
        assert action
        target = action[1].replace("&amp;", "&")
        answer = await self.browser.post(self.base + target, data={"person": person})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(self.callback + "?")
        return {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    async def sign_in(self, person: str = "anna") -> Identity:
        flow = new_flow()
        back = await self.choose(await self.oidc.authorization_url(self.callback, flow), person)
        return await self.oidc.exchange(back["code"], back["state"], flow, self.callback, self.now)

    async def token(self, **form: str) -> httpx.Response:
        given = {"client_id": "portal", "client_secret": "s" * 20, **form}
        return await self.browser.post(f"{self.issuer.issuer}/protocol/openid-connect/token", data=given)


def altered(address: str, **words: str) -> str:
    """The address with other parameters than our client would ever send."""
    base, _, query = address.partition("?")
    return f"{base}?{urlencode({name: value[0] for name, value in parse_qs(query).items()} | words)}"


def page(request: Request[Any, Any, Any], context: dict[str, Any]) -> Response[str]:
    people = "".join(f'<button name="person" value="{p.id}">' for _, group in context["groups"] for p in group)
    html = f'<form method="post" action="{escape(context["action"])}">{people}</form>'
    return Response(html, media_type="text/html")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    clients = [
        DemoClient(
            "portal", "s" * 20, (f"{base}/sign-in/callback",), (f"{base}/signed-out",), f"{base}/sign-in/logout"
        ),
        DemoClient("other", "o" * 20, (f"{base}/other",)),
        DemoClient("machine", "m" * 20, machine=True),
    ]
    issuer = DemoIssuer(f"{base}/realms/atbalsts", clients)

    async def people() -> list[DemoPerson]:
        return CAST

    @post("/sign-in/logout", status_code=200)
    async def logout(request: Request[Any, Any, Any]) -> None:
        there.logout_tokens.append(str((await request.form())["logout_token"]))

    app = Litestar([demo_provider(issuer, people, page, lambda: there.now), logout], openapi_config=None)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with httpx.AsyncClient(trust_env=False) as browser:
        oidc = OidcClient(issuer.issuer, "portal", "s" * 20)
        there = World(base, issuer, oidc, browser)
        yield there
        await oidc.aclose()
    server.should_exit = True
    await serving


async def test_choosing_a_person_signs_that_person_in(world: World) -> None:
    identity = await world.sign_in("berta")
    assert (identity.sub, identity.acr, identity.auth_time) == ("berta", "high", world.now)
    assert identity.sid


async def test_every_sign_in_is_a_session_of_its_own(world: World) -> None:
    assert (await world.sign_in()).sid != (await world.sign_in()).sid


async def test_people_of_one_group_stand_together(world: World) -> None:
    page = await world.browser.get(await world.oidc.authorization_url(world.callback, new_flow()))
    assert re.findall('value="(\\w+)"', page.text) == ["anna", "zane", "berta"]


@pytest.mark.asvs("10.1.2", "10.2.1")
async def test_a_state_that_is_not_ours_is_refused(world: World) -> None:
    flow = new_flow()
    back = await world.choose(await world.oidc.authorization_url(world.callback, flow))
    with pytest.raises(SignInFailed, match="state"):
        await world.oidc.exchange(back["code"], new_flow().state, flow, world.callback, world.now)


@pytest.mark.asvs("10.1.2", "10.2.1")
async def test_an_answer_to_another_browsers_sign_in_is_refused(world: World) -> None:
    """Login CSRF: the code of an attacker's sign-in is worth nothing with my flow."""
    back = await world.choose(await world.oidc.authorization_url(world.callback, new_flow()))
    mine = new_flow()
    with pytest.raises(SignInFailed, match="refused the code"):
        await world.oidc.exchange(back["code"], mine.state, mine, world.callback, world.now)


@pytest.mark.asvs("10.5.1")
async def test_the_nonce_of_another_sign_in_is_refused(world: World) -> None:
    flow = new_flow()
    address = altered(await world.oidc.authorization_url(world.callback, flow), nonce="another")
    back = await world.choose(address)
    with pytest.raises(SignInFailed, match="nonce"):
        await world.oidc.exchange(back["code"], back["state"], flow, world.callback, world.now)


async def test_a_code_works_once(world: World) -> None:
    flow = new_flow()
    back = await world.choose(await world.oidc.authorization_url(world.callback, flow))
    assert await world.oidc.exchange(back["code"], back["state"], flow, world.callback, world.now)
    with pytest.raises(SignInFailed):
        await world.oidc.exchange(back["code"], back["state"], flow, world.callback, world.now)


async def fresh_code(world: World) -> dict[str, str]:
    flow = new_flow()
    back = await world.choose(await world.oidc.authorization_url(world.callback, flow))
    return {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": world.callback,
        "code_verifier": flow.verifier,
    }


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": "x" * 64}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1/other"}, "invalid_grant"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"client_id": "other", "client_secret": "o" * 20}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "nobody", "client_secret": ""}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
    ids=str,
)
async def test_a_wrong_token_request_is_refused(world: World, wrong: dict[str, str], error: str) -> None:
    good = await fresh_code(world)
    answer = await world.token(**{**good, **wrong})
    assert answer.json() == {"error": error}
    assert answer.status_code in (400, 401)
    if error == "invalid_grant" and "code" not in wrong:
        assert (await world.token(**good)).status_code == 400, "the code is spent by the attempt"


async def test_a_code_is_good_for_a_minute(world: World) -> None:
    good = await fresh_code(world)
    world.now += timedelta(seconds=61)
    assert (await world.token(**good)).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "{callback}/"},
        {"redirect_uri": "{callback}?next=x"},
        {"redirect_uri": ""},
        {"client_id": "nobody"},
        {"client_id": "machine"},
        {"client_id": "other"},
    ],
    ids=str,
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_clients(world: World, wrong: dict[str, str]) -> None:
    words = {name: value.format(callback=world.callback) for name, value in wrong.items()}
    address = await world.oidc.authorization_url(world.callback, new_flow())
    answer = await world.browser.get(altered(address, **words))
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": ""},
        {"code_challenge": "short"},
        {"code_challenge_method": "plain"},
        {"nonce": ""},
        {"response_type": "token"},
        {"scope": "email"},
    ],
    ids=str,
)
async def test_an_unsound_request_goes_back_with_an_error(world: World, wrong: dict[str, str]) -> None:
    flow = new_flow()
    address = await world.oidc.authorization_url(world.callback, flow)
    answer = await world.browser.get(altered(address, **wrong))
    assert answer.headers["location"] == f"{world.callback}?" + urlencode(
        {"error": "invalid_request", "state": flow.state}
    )


async def test_a_parameter_given_twice_counts_as_none(world: World) -> None:
    address = await world.oidc.authorization_url(world.callback, new_flow())
    answer = await world.browser.get(address + "&redirect_uri=https://evil.example/")
    assert answer.status_code == 400


@pytest.mark.parametrize("person", ["", "nobody", "{'$ne': null}"])
async def test_only_people_of_the_cast_sign_in(world: World, person: str) -> None:
    address = await world.oidc.authorization_url(world.callback, new_flow())
    assert (await world.browser.post(address, data={"person": person})).status_code == 400


async def test_another_realm_does_not_exist(world: World) -> None:
    answer = await world.browser.get(f"{world.base}/realms/master/.well-known/openid-configuration")
    assert answer.status_code == 404


async def test_a_machine_client_gets_a_token_in_its_own_name_and_cannot_sign_in_with_it(world: World) -> None:
    basic = b64encode(b"machine:" + b"m" * 20).decode()
    answer = await world.browser.post(
        f"{world.issuer.issuer}/protocol/openid-connect/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
    )
    token = answer.json()["access_token"]
    assert answer.headers["cache-control"] == "no-store"
    assert (world.issuer.read(token, "Bearer", world.now) or {})["sub"] == "service-account-machine"
    with pytest.raises(TokenRefused):
        await world.oidc.logged_out(token, world.now)


async def test_userinfo_answers_to_a_living_access_token_only(world: World) -> None:
    answer = await world.token(**await fresh_code(world))
    address = f"{world.issuer.issuer}/protocol/openid-connect/userinfo"
    for token, status in ((answer.json()["access_token"], 200), (answer.json()["id_token"], 401), ("x", 401)):
        found = await world.browser.get(address, headers={"Authorization": f"Bearer {token}"})
        assert found.status_code == status
    world.now += timedelta(minutes=6)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await world.browser.get(address, headers=headers)).status_code == 401


async def test_signing_out_tells_the_portal_and_leads_back(world: World) -> None:
    identity = await world.sign_in()
    address = await world.oidc.end_session_url(identity.id_token, f"{world.base}/signed-out")
    answer = await world.browser.get(address)
    assert answer.headers["location"] == f"{world.base}/signed-out"
    ended = await world.oidc.logged_out(world.logout_tokens.pop(), world.now)
    assert (ended.sub, ended.sid) == ("anna", identity.sid)


@pytest.mark.parametrize("wrong", [{"post_logout_redirect_uri": "https://evil.example/"}, {"id_token_hint": "x"}])
async def test_signing_out_is_no_open_redirect(world: World, wrong: dict[str, str]) -> None:
    identity = await world.sign_in()
    good = {"id_token_hint": identity.id_token, "post_logout_redirect_uri": f"{world.base}/signed-out"}
    address = f"{world.issuer.issuer}/protocol/openid-connect/logout"
    assert (await world.browser.get(address, params=good | wrong)).status_code == 400


async def test_the_signing_key_is_kept_for_us_alone(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    first = DemoIssuer("http://127.0.0.1/realms/a", [], file).certs()
    assert DemoIssuer("http://127.0.0.1/realms/a", [], file).certs() == first
    assert "d" not in first["keys"][0]
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_provider_that_is_away_is_said_to_be_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    oidc = OidcClient(f"http://127.0.0.1:{port}/realms/atbalsts", "portal", "s")
    flow = new_flow()
    with pytest.raises(ProviderUnavailable):
        await oidc.authorization_url("http://127.0.0.1/cb", flow)
    with pytest.raises(ProviderUnavailable):
        await oidc.exchange("code", flow.state, flow, "http://127.0.0.1/cb", datetime.now(UTC))
    await oidc.aclose()


async def test_a_connection_the_provider_closes_meanwhile_costs_nobody_a_sign_in() -> None:
    """A provider that says nothing of it and closes after one answer, as any does when the time of idling is over."""
    asked = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        body = b'{"issuer": "http://127.0.0.1/another"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")  # the next question: nobody answers it any more
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    oidc = OidcClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/realms/a", "portal", "s")
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="another issuer"):
            await oidc.authorization_url("http://127.0.0.1/cb", new_flow())
    assert len(asked) == 3
    await oidc.aclose()
    server.close()


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize(
    "issuer", ["https://id.example", "https://id.example/realms/", "https://id.example/realms/a/b"]
)
def test_an_issuer_that_is_no_realm_is_refused_at_start(issuer: str) -> None:
    with pytest.raises(ValueError, match="realm"):
        OidcClient(issuer, "portal", "s")
