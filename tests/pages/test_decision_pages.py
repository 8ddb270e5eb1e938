"""Decisions of the orphan's court through the pages: drafting, issuing with effects at the next click, who reads."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documents.acts import Act
from documents.decision import CourtDecision
from documents.files import open_file
from documents.migrate import migrate
from documents.model import day_of
from documents.store import Store
from fixtures.story import dossier_id
from portal.decisions.issuing import issue_decision
from portal.decisions.rules import Refused
from portal.decisions.seal import is_sealed, new_seal
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of, make_runtime
from tests.corpora import MARKUP
from tests.scans import no_collection_scans

Visit = Callable[..., Awaitable[Browser]]
TOMASS, KATE, OLIVERS = dossier_id("tomass"), dossier_id("kate"), dossier_id("olivers")
FOUND = "Tiesa uzklausīja vecākus un bērnu; šķērļi novērsti."


@pytest.fixture(autouse=True)
def sealed(held: Runtime) -> Iterator[None]:
    """A seal of this test alone."""
    held.seal = new_seal("Tests", held.now())
    yield
    held.seal = None


async def relation(held: Runtime, child: str, person: str) -> str:
    row = await held.store.dossiers.find_one({"_id": child}, {"relationships": 1}) or {}
    return next(r["id"] for r in row["relationships"] if r.get("person_id") == person)


async def write(browser: Browser, held: Runtime, child: str, kind: str, **fields: Any) -> str:
    """Draft a decision through its form; returns its address."""
    opened = await browser.get(f"/dossiers/{child}/decisions/new/{kind}")
    assert opened.status_code == 200
    form = {
        "kind": kind,
        "submission": browser.hidden("submission"),
        "reasons": FOUND,
        "legal_basis": "Civillikums, 203. pants",
        "in_force_from": f"{day_of(held.now()):%d.%m.%Y}.",
    }
    saved = await browser.post(f"/dossiers/{child}/decisions", form | fields)
    assert saved.status_code == 200, browser.errors
    return saved.url.path


async def issue(browser: Browser, address: str) -> None:
    """Issue a draft from its page."""
    await browser.get(address)
    done = await browser.post(f"{address}/issue", {"version": browser.hidden("version")})
    assert done.status_code == 200, browser.errors


async def stored(held: Runtime, address: str) -> CourtDecision:
    row = await held.store.decisions.find_one({"_id": address.rsplit("/", 1)[1]})
    return CourtDecision.model_validate(row)


async def content(held: Runtime, decision: CourtDecision) -> bytes:
    assert decision.file
    return b"".join([part async for part in await open_file(held.store, decision.file.file_id)])


async def test_custody_is_renewed_and_suspended_again_with_effect_at_the_next_click(visit: Visit, held: Runtime):
    anda, gints, mother = await visit("anda-zagare"), await visit("gints-grinbergs"), "ieva-grinberga"
    blocked = [f"/dossiers/{TOMASS}{page}" for page in ("", "/timeline", "/decisions")]
    for path in blocked:
        assert (await gints.get(path)).status_code == 404
    father = await relation(held, TOMASS, "gints-grinbergs")
    renewed = await write(
        anda, held, TOMASS, "custody_renewed", concerned=[father], parties=[mother, "gints-grinbergs"]
    )
    assert "Gints Grīnbergs" in anda.page and "acts for the child" not in anda.page
    assert (await gints.get(blocked[0])).status_code == 404, "a draft changes nothing"
    await issue(anda, renewed)
    first = await stored(held, renewed)
    assert (first.state, first.number, first.year) == ("issued", 1, day_of(held.now()).year)
    assert (await gints.get(blocked[2])).status_code == 200
    assert first.called in gints.page
    assert (await gints.get(renewed)).status_code == 200 and FOUND in gints.page
    suspended = await write(
        anda, held, TOMASS, "custody_suspended", concerned=[father], parties=[mother], replaces=first.id
    )
    await issue(anda, suspended)
    second = await stored(held, suspended)
    assert second.number == 2 and second.replaces == first.id
    first = await stored(held, renewed)
    assert first.state == "replaced" and first.replaced_by == second.id
    for path in [*blocked, renewed, suspended, f"{renewed}/file", f"{suspended}/file"]:
        assert (await gints.get(path)).status_code == 404, path
    row = await held.store.dossiers.find_one({"_id": TOMASS}) or {}
    assert [e["kind"] for e in row["events"]][-2:] == ["custody_renewed", "custody_suspended"]
    notices = [item async for item in held.store.outbox.find({"subject": second.id})]
    assert "p:gints-grinbergs" not in {item.get("to_key") for item in notices}
    assert {"p:ieva-grinberga", "i:cesu-barintiesa"} <= {item.get("to_key") for item in notices}
    acts = Counter([e["act"] async for e in held.store.audit_entries.find({"subject": {"$in": [first.id, second.id]}})])
    assert acts["decision.issued"] == 2 and acts["decision.drafted"] == 2
    await anda.get(suspended)
    assert f"/decisions/{first.id}" in anda.page
    await anda.get(renewed)
    assert f"/decisions/{second.id}" in anda.page


async def test_the_file_is_sealed_whole_and_each_download_is_recorded(visit: Visit, held: Runtime):
    anda, ieva = await visit("anda-zagare"), await visit("ieva-grinberga")
    mother = await relation(held, TOMASS, "ieva-grinberga")
    address = await write(
        anda,
        held,
        TOMASS,
        "contact_order",
        concerned=[mother],
        contact="arranged",
        terms="Sestdienās plkst. 10.00",
        parties=["ieva-grinberga"],
    )
    assert (await ieva.get(address)).status_code == 404 and (await ieva.get(f"{address}/file")).status_code == 404
    await issue(anda, address)
    decision = await stored(held, address)
    answer = await ieva.client.get(f"{address}/file")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment") and "Tomass" not in str(answer.headers)
    assert answer.content == await content(held, decision)
    assert decision.certificate and decision.issued_at
    assert await asyncio.to_thread(is_sealed, answer.content, decision.certificate, decision.issued_at)
    changed = bytearray(answer.content)
    changed[changed.find(b"stream") + 60] ^= 1
    assert not await asyncio.to_thread(is_sealed, bytes(changed), decision.certificate, decision.issued_at), (
        "a changed file"
    )
    assert not await asyncio.to_thread(
        is_sealed, answer.content + b"\n% more", decision.certificate, decision.issued_at
    ), "something behind it"
    assert not await asyncio.to_thread(
        is_sealed, answer.content, new_seal("Other", held.now()).certificate, decision.issued_at
    )
    assert not await asyncio.to_thread(is_sealed, b"%PDF-1.7 nothing", decision.certificate, decision.issued_at)
    saved = [e async for e in held.store.audit_entries.find({"act": "decision.saved", "subject": decision.id})]
    assert [(e["person_id"], e.get("outcome", "allowed")) for e in saved] == [
        ("ieva-grinberga", "refused"),
        ("ieva-grinberga", "allowed"),
    ]
    assert (await anda.client.get(f"{address}/file")).status_code == 200, "the court takes its own file"
    own = {"act": "decision.saved", "subject": decision.id, "person_id": "anda-zagare", "outcome": {"$ne": "refused"}}
    assert await held.store.audit_entries.count_documents(own) == 1


@pytest.mark.parametrize(
    ("person", "list_status", "one_status", "new_status"),
    [
        ("anda-zagare", 200, 200, 200),  # the court, case manager
        ("ilgvars-priede", 200, 404, 403),  # its chair: dates and states
        ("aija-zarina", 200, 200, 403),  # the team
        ("ruta-abele", 403, 403, 403),  # the family doctor
        ("santa-mezule", 404, 404, 404),  # another court
        ("gints-grinbergs", 404, 404, 404),  # custody suspended
        ("renate-vilcina", 404, 404, 404),  # a ministry
    ],
)
async def test_who_reads_what(
    visit: Visit, held: Runtime, person: str, list_status: int, one_status: int, new_status: int
):
    row = await held.store.decisions.find_one({"dossier_id": TOMASS, "state": "issued", "kind": "contact_order"}) or {}
    browser = await visit(person)
    assert (await browser.get(f"/dossiers/{TOMASS}/decisions")).status_code == list_status
    assert ("saskarsmes kārtība" in browser.page.lower()) is (one_status == 200)
    assert (await browser.get(f"/dossiers/{TOMASS}/decisions/{row['_id']}")).status_code == one_status
    assert (await browser.client.get(f"/dossiers/{TOMASS}/decisions/{row['_id']}/file")).status_code == one_status
    assert (await browser.get(f"/dossiers/{TOMASS}/decisions/new")).status_code == new_status
    await browser.get("/roles")
    tried = await browser.client.post(f"/dossiers/{TOMASS}/decisions", data={"csrf": browser.csrf, "kind": ""})
    assert tried.status_code == (303 if new_status == 200 else new_status)


async def test_the_courts_list_is_of_the_own_court(visit: Visit, held: Runtime):
    anda, chair, santa, head = [
        await visit(p) for p in ("anda-zagare", "ilgvars-priede", "santa-mezule", "vita-eglite")
    ]
    assert (await anda.get("/decisions")).status_code == 200
    assert "Tomass Grīnbergs" in anda.page and "Kate" not in anda.page
    assert (await chair.get("/decisions")).status_code == 200
    assert "Tomass" not in chair.page and "TG" in chair.page and "saskarsmes" not in chair.page.lower()
    assert (await santa.get("/decisions")).status_code == 200
    assert "Kate" in santa.page and "Tomass" not in santa.page
    assert (await head.get("/decisions")).status_code == 403


def listed(page: str) -> list[str]:
    """The children on the court's list, in its order."""
    return re.findall(r'href="/dossiers/([\w-]+)/decisions/new"', page)


