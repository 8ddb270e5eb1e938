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
from tests.pages.test_access_request_pages import asked
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
        for show in ("soon", "silent14", "silent30", "unled", "left", "requests", "nonsense"):
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


@pytest_asyncio.fixture(loop_scope="session")
async def crowd(held: Runtime) -> AsyncIterator[int]:
    """So many people of another unit that no list holds them, all before the story's by surname."""
    row = await held.store.people.find_one({"_id": "inese-liepina"}) or {}
    role = row["roles"][0] | {"unit_id": "csd-cita", "unit_name": "Cita nodaļa"}
    gone = {"code_hash", "code", "identities", "demo_note"}
    rows = [
        {name: value for name, value in row.items() if name not in gone}
        | {"_id": f"crowd-{n}", "family_name": f"Ābele {n:03}", "roles": [role | {"id": f"crowd-{n}-1"}]}
        for n in range(320)
    ]
    await held.store.people.insert_many(rows)
    yield len(rows)
    await held.store.people.delete_many({"_id": {"$regex": "^crowd-"}})


async def test_in_a_large_institution_each_head_finds_the_own_staff_and_is_told_whom_a_list_leaves_out(
    visit: Visit, held: Runtime, crowd: int
):
    unit, whole, manager = await visit("sanita-berzina"), await visit("vita-eglite"), await visit("inese-liepina")
    async with no_collection_scans(held.store.database):
        await unit.get(f"/oversight?staff={INESE}")
        assert f'value="{INESE}" selected' in unit.page and MARTA in cases(unit.page)
        assert 'name="case"' in unit.page and f'value="{DACE}"' in unit.page, "her cases can be handed over to Dace"
        await unit.get(f"/dossiers/{MARTA}/naming")
        assert f'value="{DACE}"' in unit.page and "neietilpst" not in unit.page
        await whole.get("/oversight")
        options = re.findall(r'<option value="(crowd-\d+-1)"', whole.page)
        told = re.search(r"Sarakstā neietilpst vēl (\d+) jūsu darbinie", whole.page)
        assert told and len(options) <= 300 and int(told[1]) >= crowd - len(options)
        await whole.get(f"/oversight?staff={INESE}")
        assert f'value="{INESE}" selected' in whole.page and MARTA in cases(whole.page)
        for page in (f"/dossiers/{MARTA}/naming", "/oversight/unanswered"):
            assert (await whole.get(page)).status_code == 200
        await whole.get(f"/dossiers/{MARTA}/naming")
        assert "Sarakstā neietilpst vēl" in whole.page
        await whole.get("/oversight?staff=aija-zarina-1")
        assert "aija-zarina-1" not in whole.page, "an address names nobody of another institution"
        await manager.get(f"/dossiers/{MARTA}/team")
        options = re.findall(r'<option value="(crowd-\d+-1)"', manager.page)
        told = re.search(r"Sarakstā neietilpst vēl (\d+) jūsu iestādes darbinie", manager.page)
        assert told and int(told[1]) == crowd - len(options) > 0, "the case manager is told whom the list leaves out"
        assert f'value="{DACE}"' in manager.page, "those of the own unit are all there"
    await held.store.people.delete_many({"_id": {"$regex": "^crowd-"}})
    await whole.get("/oversight")
    assert "neietilpst" not in whole.page


async def test_a_case_whose_manager_has_left_is_found_and_marked(visit: Visit, held: Runtime):
    today = day_of(held.now())
    everybody, inese = held.store.people, {"_id": "inese-liepina"}
    before = await everybody.find_one(inese) or {}
    yesterday, last = (today - timedelta(days=1)).isoformat(), today.isoformat()
    left: dict[str, dict[str, Any]] = {
        "ended": {"roles.0.to": yesterday},
        "closed": {"deactivated": True},
    }
    for change, gone in [({"roles.0.to": last}, False), (left["ended"], True), (left["closed"], True)]:
        await everybody.replace_one(inese, before)
        await everybody.update_one(inese, {"$set": change})
        for person in ("vita-eglite", "sanita-berzina"):
            head = await visit(person)
            async with no_collection_scans(held.store.database):
                await head.get("/oversight?show=left")
            assert (MARTA in cases(head.page)) is gone, (person, change)
            assert ("vairs nestrādā</span>" in head.page) is gone, (person, change)
        school = await visit("valdis-strods")
        await school.get("/oversight")
        assert MARTA in cases(school.page) and ("vairs nestrādā</span>" in school.page) is gone
        await school.get("/oversight?show=left")
        assert cases(school.page) == [], "only the own head can do something about it"
    await everybody.replace_one(inese, before)


