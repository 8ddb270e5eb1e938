"""The case manager keeps the team, sets meetings, hands the case over; the plan on paper is that of its reader."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest_asyncio

from documents.acts import Act
from documents.dossier import Dossier
from documents.model import day_of
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of
from tests.paper import text_of
from tests.scans import no_collection_scans

MARTA, TOMASS = dossier_id("marta"), dossier_id("tomass")
TEAM, PLAN = f"/dossiers/{MARTA}/team", f"/dossiers/{MARTA}/plan"
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(held: Runtime) -> AsyncIterator[None]:
    before = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    await held.store.outbox.delete_many({})
    yield
    await held.store.dossiers.replace_one({"_id": MARTA}, before)


async def dossier(held: Runtime) -> Dossier:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": MARTA}))


async def told(held: Runtime) -> set[tuple[str, str]]:
    rows = await held.store.outbox.find({"kind": "notice"}).to_list()
    return {(row.get("to_role") or row["to_key"], row["content"]["change"]) for row in rows}


async def test_somebody_joins_the_team_and_leaves_and_the_family_sees_who_and_what_for(visit: Visit, held: Runtime):
    inese = await visit("inese-liepina")
    await inese.get(TEAM)
    why = "Palīdz Martai saprast, kas notiek policijā."
    row = await held.store.people.find_one({"_id": "ineta-godmane"}) or {}
    other = await held.store.people.find_one({"_id": "edgars-kalejs"}) or {}
    form = {"person": "", "email": other["roles"][0]["email"], "function": "Martas atbalsts policijā", "why": why}
    for wrong, word in (
        ({"email": ""}, "Izvēlieties kādu, kas strādā ar bērnu"),
        ({"email": "nobody@nowhere.example"}, "neviens nestrādā"),
        ({"email": row["roles"][0]["email"]}, "komandā nav vietas"),
        ({"email": "", "person": "zane-kaulina-1"}, "Izvēlieties kādu, kas strādā ar bērnu"),
        ({"function": ""}, "kas šis cilvēks ir komandā"),
        ({"why": ""}, "kam komandai šis cilvēks vajadzīgs"),
    ):
        assert (await inese.post(TEAM, form | wrong)).status_code == 422, wrong
        assert word in inese.page, wrong
    async with no_collection_scans(held.store.database):
        assert path_of(await inese.post(TEAM, form)) == TEAM
    await inese.post(TEAM, form)
    new = [m for m in (await dossier(held)).team if m.person_id == "edgars-kalejs"]
    assert len(new) == 1, "sent twice one joins once"
    assert (new[0].role_id, "team_joined") in await told(held)
    edgars = await visit("edgars-kalejs")
    assert (await edgars.get(f"/dossiers/{MARTA}")).status_code == 200
    assert (await edgars.get(TEAM)).status_code == 403
    mother = await visit("ilze-kalnina")
    await mother.get(PLAN)
    assert why in mother.page and "Edgars Kalējs" in mother.page
    leaving = f"{TEAM}/{new[0].role_id}/leaving"
    assert path_of(await inese.post(leaving)) == TEAM
    await inese.post(leaving)
    assert (await edgars.get(f"/dossiers/{MARTA}")).status_code == 404
    assert await held.store.audit_entries.count_documents({"act": Act.TEAM_CHANGED, "dossier_id": MARTA}) == 2


async def test_a_case_manager_hands_over_and_there_is_one_at_any_time(visit: Visit, held: Runtime):
    inese = await visit("inese-liepina")
    await inese.get(TEAM)
    state = inese.hidden("state", f"{TEAM}/lead")
    for person, word in (
        ("", "Izvēlieties"),
        ("zane-kaulina-1", "Izvēlieties kolēģi"),
        ("ruta-abele-1", "vadīt nevar"),
    ):
        assert (await inese.post(f"{TEAM}/lead", {"person": person, "state": state})).status_code == 422, person
        assert word in inese.page, person
    assert path_of(await inese.post(f"{TEAM}/lead", {"person": "aija-zarina-1", "state": state})) == TEAM
    late = await inese.post(f"{TEAM}/lead", {"person": "dace-ozola-1", "state": state})
    assert late.status_code == 409, "a page made before overwrites nothing"
    asked = await dossier(held)
    assert asked.case_manager and asked.case_manager.person_id == "inese-liepina"
    aija = await visit("aija-zarina")
    await aija.get(f"/case-offers/{MARTA}")
    await aija.post(f"/case-offers/{MARTA}/answer", {"answer": "accept"})
    now = await dossier(held)
    assert now.case_manager and now.case_manager.person_id == "aija-zarina"
    assert [r.key for r in now.readers if r.relation == "case_manager"] == ["r:aija-zarina-1"]
    assert ("inese-liepina-1", "manager_accepted") in await told(held)
    assert (await inese.get(TEAM)).status_code in (403, 404)


async def test_a_meeting_is_set_moved_in_one_of_two_windows_and_called_off(visit: Visit, held: Runtime):
    inese = await visit("inese-liepina")
    await inese.get(PLAN)
    day = f"{day_of(held.now()) + timedelta(days=3):%d.%m.%Y}."
    form = {"meeting_day": day, "meeting_time": "16.20", "place": "Skolā, 12. kabinetā", "version": "0"}
    for wrong, word in (
        ({"meeting_day": "01.01.2020."}, "dienu no šodienas"),
        ({"meeting_day": "31.02.2027."}, "dienas"),
        ({"meeting_time": "vakarā"}, "16.20"),
        ({"place": ""}, "kur tiekaties"),
    ):
        assert (await inese.post(f"{PLAN}/meeting", form | wrong)).status_code == 422, wrong
        assert word in inese.page, wrong
    assert path_of(await inese.post(f"{PLAN}/meeting", form)) == PLAN
    await inese.post(f"{PLAN}/meeting", form)
    assert (await dossier(held)).meetings_set == 1, "sent twice it is set once"
    assert (await inese.post(f"{PLAN}/meeting", form | {"place": "Mājās"})).status_code == 409
    assert ("p:ilze-kalnina", "meeting_set") in await told(held)
    mother = await visit("ilze-kalnina")
    await mother.get(PLAN)
    assert "Skolā, 12. kabinetā" in mother.page and "16.20" in mother.page
    await mother.get("/roles")
    assert (await mother.post(f"{PLAN}/meeting", form)).status_code == 403
    await inese.get(PLAN)
    assert path_of(await inese.post(f"{PLAN}/meeting", {"step": "off", "version": "1"})) == PLAN
    await mother.get(PLAN)
    assert "12. kabinetā" not in mother.page


async def test_the_plan_on_paper_holds_what_its_reader_sees_and_saving_it_is_on_record(visit: Visit, held: Runtime):
    withheld, shared = "kāds atkal draud", "telefonu noliek virtuvē"
    inese = await visit("inese-liepina")
    whole = await words_of(inese, f"{PLAN}/file")
    assert withheld in whole and shared in whole and "Marta Kalniņa" in whole
    mother, father, head = await visit("ilze-kalnina"), await visit("andris-kalnins"), await visit("vita-eglite")
    hers, his, dates = [await words_of(one, f"{PLAN}/file") for one in (mother, father, head)]
    assert shared in hers and withheld not in his and shared not in his
    for words in (withheld, shared, "Marta", "Kalniņ", "miega"):
        assert words not in dates, words
    assert "Inese Liepiņa" in dates
    entries = held.store.audit_entries.find({"act": Act.PLAN_SAVED, "dossier_id": MARTA})
    assert [entry["person_id"] async for entry in entries] == [
        *("inese-liepina", "ilze-kalnina", "andris-kalnins", "vita-eglite")
    ]
    zane = await visit("zane-kaulina")
    assert (await zane.client.get(f"{PLAN}/file")).status_code == 404
    assert (await inese.client.get(f"/dossiers/{TOMASS}/plan/file")).status_code == 404


async def words_of(browser: Browser, path: str) -> str:
    """The words of a PDF; its properties and name say nothing of the child."""
    answer = await browser.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert "marta" not in answer.headers["content-disposition"].lower()
    return text_of(answer.content)