async def test_the_courts_list_goes_on_over_pages_and_leaves_no_child_out(visit: Visit, held: Runtime):
    row = await held.store.dossiers.find_one({"_id": TOMASS}) or {}
    del row["child"]["code_hash"], row["events"]
    row["child"].pop("former_code_hashes", None)
    more = [row | {"_id": f"more-{n}"} for n in range(230)]  # of one name: only their ids put them in an order
    await held.store.dossiers.insert_many(more)
    anda = await visit("anda-zagare")
    seen: list[str] = []
    path: str | None = "/decisions"
    async with no_collection_scans(held.store.database):
        while path:
            await anda.get(path)
            here = listed(anda.page)
            assert 0 < len(here) <= 40
            seen += here
            following = re.search(r'href="(/decisions\?page=\d+)"[^>]*>\s*Nākamā lapa', anda.page)
            path = following[1] if following else None
    assert len(seen) == len(set(seen)) and {TOMASS, *(each["_id"] for each in more)} <= set(seen)
    assert "Iepriekšējā lapa" in anda.page
    entry = await held.store.audit_entries.find_one({"act": Act.DECISIONS_LISTED}, sort=[("at", -1), ("n", -1)]) or {}
    assert entry["count"] == len(entry["children"]) == len(here), "on record are those of the page"
    for wrong, shown in (("999", seen[-len(here) :]), *((odd, seen[:40]) for odd in ("0", "-1", "x", "9" * 50, "%00"))):
        assert (await anda.get(f"/decisions?page={wrong}")).status_code == 200, wrong
        assert listed(anda.page) == shown, wrong
    await held.store.dossiers.delete_many({"_id": {"$regex": "^more-"}})
    await anda.get("/decisions")
    assert "Nākamā lapa" not in anda.page and "Iepriekšējā lapa" not in anda.page
    await anda.get("/decisions?page=7")
    assert "Tomass Grīnbergs" in anda.page


