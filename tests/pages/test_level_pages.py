"""Changing the prevention level: with a reason that fits, and never over somebody else's change."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

Visit = Callable[..., Awaitable[Browser]]
ADDRESS = f"/dossiers/{dossier_id('marta')}/level"
LOWER = {"level": "2", "reason": "need_met", "words": "Skolā atkal katru dienu.", "legal_basis": "child_rights_law"}


async def form(visit: Visit) -> Browser:
    browser = await visit("inese-liepina")
    assert (await browser.get(ADDRESS)).status_code == 200
    return browser


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level": ""}, "#level"),
        ({"level": "9"}, "#level"),
        ({"level": "3"}, "#level"),
        ({"reason": "risk_grown"}, "#reason"),
        ({"reason": "nonsense"}, "#reason"),
        ({"words": ""}, "#words"),
        ({"legal_basis": "mine"}, "#legal_basis"),
    ],
)
async def test_wrong_input_is_refused_at_its_field(visit: Visit, change: dict[str, str], field: str) -> None:
    browser = await form(visit)
    answer = await browser.post(ADDRESS, LOWER | {"version": browser.hidden("version")} | change)
    assert answer.status_code == 422 and f'href="{field}"' in browser.page


async def test_the_level_is_set_kept_in_the_history_and_recorded(visit: Visit, held: Runtime) -> None:
    browser = await form(visit)
    late = browser.hidden("version")
    answer = await browser.post(ADDRESS, LOWER | {"version": late})
    assert answer.status_code == 200
    row = await held.store.dossiers.find_one({"_id": dossier_id("marta")})
    assert row is not None and row["level"] == 2 and row["levels"][-1]["words"] == LOWER["words"]
    assert await held.store.audit_entries.count_documents({"act": "level.changed"}) == 1
    await browser.get(ADDRESS)
    conflict = await browser.post(ADDRESS, LOWER | {"version": late, "level": "4", "reason": "threat_found"})
    assert conflict.status_code == 409 and LOWER["words"] in browser.page
    again = await held.store.dossiers.find_one({"_id": dossier_id("marta")})
    assert again is not None and again["level"] == 2


@pytest.mark.parametrize("person", ["ruta-abele", "vita-eglite", "ilze-kalnina", "zane-kaulina"])
async def test_who_may_not_set_a_level_finds_neither_button_nor_form(visit: Visit, person: str) -> None:
    browser = await visit(person)
    await browser.get(f"/dossiers/{dossier_id('marta')}")
    assert ADDRESS not in browser.page
    assert (await browser.get(ADDRESS)).status_code in (403, 404)
    await browser.get("/desk")
    assert (await browser.post(ADDRESS, LOWER | {"version": "5"})).status_code in (403, 404)


async def test_what_was_typed_comes_back_after_the_session_ran_out_until_it_is_saved(
    visit: Visit, held: Runtime
) -> None:
    browser = await form(visit)
    typed = LOWER | {
        "csrf": browser.csrf,
        "version": browser.hidden("version"),
        "level": "1",
        "words": "Saruna ar klases audzinātāju",
    }
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    answer = await browser.post(ADDRESS, typed, follow=False)
    assert answer.headers["location"] == f"/sign-in?return={ADDRESS}"
    again = await form(visit)
    assert typed["words"] in again.page and "Melnraksts saglabāts" in again.page
    assert 'value="child_rights_law" selected' in again.page
    saved = await again.post(ADDRESS, typed | {"csrf": again.csrf})
    assert saved.status_code == 200 and path_of(saved) == f"/dossiers/{dossier_id('marta')}"
    await again.get(ADDRESS)
    assert typed["words"] not in again.page.split("<form class=")[1].split("</form>")[0]


async def test_what_was_typed_waits_in_the_role_it_was_written_in(visit: Visit, held: Runtime) -> None:
    address = f"/dossiers/{dossier_id('rihards')}/level"
    row = await held.store.people.find_one({"_id": "liga-purina"}) or {}
    first, other = (role["id"] for role in row["roles"][:2])
    manager = {"case_manager.role_id": first, "case_manager.person_id": "liga-purina"}
    await held.store.dossiers.update_one({"_id": dossier_id("rihards")}, {"$set": manager})
    browser = await visit("liga-purina")
    answer = await browser.get(address)
    assert answer.status_code == 200
    late = LOWER | {"csrf": browser.csrf, "version": browser.hidden("version"), "words": "Kavējumi beigušies"}
    await browser.get("/roles")
    await browser.post("/roles", {"role": other})
    assert (await browser.post(address, late)).status_code == 409 and "Jūsu loma ir mainījusies" in browser.page
    await browser.get("/roles")
    await browser.post("/roles", {"role": first})
    await browser.get(address)
    assert "Kavējumi beigušies" in browser.page
