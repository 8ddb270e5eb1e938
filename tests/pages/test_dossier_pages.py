"""The reading pages of a dossier through HTTP: what is there for whom, and that the rest is not even hinted at."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from html import unescape

import pytest

from documents.dossier import Dossier
from documents.model import new_id, to_bson
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of, story_of

MARTA, TOMASS, ALISE = dossier_id("marta"), dossier_id("tomass"), dossier_id("alise")
SECTIONS = ("", "/timeline", "/family", "/documents", "/access-log")
Visit = Callable[..., Awaitable[Browser]]


async def read(held: Runtime, dossier: str) -> Dossier:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": dossier}))


def words(page: str) -> str:
    """The text of a page as people read it."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("section", SECTIONS)
async def test_the_case_manager_reads_every_section_and_the_title_holds_no_name(visit: Visit, section: str) -> None:
    browser = await visit("inese-liepina")
    answer = await browser.get(f"/dossiers/{MARTA}{section}")
    assert answer.status_code == 200
    title = re.search(r"<title>([^<]+)</title>", browser.page)
    assert title and "Marta" not in title[1] and "Kalniņa" not in title[1]
    assert MARTA[-5:].upper() in title[1]


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("person", ["zane-kaulina", "renate-vilcina", "raivis-lusis", "velta-kalnina"])
async def test_who_has_no_relation_gets_the_same_page_as_for_a_dossier_that_is_not_there(
    visit: Visit, person: str, section: str
) -> None:
    browser = await visit(person)
    there = await browser.get(f"/dossiers/{MARTA}{section}")
    missing = await browser.get(f"/dossiers/{new_id()}{section}")
    assert there.status_code == missing.status_code
    assert there.status_code in (403, 404)
    assert "Marta" not in there.text


