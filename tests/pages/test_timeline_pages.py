"""The life course: filters that stand in the address, a word that never does, single records."""

import re
from collections.abc import Awaitable, Callable
from html import unescape

import pytest

from documents.archive import archive
from documents.audit import AuditEntry
from documents.dossier import Dossier
from documents.event import Event
from documents.model import new_id, to_bson
from documents.store import Transaction
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

MARTA, TOMASS = dossier_id("marta"), dossier_id("tomass")
HTMX = {"HX-Request": "true"}
Visit = Callable[..., Awaitable[Browser]]


async def read(held: Runtime, dossier: str = MARTA) -> Dossier:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": dossier}))


def listed(page: str) -> set[str]:
    """The ids of the entries in the list."""
    return set(re.findall(r'<li id="e-(\w+)"', page))


async def found(browser: Browser, query: str = "", dossier: str = MARTA) -> set[str]:
    assert (await browser.get(f"/dossiers/{dossier}/timeline{query}")).status_code == 200
    return listed(browser.page)


async def test_the_whole_life_is_listed_by_year_for_the_case_manager(visit: Visit, held: Runtime) -> None:
    assert await found(await visit("inese-liepina")) == {event.id for event in (await read(held)).events}


async def test_filters_are_plain_parameters_and_narrow_list_picture_and_table_alike(
    visit: Visit, held: Runtime
) -> None:
    browser, events = await visit("inese-liepina"), (await read(held)).events
    health = await found(browser, "?domain=health")
    assert health == {event.id for event in events if event.domain == "health"}
    assert sum(map(int, re.findall(r'<span class="bubble[^>]*>(\d+)', browser.page))) == len(health)
    both = await found(browser, "?domain=health&domain=justice")
    assert both == {event.id for event in events if event.domain in ("health", "justice")}
    opinions = await found(browser, "?only=opinions")
    assert opinions == {event.id for event in events if event.shape == "assessment"}
    kind = await found(browser, "?kind=school_attendance")
    assert kind == {event.id for event in events if event.kind == "school_attendance"}
    place = events[0].institution_id
    assert await found(browser, f"?institution={place}") == {e.id for e in events if e.institution_id == place}
    old = await found(browser, "?to=2018-12-31")
    assert old == {event.id for event in events if event.day.year <= 2018}


