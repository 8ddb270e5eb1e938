"""Assessments through their pages: who reads how much, making one, drafts, conflicts, the triangle with its table."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape

import pytest

from auth.access import dossier_for
from auth.permissions import Permission
from auth.who import who_is
from documents.acts import Act
from documents.dossier import Dossier
from documents.model import day_of
from documents.person import Person
from fixtures.story import dossier_id
from fixtures.story.ids import story_id
from portal.dossier.seen import seen_events
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

Visit = Callable[..., Awaitable[Browser]]
MARTA, ALISE = dossier_id("marta"), dossier_id("alise")
BASE = f"/dossiers/{MARTA}/assessments"
SOCIAL_NOW, SCHOOL_NOW = story_id("marta", "assessment", "3"), story_id("marta", "assessment", "5")
CONCLUSION, FACT = "Lielākais risks ir drošība mājās", "divreiz naktī dauzījis pie durvīm"


async def dossier(held: Runtime, child: str = MARTA) -> Dossier:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": child}))


async def last_look(held: Runtime, person: str) -> list[str]:
    rows = held.store.audit_entries.find({"person_id": person, "act": Act.DOSSIER_READ.value}).sort("at", -1).limit(1)
    return [section for row in await rows.to_list() for section in row.get("sections", [])]


# Who opens the social service's assessment of Marta: status; levels, conclusions, facts shown; may ask for more.
SEES = """
person           status levels summary content asks
inese-liepina    200    yes    yes     yes     no
dace-ozola       200    yes    yes     yes     no
aija-zarina      200    yes    yes     yes     no
martins-skele    200    yes    yes     yes     no
elina-rudzite    200    yes    yes     no      yes
ruta-abele       200    yes    yes     no      yes
vita-eglite      200    no     no      no      no
ilze-kalnina     403    no     no      no      no
zane-kaulina     404    no     no      no      no
renate-vilcina   404    no     no      no      no
kristine-lapina  404    no     no      no      no
"""


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("row", SEES.split("\n")[2:-1], ids=lambda row: row.split()[0])
async def test_each_relation_reads_as_much_as_the_table_says_and_the_log_says_the_same(
    held: Runtime, visit: Visit, row: str
) -> None:
    person, status, *cells = row.split()
    levels, summary, content, asks = (cell == "yes" for cell in cells)
    browser = await visit(person)
    answer = await browser.get(f"{BASE}/{SOCIAL_NOW}")
    assert answer.status_code == int(status)
    text = unescape(answer.text)
    assert ("Drošības garantēšana:</b>" in text) is levels
    assert (CONCLUSION in text) is summary
    assert (FACT in text) is content
    assert (f"{SOCIAL_NOW}/access-request" in text) is asks
    if answer.status_code == 200:
        shown = {"assessments_overview"}
        shown |= {"assessments_summary"} if summary else set()
        shown |= {"assessments_content"} if content else set()
        assert set(await last_look(held, person)) == shown


async def test_a_sensitive_assessment_shows_only_that_it_is_there(held: Runtime, visit: Visit) -> None:
    browser = await visit("signe-upeniece")  # on Alise's team, not named for sensitive entries
    page = unescape((await browser.get(f"/dossiers/{ALISE}/assessments")).text)
    assert "Sensitīvs novērtējums" in page
    assert "Sociālā dienesta riska novērtējums" not in page and "kaimiņiem" not in page
    one = unescape((await browser.get(f"/dossiers/{ALISE}/assessments/{story_id('alise', 'assessment', '1')}")).text)
    assert "Jūs redzat tikai daļu" in one and "dzīvesvietu nezina" not in one and "augsts" not in one


async def test_families_are_told_nothing_of_assessments_anywhere(held: Runtime, visit: Visit) -> None:
    for person in ("ilze-kalnina", "andris-kalnins"):
        browser = await visit(person)
        for path in ("", "/timeline", "/family", "/access-log"):
            answer = await browser.get(f"/dossiers/{MARTA}{path}")
            assert not re.search(r"/assessments|vajadzību trīsstūris|risk-shape", answer.text, re.I), path
        assert (await browser.get(BASE)).status_code == 403


async def test_the_triangle_and_its_table_say_the_same_and_what_nobody_assessed(held: Runtime, visit: Visit) -> None:
    browser = await visit("inese-liepina")
    page = unescape((await browser.get(BASE)).text)
    rows = re.findall(r'<tr id="factor-(\w+)">.*?<b class="risk-word[^>]*>([^<]+)</b>', page, re.S)
    levels = dict(rows)
    assert len(rows) == 20
    assert levels["education"] == "ļoti augsts", "the school's word is higher than the social service's"
    assert levels["safety"] == "augsts" and levels["identity"] == "nav vērtēts"
    description = re.search(r"<desc[^>]*>([^<]+)", page)
    assert description and "Ļoti augsts: Izglītība." in description[1] and "Nav vērtēts: Identitāte" in description[1]
    assert "Neviens nav vērtējis:</b> identitāte" in page
    assert page.count('class="risk-shape risk-4"') >= 3, "in both pictures and the table"
    overview = unescape((await browser.get(f"/dossiers/{MARTA}")).text)
    assert "Vajadzību trīsstūris" in overview and "Kur vajag uzmanību" in overview


async def test_when_all_are_too_old_to_count_the_page_still_says_what_they_said(held: Runtime, visit: Visit) -> None:
    began = held.clock.now  # type: ignore[attr-defined]
    held.clock.now = began + timedelta(days=500)  # type: ignore[attr-defined]
    try:
        browser, head = await visit("inese-liepina"), await visit("vita-eglite")
        page = unescape((await browser.get(BASE)).text)
        hers = unescape((await head.get(BASE)).text)
    finally:
        held.clock.now = began  # type: ignore[attr-defined]
    assert len(re.findall(r'<tr id="factor-', page)) == 20
    assert "Vajadzību trīsstūris" in page and "Pēdējā gada laikā bērnu neviens nav vērtējis" in page
    assert "pēdējoreiz vērtēts sen, vairs neskaita: augsts" in page
    assert "factor-" not in hers, "who is told no level is not told that nobody assessed"


def filled(browser: Browser, **changes: str) -> dict[str, str]:
    """A school's form with everything in it."""
    levels = ("learning", "environment", "surroundings", "means", "cooperation", "unused")
    values = {f"level_dropout_{name}": "dropout_low" for name in levels}
    facts = ("learning_facts", "behaviour", "friends", "means_facts", "parents", "abilities")
    values |= {f"fact_dropout_{name}": f"Fakts: {name}" for name in facts}
    values |= {
        "role": browser.hidden("role"),
        "submission": browser.hidden("submission"),
        "tool": "dropout_risk_1",
        "day": "20.11.2025.",
        "fact_dropout_absences": "4",
        "fact_dropout_marks": "no",
        "conclusions": "Šoruden nāk katru dienu.",
        "confidentiality": "standard",
    }
    return values | changes