async def test_a_head_is_led_to_the_life_course_without_name_birth_date_or_a_refusal_in_the_log(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("sanita-berzina")
    answer = await browser.get(f"/dossiers/{MARTA}")
    assert path_of(answer) == f"/dossiers/{MARTA}/timeline"
    assert "Marta" not in browser.page and "dzimusi" not in browser.page and "dzimšanas gads 2014" in browser.page
    assert f'href="/dossiers/{MARTA}"' not in browser.page and f"/dossiers/{MARTA}/family" not in browser.page
    assert (await browser.get(f"/dossiers/{MARTA}/family")).status_code == 403
    refused = {"person_id": "sanita-berzina", "outcome": "refused", "subject": "base.read"}
    assert await held.store.audit_entries.find_one(refused) is None


async def test_a_head_sees_days_kinds_and_recorders_and_of_sensitive_entries_not_even_the_kind(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("sanita-berzina")
    await browser.get(f"/dossiers/{MARTA}/timeline")
    dossier = await read(held, MARTA)
    for event in dossier.events:
        assert event.summary not in unescape(browser.page)
    assert "Sensitīvs ieraksts" in browser.page and "Emocionāla vardarbība" not in browser.page


@pytest.mark.parametrize("section", SECTIONS)
async def test_every_reading_is_recorded_before_the_answer(visit: Visit, held: Runtime, section: str) -> None:
    browser = await visit("aija-zarina")
    before = await held.store.audit_entries.count_documents({"person_id": "aija-zarina", "dossier_id": MARTA})
    await browser.get(f"/dossiers/{MARTA}{section}")
    query = {"person_id": "aija-zarina", "dossier_id": MARTA}
    assert await held.store.audit_entries.count_documents(query) == before + 1


async def test_the_overview_says_what_is_new_since_the_visit_before_this_one(visit: Visit, held: Runtime) -> None:
    browser = await visit("aija-zarina")
    await browser.get(f"/dossiers/{MARTA}")
    first = browser.page
    assert "Kopš jūsu pēdējās reizes" in first
    await browser.get(f"/dossiers/{MARTA}/timeline")
    await browser.get(f"/dossiers/{MARTA}")
    assert (
        re.search(r'class="since".*?</p>', first, re.S)[0] == re.search(r'class="since".*?</p>', browser.page, re.S)[0]
    )  # type: ignore[index]


async def test_what_is_kept_in_codes_is_told_in_words(visit: Visit, held: Runtime) -> None:
    other = story_of(held).dossiers["bohdan"].base["birth_date"].mismatch
    assert other
    browser = await visit("oksana-melnika")
    await browser.get(f"/dossiers/{dossier_id('bohdan')}")
    told = f"{date.fromisoformat(other.value):%d.%m.%Y}."
    assert "Dzimšanas datums" in browser.page and told in browser.page and f"{other.value}<" not in browser.page


async def test_a_mismatch_stands_beside_the_value_with_both_sources(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}")
    text = words(browser.page)
    assert "Fizisko personu reģistrs" in text and "Cits avots saka: Zvaigžņu iela 3, Priekuļi" in text


async def test_buttons_and_tabs_are_there_only_for_who_may_use_them(visit: Visit) -> None:
    manager = await visit("inese-liepina")
    await manager.get(f"/dossiers/{MARTA}")
    assert f"/dossiers/{MARTA}/events/new" in manager.page and f"/dossiers/{MARTA}/level" in manager.page
    mother = await visit("ilze-kalnina")
    await mother.get(f"/dossiers/{MARTA}")
    assert "/events/new" not in mother.page and "/level" not in mother.page
    assert (await mother.get(f"/dossiers/{MARTA}/events/new")).status_code == 403
    provider = await visit("elina-rudzite")
    await provider.get(f"/dossiers/{MARTA}")
    assert "/access-log" not in provider.page
    assert (await provider.get(f"/dossiers/{MARTA}/access-log")).status_code == 403


async def test_a_restricted_entry_leaves_no_trace_for_who_is_not_named(visit: Visit, held: Runtime) -> None:
    """Tab absent, count silent, filter and picture silent, record refused, log silent."""
    dossier = await read(held, TOMASS)
    hidden = [event for event in dossier.events if event.confidentiality == "restricted"]
    assert hidden
    named, other = await visit("martins-skele"), await visit("dace-ozola")
    counts = []
    for browser in (named, other):
        await browser.get(f"/dossiers/{TOMASS}/timeline")
        counts.append(int(re.search(r'Dzīvesgājums</span><span class="n">(\d+)', browser.page)[1]))  # type: ignore[index]
        pages = [browser.page]
        for section in ("", "/documents", "/access-log", f"/timeline?kind={hidden[0].kind}"):
            await browser.get(f"/dossiers/{TOMASS}{section}")
            pages.append(browser.page)
        seen = [event for event in hidden if any(event.id in page or event.summary in page for page in pages)]
        assert bool(seen) == (browser is named)
        for event in hidden:
            status = (await browser.get(f"/dossiers/{TOMASS}/events/{event.id}")).status_code
            assert status == (200 if browser is named else 404)
    assert counts[0] - counts[1] == len(hidden)


async def test_no_page_of_the_family_names_an_institution_that_tells_where_a_protected_child_is(
    visit: Visit, held: Runtime
) -> None:
    dossier = await read(held, ALISE)
    institutions = {event.institution_name for event in dossier.events}
    institutions |= {involvement.institution_name for involvement in dossier.involvements}
    browser = await visit("dina-gulbe")
    for section in SECTIONS:
        answer = await browser.get(f"/dossiers/{ALISE}{section}")
        assert answer.status_code == 200
        text = words(browser.page)
        assert not [name for name in institutions if name in text], section
        assert "Mazā Stacijas iela" not in text
    manager = await visit("kaspars-riekstins")
    await manager.get(f"/dossiers/{ALISE}")
    assert "Mazā Stacijas iela" in manager.page
    await manager.get(f"/dossiers/{ALISE}/timeline")
    assert "Mazā Stacijas iela" not in manager.page


async def test_pages_come_in_english_too(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    browser.client.cookies.set("language", "en", domain="127.0.0.1")
    for section in SECTIONS:
        await browser.get(f"/dossiers/{MARTA}{section}")
        assert '<html lang="en"' in browser.page
    assert "Who looked" in browser.page


async def test_without_a_next_step_the_overview_says_how_to_plan_one(visit: Visit, held: Runtime) -> None:
    held.clock.now += timedelta(days=20)  # type: ignore[attr-defined]
    try:
        browser = await visit("inese-liepina")
        await browser.get(f"/dossiers/{MARTA}")
        assert "Nākamais solis nav ieplānots" in browser.page
    finally:
        held.clock.now -= timedelta(days=20)  # type: ignore[attr-defined]


async def test_a_dossier_nobody_wrote_in_teaches_what_to_do(visit: Visit, held: Runtime) -> None:
    empty = (await read(held, MARTA)).model_copy(
        update={"id": new_id(), "events": [], "relationships": [], "needs": [], "summary": None, "base": {}}
    )
    empty.child.code_hash = None
    await held.store.dossiers.insert_one(to_bson(empty))
    browser = await visit("inese-liepina")
    for section in SECTIONS:
        assert (await browser.get(f"/dossiers/{empty.id}{section}")).status_code == 200
    await held.store.dossiers.delete_one({"_id": empty.id})
