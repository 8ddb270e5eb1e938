"""Stewards look after accounts: found exactly, roles given and ended, closed at the next click; never their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import pytest_asyncio

from documents.copies import work_once
from documents.model import day_of, to_bson
from documents.person import Person
from documents.personal_code import invent, parse
from fixtures.story import dossier_id
from portal.accounts.stewards import EnoughStewards, NotInvited, invite, redeem
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of, path_of
from tests.scans import no_collection_scans

MARTA = dossier_id("marta")
Visit = Callable[..., Awaitable[Browser]]
OTHER = "otra-parzine"


@pytest_asyncio.fixture(loop_scope="session")
async def second(held: Runtime) -> AsyncIterator[str]:
    """Another steward, for one test."""
    linda = await person(held, "linda-karklina")
    role = linda.roles[0].model_copy(update={"id": f"{OTHER}-1"})
    row = to_bson(linda.model_copy(update={"id": OTHER, "given_name": "Otra", "code_hash": None, "roles": [role]}))
    row.pop("code", None)
    await held.store.people.insert_one(row)
    yield OTHER
    await held.store.people.delete_one({"_id": OTHER})


async def person(held: Runtime, person_id: str) -> Person:
    return Person.model_validate(await held.store.people.find_one({"_id": person_id}))


async def last_act(held: Runtime, act: str) -> dict[str, object]:
    row = await held.store.audit_entries.find_one({"act": act}, sort=[("at", -1), ("n", -1)])
    assert row
    return row


async def give(browser: Browser, person_id: str, institution: str, **role: str) -> int:
    await browser.get(f"/admin/people/{person_id}/roles/new", params={"institution": institution})
    form = {name: browser.hidden(name) for name in ("institution", "revision")}
    return (await browser.post(f"/admin/people/{person_id}/roles", form | role)).status_code


async def test_an_account_is_found_by_exact_code_and_by_institution_with_names_by_index(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("linda-karklina")
    code = codes_of(held)["inese-liepina"]
    async with no_collection_scans(held.store.database):
        await browser.get("/admin/people")
        answer = await browser.post("/admin/people", {"code": code, "institution": "", "name": ""})
        assert path_of(answer) == "/admin/people/inese-liepina" and "Inese Liepiņa" in browser.page
        await browser.get("/admin/people")
        await browser.post("/admin/people", {"code": "", "institution": "Cēsu novada Soci", "name": ""})
        assert "Inese Liepiņa" in browser.page and "Dace Ozola" in browser.page
        await browser.post("/admin/people", {"code": "", "institution": "Cēsu novada Soci", "name": "lie"})
        assert "Inese Liepiņa" in browser.page and "Dace Ozola" not in browser.page
        await browser.post("/admin/people", {"code": "", "institution": "Cēsu", "name": ""})
        assert "Kura iestāde?" in browser.page
    acts = await held.store.audit_entries.count_documents({"act": "accounts.searched", "person_id": "linda-karklina"})
    assert acts == 3 and (await last_act(held, "account.read"))["subject"] == "inese-liepina"
    assert code not in str(await held.store.audit_entries.find({"act": "accounts.searched"}).to_list())


async def test_an_account_shows_work_and_nothing_of_a_family(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    mother = await person(held, "ilze-kalnina")
    await browser.get("/admin/people/ilze-kalnina")
    assert "Lomas vēl nav" in browser.page
    assert not [word for word in (mother.phone, mother.email, MARTA, "Marta") if word in browser.page]


async def test_somebody_new_gets_an_account_and_a_role_and_works_at_once(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    code = invent(day_of(held.now()).replace(year=1991, day=5), 11)
    await browser.get("/admin/people")
    await browser.post("/admin/people", {"code": code, "institution": "", "name": ""})
    assert "Neviens ar šādu personas kodu" in browser.page
    new = {"code": code, "given_name": " Aiga ", "family_name": "Ne Nosaukta"}
    made = await browser.post("/admin/people/new", new)
    person_id = path_of(made).rsplit("/", 1)[1]
    again = await browser.post("/admin/people/new", new)
    assert path_of(again) == path_of(made), "one code, one account"
    account = await person(held, person_id)
    assert account.code_hash == parse(code, accept_invented=True).hash(held.store.code_key)
    assert account.roles == [] and account.name == "Aiga Ne Nosaukta"
    assert await give(browser, person_id, "puces", position="provider_specialist", phone="0000 4444") == 200
    (role,) = (await person(held, person_id)).roles
    assert (role.institution_type, role.level, role.since) == ("day_centre", 2, day_of(held.now()))
    entry = await last_act(held, "role.given")
    assert (entry["person_id"], entry["subject"], entry["series"]) == ("linda-karklina", person_id, role.id)
    worker = await visit(person_id, role.id)
    assert (await worker.get("/desk")).status_code == 200


@pytest.mark.parametrize(
    ("role", "error"),
    [
        ({"position": "family_doctor"}, "Izvēlieties šīs iestādes amatu."),
        ({"position": "steward"}, "Izvēlieties šīs iestādes amatu."),
        ({"position": ""}, "Izvēlieties šīs iestādes amatu."),
        ({"position": "provider_head", "unit": "csd-gimenes"}, "Izvēlieties no saraksta."),
        ({"position": "provider_head", "to": "01.02.2020."}, "Pēdējā diena ir pirms pirmās vai jau pagājusi."),
        ({"position": "provider_head", "since": "31.02.2026."}, "29"),
        ({"position": "provider_head", "substitute_for": "inese-liepina-1"}, "Izvēlieties no saraksta."),
        ({"position": "provider_head", "substitute_for": "peteris-zalitis-1"}, "Aizvietošanai ir pēdējā diena."),
    ],
)
async def test_a_role_that_does_not_fit_is_refused_and_the_form_comes_back(
    visit: Visit, held: Runtime, role: dict[str, str], error: str
) -> None:
    browser = await visit("linda-karklina")
    before = await person(held, "inese-liepina")
    assert await give(browser, "inese-liepina", "puces", phone="0000 7777", **role) == 422
    assert any(error in shown for shown in browser.errors) or "dienas" in browser.page
    assert "0000 7777" in browser.page
    assert await person(held, "inese-liepina") == before


async def test_a_role_held_already_is_not_given_twice(visit: Visit) -> None:
    browser = await visit("linda-karklina")
    assert await give(browser, "elina-rudzite", "puces", position="provider_specialist") == 422
    assert "jau ir piešķirta" in browser.page


async def test_an_ended_role_is_gone_at_the_next_click_and_one_with_a_day_stays_until_then(
    visit: Visit, held: Runtime
) -> None:
    browser, worker = await visit("linda-karklina"), await visit("dace-ozola")
    assert path_of(await worker.get("/desk")) == "/desk"
    address = "/admin/people/dace-ozola/roles/dace-ozola-1"
    await browser.get(address)
    later = day_of(held.now()) + timedelta(days=9)
    await browser.post(f"{address}/end", {"to": f"{later:%d.%m.%Y}.", "revision": browser.hidden("revision")})
    assert (await person(held, "dace-ozola")).roles[0].to == later
    assert path_of(await worker.get("/desk")) == "/desk"
    await browser.get(address)
    await browser.post(f"{address}/end", {"to": "01.01.2020.", "revision": browser.hidden("revision")})
    assert "ir pagājusi" in browser.errors[0]
    await browser.post(f"{address}/end", {"to": "", "revision": browser.hidden("revision")})
    assert path_of(await worker.get("/desk")) == "/roles"
    assert (await last_act(held, "role.ended"))["subject"] == "dace-ozola"


async def test_a_closed_account_is_refused_at_the_next_click_and_may_be_opened_again(
    visit: Visit, held: Runtime
) -> None:
    browser, worker = await visit("linda-karklina"), await visit("aija-zarina")
    assert (await worker.get(f"/dossiers/{MARTA}")).status_code == 200
    await browser.get("/admin/people/aija-zarina")
    assert "pierakstījies 1 ierīcē" in browser.page
    await browser.post("/admin/people/aija-zarina/closure", {"revision": browser.hidden("revision")})
    assert "slēgts" in browser.page and "Piešķirt lomu" not in browser.page
    refused = await worker.client.get(f"/dossiers/{MARTA}")
    assert refused.status_code == 303 and refused.headers["location"].startswith("/sign-in")
    assert await held.store.sessions.count_documents({"person_id": "aija-zarina", "revoked": None}) == 0
    await browser.post("/admin/people/aija-zarina/reopening", {"revision": browser.hidden("revision")})
    worker = await visit("aija-zarina")
    assert (await worker.get(f"/dossiers/{MARTA}")).status_code == 200
    for act in ("account.closed", "account.reopened"):
        assert (await last_act(held, act))["subject"] == "aija-zarina"


async def test_new_contacts_reach_the_dossiers(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    address = "/admin/people/inese-liepina/roles/inese-liepina-1"
    await browser.get(address)
    await browser.post(
        f"{address}/contacts",
        {"phone": "0000 9191", "email": "jauna@csd.example", "revision": browser.hidden("revision")},
    )
    while await work_once(held.store, "test", held.now()):
        pass
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    assert row["case_manager"]["phone"] == "0000 9191"


async def test_who_saves_second_is_told_and_keeps_what_was_typed(visit: Visit, held: Runtime) -> None:
    browser, other = await visit("linda-karklina"), await visit("linda-karklina")
    address = "/admin/people/valdis-strods/roles/valdis-strods-1"
    await browser.get(address)
    await other.get(address)
    late = other.hidden("revision")
    await browser.post(
        f"{address}/contacts", {"phone": "0000 1111", "email": "", "revision": browser.hidden("revision")}
    )
    answer = await other.post(f"{address}/contacts", {"phone": "0000 2222", "email": "", "revision": late})
    assert answer.status_code == 409 and "0000 2222" in other.page and "mainīja kāds cits" in other.page
    assert (await person(held, "valdis-strods")).roles[0].phone == "0000 1111"
    answer = await other.post("/admin/people/valdis-strods/closure", {"revision": late})
    assert answer.status_code == 409 and not (await person(held, "valdis-strods")).deactivated
    await other.get("/admin/people/valdis-strods/roles/new?institution=puces")
    form = {"institution": "puces", "position": "provider_head", "phone": "0000 3333", "revision": late}
    answer = await other.post("/admin/people/valdis-strods/roles", form)
    assert answer.status_code == 409 and "0000 3333" in other.page


async def test_nobody_changes_the_own_account(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    before = await person(held, "linda-karklina")
    await browser.get("/admin/people/linda-karklina")
    assert "Slēgt kontu" not in browser.page and "Piešķirt lomu" not in browser.page
    mine = "/admin/people/linda-karklina"
    sent = {"revision": str(before.revision), "institution": "puces", "position": "provider_head"}
    for path in (
        "/closure",
        "/reopening",
        "/roles",
        "/roles/linda-karklina-1/contacts",
        "/roles/linda-karklina-1/end",
    ):
        assert (await browser.post(mine + path, sent)).status_code == 403, path
    assert (await browser.get(f"{mine}/roles/new")).status_code == 403
    assert await person(held, "linda-karklina") == before
    assert (await last_act(held, "role.ended"))["reason"] == "about_oneself"


@pytest.mark.asvs("2.3.5")
async def test_it_takes_two_stewards_to_make_a_third(visit: Visit, held: Runtime, second: str) -> None:
    linda, other, third = await visit("linda-karklina"), await visit(second), "atis-egle"
    assert await give(linda, third, "sistemas-parzinis", position="steward") == 200
    assert "jāapstiprina otram" in linda.page
    assert len((await person(held, third)).roles) == 1, "nothing is given yet"
    row = await held.store.steward_proposals.find_one({"state": "open"}) or {}
    address = f"/admin/people/proposals/{row['_id']}/confirmation"
    await linda.get("/admin/people")
    assert "Gaida otru" in linda.page and "Apstiprināt" not in linda.page
    assert (await linda.post(address)).status_code == 403, "who proposes does not confirm"
    await other.get("/admin/people")
    assert "Apstiprināt" in other.page
    await other.post(address)
    assert any(role.position == "steward" for role in (await person(held, third)).roles)
    assert (await last_act(held, "steward.confirmed"))["person_id"] == second
    await other.get("/admin/people")
    assert (await other.post(address)).status_code == 404, "decided is decided"


async def test_the_first_two_stewards_come_from_the_console(visit: Visit, held: Runtime) -> None:
    now, store = held.now(), held.store
    born = day_of(now).replace(year=1980, month=3, day=3)
    first = parse(invent(born, 21), accept_invented=True)
    second_code = parse(invent(born, 22), accept_invented=True)
    await store.people.update_many(
        {"roles.position": "steward", "_id": {"$ne": "linda-karklina"}}, {"$set": {"deactivated": True}}
    )
    code = await invite(store, first, "Pirmā", "Pārzine", now)
    with pytest.raises(EnoughStewards):
        await invite(store, second_code, "Liekais", "Pārzinis", now)
    row = await store.people.find_one({"code_hash": first.hash(store.code_key)}) or {}
    assert row.get("roles") is None and code not in str(await store.invitations.find({}).to_list())
    stranger = await visit("inese-liepina")
    await stranger.get("/invitation")
    assert (await stranger.post("/invitation", {"code": code})).status_code == 422, "it is somebody else's"
    with pytest.raises(NotInvited):
        await redeem(store, code, now + timedelta(hours=24))
    invited = await visit(row["_id"])
    await invited.get("/roles")
    assert "/invitation" in invited.page
    await invited.get("/invitation")
    answer = await invited.post("/invitation", {"code": code.upper().replace("-", " ")})
    assert path_of(answer) == "/roles" and "Sistēmas pārzinis" in invited.page
    with pytest.raises(NotInvited):
        await redeem(store, code, now)
    with pytest.raises(EnoughStewards):
        await invite(store, second_code, "Liekais", "Pārzinis", now)
    for act in ("steward.invited", "steward.redeemed"):
        assert await store.audit_entries.count_documents({"act": act, "subject": row["_id"]})


@pytest.mark.parametrize("who", ["inese-liepina", "vita-eglite", "renate-vilcina", "ilze-kalnina"])
async def test_nobody_else_looks_after_accounts(visit: Visit, held: Runtime, who: str) -> None:
    browser = await visit(who)
    for path in ("", "/new", "/ruta-abele", "/ruta-abele/roles/new", "/ruta-abele/roles/ruta-abele-1"):
        assert (await browser.get(f"/admin/people{path}")).status_code == 403, path
    await browser.get("/roles")
    for path in ("", "/new", "/ruta-abele/closure", "/ruta-abele/roles", "/ruta-abele/roles/ruta-abele-1/end"):
        assert (await browser.post(f"/admin/people{path}", {"revision": "1"})).status_code == 403, path
    assert not (await person(held, "ruta-abele")).deactivated


async def test_proof_is_asked_anew_after_a_while_and_what_was_typed_comes_back(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    address = "/admin/people/vita-eglite/roles/vita-eglite-1"
    await browser.get(address)
    sent = {"phone": "0000 5151", "email": "", "revision": browser.hidden("revision"), "csrf": browser.csrf}
    before = held.clock.now  # type: ignore[attr-defined]
    try:
        held.clock.now = before + timedelta(minutes=16)  # type: ignore[attr-defined]
        asked = await browser.client.post(f"{address}/contacts", data=sent)
        assert asked.status_code == 303 and asked.headers["location"].startswith("/step-up")
        assert (await person(held, "vita-eglite")).roles[0].phone != "0000 5151"
        again = await visit("linda-karklina")
        await again.get(address)
        assert "0000 5151" in again.page
    finally:
        held.clock.now = before  # type: ignore[attr-defined]


async def test_the_second_level_is_chosen_where_the_position_may_hold_it_and_nowhere_else(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("linda-karklina")
    address = "/admin/people/daina-lace/roles/new"
    await browser.get(address, params={"institution": "puces"})
    assert 'name="level"' not in browser.page
    group = next(r for r in (await person(held, "daina-lace")).roles if r.institution_type == "cooperation_group")
    lead, member = {"position": "cooperation_group_lead"}, {"position": "cooperation_group_member"}
    assert await give(browser, "daina-lace", group.institution_id, **member, level="4") == 422
    assert "tāda līmeņa nav" in browser.page
    assert await give(browser, "daina-lace", group.institution_id, **lead, level="3") == 422
    assert await give(browser, "daina-lace", group.institution_id, **lead, level="") == 200
    assert await give(browser, "daina-lace", group.institution_id, **lead, level="4") == 200
    assert await give(browser, "daina-lace", group.institution_id, **lead, level="4") == 422, "held already"
    roles = (await person(held, "daina-lace")).roles
    assert sorted(r.level for r in roles if r.position == "cooperation_group_lead") == [1, 4]
    await browser.get("/admin/people/daina-lace")
    assert "(4. līmenis: tikai kopskaitļi, neviens bērns)" in browser.page
