"""Changing the prevention level: with a reason that fits, and never over somebody else's change."""

from collections.abc import Awaitable, Callable

import pytest

from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser

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
