"""Heads see their cases by dates and names of staff, find what is stuck, and hand cases over, each whole or not."""

import importlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest_asyncio

from auth.relations import derived
from documents.acts import Act
from documents.dossier import Dossier
from documents.model import day_of, to_bson
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of
from tests.scans import no_collection_scans

MARTA, JANIS, NIKOLA = dossier_id("marta"), dossier_id("janis"), dossier_id("nikola")
INESE, DACE = "inese-liepina-1", "dace-ozola-1"
FILL = importlib.import_module("documents.migrations.20261122_0020_oversight").FILL
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(held: Runtime) -> AsyncIterator[None]:
    before = await held.store.dossiers.find({"opened": {"$exists": True}}).to_list()
    now = held.clock.now  # type: ignore[attr-defined]
    await held.store.outbox.delete_many({})
    yield
    held.clock.now = now  # type: ignore[attr-defined]
    for row in before:
        await held.store.dossiers.replace_one({"_id": row["_id"]}, row)


async def dossier(held: Runtime, which: str = MARTA) -> Dossier:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": which}))


def cases(page: str) -> list[str]:
    """The dossiers of the table, in its order."""
    return re.findall(r'<th scope="row"><a href="/dossiers/(\w+)/timeline"', page)


async def told(held: Runtime) -> set[tuple[str, str]]:
    rows = await held.store.outbox.find({"kind": "notice"}).to_list()
    return {(row.get("to_role") or row["to_key"], row["content"]["change"]) for row in rows}