async def test_a_foster_parent_is_let_in_and_the_secret_place_is_not_in_the_letter(visit: Visit, held: Runtime):
    anda, gunta = await visit("anda-zagare"), await visit("gunta-silina")
    assert (await gunta.get(f"/dossiers/{TOMASS}")).status_code == 404
    code = codes_of(held)["gunta-silina"]
    unknown = ("010190-00000", "Cilvēks ar šādu personas kodu te nav zināms. Pārbaudiet kodu.")
    for typed, said in (unknown, ("12345", "Tas nav personas kods. Tam ir vienpadsmit ciparu.")):
        assert await write_refused(anda, held, TOMASS, carer_code=typed, centre="ligzda") == [said]
    address = await write(
        anda,
        held,
        TOMASS,
        "foster_placement",
        carer_code=code,
        centre="ligzda",
        heard="yes",
        protect_from=["gints-grinbergs"],
    )
    assert "Gunta Siliņa" in anda.page.split('id="effects"')[1] and "Siliņa" not in anda.page.split('id="effects"')[0]
    await issue(anda, address)
    assert (await gunta.get(f"/dossiers/{TOMASS}")).status_code == 200
    assert (await gunta.get(address)).status_code == 200
    row = await held.store.dossiers.find_one({"_id": TOMASS}) or {}
    assert row["child"]["protected"] and row["protected_from"] == ["gints-grinbergs"]
    assert "actual_address" not in row["base"] and row["protected_address"]
    assert any(i["institution_id"] == "ligzda" and i.get("to") is None for i in row["involvements"])
    assert (await held.store.people.find_one({"_id": "gunta-silina"}) or {})["children"].count(TOMASS) == 1