async def test_what_falls_due_within_seven_days_is_found_the_first_and_the_last_day_among_them(
    visit: Visit, held: Runtime
):
    head = await visit("vita-eglite")
    today = day_of(held.now())
    for days, soon in ((-1, False), (0, True), (7, True), (8, False)):
        due = (today + timedelta(days=days)).isoformat()
        await held.store.dossiers.update_one({"_id": MARTA}, {"$set": {"due": due}})
        async with no_collection_scans(held.store.database):
            await head.get("/oversight?show=soon")
        assert (MARTA in cases(head.page)) is soon, days
        await head.get("/oversight?show=late")
        assert (MARTA in cases(head.page)) is (days < 0), days
    for order in ((MARTA, JANIS), (JANIS, MARTA)):
        for which, days in zip(order, (2, 5), strict=True):
            due = (today + timedelta(days=days)).isoformat()
            await held.store.dossiers.update_one({"_id": which}, {"$set": {"due": due}})
        await head.get("/oversight?show=soon")
        assert cases(head.page) == [*order], "what is due first stands first"


async def test_a_case_is_silent_for_thirty_days_from_the_thirtieth_on(visit: Visit, held: Runtime):
    one = await dossier(held)
    assert one.touched
    for ago, silent in ((timedelta(days=30, milliseconds=-1), False), (timedelta(days=30), True)):
        held.clock.now = one.touched + ago  # type: ignore[attr-defined]
        head = await visit("vita-eglite")
        await head.get("/oversight?show=silent30")
        assert (MARTA in cases(head.page)) is silent, ago
        await head.get("/oversight?show=silent14")
        assert MARTA in cases(head.page), "it is silent for fourteen days long since"
    await head.get("/oversight")
    assert "klusums 30 dienas" in row_of(head.page, MARTA)


async def test_a_case_with_an_overdue_request_is_found_and_marked_once_it_is_overdue(visit: Visit, held: Runtime):
    await held.store.access_requests.delete_many({})
    request = await held.store.access_requests.find_one({"_id": await asked(held)}) or {}
    for moment, late in ((request["due"] - timedelta(seconds=1), False), (request["due"], True)):
        held.clock.now = moment  # type: ignore[attr-defined]
        head = await visit("vita-eglite")
        await head.get("/oversight?show=requests")
        assert cases(head.page) == [MARTA] * late
        await head.get("/oversight")
        assert ("kavējas piekļuves pieprasījums" in row_of(head.page, MARTA)) is late
        assert "kavējas piekļuves pieprasījums" not in row_of(head.page, JANIS)
    await held.store.access_requests.delete_many({})
    await head.get("/oversight?show=requests")
    assert cases(head.page) == []


async def test_a_report_nobody_acknowledged_is_marked_on_the_case_for_the_head_whose_house_decides(
    visit: Visit, held: Runtime
):
    report = await held.store.reports.find_one({"decides.institution_id": "cesu-socialais-dienests"}) or {}
    for state, marked in (("received", True), ("acknowledged", False)):
        values = {"dossier_id": MARTA, "state": state}
        await held.store.reports.update_one({"_id": report["_id"]}, {"$set": values})
        held.clock.now = held.now() + timedelta(days=2)  # type: ignore[attr-defined]
        head, school = await visit("vita-eglite"), await visit("valdis-strods")
        for browser, told in ((head, marked), (school, False)):
            await browser.get("/oversight")
            assert ("ziņojums nav apstiprināts" in row_of(browser.page, MARTA)) is told
    await held.store.reports.replace_one({"_id": report["_id"]}, report)


def row_of(page: str, which: str) -> str:
    """The row of one case."""
    return next(row for row in page.split("<tr>") if f'href="/dossiers/{which}/timeline"' in row)


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