async def test_what_cannot_be_a_filter_counts_as_not_asked_and_a_wrong_date_is_explained(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    whole = await found(browser)
    assert await found(browser, "?period=eternity&domain=magic&kind=%24ne&year=99999&shown=-3&k=forged") == whole
    assert await found(browser, "?from=31.11.2026.") == whole
    assert "Tajā mēnesī ir 30 dienas" in browser.page and 'value="31.11.2026."' in browser.page


async def test_a_word_is_found_in_sealed_details_and_never_stands_in_an_address(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    events = (await read(held)).events
    await browser.get(f"/dossiers/{MARTA}/timeline?domain=interior")
    answer = await browser.post(f"/dossiers/{MARTA}/timeline/search?domain=interior", {"q": "MĀMMA"})
    assert path_of(answer) == f"/dossiers/{MARTA}/timeline"
    address = str(answer.url)
    assert "domain=interior" in address and "mamma" not in address.lower() and "m%C4%81mma" not in address.lower()
    hits = listed(browser.page)
    assert hits and hits < {event.id for event in events if event.domain == "interior"}
    assert 'value="MĀMMA"' in browser.page
    again = await browser.get(address)
    assert listed(again.text) == hits, "the address can be bookmarked"


async def test_the_address_of_a_search_is_worth_nothing_to_somebody_else(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/timeline")
    answer = await browser.post(f"/dossiers/{MARTA}/timeline/search", {"q": "psihologs"})
    other = await visit("aija-zarina")
    await other.get(str(answer.url))
    assert "psihologs" not in re.findall(r'name="q" value="([^"]*)"', other.page)


async def test_a_word_of_a_detail_is_not_found_by_who_may_not_read_it(visit: Visit, held: Runtime) -> None:
    """Elīna reads of this entry that it is there; its sealed text must not answer her."""
    store, dossier = held.store, await read(held)
    event = next(e for e in dossier.events if e.confidentiality == "sensitive" and e.sealed)
    sealed = await store.secrets.seal({"detail": "zxcanary", "fields": {}}, "sensitive", 2026)
    number = dossier.events.index(event)
    await store.dossiers.update_one({"_id": MARTA}, {"$set": {f"events.{number}.sealed": sealed}})
    for person, expected in (("inese-liepina", {event.id}), ("elina-rudzite", set())):
        browser = await visit(person)
        await browser.get(f"/dossiers/{MARTA}/timeline")
        await browser.post(f"/dossiers/{MARTA}/timeline/search", {"q": "zxcanary"})
        assert listed(browser.page) == expected, person
        record = await browser.get(f"/dossiers/{MARTA}/events/{event.id}")
        assert ("zxcanary" in record.text) == bool(expected)
    await store.dossiers.update_one({"_id": MARTA}, {"$set": {f"events.{number}.sealed": event.sealed}})


async def test_htmx_gets_the_region_alone_but_a_whole_page_when_history_is_restored(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    region = await browser.client.get(f"/dossiers/{MARTA}/timeline?domain=health", headers=HTMX)
    assert region.text.lstrip().startswith('<div id="life"') and "<h1" not in region.text
    back = await browser.client.get(
        f"/dossiers/{MARTA}/timeline", headers=HTMX | {"HX-History-Restore-Request": "true"}
    )
    assert "<h1" in back.text


async def test_a_search_answers_htmx_at_once_with_the_opaque_address_to_show(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/timeline")
    form = {"csrf": browser.csrf, "q": "psihologs"}
    answer = await browser.client.post(f"/dossiers/{MARTA}/timeline/search", data=form, headers=HTMX)
    assert answer.status_code == 200 and answer.text.lstrip().startswith('<div id="life"')
    assert "psihologs" not in answer.headers["HX-Push-Url"]
    assert listed((await browser.get(answer.headers["HX-Push-Url"])).text) == listed(answer.text)
    outsider = await visit("zane-kaulina")
    await outsider.get("/desk")
    refused = await outsider.post(f"/dossiers/{MARTA}/timeline/search", {"q": "psihologs"})
    assert refused.status_code == 404


async def test_a_record_shows_fields_by_name_age_and_recorder_with_contact(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    event = next(e for e in (await read(held)).events if e.kind == "home_visit" and e.recorded_by)
    await browser.get(f"/dossiers/{MARTA}/events/{event.id}")
    assert "Klātesošie" in browser.page and "bērna vecums tad: 12 gadi" in browser.page
    assert "Inese Liepiņa" in browser.page and f"mailto:{event.recorded_by and event.recorded_by.email}" in browser.page


async def test_a_corrected_record_keeps_what_it_said_and_a_withdrawn_one_says_why(visit: Visit, held: Runtime) -> None:
    browser, events = await visit("inese-liepina"), (await read(held)).events
    corrected = next(event for event in events if event.earlier)
    await browser.get(f"/dossiers/{MARTA}/events/{corrected.id}")
    assert corrected.earlier[0].reason in unescape(browser.page)
    assert corrected.earlier[0].content["summary"] in unescape(browser.page)
    withdrawn = next(event for event in events if event.withdrawn)
    await browser.get(f"/dossiers/{MARTA}/events/{withdrawn.id}")
    assert withdrawn.withdrawn and withdrawn.withdrawn.reason in unescape(browser.page)


async def test_only_the_recording_institution_is_offered_to_correct(visit: Visit, held: Runtime) -> None:
    own = next(
        e
        for e in (await read(held)).events
        if e.recorded_by and e.institution_id == "cesu-2-pamatskola" and not e.withdrawn
    )
    for person, offered in (("aija-zarina", True), ("martins-skele", False)):
        browser = await visit(person)
        await browser.get(f"/dossiers/{MARTA}/events/{own.id}")
        assert (f"/events/{own.id}/correction" in browser.page) is offered, person
        assert ((await browser.get(f"/dossiers/{MARTA}/events/{own.id}/correction")).status_code == 200) is offered


async def test_withheld_entries_are_absent_for_the_family_and_marked_for_professionals(
    visit: Visit, held: Runtime
) -> None:
    withheld = [event for event in (await read(held)).events if event.withheld]
    mother, manager = await visit("ilze-kalnina"), await visit("inese-liepina")
    shown = await found(mother)
    assert shown and not shown & {event.id for event in withheld}
    assert (await mother.get(f"/dossiers/{MARTA}/events/{withheld[0].id}")).status_code == 404
    await manager.get(f"/dossiers/{MARTA}/events/{withheld[0].id}")
    assert "Neredz: ģimene" in manager.page


async def test_a_record_of_somebody_elses_child_is_not_found_through_another_dossier(
    visit: Visit, held: Runtime
) -> None:
    foreign = (await read(held, TOMASS)).events[0]
    browser = await visit("inese-liepina")
    assert (await browser.get(f"/dossiers/{MARTA}/events/{foreign.id}")).status_code == 404
    assert (await browser.get(f"/dossiers/{MARTA}/events/{new_id()}")).status_code == 404


async def test_the_log_tells_a_full_reading_of_a_record_from_a_glimpse(visit: Visit, held: Runtime) -> None:
    event = next(e for e in (await read(held)).events if e.confidentiality == "sensitive")
    for person, sections in (("inese-liepina", ["timeline", "event_detail"]), ("elina-rudzite", ["timeline"])):
        browser = await visit(person)
        await browser.get(f"/dossiers/{MARTA}/events/{event.id}")
        query = {"person_id": person, "subject": event.id}
        row = await held.store.audit_entries.find_one(query, sort=[("at", -1)])
        assert row and row["sections"] == sections


@pytest.fixture
async def long_life(held: Runtime) -> Dossier:
    """Marta's dossier once more, with 5 000 entries, most of them in the archive."""
    marta = await read(held)
    pattern = marta.events[0]
    events = [
        pattern.model_copy(
            update={"id": new_id(), "day": pattern.day.replace(year=2015 + number % 11, day=1 + number % 28)}
        )
        for number in range(5000)
    ]
    long = marta.model_copy(update={"id": new_id(), "events": events[4600:], "archived": 4600})
    long.child.code_hash = None
    await held.store.dossiers.insert_one(to_bson(long))

    async def work(transaction: Transaction) -> None:
        await archive(transaction, long, events[:4600])
        transaction.record(AuditEntry(act="test.filled", at=held.now(), dossier_id=long.id))

    await held.store.transact(work)
    return long


async def test_five_thousand_entries_stay_usable_and_the_archive_is_not_noticed(
    visit: Visit, held: Runtime, long_life: Dossier
) -> None:
    browser = await visit("inese-liepina")
    shown = await found(browser, dossier=long_life.id)
    assert len(shown) == 150 and len(browser.page) < 400_000
    assert '<span class="n">5\N{NO-BREAK SPACE}000</span>' in browser.page
    more = unescape(re.findall(r'class="show-more".*?href="([^"]+)"', browser.page, re.S)[-1])
    await browser.get(more)
    assert len(listed(browser.page)) > 150
    row = await held.store.archive.find_one({"dossier_id": long_life.id}, sort=[("number", 1)])
    assert row
    archived = Event.model_validate(row["events"][0])
    assert (await browser.get(f"/dossiers/{long_life.id}/events/{archived.id}")).status_code == 200
