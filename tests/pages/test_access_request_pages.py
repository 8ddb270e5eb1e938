"""Asking for access and deciding, through the pages: asker, decider, stranger, head, family."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from auth.access import Forbidden, NotFound
from auth.who import Who, who_is
from documents.access_request import due_after, end_of
from documents.institution import Institution
from documents.model import day_of
from documents.person import Person
from documents.store import Changed
from fixtures.story import dossier_id
from portal.access_requests.actions import Target, ask_for_access
from portal.access_requests.deciding import decide_request
from portal.access_requests.rules import Asked, Decided
from portal.grants.actions import revoke_grant
from portal.runtime import Runtime
from portal.search.actions import TooMany
from tests.browsing import Browser, codes_of, path_of, story_of

MARTA, NIKOLA = dossier_id("marta"), dossier_id("nikola")
ZANE, INESE = "zane-kaulina", "inese-liepina"
Visit = Callable[..., Awaitable[Browser]]


def ask_form(held: Runtime, **changes: Any) -> dict[str, Any]:
    return {
        "sections": ["base", "timeline", "event_detail"],
        "purpose": "assess_need",
        "legal_basis": "child_rights_law",
        "until": f"{day_of(held.now()) + timedelta(days=20):%d.%m.%Y}.",
        "message": "Bērns pārcēlies uz Rīgu, jāsagatavo atbalsts.",
    } | changes


async def real_who(held: Runtime, person_id: str) -> Who:
    person = Person.model_validate(await held.store.people.find_one({"_id": person_id}))
    row = await held.store.institutions.find_one({"_id": person.roles[0].institution_id})
    return who_is(person, person.roles[0].id, Institution.model_validate(row), held.now())


async def asked(held: Runtime, label: str = "marta", by: str = ZANE, **changes: Any) -> str:
    """A request made by the action itself. Returns its id."""
    until = changes.pop("until", day_of(held.now()) + timedelta(days=20))
    draft = Asked(
        sections=changes.pop("sections", ("base", "timeline", "event_detail")),
        sensitive=changes.pop("sensitive", False),
        only_entries=changes.pop("only_entries", False),
        purpose="assess_need",
        legal_basis="child_rights_law",
        until=until,
        message="Bērns pārcēlies uz Rīgu.",
    )
    await held.store.rates.delete_many({})
    return await ask_for_access(
        held.store, await real_who(held, by), Target(dossier_id(label), **changes), draft, held.now()
    )


async def give(held: Runtime, request_id: str, by: str = INESE, **changes: Any) -> str:
    decided = {
        "sections": ("base", "timeline", "event_detail"),
        "sensitive": False,
        "until": day_of(held.now()) + timedelta(days=20),
        "reason": "",
    } | changes
    return await decide_request(held.store, await real_who(held, by), request_id, Decided(**decided), held.now())


async def row_of(held: Runtime, request_id: str) -> dict[str, Any]:
    return await held.store.access_requests.find_one({"_id": request_id}) or {}


async def clear(held: Runtime) -> None:
    await held.store.access_requests.delete_many({})
    for label in ("marta", "nikola"):
        row = await held.store.dossiers.find_one({"_id": dossier_id(label)}) or {}
        readers = [r for r in row["readers"] if not (r["relation"].startswith("consented") and "zane" in r["key"])]
        kept = [g for g in row.get("grants", []) if g["person_id"] != ZANE]
        await held.store.dossiers.update_one(
            {"_id": row["_id"]}, {"$set": {"readers": readers, "grants": kept, "denials": []}}
        )


def code_of(held: Runtime, label: str) -> str:
    return codes_of(held)[dossier_id(label)]


async def from_search(visit: Visit, held: Runtime, person: str = ZANE, label: str = "marta") -> Browser:
    await held.store.rates.delete_many({})
    browser = await visit(person)
    await browser.get("/search")
    await browser.post("/search/nation", {"q": code_of(held, label)})
    return browser


async def test_from_the_answer_of_the_search_to_a_grant_that_acts_at_the_next_click(
    visit: Visit, held: Runtime
) -> None:
    await clear(held)
    zane = await from_search(visit, held)
    assert 'action="/access-requests/new"' in zane.page and "Marta" not in zane.page.split('id="results"')[1]
    form = await zane.post("/access-requests/new", {"child": zane.hidden("child", "/access-requests/new")})
    assert form.status_code == 200 and "MK" in zane.page and "Marta" not in zane.page
    wrong = await zane.post("/access-requests", {"child": zane.hidden("child"), "message": "īss"})
    assert wrong.status_code == 422 and len(zane.errors) == 5
    sent = await zane.post("/access-requests", ask_form(held, child=zane.hidden("child")))
    assert path_of(sent) == "/access-requests" and "gaida atbildi" in zane.page and "Marta" not in zane.page
    assert (await zane.get(f"/dossiers/{MARTA}")).status_code == 404

    row = await held.store.access_requests.find_one({"by.person_id": ZANE}) or {}
    assert row["due"] == due_after(held.now())
    notice = await held.store.outbox.find_one({"subject": row["_id"]}) or {}
    assert notice["to_role"] == "inese-liepina-1" and "Rīgu" not in str(notice) and "Rīgu" not in str(row)

    inese = await visit(INESE)
    await inese.get("/desk")
    assert "Jūs gaida 1 piekļuves jautājums" in inese.page
    await inese.get("/access-requests")
    assert "Zane Kauliņa" in inese.page and "Marta Kalniņa" in inese.page
    await inese.get(f"/access-requests/{row['_id']}")
    assert "Bērns pārcēlies uz Rīgu" in inese.page
    until = f"{day_of(held.now()) + timedelta(days=5):%d.%m.%Y}."
    decided = await inese.post(
        f"/access-requests/{row['_id']}/decision", {"outcome": "grant", "sections": ["timeline"], "until": until}
    )
    assert path_of(decided) == "/access-requests" and "Nekas negaida" in inese.page

    await zane.get("/access-requests")
    assert "šaurāk nekā lūgts" in zane.page and f"/dossiers/{MARTA}/timeline" in zane.page
    assert (await zane.get(f"/dossiers/{MARTA}/timeline")).status_code == 200
    assert "Marta Kalniņa" not in zane.page, "base data were not given"
    assert (await zane.get(f"/dossiers/{MARTA}/family")).status_code == 403
    assert (await zane.get(f"/dossiers/{MARTA}/documents")).status_code == 403
    look = await held.store.audit_entries.find_one({"act": "dossier.read", "person_id": ZANE, "outcome": None})
    assert look and look["purpose"] == "assess_need" and look["relation"].startswith("consented:")


async def test_a_refusal_has_its_reason_and_opens_nothing(visit: Visit, held: Runtime) -> None:
    await clear(held)
    request_id = await asked(held)
    inese = await visit(INESE)
    await inese.get(f"/access-requests/{request_id}")
    short = await inese.post(f"/access-requests/{request_id}/decision", {"outcome": "refuse", "reason": "nē"})
    assert short.status_code == 422
    await inese.post(
        f"/access-requests/{request_id}/decision", {"outcome": "refuse", "reason": "Pietiek ar sarunu ar skolu."}
    )
    zane = await visit(ZANE)
    await zane.get(f"/access-requests/{request_id}")
    assert "atteikts" in zane.page and "Pietiek ar sarunu ar skolu." in zane.page
    assert (await zane.get(f"/dossiers/{MARTA}")).status_code == 404
    assert "Pietiek" not in str(await row_of(held, request_id))


@pytest.mark.parametrize(
    "person",
    ["dace-ozola", "aija-zarina", "ruta-abele", "sanita-berzina", "valdis-strods", "ilze-kalnina", "linda-karklina"],
)
async def test_others_neither_see_nor_decide(visit: Visit, held: Runtime, person: str) -> None:
    await clear(held)
    request_id = await asked(held)
    browser = await visit(person)
    await browser.get("/desk")
    if person != "sanita-berzina":
        assert "/access-requests/" not in browser.page and "piekļuves jautājum" not in browser.page
        assert (await browser.get(f"/access-requests/{request_id}")).status_code in (403, 404)
    await browser.get("/roles")
    answer = await browser.post(f"/access-requests/{request_id}/decision", {"outcome": "grant", "sections": ["base"]})
    assert answer.status_code in (403, 404)
    assert (await row_of(held, request_id))["state"] == "waiting"
    if person in ("dace-ozola", "aija-zarina"):
        refused = await held.store.audit_entries.find_one(
            {"person_id": person, "act": "access_requests.read", "outcome": "refused"}
        )
        assert refused


async def test_the_head_above_the_case_manager_sees_what_is_late_and_no_words(visit: Visit, held: Runtime) -> None:
    await clear(held)
    request_id = await asked(held)
    start = held.now()
    for person in ("sanita-berzina", "vita-eglite"):
        head = await visit(person)
        await head.get("/access-requests")
        assert "neviens" in head.page.lower() and request_id not in head.page
        await head.get(f"/access-requests/{request_id}")
        assert "Zane Kauliņa" in head.page and "pārcēlies" not in head.page and "Marta" not in head.page
    due = (await row_of(held, request_id))["due"]
    held.clock.now = due  # type: ignore[attr-defined]
    for person in ("sanita-berzina", "vita-eglite"):
        head = await visit(person)
        await head.get("/desk")
        assert "Jūs gaida 1 piekļuves jautājums" in head.page and "1 kavējas" in head.page
        await head.get("/access-requests")
        assert request_id in head.page and "kavējas" in head.page
    for person in ("valdis-strods", "ilgvars-priede", "raimonds-akmens"):
        other = await visit(person)
        await other.get("/access-requests")
        assert request_id not in other.page, "head of somebody else on the case"
    inese = await visit(INESE)
    await inese.get("/desk")
    assert "1 kavējas" in inese.page
    zane = await visit(ZANE)
    await zane.get("/access-requests")
    assert "kavējas" in zane.page, "who asked sees it too"
    held.clock.now = start  # type: ignore[attr-defined]


async def test_without_a_case_manager_it_goes_to_the_head_of_the_institution_that_decides(
    visit: Visit, held: Runtime
) -> None:
    await clear(held)
    request_id = await asked(held, "nikola")
    assert (await row_of(held, request_id))["routed_to"] == "cesu-socialais-dienests"
    head = await visit("vita-eglite")
    await head.get("/access-requests")
    assert request_id in head.page and "NP" in head.page and "Nikola" not in head.page
    assert (await head.get(f"/access-requests/{request_id}")).status_code == 200
    notice = await held.store.outbox.find_one({"subject": request_id}) or {}
    assert notice["to_key"] == "i:cesu-socialais-dienests" and "to_role" not in notice
    for person in ("sanita-berzina", "valdis-strods", "aija-zarina"):
        other = await visit(person)
        await other.get("/access-requests")
        assert request_id not in other.page


async def test_beside_a_sensitive_entry_one_asks_for_entries_of_that_institution_and_its_team_member_decides(
    visit: Visit, held: Runtime
) -> None:
    await clear(held)
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    own = next(
        e["id"]
        for e in row["events"]
        if e.get("confidentiality") == "sensitive" and e["institution_id"] == "valsts-policija"
    )
    ruta = await visit("ruta-abele")
    await ruta.get(f"/dossiers/{MARTA}/events/{own}")
    assert f"/events/{own}/access-request" in ruta.page
    await ruta.get(f"/dossiers/{MARTA}/events/{own}/access-request")
    sent = ask_form(held, child=ruta.hidden("child"), event=own, only_entries="yes", sensitive="yes")
    assert path_of(await ruta.post("/access-requests", sent)) == "/access-requests"
    asked_for = await held.store.access_requests.find_one({"by.person_id": "ruta-abele"}) or {}
    assert asked_for["entries_of"] == "valsts-policija" and asked_for["sections"] == ["timeline", "event_detail"]
    for person in ("aija-zarina", "anda-zagare"):
        other = await visit(person)
        await other.get("/access-requests")
        assert asked_for["_id"] not in other.page, "the team member of another institution"
    martins = await visit("martins-skele")
    await martins.get("/access-requests")
    assert asked_for["_id"] in martins.page
    await martins.get(f"/access-requests/{asked_for['_id']}")
    form = {
        "outcome": "grant",
        "sections": ["timeline", "event_detail"],
        "sensitive": "yes",
        "until": sent["until"],
    }
    await martins.post(f"/access-requests/{asked_for['_id']}/decision", form)
    await ruta.get(f"/dossiers/{MARTA}/events/{own}")
    assert "Jūs neredzat visu" not in ruta.page
    await held.store.access_requests.delete_many({})


async def test_by_a_personal_code_the_answer_is_the_same_with_and_without_a_dossier(
    visit: Visit, held: Runtime
) -> None:
    await clear(held)
    answers: dict[str, str] = {}
    story = story_of(held)
    known = story.codes[dossier_id("tomass")]
    without = story.codes[dossier_id("paula")]
    for name, code in (("dossier", known), ("none", without), ("nobody", "010115-91234")):
        await held.store.access_requests.delete_many({})
        await held.store.rates.delete_many({})
        ruta = await visit("ruta-abele")
        await ruta.get("/access-requests/new")
        assert 'name="code"' in ruta.page
        sent = await ruta.post("/access-requests", ask_form(held, code=code))
        assert sent.status_code == 200
        row = await held.store.access_requests.find_one({}) or {}
        assert bool(row.get("dossier_id")) is (name == "dossier")
        lists = ruta.page.replace(code[:6], "DDMMYY").replace(row["_id"], "ID")
        await ruta.get(f"/access-requests/{row['_id']}")
        one = ruta.page.replace(code[:6], "DDMMYY").replace(row["_id"], "ID")
        answers[name] = "".join(part for part in (lists + one).split('"') if len(part) != 88)
    assert answers["dossier"] == answers["none"] == answers["nobody"]


async def test_who_searches_is_led_there_and_who_may_not_ask_finds_no_form(visit: Visit) -> None:
    assert path_of(await (await visit(ZANE)).get("/access-requests/new")) == "/search"
    for person in ("vita-eglite", "ilze-kalnina", "linda-karklina", "astra-kalna", "renate-vilcina"):
        browser = await visit(person)
        assert (await browser.get("/access-requests/new")).status_code == 403
        await browser.get("/roles")
        assert (await browser.post("/access-requests", {"code": "010115-91234"})).status_code == 403


async def test_the_ombudsman_asks_for_a_single_case_and_reads_it_by_the_grant_alone(
    visit: Visit, held: Runtime
) -> None:
    await clear(held)
    aldis = await visit("aldis-ozolins")
    await aldis.get("/access-requests/new")
    await aldis.post("/access-requests", ask_form(held, code=code_of(held, "marta"), purpose="examine_complaint"))
    row = await held.store.access_requests.find_one({"by.person_id": "aldis-ozolins"}) or {}
    assert (await aldis.get(f"/dossiers/{MARTA}")).status_code == 404
    await give(held, row["_id"])
    assert (await aldis.get(f"/dossiers/{MARTA}")).status_code == 200
    assert (await aldis.get(f"/dossiers/{dossier_id('janis')}")).status_code == 404


async def test_a_grant_is_taken_back_with_effect_on_the_open_page_its_fragment_and_its_files(
    visit: Visit, held: Runtime
) -> None:
    await clear(held)
    request_id = await asked(held, sensitive=True)
    await give(held, request_id, sensitive=True)
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    with_file = next(e for e in row["events"] if e.get("attachments"))
    file = f"/dossiers/{MARTA}/events/{with_file['id']}/files/{with_file['attachments'][0]['file_id']}"
    zane = await visit(ZANE)
    await zane.get(f"/dossiers/{MARTA}/timeline")
    fragment = {"HX-Request": "true"}
    assert (await zane.client.get(f"/dossiers/{MARTA}/timeline", headers=fragment)).status_code == 200
    assert (await zane.client.get(file)).status_code == 200
    inese = await visit(INESE)
    await inese.get(f"/dossiers/{MARTA}/access-log")
    assert f"/dossiers/{MARTA}/grants" in inese.page
    await inese.get(f"/dossiers/{MARTA}/grants")
    assert "Zane Kauliņa" in inese.page and "Ģirts Ķēniņš" in inese.page
    grant = next(g for g in row["grants"] if g["person_id"] == ZANE)
    await inese.post(f"/dossiers/{MARTA}/grants/{grant['id']}/revocation")
    assert "Piekļuve ir atsaukta" in inese.page
    for path in (f"/dossiers/{MARTA}", f"/dossiers/{MARTA}/timeline", file):
        assert (await zane.client.get(path)).status_code == 404
        assert (await zane.client.get(path, headers=fragment)).status_code == 404
    await zane.get("/access-requests")
    assert "piekļuve atsaukta" in zane.page
    again = await inese.post(f"/dossiers/{MARTA}/grants/{grant['id']}/revocation")
    assert again.status_code == 200, "taken back twice is taken back once"


async def test_reads_racing_a_revocation_end_with_it(held: Runtime) -> None:
    await clear(held)
    await give(held, await asked(held))
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    grant = next(g for g in row["grants"] if g["person_id"] == ZANE)
    zane, inese = await Browser(held).sign_in(ZANE), await real_who(held, INESE)
    done = asyncio.Event()
    late: list[int] = []

    async def read() -> None:
        while True:
            over = done.is_set()
            status = (await zane.client.get(f"/dossiers/{MARTA}/timeline")).status_code
            if over:
                late.append(status)
                return
            assert status in (200, 404)

    async def revoke() -> None:
        await asyncio.sleep(0.05)
        await revoke_grant(held.store, inese, MARTA, grant["id"], held.now())
        done.set()

    await asyncio.gather(*(read() for _ in range(4)), revoke())
    assert late == [404] * 4


async def test_access_ends_to_the_second_and_can_be_renewed_by_a_new_request(visit: Visit, held: Runtime) -> None:
    await clear(held)
    start = held.now()
    request_id = await asked(held)
    until = day_of(start) + timedelta(days=2)
    await give(held, request_id, until=until)

    async def status_at(moment: datetime) -> int:
        held.clock.now = moment  # type: ignore[attr-defined]
        return (await (await visit(ZANE)).get(f"/dossiers/{MARTA}")).status_code

    assert await status_at(end_of(until) - timedelta(seconds=1)) == 200
    assert await status_at(end_of(until)) == 404
    zane = await visit(ZANE)
    await zane.get(f"/access-requests/{request_id}")
    assert "piekļuve beigusies" in zane.page
    await zane.get(f"/access-requests/{request_id}/renewal")
    sent = ask_form(held, child=zane.hidden("child"), renews=zane.hidden("renews"), sections=["timeline"])
    assert path_of(await zane.post("/access-requests", sent)) == "/access-requests"
    renewed = await held.store.access_requests.find_one({"renews": request_id})
    assert renewed and renewed["state"] == "waiting"
    stranger = await visit("dace-ozola")
    assert (await stranger.get(f"/access-requests/{request_id}/renewal")).status_code == 404
    held.clock.now = start  # type: ignore[attr-defined]


async def test_two_who_decide_at_once_make_one_decision(visit: Visit, held: Runtime) -> None:
    await clear(held)
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    event = next(e["id"] for e in row["events"] if e["institution_id"] == "cesu-2-pamatskola")
    request_id = await asked(
        held, by="ruta-abele", event_id=event, only_entries=True, sections=("timeline", "event_detail")
    )
    sections = ("timeline", "event_detail")
    results = await asyncio.gather(
        give(held, request_id, INESE, sections=sections),
        give(held, request_id, "aija-zarina", sections=(), until=None, reason="Skola vēl vērtē."),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, Changed) for result in results) == [False, True]
    decided = await row_of(held, request_id)
    assert decided["state"] in ("granted", "refused")
    found = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    assert sum(g.get("request_id") == request_id for g in found["grants"]) == (decided["state"] == "granted")


async def test_the_slower_one_reads_what_was_decided_and_loses_no_words(visit: Visit, held: Runtime) -> None:
    await clear(held)
    request_id = await asked(held)
    inese = await visit(INESE)
    await inese.get(f"/access-requests/{request_id}")
    await give(held, request_id)
    late = await inese.post(
        f"/access-requests/{request_id}/decision", {"outcome": "refuse", "reason": "Mans garais pamatojums."}
    )
    assert late.status_code == 409 and "izlēma kāds cits" in inese.page and "Mans garais pamatojums." in inese.page
    assert (await row_of(held, request_id))["state"] == "granted"


async def test_nobody_asks_about_the_own_family_or_decides_for_it(held: Runtime) -> None:
    await clear(held)
    with pytest.raises(Forbidden):
        await asked(held, by="kristine-lapina")
    refused = await held.store.audit_entries.find_one({"act": "access.asked", "person_id": "kristine-lapina"})
    assert refused and (refused["outcome"], refused["reason"]) == ("refused", "own_family")
    with pytest.raises(NotFound):
        await asked(held, "paula")
    request_id = await asked(held)
    with pytest.raises(NotFound):
        await give(held, request_id, "kristine-lapina")
    with pytest.raises(Forbidden):
        await asked(held, by=INESE)


async def test_the_same_form_twice_is_one_request_and_many_requests_are_too_many(held: Runtime) -> None:
    await clear(held)
    await held.store.rates.delete_many({})
    zane, until = await real_who(held, ZANE), day_of(held.now())
    draft = Asked(("base",), False, False, "assess_need", "child_rights_law", until, "Vērtējam vajadzības.")
    for _ in range(2):
        await ask_for_access(held.store, zane, Target(MARTA), draft, held.now(), "a" * 13)
    assert await held.store.access_requests.count_documents({}) == 1
    with pytest.raises(TooMany):
        for _ in range(6):
            await ask_for_access(held.store, zane, Target(MARTA), draft, held.now())
    await held.store.rates.delete_many({})


async def test_what_was_typed_comes_back_after_the_session_ran_out(visit: Visit, held: Runtime) -> None:
    await clear(held)
    start = held.now()
    zane = await from_search(visit, held)
    await zane.post("/access-requests/new", {"child": zane.hidden("child", "/access-requests/new")})
    late = ask_form(held, child=zane.hidden("child"), csrf=zane.csrf, message="Ļoti gara vēstule par bērnu.")
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    answer = await zane.post("/access-requests", late, follow=False)
    assert answer.headers["location"] == "/sign-in?return=/access-requests/new"
    again = await visit(ZANE)
    await again.get("/access-requests/new")
    assert "Ļoti gara vēstule par bērnu." in again.page and "MK" in again.page
    sent = await again.post("/access-requests", late | {"csrf": again.csrf, "child": again.hidden("child")})
    assert path_of(sent) == "/access-requests"
    assert path_of(await again.get("/access-requests/new")) == "/search"
    held.clock.now = start  # type: ignore[attr-defined]


async def test_the_family_reads_in_its_log_which_institution_got_access_and_no_names(
    visit: Visit, held: Runtime
) -> None:
    await clear(held)
    await give(held, await asked(held))
    ilze = await visit("ilze-kalnina")
    await ilze.get(f"/dossiers/{MARTA}/access-log")
    assert "deva piekļuvi: Rīgas" in ilze.page and "lūdza piekļuvi" in ilze.page
    assert "novērtēt bērna vajadzības" in ilze.page
    assert "Zane" not in ilze.page and f"/dossiers/{MARTA}/grants" not in ilze.page
    assert (await ilze.get(f"/dossiers/{MARTA}/grants")).status_code == 403