async def test_a_couple_is_named_by_two_codes_or_by_boxes_and_each_error_stands_at_its_field(
    visit: Visit, held: Runtime
) -> None:
    anda, santa, codes = await visit("anda-zagare"), await visit("santa-mezule"), codes_of(held)
    gunta, juris = codes["gunta-silina"], codes["juris-silins"]
    for browser, child, fields, said in (
        (anda, OLIVERS, {"carer_code": gunta, "second_carer_code": gunta}, "ir viena un tā pati persona"),
        (anda, OLIVERS, {"second_carer_code": "12345"}, "Tas nav personas kods"),
        (santa, KATE, {"concerned": ["gunta-silina"], "carer_code": gunta}, "ir viena un tā pati persona"),
        (santa, KATE, {"concerned": ["gunta-silina", "juris-silins"], "carer_code": gunta}, "ne vairāk kā divus"),
    ):
        errors = await write_refused(browser, held, child, centre="ligzda", **fields)
        assert len(errors) == 1 and said in errors[0], errors
        at = "second_carer_code" if "12345" in fields.values() else "carer_code"
        assert (f'id="{at}-error"' in browser.page) is ("divus" not in said)
    two = {"carer_code": gunta, "second_carer_code": juris}
    address = await write(anda, held, OLIVERS, "foster_placement", centre="ligzda", **two)
    assert (await stored(held, address)).carer_ids == ["gunta-silina", "juris-silins"]
    effects = anda.page.split('id="effects"')[1]
    assert "Gunta Siliņa no" in effects and "Juris Siliņš no" in effects
    await anda.get(f"{address}/draft")
    boxes = re.findall(r'<input[^>]*name="concerned"[^>]*>', anda.page)
    assert sum("checked" in box for box in boxes) == 2, "both stand there, chosen"
    await issue(anda, address)
    family = (await held.store.dossiers.find_one({"_id": OLIVERS}) or {})["relationships"]
    one, other = (next(r for r in family if r.get("person_id") == who) for who in ("gunta-silina", "juris-silins"))
    assert other["partner_of"] == one["id"]
    for person in ("gunta-silina", "juris-silins"):
        carer = await visit(person)
        assert (await carer.get(f"/dossiers/{OLIVERS}")).status_code == 200
        assert (await carer.get(address)).status_code == 200, "both are told of it"


async def test_who_was_placed_with_one_foster_parent_before_stays_so_and_back(
    demo_store: Store, mongo_uri: str
) -> None:
    name, kept = demo_store.database.name, demo_store.decisions
    stems = sorted(path.stem for path in (Path(__file__).parents[2] / "documents" / "migrations").glob("2*.py"))
    since = len(stems) - stems.index("20261130_0026_foster_couples")
    await migrate(mongo_uri, name, back=since)
    draft = {"kind": "foster_placement", "state": "draft", "dossier_id": "d1", "court_id": "c", "sealed": b"x"}
    old = draft | {"_id": "old", "by": {"person_id": "p"}, "in_force_from": "2026-12-01", "carer_id": "gunta"}
    other = draft | {"_id": "other", "by": {"person_id": "p"}, "in_force_from": "2026-12-01"}
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    await kept.insert_many([each | {"at": at} for each in (old, other)])
    await migrate(mongo_uri, name)
    rows = {row["_id"]: row async for row in kept.find({}, {"at": 0})}
    assert (rows["old"]["carer_ids"], "carer_id" in rows["old"], rows["other"]) == (["gunta"], False, other)
    await migrate(mongo_uri, name, back=since)
    assert {row["_id"]: row async for row in kept.find({}, {"at": 0})} == {"old": old, "other": other}
    await migrate(mongo_uri, name)


