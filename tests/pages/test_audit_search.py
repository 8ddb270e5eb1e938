"""A steward searches the audit log: for a purpose, on record, by index, never about oneself, out as a safe table."""

import csv
import io
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape

import pytest

from documents.acts import Act
from documents.audit import AuditEntry
from documents.model import day_of
from documents.person import Person
from documents.seals import seal_once
from fixtures.story import dossier_id
from portal.admin import audit_searching
from portal.admin.act_words import ACT_WORDS
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.scans import no_collection_scans

MARTA = dossier_id("marta")
Visit = Callable[..., Awaitable[Browser]]
WHY = {"purpose": "examine_complaint", "words": "Mātes iesniegums par profila skatīšanu"}
EMPTY = dict.fromkeys(("person", "dossier", "institution", "act", "outcome", "from", "to"), "")


def rows(page: str) -> list[str]:
    body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    return [unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))).strip() for row in body.split("<tr>")[1:]]


async def search(browser: Browser, status: int = 200, **asked: str) -> list[str]:
    await browser.get("/admin/audit")
    answer = await browser.post("/admin/audit", EMPTY | WHY | asked)
    assert answer.status_code == status
    return rows(browser.page)


def test_every_act_of_the_vocabulary_has_its_words() -> None:
    assert set(Act) <= set(ACT_WORDS)


async def test_each_way_of_asking_finds_by_index_and_is_recorded_with_its_purpose(visit: Visit, held: Runtime) -> None:
    worker = await visit("inese-liepina")
    await worker.get(f"/dossiers/{MARTA}")
    stranger = await visit("zane-kaulina")
    await stranger.get(f"/dossiers/{MARTA}")
    browser = await visit("linda-karklina")
    ways = [
        ({"person": "inese-liepina"}, "Inese Liepiņa"),
        ({"dossier": MARTA}, f"bērna profils {MARTA[-5:].upper()}"),
        ({"institution": "Cēsu novada Sociālais"}, "Sociālais dienests"),
        ({"act": "dossier.read"}, "skatījās"),
        ({"outcome": "refused"}, "Zane Kauliņa"),
        ({"from": "01.01.2020.", "to": "31.12.2099."}, "Inese Liepiņa"),
        ({"person": "zane-kaulina", "dossier": MARTA, "act": "dossier.read", "outcome": "refused"}, "Zane Kauliņa"),
    ]
    async with no_collection_scans(held.store.database):
        for asked, words in ways:
            found = await search(browser, **asked)
            assert any(words in row for row in found), (asked, found[:3])
    entries = await held.store.audit_entries.find({"act": {"$in": ["audit.searched", "audit.read"]}}).to_list()
    assert len(entries) == 2 * len(ways)
    assert {(e["person_id"], e["purpose"]) for e in entries} == {("linda-karklina", "examine_complaint")}
    kept = await held.store.audit_searches.find({}).to_list()
    assert {k["_id"] for k in kept} == {e["subject"] for e in entries}
    assert WHY["words"] not in str(entries), "the log itself holds no narrative"