async def test_a_head_finds_what_is_late_silent_and_unled_by_dates_and_names_of_staff(visit: Visit, held: Runtime):
    head = await visit("vita-eglite")
    async with no_collection_scans(held.store.database):
        await head.get("/oversight")
        everything = cases(head.page)
        assert MARTA in everything and JANIS in everything
        assert "Inese Liepiņa" in head.page and "Dace Ozola" in head.page
        for words in ("Marta", "Jānis", "Kalniņa", "miega", "psiholog"):
            assert words not in head.page, words
        await head.get("/oversight?show=late")
        assert cases(head.page) == [MARTA]
        assert "kavējas 4 dienas" in head.page
        await head.get(f"/oversight?show=late&staff={DACE}")
        assert "Dace Ozola" in head.page
        for show in ("silent14", "silent30", "unled", "requests", "nonsense"):
            await head.get(f"/oversight?show={show}&page=1")
        assert cases(head.page) == everything
    one = await dossier(held)
    assert one.touched
    held.clock.now = one.touched + timedelta(days=14, seconds=1)  # type: ignore[attr-defined]
    head = await visit("vita-eglite")
    await head.get("/oversight?show=silent14")
    assert MARTA in cases(head.page)
    assert "klusums 14 dienas" in head.page
    inese = await visit("inese-liepina")
    await inese.get(f"/dossiers/{MARTA}/plan")
    await inese.post(f"/dossiers/{MARTA}/plan", {})
    assert (await dossier(held)).touched == held.now().replace(microsecond=held.now().microsecond // 1000 * 1000)
    await head.get("/oversight?show=silent14")
    assert MARTA not in cases(head.page), "who records something breaks the silence"
    await held.store.dossiers.update_one({"_id": MARTA}, {"$unset": {"case_manager": ""}})
    await head.get("/oversight?show=unled")
    assert MARTA in cases(head.page)
    entry = await held.store.audit_entries.find_one({"act": Act.OVERSIGHT_READ, "children": MARTA})
    assert entry and entry["person_id"] == "vita-eglite"


async def test_the_head_of_a_unit_sees_the_own_subtree_and_others_nothing(visit: Visit, held: Runtime):
    unit, whole = await visit("sanita-berzina"), await visit("vita-eglite")
    await unit.get("/oversight")
    await whole.get("/oversight")
    assert set(cases(unit.page)) <= set(cases(whole.page))
    assert f'value="{INESE}"' in unit.page
    school = await visit("valdis-strods")
    await school.get(f"/oversight?staff={INESE}")
    assert MARTA in cases(school.page) and f'value="{INESE}"' not in school.page
    assert 'name="case"' not in school.page, "nobody of another institution is chosen"
    for person in ("inese-liepina", "ilze-kalnina", "solvita-taurina", "renate-vilcina", "linda-karklina"):
        browser = await visit(person)
        assert (await browser.get("/oversight")).status_code == 403, person
        await browser.get("/roles")
        assert (await browser.post("/oversight", {"staff": INESE})).status_code == 403


async def test_cases_of_an_absent_specialist_go_to_a_substitute_or_for_good(visit: Visit, held: Runtime):
    head = await visit("vita-eglite")
    page = f"/oversight?staff={INESE}"
    await head.get(page)
    places = re.findall(r'name="case" id="[^"]+" value="([^"]+)"', head.page)
    led = [place for place in places if ".lead." in place]
    held_places = [place for place in places if ".lead." not in place]
    assert led and held_places
    form: dict[str, Any] = {"staff": INESE, "case": held_places, "person": DACE, "how": "days"}
    for wrong, word in (
        ({"case": []}, "vismaz vienu lietu"),
        ({"person": ""}, "Izvēlieties speciālistu"),
        ({"how": ""}, "uz cik ilgu laiku"),
        ({"to": ""}, "Ierakstiet to"),
        ({"to": "01.01.2020."}, "Pēdējā diena"),
    ):
        answer = await head.post("/oversight", form | wrong)
        assert answer.status_code == 422, wrong
        assert word in head.page, wrong
        assert await held.store.outbox.count_documents({"kind": "notice"}) == 0
    ends = day_of(held.now()) + timedelta(days=5)
    last = f"{ends:%d.%m.%Y}."
    async with no_collection_scans(held.store.database):
        both = await head.post("/oversight", form | {"case": [*held_places, led[0]], "to": last})
    assert both.status_code == 422, "the lead does not pass for some days"
    assert "tikai pavisam" in head.page
    again = await head.post("/oversight", form | {"to": last})
    assert path_of(again) == "/oversight", "sent twice they stand in once"
    for place in held_places:
        standing = await dossier(held, place.split(".")[0])
        found = [p for i in standing.involvements for p in i.responsible if p.role_id == DACE and p.to == ends]
        places_of_case = [each for each in held_places if each.startswith(f"{standing.id}.")]
        assert [p.substitute_for for p in found] == [INESE] * len(places_of_case)
    assert (DACE, "substitute_named") in await told(held)
    dace = await visit("dace-ozola")
    assert (await dace.get(f"/dossiers/{held_places[0].split('.')[0]}")).status_code == 200
    stale = await head.post("/oversight", form | {"how": "good"})
    assert stale.status_code == 422, "the page was made before somebody was named"
    assert "Pa to laiku" in head.page
    await head.get(page)
    fresh = re.findall(r'name="case" id="[^"]+" value="([^"]+)"', head.page)
    done = await head.post("/oversight", form | {"case": fresh, "how": "good"})
    assert path_of(done) == "/oversight"
    for place in fresh:
        which, part, _ = place.split(".")
        after = await dossier(held, which)
        if part == "lead":
            assert after.next_manager and after.next_manager.role_id == DACE
            assert after.case_manager and after.case_manager.role_id == INESE, "the lead passes by accepting"
        else:
            assert not [
                r
                for r in after.readers
                if r.key == f"r:{INESE}" and r.relation == "responsible" and r.until > held.now()
            ]
    assert after.answering == derived(after)["answering"]


async def test_where_nobody_answers_yet_the_head_of_the_institution_names_the_first(visit: Visit, held: Runtime):
    child = await dossier(held)
    school = next(i for i in child.involvements if i.institution_id == "cesu-2-pamatskola" and i.to is None)
    school.responsible, child.team = [], []
    values = {"involvements": [to_bson(i) for i in child.involvements], "team": [], **derived(child)}
    await held.store.dossiers.update_one({"_id": MARTA}, {"$set": values})
    head = await visit("valdis-strods")
    assert (await head.get(f"/dossiers/{MARTA}/naming")).status_code == 404
    async with no_collection_scans(held.store.database):
        await head.get("/oversight/unanswered")
        assert "M. K." in head.page or "MK" in head.page
        assert "Marta" not in head.page
        address = f"/oversight/unanswered/{MARTA}/{school.id}"
        for person, word in (("", "Izvēlieties speciālistu"), (DACE, "sistēmas pārziņa")):
            assert (await head.post(address, {"person": person})).status_code == 422
            assert word in head.page
        done = await head.post(address, {"person": "aija-zarina-1"})
    assert path_of(done) == "/oversight/unanswered"
    assert path_of(await head.post(address, {"person": "aija-zarina-1"})) == "/oversight/unanswered"
    now = await dossier(held)
    assert [p.role_id for i in now.involvements if i.id == school.id for p in i.responsible] == ["aija-zarina-1"]
    assert "cesu-2-pamatskola" not in now.unanswered
    assert (await head.get(f"/dossiers/{MARTA}/naming")).status_code == 200
    for person in ("vita-eglite", "sanita-berzina"):
        other = await visit(person)
        await other.get("/desk")
        assert (await other.post(address, {"person": DACE})).status_code == 404


async def test_a_head_names_the_familys_case_manager(visit: Visit, held: Runtime):
    head = await visit("vita-eglite")
    await head.get(f"/dossiers/{JANIS}/naming")
    address = f"/dossiers/{JANIS}/family-case-manager"
    before = head.hidden("instead_of", address)
    assert (await head.post(address, {"person": "vita-eglite-1", "instead_of": before})).status_code == 422
    taken = await head.post(address, {"person": INESE, "instead_of": before})
    assert taken.status_code == 422, "she leads the case already"
    child = await dossier(held, JANIS)
    if child.family_case_manager is None:
        assert path_of(await head.post(address, {"person": DACE, "instead_of": before})).endswith("/naming")
    await head.post(address, {"person": DACE, "instead_of": "somebody-else"})
    named = (await dossier(held, JANIS)).family_case_manager
    assert named and named.role_id == DACE
    assert (DACE, "family_manager_named") in await told(held)
    dace = await visit("dace-ozola")
    assert (await dace.get(f"/dossiers/{JANIS}/plan")).status_code == 200


async def test_what_an_older_register_does_not_have_is_filled_as_it_would_be_written(held: Runtime):
    rows = await held.store.dossiers.find({"opened": {"$exists": True}}).to_list()
    names = ("answering", "unanswered", "due")
    await held.store.dossiers.update_many({}, {"$unset": dict.fromkeys((*names, "touched"), "")})
    await held.store.dossiers.update_many({"opened": {"$exists": True}, "readers": {"$exists": True}}, FILL)
    for row in rows:
        after = await held.store.dossiers.find_one({"_id": row["_id"]}) or {}
        for name in names:
            assert (after.get(name) or None) == (row.get(name) or None), (row["_id"], name)
        assert after["touched"] <= row["touched"]