async def test_the_school_assesses_and_the_circle_is_told(held: Runtime, visit: Visit) -> None:
    browser = await visit("aija-zarina")
    answer = await browser.get(f"{BASE}/new")
    assert path_of(answer) == f"{BASE}/new/dropout_risk_1", "one tool: its form at once"
    assert "Kas to lasīs" in browser.page and "Elīna Rudzīte" in browser.page
    assert 'value="1"' in browser.page, "how often the school was changed is known and not asked twice"
    body = filled(browser)
    answer = await browser.post(f"{BASE}/new", body)
    assert "Novērtējums ir pabeigts." in browser.page and "Fakts: friends" in browser.page
    made = path_of(answer).rpartition("/")[2]
    stored = next(a for a in (await dossier(held)).assessments if a.id == made)
    assert stored.levels["education"] == 1 and b"nen" not in stored.sealed
    told = await held.store.outbox.find({"subject": made}).to_list()
    assert len({item["to_role"] for item in told}) == len(told) > 5
    assert all("Šoruden" not in str(item) for item in told)
    again = await browser.client.post(f"{BASE}/new", data=body | {"csrf": browser.csrf})
    assert again.headers["location"].endswith(made), "the same form twice is one assessment"
    assert sum(a.id == made for a in (await dossier(held)).assessments) == 1


async def test_what_is_missing_is_said_where_it_is_missing_and_nothing_typed_is_lost(
    held: Runtime, visit: Visit
) -> None:
    browser = await visit("aija-zarina")
    await browser.get(f"{BASE}/new/dropout_risk_1")
    wrong = filled(
        browser,
        day="31.11.2025.",
        fact_dropout_absences="daudz",
        fact_dropout_friends="",
        level_dropout_means="",
        conclusions="",
        recommendations="Zvanīt mammai",
    )
    answer = await browser.post(f"{BASE}/new", wrong)
    assert answer.status_code == 422
    assert len(browser.errors) == 5
    assert any("vismaz vienu faktu" in error for error in browser.errors)
    assert any(error.startswith("Ekonomiskais risks: Izvēlieties līmeni") for error in browser.errors)
    assert "Zvanīt mammai" in browser.page
    later = await visit("aija-zarina")
    await later.get(f"{BASE}/new/dropout_risk_1")
    assert "Zvanīt mammai" in later.page and "Melnraksts saglabāts" in later.page


