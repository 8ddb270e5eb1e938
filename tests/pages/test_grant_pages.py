"""Denials: who denies whom, that a denial beats everything, whom to call, lifting and review."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from documents.dossier import Dossier, Emergency, Grant
from documents.model import day_of, to_bson
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of
from tests.pages.test_access_request_pages import ask_form

MARTA = dossier_id("marta")
ADDRESS = f"/dossiers/{MARTA}/denials"
Visit = Callable[..., Awaitable[Browser]]
DENIAL = {
    "person": "",
    "reason": "Ir radinieks tēva pusē, interešu konflikts.",
    "call": "Inese Liepiņa, 0000 0001",
    "until": "",
}


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def without_denials(held: Runtime) -> AsyncIterator[None]:
    yield
    await held.store.dossiers.update_one({"_id": MARTA}, {"$unset": {"denials": ""}})


async def deny(visit: Visit, person: str, by: str = "inese-liepina", **changes: Any) -> Browser:
    browser = await visit(by)
    await browser.get(f"/dossiers/{MARTA}/grants")
    await browser.post(ADDRESS, DENIAL | {"person": person} | changes)
    return browser


async def denials(held: Runtime) -> list[dict[str, Any]]:
    return list((await held.store.dossiers.find_one({"_id": MARTA}) or {}).get("denials", []))


async def test_the_case_manager_denies_somebody_at_work_for_the_child_and_lifts_it(visit: Visit, held: Runtime) -> None:
    martins = await visit("martins-skele")
    assert (await martins.get(f"/dossiers/{MARTA}")).status_code == 200
    inese = await deny(visit, "martins-skele")
    assert "Liegums ir sarakstā" in inese.page and "interešu konflikts" in inese.page
    assert (await martins.get(f"/dossiers/{MARTA}")).status_code == 404
    await martins.get("/desk")
    assert MARTA not in martins.page
    denial = (await denials(held))[0]
    await inese.post(f"{ADDRESS}/{denial['id']}/lifting")
    assert (await martins.get(f"/dossiers/{MARTA}")).status_code == 200
    acts = await held.store.audit_entries.distinct("act", {"subject": denial["id"]})
    assert set(acts) == {"access.denied", "denial.lifted"}


async def test_somebody_who_does_not_work_for_the_child_is_denied_by_the_work_address(
    visit: Visit, held: Runtime
) -> None:
    inese = await deny(visit, "", email="nobody@x.example")
    assert "Ar šādu adresi neviens nestrādā" in inese.page and await denials(held) == []
    role = (await held.store.people.find_one({"_id": "zane-kaulina"}) or {})["roles"][0]
    await deny(visit, "", email=role["email"].upper())
    assert [d["person_id"] for d in await denials(held)] == ["zane-kaulina"]


async def test_a_denial_beats_grant_and_emergency_and_says_whom_to_call(visit: Visit, held: Runtime) -> None:
    now = held.now()
    row = await held.store.dossiers.find_one({"_id": MARTA})
    marta = Dossier.model_validate(row)
    assert marta.case_manager
    grant = Grant(
        id="given",
        role_id="zane-kaulina-1",
        person_id="zane-kaulina",
        sections=["base"],
        purpose="assess_need",
        legal_basis="child_rights_law",
        since=now - timedelta(days=1),
        until=now + timedelta(days=1),
        decided_by=marta.case_manager,
    )
    emergency = Emergency(
        id="urgent",
        role_id="zane-kaulina-1",
        person_id="zane-kaulina",
        reason="",
        since=now - timedelta(hours=1),
        until=now + timedelta(hours=1),
    )
    reader = {"key": "r:zane-kaulina-1", "since": grant.since, "until": grant.until}
    readers = [reader | {"relation": "consented:given"}, reader | {"relation": "emergency"}]
    await held.store.dossiers.update_one(
        {"_id": MARTA},
        {"$push": {"grants": to_bson(grant), "emergencies": to_bson(emergency), "readers": {"$each": readers}}},
    )
    zane = await visit("zane-kaulina")
    assert (await zane.get(f"/dossiers/{MARTA}")).status_code == 200
    role = (await held.store.people.find_one({"_id": "zane-kaulina"}) or {})["roles"][0]
    await deny(visit, "", email=role["email"])
    assert (await zane.get(f"/dossiers/{MARTA}")).status_code == 404
    await zane.get("/search")
    await zane.post("/search/nation", {"q": codes_of(held)[MARTA]})
    await zane.post("/access-requests/new", {"child": zane.hidden("child", "/access-requests/new")})
    answer = await zane.post("/access-requests", ask_form(held, child=zane.hidden("child")))
    assert answer.status_code == 403 and "Inese Liepiņa, 0000 0001" in zane.page
    await held.store.dossiers.replace_one({"_id": MARTA}, row or {})


async def test_a_member_of_the_family_is_denied_by_the_orphans_court_alone(visit: Visit, held: Runtime) -> None:
    inese = await visit("inese-liepina")
    await inese.get(f"/dossiers/{MARTA}/grants")
    assert 'value="andris-kalnins"' not in inese.page and 'value="martins-skele"' in inese.page
    assert (await inese.post(ADDRESS, DENIAL | {"person": "andris-kalnins"})).status_code == 422
    assert await denials(held) == []
    anda = await deny(visit, "andris-kalnins", by="anda-zagare")
    assert "Liegums ir sarakstā" in anda.page
    father = await visit("andris-kalnins")
    assert (await father.get(f"/dossiers/{MARTA}")).status_code == 404
    mother = await visit("ilze-kalnina")
    await mother.get(f"/dossiers/{MARTA}/access-log")
    assert "liedza" not in mother.page and "liegumu" not in mother.page


async def test_the_supervisor_reviews_a_denial_and_nobody_else(visit: Visit, held: Runtime) -> None:
    await deny(visit, "martins-skele")
    denial = (await denials(held))[0]
    for person in ("inese-liepina", "aija-zarina", "valdis-strods", "ilze-kalnina", "zane-kaulina"):
        other = await visit(person)
        await other.get(f"/dossiers/{MARTA}/grants")
        assert "/review" not in other.page
        await other.get("/roles")
        assert (await other.post(f"{ADDRESS}/{denial['id']}/review")).status_code in (403, 404)
    head = await visit("sanita-berzina")
    await head.get("/desk")
    assert "Jūs gaida 1 piekļuves jautājums" in head.page
    await head.get("/access-requests")
    assert f"/dossiers/{MARTA}/grants" in head.page and "Marta" not in head.page
    await head.get(f"/dossiers/{MARTA}/grants")
    assert "interešu konflikts" in head.page and "Marta" not in head.page
    await head.post(f"{ADDRESS}/{denial['id']}/review")
    assert "vadītājs izskatījis" in head.page
    assert (await denials(held))[0]["reviewed_by"]["person_id"] == "sanita-berzina"


async def test_wrong_input_is_refused_at_its_field_and_the_words_stay(visit: Visit, held: Runtime) -> None:
    inese = await deny(visit, "", reason="Gara domu rinda", call="", until="1.1.2020.")
    assert len(inese.errors) == 3 and "Gara domu rinda" in inese.page
    inese = await deny(visit, "inese-liepina")
    assert await denials(held) == [], "nobody denies themselves"


async def test_a_denial_until_a_day_ends_with_it(visit: Visit, held: Runtime) -> None:
    until = day_of(held.now()) + timedelta(days=1)
    await deny(visit, "martins-skele", until=f"{until:%d.%m.%Y}.")
    martins = await visit("martins-skele")
    assert (await martins.get(f"/dossiers/{MARTA}")).status_code == 404
    start = held.now()
    held.clock.now += timedelta(days=3)  # type: ignore[attr-defined]
    martins = await visit("martins-skele")
    assert (await martins.get(f"/dossiers/{MARTA}")).status_code == 200
    held.clock.now = start  # type: ignore[attr-defined]


@pytest.mark.parametrize("person", ["ruta-abele", "ilze-kalnina", "zane-kaulina", "renate-vilcina"])
async def test_who_may_not_see_the_list_has_no_link_and_is_refused(visit: Visit, person: str) -> None:
    browser = await visit(person)
    await browser.get(f"/dossiers/{MARTA}/access-log")
    assert f"/dossiers/{MARTA}/grants" not in browser.page
    assert (await browser.get(f"/dossiers/{MARTA}/grants")).status_code in (403, 404)
    await browser.get("/roles")
    assert (await browser.post(ADDRESS, DENIAL | {"person": "martins-skele"})).status_code in (403, 404)
    assert (await browser.post(f"/dossiers/{MARTA}/grants/x/revocation")).status_code in (403, 404)
