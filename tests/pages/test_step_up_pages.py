"""Proving anew who one is, through the demo's own provider and back: nothing typed is lost, the id is new."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
import uvicorn
from litestar import get, post
from litestar.response import Response

from auth.demo_issuer import DemoClient, DemoIssuer
from auth.demo_provider import DemoPerson, demo_provider
from auth.oidc import OidcClient
from auth.permissions import Permission
from documents.draft import find_draft
from fixtures.story import cast, dossier_id
from portal.app import create_app
from portal.page import Request
from portal.runtime import Runtime
from portal.settings import Settings
from portal.sign_in.people import choose_person_page
from tests.browsing import Browser

TOMASS = dossier_id("tomass")


@get("/guarded", name="guarded", opt={"permission": Permission.DESK_READ, "step_up": True})
async def guarded() -> str:
    """A page that needs it."""
    return "opened"


@post("/guarded", name="guarded_change", opt={"permission": Permission.DESK_READ, "step_up": True, "draft": "/guarded"})
async def guarded_change(request: Request) -> Response[str]:
    """A form that needs it."""
    return Response(str((await request.form())["words"]))


@dataclass
class Place:
    """The portal on a real port, with the demo's provider in it."""

    base: str
    held: Runtime
    open: list[httpx.AsyncClient] = field(default_factory=list)

    async def browser(self, person: str = "anda-zagare", **session: Any) -> httpx.AsyncClient:
        client = httpx.AsyncClient(trust_env=False, base_url=self.base)
        values = {"acr": "high", "auth_time": self.held.now()} | session
        token, _ = await self.held.sessions.open(
            self.held.now(), person_id=person, sub=person, id_token="", role_id=f"{person}-1", **values
        )
        client.cookies.set(self.held.settings.cookie_name, token, domain="127.0.0.1")
        self.open.append(client)
        return client

    async def prove(self, client: httpx.AsyncClient, back: str, person: str = "anda-zagare") -> httpx.Response:
        """Follow the link, choose the person, come back."""
        explained = await client.get("/step-up", params={"return": back})
        begin = re.search('href="(/step-up/begin[^"]+)"', explained.text)
        assert begin
        asked = await client.get(begin[1].replace("&amp;", "&"))
        question = parse_qs(urlsplit(asked.headers["location"]).query)
        assert (question["prompt"], question["max_age"], question["acr_values"]) == (["login"], ["60"], ["high"])
        choice = await client.get(asked.headers["location"])
        action = re.search('action="([^"]*openid-connect/auth[^"]+)"', choice.text)
        assert action
        answer = await client.post(action[1].replace("&amp;", "&"), data={"person": person})
        return await client.get(answer.headers["location"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(held: Runtime) -> AsyncIterator[Place]:
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Settings(mode="demo", public_url=base, oidc_issuer=f"{base}/realms/demo")
    client = DemoClient(settings.oidc_client_id, "s" * 20, (settings.callback_url,), (f"{base}/",))
    issuer = DemoIssuer(settings.oidc_issuer, [client])

    async def people() -> list[DemoPerson]:
        return [DemoPerson(m.id, m.name, m.subtitle, m.group) for m in await cast(held.store)]

    held.settings = settings
    held.oidc, before = OidcClient(settings.oidc_issuer, settings.oidc_client_id, "s" * 20), held.oidc
    await before.aclose()
    provider = demo_provider(issuer, people, choose_person_page, held.now)
    app = create_app(held, more_routes=(provider, guarded, guarded_change))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    there = Place(base, held)
    yield there
    for client in there.open:
        await client.aclose()
    server.should_exit = True
    await serving


async def test_who_proved_it_long_ago_is_led_to_the_provider_and_back_under_a_new_id(place: Place) -> None:
    client = await place.browser(auth_time=place.held.now() - timedelta(hours=1))
    asked = await client.get("/guarded")
    assert asked.status_code == 303 and asked.headers["location"] == "/step-up?return=/guarded"
    fragment = await client.get("/guarded", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/step-up?return=/guarded")
    before = client.cookies[place.held.settings.cookie_name]
    back = await place.prove(client, "/guarded")
    assert (back.status_code, back.headers["location"]) == (303, "/guarded")
    assert client.cookies[place.held.settings.cookie_name] != before
    assert (await client.get("/guarded")).text == "opened"
    assert await place.held.sessions.find(before, place.held.now()) is None
    entry = await place.held.store.audit_entries.find_one({"act": "session.stepped_up"})
    assert entry and entry["person_id"] == "anda-zagare"


async def test_a_weak_sign_in_does_not_open_it_however_fresh(place: Place) -> None:
    client = await place.browser(acr="low")
    assert (await client.get("/guarded")).headers["location"].startswith("/roles"), "a role of staff needs more"


async def test_somebody_else_signing_in_proves_nothing_and_ends_nothing(place: Place) -> None:
    client = await place.browser(auth_time=None)
    answer = await place.prove(client, "/guarded", "inese-liepina")
    assert answer.status_code == 403 and "Tas neizdevās" in answer.text
    assert (await client.get("/guarded")).status_code == 303
    assert "Anda Žagare" in (await client.get("/desk")).text
    refused = await place.held.store.audit_entries.find_one({"act": "session.stepped_up", "outcome": "refused"})
    assert refused and refused["person_id"] == "anda-zagare"


async def test_an_answer_of_another_stay_proves_nothing(place: Place) -> None:
    client = await place.browser(auth_time=None)
    asked = await client.get("/step-up/begin", params={"return": "/guarded"})
    token, _ = await place.held.sessions.open(
        place.held.now(), person_id="anda-zagare", sub="anda-zagare", id_token="", role_id="anda-zagare-1"
    )
    client.cookies.set(place.held.settings.cookie_name, token, domain="127.0.0.1")
    choice = await client.get(asked.headers["location"])
    action = re.search('action="([^"]*openid-connect/auth[^"]+)"', choice.text)
    assert action
    answer = await client.post(action[1].replace("&amp;", "&"), data={"person": "anda-zagare"})
    back = await client.get(answer.headers["location"])
    assert back.headers["location"].startswith("/sign-in?return=")


async def test_what_was_typed_waits_and_a_form_from_before_is_still_taken_after(place: Place) -> None:
    client = await place.browser(auth_time=place.held.now() - timedelta(hours=1))
    csrf = re.search('name="csrf" value="([^"]+)"', (await client.get("/roles")).text)
    assert csrf
    form = {"csrf": csrf[1], "words": "gara rinda"}
    asked = await client.post("/guarded", data=form)
    assert asked.headers["location"] == "/step-up?return=/guarded"
    kept = await find_draft(place.held.store, "anda-zagare-1", "/guarded")
    assert kept and kept[0]["words"] == ["gara rinda"]
    await place.prove(client, "/guarded")
    taken = await client.post("/guarded", data=form)
    assert (taken.status_code, taken.text) == (201, "gara rinda")


async def restricted(held: Runtime) -> str:
    row = await held.store.dossiers.find_one({"_id": TOMASS}) or {}
    return next(
        e["id"]
        for e in row["events"]
        if e.get("confidentiality") == "restricted" and "anda-zagare" in e.get("named_people", [])
    )


async def test_a_restricted_entry_opens_after_it_and_to_nobody_who_is_not_named(held: Runtime) -> None:
    entry = f"/dossiers/{TOMASS}/events/{await restricted(held)}"
    named = await Browser(held).sign_in("anda-zagare", ago=timedelta(hours=1))
    answer = await named.get(entry, follow=False)
    assert answer.headers["location"] == f"/step-up?return={entry}"
    assert (await named.get(f"{entry}/correction", follow=False)).status_code in (303, 404)
    proved = await Browser(held).sign_in("anda-zagare")
    assert (await proved.get(entry)).status_code == 200
    held.clock.now += timedelta(minutes=16)  # type: ignore[attr-defined]
    assert (await proved.get(entry, follow=False)).status_code == 303
    stranger = await Browser(held).sign_in("ralfs-enins", ago=timedelta(hours=1))
    assert (await stranger.get(entry, follow=False)).status_code in (303, 404)


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_it_leads_back_nowhere_foreign(held: Runtime, back: str) -> None:
    browser = await Browser(held).sign_in("anda-zagare")
    await browser.get(f"/step-up?return={back}")
    assert "evil" not in browser.page and "return=%2Fdesk" in browser.page