async def test_two_who_correct_at_once_see_both_and_lose_nothing(held: Runtime, visit: Visit) -> None:
    first, second = await visit("inese-liepina"), await visit("dace-ozola")
    address = f"{BASE}/{SOCIAL_NOW}/correction"
    for browser in (first, second):
        await browser.get(address)
        assert CONCLUSION in browser.page

    def body(browser: Browser, words: str) -> dict[str, str]:
        inputs = re.findall(r'<input[^>]*name="(level_\w+)"[^>]*value="(\w+)" checked', browser.page)
        areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', browser.page, re.S)
        values = {name: unescape(text) for name, text in areas} | dict(inputs)
        hidden = {name: browser.hidden(name) for name in ("role", "submission", "version", "tool")}
        return (
            values
            | hidden
            | {
                "day": browser.hidden("day"),
                "fact_social_child_heard": "yes",
                "confidentiality": "standard",
                "conclusions": words,
                "reason": "precizēts",
            }
        )

    stale = body(second, "Daces teksts")
    await first.post(address, body(first, "Ineses teksts"))
    assert "Labojums ir saglabāts." in first.page
    answer = await second.post(address, stale)
    assert answer.status_code == 409
    assert "Ineses teksts" in second.page and "Daces teksts" in second.page
    await second.post(address, stale | {"version": second.hidden("version")})
    page = unescape((await second.get(f"{BASE}/{SOCIAL_NOW}")).text)
    assert "Daces teksts" in page and "Ineses teksts" in page and CONCLUSION in page, "each version stays"


async def test_a_withdrawn_assessment_stays_and_speaks_no_more(held: Runtime, visit: Visit) -> None:
    browser = await visit("aija-zarina")
    await browser.get(f"{BASE}/{SCHOOL_NOW}/withdrawal")
    assert (await browser.post(f"{BASE}/{SCHOOL_NOW}/withdrawal", {"version": "1"})).status_code == 422
    await browser.post(f"{BASE}/{SCHOOL_NOW}/withdrawal", {"version": "1", "reason": "sajaukts bērns"})
    assert "Novērtējums ir atsaukts." in browser.page and "sajaukts bērns" in browser.page
    page = unescape((await browser.get(BASE)).text)
    assert "ļoti augsts</b>" not in page and "atsaukts" in page
    assert (await browser.get(f"{BASE}/{SCHOOL_NOW}/correction")).status_code == 404


async def test_only_own_ones_are_changed_and_only_with_own_tools(held: Runtime, visit: Visit) -> None:
    browser = await visit("aija-zarina")
    await browser.get(BASE)
    assert (await browser.get(f"{BASE}/{SOCIAL_NOW}/correction")).status_code == 404
    assert (await browser.get(f"{BASE}/new/social_risk_1")).status_code == 404
    assert (await browser.post(f"{BASE}/new", {"tool": "social_risk_1"})).status_code == 404
    police = await visit("martins-skele")
    page = await police.get(f"{BASE}/new")
    assert "vēl nav sava instrumenta" in page.text
    assert (await (await visit("elina-rudzite")).get(f"{BASE}/new")).status_code == 403


async def test_who_sees_part_of_it_asks_for_the_rest_by_the_usual_way(held: Runtime, visit: Visit) -> None:
    browser = await visit("ruta-abele")
    answer = await browser.get(f"{BASE}/{SOCIAL_NOW}/access-request")
    assert answer.status_code == 200 and "Cēsu novada Sociālais dienests" in browser.page
    assert browser.page.count(" checked") >= 3
    sent = {
        "child": browser.hidden("child"),
        "event": browser.hidden("event"),
        "submission": browser.hidden("submission"),
        "sections": ["assessments_content"],
        "only_entries": "yes",
        "purpose": "treat_child",
        "legal_basis": "medical_treatment_law",
        "until": f"{day_of(held.now()) + timedelta(days=28):%d.%m.%Y}.",
        "message": "Martas miega dēļ.",
    }
    await browser.post("/access-requests", sent)
    row = await held.store.access_requests.find_one({"by.person_id": "ruta-abele"}, sort=[("at", -1)])
    assert row is not None and row["sections"] == ["assessments_content"]
    assert row["entries_of"] == "cesu-socialais-dienests"


@pytest.mark.parametrize("person", ["inese-liepina", "ruta-abele", "vita-eglite"])
async def test_a_page_that_shows_no_entry_reads_nothing_of_what_they_say_and_counts_the_same(
    held: Runtime, person: str
):
    stored = Person.model_validate(await held.store.people.find_one({"_id": person}))
    who = who_is(stored, stored.roles[0].id, None, held.now())
    permission = Permission.ASSESSMENTS_READ
    whole, without = [
        await dossier_for(held.store, who, MARTA, permission, held.now(), narrative=narrative, quiet=True)
        for narrative in (True, False)
    ]
    assert any(event.detail or event.fields or event.sealed for event in whole.dossier.events)
    assert not any(event.detail or event.fields or event.sealed for event in without.dossier.events)
    seen = [(one.event.id, one.sight) for one in seen_events(whole)]
    assert seen == [(one.event.id, one.sight) for one in seen_events(without)] and seen
