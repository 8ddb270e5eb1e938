"""Notices: told with the change, seen by whom they are for now, naming no child out of reach, marked as read."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from documents.acts import Act
from documents.outbox import OutboxItem
from fixtures.story import dossier_id
from portal.emergency.actions import use_emergency
from portal.emergency.rules import EmergencyDraft
from portal.notices.kinds import KINDS
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.pages.test_access_request_pages import asked, give, real_who
from tests.scans import no_collection_scans

MARTA, NIKOLA = dossier_id("marta"), dossier_id("nikola")
INESE, ZANE = "inese-liepina", "zane-kaulina"
EMERGENCY = EmergencyDraft("protect_from_threat", "child_rights_law", "Bērns viens pats mājās.")
Visit = Callable[..., Awaitable[Browser]]


async def put(held: Runtime, change: str = "added", dossier: str = MARTA, subject: str = "e", **to: Any) -> str:
    told = {"content": {"change": change}, "state": "done", **to}
    item = OutboxItem(kind="notice", at=held.now(), dossier_id=dossier, subject=subject, **told)
    await held.store.outbox.insert_one(item.as_row())
    return item.id


async def test_every_kind_is_told_and_shown_without_words_of_the_life(visit: Visit, held: Runtime):
    await held.store.outbox.delete_many({})
    await put(held, "reported", to_role="inese-liepina-1")
    for change in KINDS:
        await put(held, change, to_role="inese-liepina-1")
    inese = await visit(INESE)
    shown = ""
    for number in (1, 2):
        await inese.get(f"/notices?page={number}")
        shown += inese.page
    assert shown.count("Atzīmēt kā izlasītu") == len(KINDS) + 1
    assert "Marta Kalniņa" in shown
    assert f"/dossiers/{MARTA}/events/e" in shown
    await inese.get("/desk")
    assert f"{len(KINDS) + 1} nelasīt" in inese.page
    look = await held.store.audit_entries.find_one({"act": Act.NOTICES_READ, "person_id": INESE}) or {}
    assert look["children"] == [MARTA]
    await inese.post("/language/en", {"next": "/notices"})
    shown = ""
    for number in (1, 2):
        await inese.get(f"/notices?page={number}")
        shown += inese.page
    assert "The dossier was opened in an emergency: review it." in shown


async def test_an_emergency_is_told_at_once_to_the_case_manager_and_those_above(visit: Visit, held: Runtime):
    await held.store.outbox.delete_many({})
    await use_emergency(held.store, await real_who(held, "ineta-godmane"), MARTA, EMERGENCY, held.now())
    for person in (INESE, "sanita-berzina", "vita-eglite"):
        browser = await visit(person)
        await browser.get("/desk")
        card = browser.page.split('id="notices"')[1]
        assert "Bērna profils atvērts ārkārtas piekļuvē" in card
        await browser.get("/notices")
        assert "/review" in browser.page, person
        assert ("Marta" in browser.page) == (person == INESE)
    for person in (ZANE, "valdis-strods", "dace-ozola", "ilze-kalnina"):
        browser = await visit(person)
        await browser.get("/notices")
        assert "ārkārtas" not in browser.page, person


async def test_a_request_a_decision_a_revocation_and_a_denial_are_told(visit: Visit, held: Runtime):
    await held.store.outbox.delete_many({})
    request_id = await asked(held)
    inese, zane = await visit(INESE), await visit(ZANE)
    await inese.get("/desk")
    assert f'href="/access-requests/{request_id}"' in inese.page
    await give(held, request_id)
    await zane.get("/desk")
    assert "Uz jūsu piekļuves pieprasījumu ir atbildēts." in zane.page
    await inese.get(f"/dossiers/{MARTA}/grants")
    grant = inese.page.split("/grants/")[1].split("/")[0]
    await inese.post(f"/dossiers/{MARTA}/grants/{grant}/revocation")
    await zane.get("/notices")
    assert "Jums dotā piekļuve ir atsaukta." in zane.page
    assert "Marta" not in zane.page
    denial = {"email": "zane.kaulina@nowhere.example", "reason": "Interešu konflikts lietā", "call": "Inese"}
    row = await held.store.people.find_one({"_id": ZANE}) or {}
    await inese.post(f"/dossiers/{MARTA}/denials", denial | {"email": row["roles"][0]["email"]})
    head = await visit("sanita-berzina")
    await head.get("/notices")
    assert f"/dossiers/{MARTA}/grants" in head.page
    assert "Marta" not in head.page


async def test_a_dossier_out_of_reach_is_not_named(visit: Visit, held: Runtime):
    await held.store.outbox.delete_many({})
    await put(held, "added", to_role="zane-kaulina-1", dossier=NIKOLA)
    zane = await visit(ZANE)
    for path in ("/desk", "/notices"):
        await zane.get(path)
        assert "Dzīvesgājumam pievienots" in zane.page
        assert "Nikola" not in zane.page
        assert NIKOLA not in zane.page
    assert "vairs nav pieejams" in zane.page


async def test_marked_as_read_one_or_all_and_only_the_own(visit: Visit, held: Runtime):
    await held.store.outbox.delete_many({})
    mine, theirs = await put(held, to_role="inese-liepina-1"), await put(held, to_role="dace-ozola-1")
    await put(held, to_role="inese-liepina-1")
    inese = await visit(INESE)
    await inese.get("/notices")
    assert (await inese.post(f"/notices/{theirs}/reading")).status_code == 404
    await inese.get("/notices")
    for _ in range(2):  # sent twice, marked once
        assert (await inese.post(f"/notices/{mine}/reading")).status_code == 200
    assert inese.page.count("Atzīmēt kā izlasītu") == 1
    until = inese.hidden("until")
    held.clock.now += timedelta(seconds=1)  # type: ignore[attr-defined]
    late = await put(held, to_role="inese-liepina-1")
    await inese.post("/notices/reading", {"until": until})
    assert inese.page.count("Atzīmēt kā izlasītu") == 1, "what came after the page was made was not seen"
    rows = {row["_id"]: row.get("read_by", []) for row in await held.store.outbox.find({}).to_list()}
    assert (rows[mine], rows[theirs], rows[late]) == (["inese-liepina-1"], [], [])
    await inese.post("/notices/reading", {"until": "x"})
    await inese.get("/desk")
    assert "Visi ir izlasīti." in inese.page
    assert await held.store.audit_entries.count_documents({"act": Act.NOTICES_MARKED}) == 4


async def test_a_key_is_seen_by_whoever_heads_it_now_and_pages_are_found_by_index(visit: Visit, held: Runtime):
    await held.store.outbox.delete_many({})
    head = await held.store.people.find_one({"_id": "vita-eglite"}) or {}
    key = f"i:{head['roles'][0]['institution_id']}"
    await held.store.outbox.insert_many(
        [
            OutboxItem(
                kind="notice",
                at=held.now() - timedelta(minutes=n),
                to_key=key,
                dossier_id=MARTA,
                subject="e",
                content={"change": "access_denied"},
            ).as_row()
            for n in range(60)
        ]
    )
    async with no_collection_scans(held.store.database):
        vita = await visit("vita-eglite")
        await vita.get("/desk")
        assert "50 nelasīt" in vita.page
        assert "vai vairāk" in vita.page
        await vita.get("/notices")
        assert "/notices?page=2" in vita.page
        await vita.get("/notices?page=3")
        assert vita.page.count("Atzīmēt kā izlasītu") == 10
        await vita.post("/notices/reading", {"until": vita.hidden("until")})
    for other in (INESE, "sanita-berzina", "valdis-strods"):
        browser = await visit(other)
        await browser.get("/notices")
        assert "Paziņojumu nav." in browser.page
    await held.store.people.update_one({"_id": "vita-eglite"}, {"$set": {"deactivated": True}})
    await held.store.people.update_one(
        {"_id": "dace-ozola"}, {"$push": {"roles": head["roles"][0] | {"id": "dace-head"}}}
    )
    dace = await visit("dace-ozola", "dace-head")
    await dace.get("/notices")
    assert "nelasīts" in dace.page