async def test_no_name_of_a_child_is_shown_but_staff_are(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    mother = await visit("ilze-kalnina")
    await mother.get(f"/dossiers/{MARTA}")
    found = " ".join(await search(browser, dossier=MARTA))
    assert "Inese Liepiņa" in found and "ģimenes loceklis" in found
    assert not [name for name in ("Marta", "Kalniņ", "Ilze", "ilze") if name in found]


async def test_purpose_words_and_something_to_search_by_are_asked(visit: Visit) -> None:
    browser = await visit("linda-karklina")
    await search(browser, 422, purpose="treat_child", person="inese-liepina")
    assert "Izvēlieties nolūku." in browser.errors
    await search(browser, 422, words="nu", person="inese-liepina")
    assert "Uzrakstiet teikumā" in browser.errors[0]
    await search(browser, 422)
    assert "Norādiet" in browser.errors[0]
    await search(browser, 422, person="nobody-at-all")
    assert "Konta ar šādu" in browser.errors[0]
    await search(browser, 422, institution="Cēsu")
    assert "Tā sākas vairāki" in browser.errors[0]


async def test_nothing_about_oneself_is_shown_only_counted(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    await search(browser, 422, person="linda-karklina")
    assert "Jāskatās citam sistēmas pārzinim" in browser.page
    found = await search(browser, act="audit.searched")
    assert found == [] and "attiecas uz jums" in browser.page
    other = await held.store.people.find_one({"_id": "linda-karklina"})
    assert other
    about = AuditEntry(act=Act.ACCESS_EXPLAINED, at=held.now(), person_id="vita-eglite", subject="linda-karklina")
    await held.store.audit.record(about)
    assert await search(browser, act="access.explained") == []


async def test_a_child_of_the_own_family_is_not_searched_for(visit: Visit, held: Runtime) -> None:
    await held.store.people.update_one({"_id": "linda-karklina"}, {"$set": {"children": [MARTA]}})
    try:
        browser = await visit("linda-karklina")
        await search(browser, 422, dossier=MARTA)
        assert "Jāskatās citam sistēmas pārzinim" in browser.page
        assert not any(MARTA[-5:].upper() in row for row in await search(browser, person="inese-liepina"))
    finally:
        await held.store.people.update_one({"_id": "linda-karklina"}, {"$unset": {"children": ""}})


async def test_pages_follow_each_other_and_the_table_holds_all_of_them(visit: Visit, held: Runtime) -> None:
    moment = held.now() - timedelta(days=300)
    await held.store.audit.record(
        *(
            AuditEntry(
                act="dossier.read",
                at=moment,
                person_id="aija-zarina",
                role_id="aija-zarina-1",
                dossier_id=MARTA,
                reason="=cmd()" if number == 7 else None,
            )
            for number in range(120)
        )
    )
    browser = await visit("linda-karklina")
    day = f"{day_of(moment):%d.%m.%Y}."
    total = len(await search(browser, person="aija-zarina", **{"from": day, "to": day}))
    address = re.search(r'action="(/admin/audit/\w+)/export"', browser.page)
    assert address and total == 50
    while older := re.search(r'href="([^"]+before=[^"]+)"', browser.page):
        await browser.get(unescape(older[1]))
        total += len(rows(browser.page))
    assert total == 120
    answer = await browser.post(f"{address[1]}/export")
    assert (
        answer.headers["content-type"].startswith("text/csv") and "attachment" in answer.headers["content-disposition"]
    )
    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert len(lines) == 120 and head[0] == "Kad"
    assert sum("'=cmd()" in line for line in lines) == 1
    assert not [line for line in lines for cell in line if cell.startswith("=")]
    entry = await held.store.audit_entries.find_one({"act": "audit.exported"})
    assert entry and (entry["count"], entry["purpose"]) == (120, "examine_complaint")


async def test_a_table_that_would_be_too_large_is_refused_and_that_is_recorded(
    visit: Visit, held: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_searching, "EXPORTED_AT_MOST", 3)
    browser = await visit("linda-karklina")
    await search(browser, dossier=MARTA)
    address = re.search(r'action="(/admin/audit/\w+)/export"', browser.page)
    assert address
    answer = await browser.post(f"{address[1]}/export")
    assert answer.status_code == 422 and "par daudz" in browser.page
    assert await held.store.audit_entries.count_documents({"act": "audit.exported", "reason": "too_much"}) == 1


async def test_the_answer_belongs_to_who_searched_and_only_for_a_day_of_work(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    await search(browser, dossier=MARTA)
    row = await held.store.audit_searches.find_one({}, sort=[("at", -1)])
    assert row
    person = Person.model_validate(await held.store.people.find_one({"_id": "linda-karklina"}))
    second = person.model_copy(
        update={"id": "otra-parzine", "code_hash": "x", "roles": [person.roles[0].model_copy(update={"id": "otra-1"})]}
    )
    await held.store.people.insert_one(second.model_dump(by_alias=True, mode="json", exclude={"code", "birth_date"}))
    try:
        other = await visit("otra-parzine")
        assert (await other.get(f"/admin/audit/{row['_id']}")).status_code == 404
        found = await search(other, act="audit.searched")
        assert any("Linda Kārkliņa" in line and WHY["words"] in line for line in found), "stewards see each other's"
    finally:
        await held.store.people.delete_one({"_id": "otra-parzine"})
    before = held.clock.now  # type: ignore[attr-defined]
    try:
        held.clock.now = before + timedelta(hours=9)  # type: ignore[attr-defined]
        late = await visit("linda-karklina")
        assert (await late.get(f"/admin/audit/{row['_id']}")).status_code == 404
    finally:
        held.clock.now = before  # type: ignore[attr-defined]


async def test_the_page_says_how_far_the_log_is_sealed(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    await seal_once(held.store, held.audit_key, "test", held.now(), everything=True)
    await browser.get("/admin/audit")
    assert "1. zīmogs uzlikts" in browser.page and "0 pierakstu gaida" in browser.page


@pytest.mark.parametrize("person", ["inese-liepina", "vita-eglite", "renate-vilcina", "ilze-kalnina"])
async def test_nobody_else_searches(visit: Visit, person: str) -> None:
    browser = await visit(person)
    assert (await browser.get("/admin/audit")).status_code == 403
    await browser.get("/roles")
    assert (await browser.post("/admin/audit", EMPTY | WHY | {"dossier": MARTA})).status_code == 403
    await browser.get("/roles")
    assert (await browser.post("/admin/audit/x/export")).status_code == 403