async def test_a_draft_is_deleted_once_asked_and_only_as_it_was_read(visit: Visit, held: Runtime) -> None:
    anda, fields = await visit("anda-zagare"), {"contact": "arranged"}
    fields["concerned"] = await relation(held, TOMASS, "gints-grinbergs")
    address = await write(anda, held, TOMASS, "contact_order", **fields)
    assert f'href="{address}/discard"' in anda.page
    await anda.get(f"{address}/discard")
    read = anda.hidden("version")
    await held.store.decisions.update_one({"_id": address.rsplit("/", 1)[1]}, {"$set": {"version": 2}})
    answer = await anda.post(f"{address}/discard", {"version": read})
    assert answer.status_code == 409 and "Nekas nav dzēsts" in anda.page and await stored(held, address)
    acts = {"dossier_id": TOMASS, "act": Act.DECISION_DISCARDED}
    before = await held.store.audit_entries.count_documents(acts)
    for _ in range(2):  # the second click of an impatient hand finds it done
        answer = await anda.post(f"{address}/discard", {"version": "2"})
        assert answer.status_code == 200 and answer.url.path == f"/dossiers/{TOMASS}/decisions"
        assert "Projekts ir izdzēsts." in anda.page
    assert await held.store.decisions.find_one({"_id": address.rsplit("/", 1)[1]}) is None
    assert await held.store.audit_entries.count_documents(acts) == before + 1
    typed = fields | {"kind": "contact_order", "version": "2", "reasons": "Rakstīju ilgi", "legal_basis": "x"}
    answer = await anda.post(f"{address}/draft", typed | {"in_force_from": f"{day_of(held.now()):%d.%m.%Y}."})
    assert answer.status_code == 409 and "kāds šo projektu izdzēsa" in anda.page and "Rakstīju ilgi" in anda.page
    assert f'action="/dossiers/{TOMASS}/decisions"' in anda.page, "it can be saved as a new one"
    issued = await write(anda, held, TOMASS, "contact_order", **fields)
    await issue(anda, issued)
    assert "/discard" not in anda.page and (await anda.get(f"{issued}/discard")).status_code == 404
    for version in ("1", "2"):
        answer = await anda.post(f"{issued}/discard", {"version": version})
        assert answer.url.path == issued and (await stored(held, issued)).issued, "what was issued stays"


async def write_refused(browser: Browser, held: Runtime, child: str, **fields: Any) -> list[str]:
    await browser.get(f"/dossiers/{child}/decisions/new/foster_placement")
    form = {
        "kind": "foster_placement",
        "reasons": FOUND,
        "legal_basis": "x",
        "submission": browser.hidden("submission"),
    }
    today = f"{day_of(held.now()):%d.%m.%Y}."
    assert (
        await browser.post(f"/dossiers/{child}/decisions", form | {"in_force_from": today} | fields)
    ).status_code == 422
    return browser.errors


async def test_wrong_input_gets_a_sentence_and_keeps_what_was_typed(visit: Visit, held: Runtime):
    anda = await visit("anda-zagare")
    await anda.get(f"/dossiers/{OLIVERS}/decisions/new/contact_order")
    form = {"kind": "contact_order", "reasons": "Tikai sākums", "in_force_from": "01.01.2020."}
    answer = await anda.post(f"/dossiers/{OLIVERS}/decisions", form)
    assert answer.status_code == 422 and len(anda.errors) == 4 and "Tikai sākums" in anda.page


async def test_a_draft_two_people_write_at_once_shows_both(visit: Visit, held: Runtime):
    anda = await visit("anda-zagare")
    grandmother = await relation(held, OLIVERS, "aina-jansone")
    fields = {"concerned": [grandmother], "contact": "arranged"}
    address = await write(anda, held, OLIVERS, "contact_order", **fields)
    await anda.get(f"{address}/draft")
    form = (
        {n: anda.hidden(n) for n in ("kind", "version")}
        | fields
        | {"legal_basis": "x", "in_force_from": anda.hidden("in_force_from")}
    )
    assert (await anda.post(f"{address}/draft", form | {"reasons": "Pirmais teksts"})).status_code == 200
    answer = await anda.post(f"{address}/draft", form | {"reasons": "Otrais teksts"})
    assert answer.status_code == 409 and "Pirmais teksts" in anda.page and "Otrais teksts" in anda.page
    assert (await anda.post(f"{address}/issue", {"version": "1"})).status_code == 409
    assert (await stored(held, address)).state == "draft"


