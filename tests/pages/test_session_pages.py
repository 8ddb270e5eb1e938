"""My sign-ins: seen, ended one by one or all at once; asking how long one lasts keeps nobody signed in."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from portal.runtime import Runtime
from tests.browsing import Browser, path_of
from tests.scans import no_collection_scans

Visit = Callable[..., Awaitable[Browser]]
MINUTE = timedelta(minutes=1)


def others(page: str) -> list[str]:
    return re.findall(r'action="(/sessions/[0-9a-f]{16}/end)"', page)


@pytest.mark.asvs("7.5.2")
async def test_one_of_several_is_ended_and_refused_at_its_next_click(visit: Visit, held: Runtime) -> None:
    here, there = await visit("vita-eglite"), await visit("vita-eglite")
    stranger = await visit("inese-liepina")
    async with no_collection_scans(held.store.database):
        await here.get("/sessions")
    assert len(others(here.page)) == 1 and "šī" in here.page
    await here.post(others(here.page)[0])
    assert "ir izbeigta" in here.page and others(here.page) == []
    refused = await there.client.get("/desk")
    assert refused.status_code == 303 and refused.headers["location"].startswith("/sign-in")
    assert path_of(await here.get("/desk")) == "/desk" and path_of(await stranger.get("/desk")) == "/desk"


async def test_nobody_ends_the_sign_in_of_somebody_else(visit: Visit, held: Runtime) -> None:
    victim, attacker = await visit("vita-eglite"), await visit("inese-liepina")
    row = await held.store.sessions.find_one({"person_id": "vita-eglite", "revoked": None})
    assert row
    await attacker.get("/sessions")
    assert row["_id"][:16] not in attacker.page
    assert (await attacker.post(f"/sessions/{row['_id'][:16]}/end")).status_code == 404
    assert path_of(await victim.get("/desk")) == "/desk"


@pytest.mark.asvs("7.4.3")
async def test_all_are_ended_and_it_is_on_record(visit: Visit, held: Runtime) -> None:
    here, there = await visit("dace-ozola"), await visit("dace-ozola")
    await here.get("/sessions")
    answer = await here.client.post("/sessions/end", data={"csrf": here.csrf})
    assert answer.status_code == 303, "also where the provider does not answer, as here"
    assert "Clear-Site-Data" in answer.headers
    for browser in (here, there):
        assert (await browser.client.get("/desk")).headers["location"].startswith("/sign-in")
    entry = await held.store.audit_entries.find_one({"act": "session.ended", "person_id": "dace-ozola"})
    assert entry and entry["count"] == 2


@pytest.mark.asvs("7.3.1")
async def test_asking_how_long_it_lasts_prolongs_nothing_and_staying_does(visit: Visit, held: Runtime) -> None:
    browser = await visit("aija-zarina")
    await browser.get("/desk")
    began = held.clock.now  # type: ignore[attr-defined]
    polling = {"X-Polling": "yes"}
    try:
        for minutes, left in ((10, 1200), (20, 600), (28, 120)):
            held.clock.now = began + minutes * MINUTE  # type: ignore[attr-defined]
            assert (await browser.client.get("/sessions/remaining", headers=polling)).text == str(left)
        stayed = await browser.client.post("/sessions/stay", headers={"x-csrf-token": browser.csrf})
        assert stayed.text == "1800"
        held.clock.now = began + 45 * MINUTE  # type: ignore[attr-defined]
        assert path_of(await browser.get("/desk")) == "/desk"
        held.clock.now = began + 76 * MINUTE  # type: ignore[attr-defined]
        assert (await browser.client.get("/sessions/remaining", headers=polling)).text == "0"
        gone = await browser.client.post("/sessions/stay", headers={"x-csrf-token": browser.csrf})
        assert gone.status_code == 303
    finally:
        held.clock.now = began  # type: ignore[attr-defined]


async def test_nobody_stays_beyond_ten_hours_and_a_stranger_is_told_nothing(visit: Visit, held: Runtime) -> None:
    browser = await visit("aija-zarina")
    began = held.clock.now  # type: ignore[attr-defined]
    try:
        for minutes in range(25, 600, 25):
            held.clock.now = began + minutes * MINUTE  # type: ignore[attr-defined]
            await browser.get("/desk")
        held.clock.now = began + 598 * MINUTE  # type: ignore[attr-defined]
        stayed = await browser.client.post("/sessions/stay", headers={"x-csrf-token": browser.csrf})
        assert stayed.text == "120"
    finally:
        held.clock.now = began  # type: ignore[attr-defined]
    nobody = await visit()
    assert (await nobody.client.get("/sessions/remaining")).text == "0"
    assert (await nobody.client.get("/sessions")).headers["location"].startswith("/sign-in")


async def test_the_warning_waits_in_the_page_of_who_is_signed_in_only(visit: Visit) -> None:
    browser, nobody = await visit("ilze-kalnina"), await visit()
    await browser.get("/desk")
    assert 'id="session-warning" data-left="1800"' in browser.page and "Palikt sistēmā" in browser.page
    await nobody.get("/")
    assert "session-warning" not in nobody.page
