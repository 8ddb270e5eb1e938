"""Heads name people of the own subtree: responsible, standing in, leading; with notices, refusals and conflicts."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from documents.acts import Act
from documents.dossier import Dossier
from documents.model import day_of
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of
from tests.pages.test_access_request_pages import asked, row_of
from tests.scans import no_collection_scans

MARTA, NIKOLA, LIVA = dossier_id("marta"), dossier_id("nikola"), dossier_id("liva")
PAGE = f"/dossiers/{MARTA}/naming"
OFFER = f"/case-offers/{MARTA}"
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(held: Runtime) -> AsyncIterator[None]:
    before = {i: await held.store.dossiers.find_one({"_id": i}) or {} for i in (MARTA, NIKOLA)}
    await held.store.outbox.delete_many({})
    yield
    for row in before.values():
        await held.store.dossiers.replace_one({"_id": row["_id"]}, row)
    await held.store.access_requests.delete_many({})


async def dossier(held: Runtime, which: str = MARTA) -> Dossier:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": which}))


async def told(held: Runtime) -> set[tuple[str, str]]:
    rows = await held.store.outbox.find({"kind": "notice"}).to_list()
    return {(row.get("to_role") or row["to_key"], row["content"]["change"]) for row in rows}


async def involvement_of(held: Runtime, institution: str) -> Any:
    return next(i for i in (await dossier(held)).involvements if i.institution_id == institution and i.to is None)


async def test_a_head_names_another_as_responsible_and_access_moves_at_the_next_click(visit: Visit, held: Runtime):
    school = await involvement_of(held, "cesu-2-pamatskola")
    old = next(p for p in school.responsible if p.to is None and not p.substitute_for)
    head = await visit("valdis-strods")
    await head.get(PAGE)
    assert old.name in head.page
    assert "Marta" not in head.page
    address = f"/dossiers/{MARTA}/involvements/{school.id}/responsible"
    for person, word in (
        ("", "Izvēlieties speciālistu"),
        ("dace-ozola-1", "sistēmas pārziņa"),
        ("nobody", "sistēmas pārziņa"),
        ("valdis-strods-1", "atbildēt nevar"),
    ):
        wrong = await head.post(address, {"person": person, "version": school.version, "instead_of": old.role_id})
        assert wrong.status_code == 422, person
        assert word in head.page, person
    row = await held.store.people.find_one({"_id": "dace-ozola"}) or {}
    teacher = {"institution_id": school.institution_id, "institution_type": school.institution_type}
    new = row["roles"][0] | teacher | {"id": "dace-school", "position": "social_pedagogue", "unit_id": None}
    await held.store.people.update_one({"_id": "dace-ozola"}, {"$push": {"roles": new}})
    form = {"person": "dace-school", "version": school.version, "instead_of": old.role_id}
    async with no_collection_scans(held.store.database):
        done = await head.post(address, form)
        assert path_of(done) == PAGE
        assert "Iesaistītajiem tas ir paziņots" in head.page
        assert path_of(await head.post(address, form)) == PAGE, "sent twice it is named once"
    now = await involvement_of(held, school.institution_id)
    assert [p.role_id for p in now.responsible if p.to is None] == ["dace-school"]
    assert (now.version, (await told(held))) == (
        school.version + 1,
        {("dace-school", "responsible_named"), (old.role_id, "responsible_replaced")},
    )
    dace = await visit("dace-ozola", "dace-school")
    await dace.get("/desk")
    assert "Marta Kalniņa" in dace.page
    readers = (await dossier(held)).readers
    assert not [
        r for r in readers if r.key == f"r:{old.role_id}" and r.relation == "responsible" and r.until > held.now()
    ]
    entry = await held.store.audit_entries.find_one({"act": Act.PEOPLE_NAMED, "dossier_id": MARTA})
    assert entry
    late = await head.post(address, form | {"person": old.role_id, "instead_of": "dace-school"})
    assert late.status_code == 409, "a head with the old page overwrites nothing"
    assert "nav pārrakstīta" in head.page
    await held.store.people.update_one({"_id": "dace-ozola"}, {"$pull": {"roles": {"id": "dace-school"}}})


async def test_a_substitute_has_both_days_and_leaves_with_the_last(visit: Visit, held: Runtime):
    school = next(i for i in (await dossier(held)).involvements if i.institution_id == "cesu-2-pamatskola")
    head = await visit("valdis-strods")
    await head.get(PAGE)
    stead = next(p for p in school.responsible if p.to is None)
    address, today = f"/dossiers/{MARTA}/involvements/{school.id}/substitute", day_of(held.now())
    row = await held.store.people.find_one({"_id": stead.person_id}) or {}
    other = row["roles"][0] | {"id": "dace-stands-in"}
    await held.store.people.update_one({"_id": "dace-ozola"}, {"$push": {"roles": other}})
    form = {"person": "dace-stands-in", "version": school.version, "instead_of": stead.role_id, "since": ""}
    assert (await head.post(address, form)).status_code == 422
    assert f'id="s-{school.id}-to-error"' in head.page
    assert (await head.post(address, form | {"to": "01.01.2020."})).status_code == 422
    last = today + timedelta(days=3)
    assert path_of(await head.post(address, form | {"to": f"{last:%d.%m.%Y}."})) == PAGE
    assert f"aizvieto: {stead.name}" in head.page
    dace = await visit("dace-ozola", "dace-stands-in")
    assert (await dace.get(f"/dossiers/{MARTA}")).status_code == 200
    assert ("dace-stands-in", "substitute_named") in await told(held)
    window = next(r for r in (await dossier(held)).readers if r.key == "r:dace-stands-in")
    assert day_of(window.until - timedelta(seconds=1)) == last
    await held.store.people.update_one({"_id": "dace-ozola"}, {"$pull": {"roles": {"id": "dace-stands-in"}}})


async def test_a_case_manager_is_asked_accepts_and_takes_over(visit: Visit, held: Runtime):
    head, other = await visit("vita-eglite"), await visit("sanita-berzina")
    await head.get(PAGE)
    await other.get(PAGE)
    address = f"/dossiers/{MARTA}/case-manager"
    form = {"person": "dace-ozola-1", "state": head.hidden("state")}
    asked_ = await head.post(address, form)
    assert path_of(asked_) == PAGE
    assert "Lūgts pārņemt, vēl nav atbildējis: Dace Ozola" in head.page
    second = await other.post(address, {"person": "inese-liepina-1", "state": "inese-liepina-1|"})
    assert second.status_code == 409
    assert "nav pārrakstīta" in other.page
    leads = (await dossier(held)).case_manager
    assert leads and leads.person_id == "inese-liepina", "until accepted nothing changes"
    for person in ("inese-liepina", "zane-kaulina", "aija-zarina"):
        browser = await visit(person)
        assert (await browser.get(OFFER)).status_code in (403, 404) or person == "inese-liepina"
        await browser.get("/desk")
        assert (await browser.post(f"{OFFER}/answer", {"answer": "accept"})).status_code in (403, 404), person
    dace = await visit("dace-ozola")
    await dace.get("/desk")
    assert f'href="{OFFER}"' in dace.page
    await dace.get(OFFER)
    assert "Vita Eglīte" in dace.page
    accepted = await dace.post(f"{OFFER}/answer", {"answer": "accept"})
    assert path_of(accepted) == f"/dossiers/{MARTA}"
    await dace.post(f"{OFFER}/answer", {"answer": "accept"})
    now = await dossier(held)
    assert now.case_manager and now.case_manager.person_id == "dace-ozola"
    assert now.next_manager is None
    inese = await visit("inese-liepina")
    await inese.get("/notices")
    assert "Gadījumu tagad vada cits speciālists." in inese.page
    assert ("vita-eglite-1", "manager_accepted") in await told(held)
    assert await held.store.audit_entries.count_documents({"act": Act.MANAGER_ACCEPTED, "dossier_id": MARTA}) == 1


async def test_declined_it_stays_as_it_was_and_the_head_is_told(visit: Visit, held: Runtime):
    head = await visit("sanita-berzina")
    await head.get(PAGE)
    address = f"/dossiers/{MARTA}/case-manager"
    outside = await head.post(address, {"person": "vita-eglite-1", "state": head.hidden("state")})
    assert outside.status_code == 422
    assert "sistēmas pārziņa" in head.page, "not of the units below this head"
    head = await visit("vita-eglite")
    await head.get(PAGE)
    await head.post(address, {"person": "dace-ozola-1", "state": head.hidden("state")})
    dace = await visit("dace-ozola")
    await dace.get(OFFER)
    await dace.post(f"{OFFER}/answer", {"answer": "decline"})
    for again in (await dace.post(f"{OFFER}/answer", {"answer": "decline"}), await dace.get(OFFER)):
        assert path_of(again) == "/desk", "who declined already is told so"
    assert "Jūs jau atteicāties" in dace.page
    now = await dossier(held)
    assert now.next_manager is None
    assert now.case_manager and now.case_manager.person_id == "inese-liepina"
    assert ("vita-eglite-1", "manager_declined") in await told(held)


async def test_a_request_without_a_case_manager_waits_with_the_head_and_moves_to_who_accepts(
    visit: Visit, held: Runtime
):
    request_id = await asked(held, "nikola")
    head = await visit("vita-eglite")
    await head.get("/access-requests")
    await head.get(f"/access-requests/{request_id}")
    assert f"/access-requests/{request_id}/case-manager" in head.page
    async with no_collection_scans(held.store.database):
        await head.get(f"/access-requests/{request_id}/case-manager")
        assert "Nikola" not in head.page
        named = await head.post(
            f"/access-requests/{request_id}/case-manager",
            {"person": "dace-ozola-1", "state": head.hidden("state")},
        )
        assert path_of(named) == "/access-requests"
        dace = await visit("dace-ozola")
        await dace.get(f"/case-offers/{NIKOLA}")
        await dace.post(f"/case-offers/{NIKOLA}/answer", {"answer": "accept"})
    await dace.get("/access-requests")
    assert request_id in dace.page
    assert ("dace-ozola-1", "access_asked") in await told(held)
    assert "routed_to" not in await row_of(held, request_id)
    await head.get("/access-requests")
    assert request_id not in head.page
    await dace.get(f"/access-requests/{request_id}")
    refusal = {"outcome": "refuse", "reason": "Pietiek ar sarunu ar skolu."}
    assert path_of(await dace.post(f"/access-requests/{request_id}/decision", refusal)) == "/access-requests"


@pytest.mark.parametrize("person", ["inese-liepina", "zane-kaulina", "ilze-kalnina", "egita-dzene"])
async def test_nobody_else_names_anybody(visit: Visit, held: Runtime, person: str):
    browser = await visit(person)
    await browser.get("/roles")
    school = await involvement_of(held, "cesu-2-pamatskola")
    assert (await browser.get(PAGE)).status_code in (403, 404)
    for path in ("case-manager", f"involvements/{school.id}/responsible", f"involvements/{school.id}/substitute"):
        await browser.get("/roles")
        sent = {"person": "dace-ozola-1", "version": 1, "state": "inese-liepina-1|", "to": "01.01.2030."}
        assert (await browser.post(f"/dossiers/{MARTA}/{path}", sent)).status_code in (403, 404), path
    assert (await dossier(held)).next_manager is None