async def test_without_a_certificate_nothing_is_issued(visit: Visit, held: Runtime):
    anda = await visit("anda-zagare")
    grandmother = await relation(held, OLIVERS, "aina-jansone")
    address = await write(anda, held, OLIVERS, "contact_order", concerned=[grandmother], contact="arranged")
    before = await held.store.court_counters.find_one({"_id": {"$regex": "^cesu"}})
    expired = new_seal("Old", held.now() - timedelta(days=5000))
    for seal in (None, expired):
        held.seal = seal
        await anda.get(address)
        answer = await anda.post(f"{address}/issue", {"version": anda.hidden("version")})
        assert answer.status_code == 422 and anda.errors == [
            "Lēmumu tagad nevar apzīmogot: zīmoga sertifikāta nav vai tas vairs nav derīgs. "
            "Nekas netika izdots, projekts ir saglabāts. Pasakiet savas iestādes IT atbalstam."
        ]
    assert (await stored(held, address)).state == "draft"
    assert await held.store.court_counters.find_one({"_id": {"$regex": "^cesu"}}) == before


async def test_numbers_have_no_gaps_under_twenty_at_once_with_refusals_and_doubles(visit: Visit, held: Runtime):
    """Four portals issue twenty drafts, each twice at once, and among them some that are refused."""
    anda = await visit("anda-zagare")
    grandmother = await relation(held, OLIVERS, "aina-jansone")
    fields = {"concerned": [grandmother], "contact": "arranged"}
    addresses = [await write(anda, held, OLIVERS, "contact_order", **fields) for _ in range(20)]
    ids = [address.rsplit("/", 1)[1] for address in addresses]
    passed = (day_of(held.now()) - timedelta(days=1)).isoformat()
    await held.store.decisions.update_many({"_id": {"$in": ids[:4]}}, {"$set": {"in_force_from": passed}})
    portals = [make_runtime(held.store, held.clock) for _ in range(4)]  # type: ignore[arg-type]
    for portal in portals:
        portal.seal = held.seal
    from auth.who import who_is
    from documents.person import Person

    row = await held.store.people.find_one({"_id": "anda-zagare"}) or {}
    who = who_is(Person.model_validate(row), row["roles"][0]["id"], None, held.now())
    results = await asyncio.gather(
        *(issue_decision(portals[n % 4], who, OLIVERS, ids[n // 2], 1) for n in range(40)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert len(refused) == 8 and all(isinstance(each, Refused) for each in refused), refused
    numbers = [
        row["number"]
        async for row in held.store.decisions.find({"court_id": "cesu-barintiesa", "number": {"$exists": 1}})
    ]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    events = (await held.store.dossiers.find_one({"_id": OLIVERS}) or {})["events"]
    assert len([e for e in events if e["kind"] == "contact_order"]) == 16
    assert await held.store.files.count_documents({"owner": "r:anda-zagare-1", "state": "pending"}) == 0
    for portal in portals:
        await portal.oidc.aclose()


async def test_markup_in_every_field_is_text_in_the_sealed_file(visit: Visit, held: Runtime):
    anda = await visit("anda-zagare")
    grandmother = await relation(held, OLIVERS, "aina-jansone")
    evil = " ".join(MARKUP) + " <b>unclosed <a href='x:y'>link</a> <img src='/etc/passwd'/> & &lt; ēūīāš"
    address = await write(
        anda,
        held,
        OLIVERS,
        "contact_order",
        concerned=[grandmother],
        contact="limited",
        reasons=evil,
        terms=evil,
        legal_basis=evil[:250],
    )
    await issue(anda, address)
    file = await content(held, await stored(held, address))
    assert (
        file.startswith(b"%PDF") and b"/URI" not in file and b"/JavaScript" not in file and b"/etc/passwd" not in file
    )
    assert re.search(rb"/FontFile2", file), "the type is embedded"
    assert "x-corpus" in anda.page and "<x-corpus" not in anda.page


async def test_a_notice_goes_to_whoever_works_for_the_child_and_leads_to_a_page_they_may_open(
    visit: Visit, held: Runtime
):
    """A doctor reads no decisions: the notice leads to the life course. Who once wrote an entry is told nothing."""
    store = held.store
    kept = await store.dossiers.find_one({"_id": TOMASS}) or {}
    window = {"since": held.now() - timedelta(days=9), "until": held.now() + timedelta(days=9)}
    wrote = {"key": "r:zane-kaulina-1", "relation": "recorded"} | window
    await store.dossiers.update_one({"_id": TOMASS}, {"$push": {"readers": wrote}})
    anda = await visit("anda-zagare")
    mother = await relation(held, TOMASS, "ieva-grinberga")
    address = await write(
        anda, held, TOMASS, "contact_order", concerned=[mother], contact="supervised", parties=["ieva-grinberga"]
    )
    await issue(anda, address)
    told = {i.get("to_role") or i["to_key"] async for i in store.outbox.find({"subject": address.rsplit("/", 1)[1]})}
    assert "ruta-abele-1" in told and "zane-kaulina-1" not in told
    for person, page in (
        ("ruta-abele", f"/dossiers/{TOMASS}/timeline"),
        ("ilva-paegle", address),
        ("ieva-grinberga", address),
    ):
        browser = await visit(person)
        await browser.get("/notices")
        line = re.findall(r'href="([^"]+)"', browser.page.split("Bāriņtiesa izdevusi lēmumu")[0])[-1]
        assert line == page, person
        assert (await browser.get(line)).status_code == 200
    await store.dossiers.replace_one({"_id": TOMASS}, kept)


async def test_what_renews_custody_ends_the_suspension_from_its_day_and_the_pages_say_so(visit: Visit, held: Runtime):
    """Named as replaced or not: what the draft says is what issuing does, and until its day the earlier one holds."""
    store, anda = held.store, await visit("anda-zagare")
    kept = await store.dossiers.find_one({"_id": TOMASS}) or {}
    mother = await relation(held, TOMASS, "ieva-grinberga")
    later = day_of(held.now()) + timedelta(days=5)
    for named in (True, False):
        suspended = await write(anda, held, TOMASS, "custody_suspended", concerned=[mother])
        await issue(anda, suspended)
        first = await stored(held, suspended)
        fields = {"concerned": [mother], "in_force_from": f"{later:%d.%m.%Y}."}
        renewed = await write(
            anda, held, TOMASS, "custody_renewed", **fields, **({"replaces": first.id} if named else {})
        )
        assert f"Lēmums Nr. {first.called} zaudē spēku no {later:%d.%m.%Y}." in anda.page
        await issue(anda, renewed)
        second = await stored(held, renewed)
        verdict = await verdict_on(held, first)
        assert "spēkā" in verdict and f"{later - timedelta(days=1):%d.%m.%Y}." in verdict and "aizst" not in verdict
        await anda.get(suspended)
        assert f"Lēmums ir spēkā līdz {later - timedelta(days=1):%d.%m.%Y}." in anda.page
        assert f"/decisions/{second.id}" in anda.page
        held.clock.now += timedelta(days=5)  # type: ignore[attr-defined]
        assert ("aizstāts" if named else "zaudējis spēku") in await verdict_on(held, first)
        held.clock.now -= timedelta(days=5)  # type: ignore[attr-defined]
        await store.dossiers.replace_one({"_id": TOMASS}, kept)


async def verdict_on(held: Runtime, decision: CourtDecision) -> str:
    visitor, words = Browser(held), await held.store.secrets.open(decision.sealed)
    assert (await visitor.get(f"/verify/{words['code']}")).status_code == 200
    return visitor.page.split("<main")[1].split("</main>")[0]


async def test_a_suspension_by_mistake_is_corrected_and_the_form_offers_whom_it_is_about(visit: Visit, held: Runtime):
    store, anda = held.store, await visit("anda-zagare")
    kept = await store.dossiers.find_one({"_id": TOMASS}) or {}
    mother = await relation(held, TOMASS, "ieva-grinberga")
    wrong = await write(anda, held, TOMASS, "custody_suspended", concerned=[mother])
    await issue(anda, wrong)
    first = await stored(held, wrong)
    await anda.get(f"/dossiers/{TOMASS}/decisions/new/contact_order")
    assert f'value="{first.id}"' not in anda.page, "a contact order takes the place of no suspension"
    form = {"kind": "contact_order", "concerned": [mother], "contact": "arranged", "replaces": first.id}
    form |= {"reasons": FOUND, "legal_basis": "x", "in_force_from": f"{day_of(held.now()):%d.%m.%Y}."}
    assert (await anda.post(f"/dossiers/{TOMASS}/decisions", form)).status_code == 422
    assert anda.errors == ["Agrākais lēmums pa to laiku aizstāts. Izvēlieties vēlreiz."]
    right = await write(anda, held, TOMASS, "custody_suspended", concerned=[mother], replaces=first.id)
    await issue(anda, right)
    assert (await stored(held, wrong)).state == "replaced"
    row = await store.dossiers.find_one({"_id": TOMASS}) or {}
    roles = next(r for r in row["relationships"] if r["id"] == mother)["legal_roles"]
    assert [role["decision_id"] for role in roles if role["role"] == "custody_suspended"] == [right.rsplit("/", 1)[1]]
    await store.dossiers.replace_one({"_id": TOMASS}, kept)


async def test_a_draft_promises_of_contact_only_what_is_written_of_the_family(visit: Visit, held: Runtime):
    anda = await visit("anda-zagare")
    mother, grandmother = await relation(held, TOMASS, "ieva-grinberga"), await relation(held, OLIVERS, "aina-jansone")
    effects = []
    for child, person, contact in ((TOMASS, mother, "supervised"), (OLIVERS, grandmother, "limited")):
        await write(anda, held, child, "contact_order", concerned=[person], contact=contact)
        effects.append(anda.page.split('id="effects"')[1])
    assert "pie ģimenes nekas nemainās" in effects[0] and "tiks atzīmēts" not in effects[0]
    assert "saskarsmes tiesības ir ierobežotas no" in effects[1] and "nekas nemainās" not in effects[1]


async def test_a_draft_that_no_longer_fits_says_so_before_it_is_issued(visit: Visit, held: Runtime):
    anda = await visit("anda-zagare")
    grandmother = await relation(held, OLIVERS, "aina-jansone")
    address = await write(anda, held, OLIVERS, "contact_order", concerned=[grandmother], contact="limited")
    passed = (day_of(held.now()) - timedelta(days=1)).isoformat()
    await held.store.decisions.update_one({"_id": address.rsplit("/", 1)[1]}, {"$set": {"in_force_from": passed}})
    await anda.get(address)
    assert "Pašlaik to nevar izdot" in anda.page.split('id="effects"')[1]


async def test_each_page_that_shows_the_child_or_a_draft_is_recorded_and_so_is_each_refusal(
    visit: Visit, held: Runtime
):
    anda = await visit("anda-zagare")
    grandmother = await relation(held, OLIVERS, "aina-jansone")
    fields = {"concerned": [grandmother], "contact": "arranged", "legal_basis": "x"}

    async def recorded(act: str, *, refused: bool = False) -> int:
        outcome = "refused" if refused else {"$ne": "refused"}
        about = {"dossier_id": OLIVERS, "person_id": "anda-zagare", "outcome": outcome, "act": act}
        return await held.store.audit_entries.count_documents(about)

    address = await write(anda, held, OLIVERS, "contact_order", **fields)
    decision_id = address.rsplit("/", 1)[1]
    await anda.get(f"{address}/draft")
    form = {n: anda.hidden(n) for n in ("kind", "version")} | fields | {"in_force_from": anda.hidden("in_force_from")}
    assert (await anda.post(f"{address}/draft", form | {"reasons": "Pirmais"})).status_code == 200

    looks = await recorded("decision.read")
    assert (await anda.post(f"{address}/draft", form | {"reasons": "Otrais"})).status_code == 409
    assert await recorded("decision.read") == looks + 1, "a colleague's text"
    looks = await recorded("dossier.read")
    assert (await anda.post(f"{address}/draft", form)).status_code == 422
    assert (await anda.post(f"/dossiers/{OLIVERS}/decisions", {"kind": "contact_order"})).status_code == 422
    assert await recorded("dossier.read") == looks + 2, "the child's header and names"

    await held.store.decisions.update_one({"_id": decision_id}, {"$set": {"court_id": "elsewhere"}})
    await anda.get("/roles")
    refusals = await recorded("decision.read", refused=True)
    assert (await anda.get(f"{address}/draft")).status_code == 403
    for path, act in (
        ("draft", "decision.changed"),
        ("issue", "decision.issued"),
        ("discard", "decision.discarded"),
    ):
        await anda.get("/roles")
        answer = await anda.client.post(f"{address}/{path}", data={"csrf": anda.csrf, "version": "2"})
        assert answer.status_code == 403
        assert await recorded(act, refused=True) == 1, path
    assert await recorded("decision.read", refused=True) == refusals + 1
    assert (await anda.get(f"/dossiers/{OLIVERS}/decisions/unknown/draft")).status_code == 404
    assert await recorded("decision.read", refused=True) == refusals + 2
    await held.store.decisions.delete_one({"_id": decision_id})
