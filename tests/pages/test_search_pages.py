"""Find a child: among one's own by any part of the name, in the nation only exactly, and never by an address."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from documents.names import sort_name, words
from fixtures.story import dossier_id
from portal.runtime import Runtime
from portal.search.rules import understand
from tests.browsing import Browser, story_of

Visit = Callable[..., Awaitable[Browser]]


@pytest.mark.parametrize("text", ["Kalniņa Marta", "marta kal", "KAL MAR", "kalnina", "martakalnina"[:5]])
async def test_the_own_child_is_found_by_any_words_in_any_order_without_diacritics(visit: Visit, text: str) -> None:
    browser = await visit("inese-liepina")
    await browser.get("/search")
    await browser.post("/search", {"q": text})
    assert "Marta Kalniņa" in browser.page.split('id="results"')[1]


@pytest.mark.parametrize("text", ["tomass", "grinbergs", "xyzzy", "ka", ".*", "^kal", "kal$", "$ne"])
async def test_a_child_one_has_no_relation_to_is_not_found_by_name(visit: Visit, text: str) -> None:
    browser = await visit("inese-liepina")
    await browser.get("/search")
    await browser.post("/search", {"q": text})
    assert f"/dossiers/{dossier_id('tomass')}" not in browser.page
    if text != "kal$":
        assert "Marta" not in browser.page.split('id="results"')[1] or text in ("^kal",)


async def test_the_answers_come_as_a_fragment_to_htmx(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    await browser.get("/search")
    answer = await browser.client.post(
        "/search", data={"csrf": browser.csrf, "q": "mar"}, headers={"HX-Request": "true"}
    )
    assert answer.text.lstrip().startswith("<section") and "Marta" in answer.text


async def test_every_answer_is_recorded_and_one_search_is_one_series(visit: Visit, held: Runtime) -> None:
    browser = await visit("dace-ozola")
    await browser.get("/search")
    series = browser.hidden("series")
    for text in ("kri", "kris", "krist"):
        await browser.post("/search", {"q": text, "series": series})
    rows = await held.store.audit_entries.find({"series": series}).to_list()
    assert len(rows) == 3 and {row["act"] for row in rows} == {"search.answered"}
    assert all("kris" not in str(row) for row in rows)


async def ask_nation(visit: Visit, person: str, text: str) -> str:
    browser = await visit(person)
    await browser.get("/search")
    await browser.post("/search/nation", {"q": text})
    return browser.page.split('id="results"')[1]


def code_of(held: Runtime, label: str) -> str:
    story = story_of(held)
    return story.codes[dossier_id(label)]


async def test_the_exact_code_tells_that_a_dossier_exists_and_nothing_more(visit: Visit, held: Runtime) -> None:
    answer = await ask_nation(visit, "inese-liepina", code_of(held, "tomass"))
    assert "TG" in answer and "2019" in answer
    assert "Tomass" not in answer and dossier_id("tomass") not in answer


async def test_full_name_and_birth_date_find_what_the_code_finds(visit: Visit, held: Runtime) -> None:
    tomass = story_of(held).dossiers["tomass"].child
    for text in (f"Tomass Grīnbergs {tomass.birth_date:%d.%m.%Y}", f"grinbergs tomass {tomass.birth_date}"):
        assert "TG" in await ask_nation(visit, "inese-liepina", text)
    assert "TG" not in await ask_nation(visit, "inese-liepina", f"Toma Grīnbergs {tomass.birth_date:%d.%m.%Y}")


async def test_the_place_of_a_protected_child_is_not_told(visit: Visit, held: Runtime) -> None:
    alise = story_of(held).dossiers["alise"]
    answer = await ask_nation(visit, "inese-liepina", code_of(held, "alise"))
    assert alise.child.initials in answer
    assert alise.case_manager is not None and alise.case_manager.institution_name not in answer


async def test_a_level_one_child_is_told_apart_from_nothing_only_by_code_and_to_the_entitled(
    visit: Visit, held: Runtime
) -> None:
    paula = story_of(held).dossiers["paula"].child
    assert "Identificēt vajadzību" in await ask_nation(visit, "inese-liepina", code_of(held, "paula"))
    by_name = await ask_nation(visit, "inese-liepina", f"{paula.name} {paula.birth_date:%d.%m.%Y}")
    assert "Neviens nav atrasts" in by_name
    unknown = await ask_nation(visit, "inese-liepina", f"Paula Nekurene {paula.birth_date:%d.%m.%Y}")
    assert by_name.split("</section>")[0].count("<") == unknown.split("</section>")[0].count("<")


@pytest.mark.parametrize("person", ["ruta-abele", "vita-eglite", "ilze-kalnina", "renate-vilcina", "linda-karklina"])
async def test_who_may_not_ask_the_register_has_no_button_and_is_refused(visit: Visit, person: str) -> None:
    browser = await visit(person)
    answer = await browser.get("/search")
    assert answer.status_code == 403 or "/search/nation" not in browser.page
    await browser.get("/desk")
    assert (await browser.post("/search/nation", {"q": "010120-23456"})).status_code == 403


@pytest.mark.asvs("2.4.1")
async def test_enumerating_children_is_stopped(visit: Visit, held: Runtime) -> None:
    browser = await visit("martins-skele")
    await browser.get("/search")
    statuses = [(await browser.post("/search/nation", {"q": "010120-23456"})).status_code for _ in range(12)]
    assert statuses[:10] == [200] * 10 and statuses[10:] == [429, 429]
    held.clock.now += timedelta(minutes=11)  # type: ignore[attr-defined]
    again = await visit("martins-skele")
    await again.get("/search")
    assert (await again.post("/search/nation", {"q": "010120-23456"})).status_code == 200


def test_what_is_typed_is_understood() -> None:
    assert understand("Bērziņš, Kristaps 14.03.2014.", accept_invented=False).birth_date is not None
    assert understand("Bērziņš, Kristaps 14.03.2014.", accept_invented=False).words == ("berzins", "kristaps")
    assert understand("31.02.2014", accept_invented=False).problem
    assert understand("140314-91234", accept_invented=False).problem
    assert understand("140314-91234", accept_invented=True).code is not None
    assert not understand("ab", accept_invented=False).enough
    assert understand("a" * 500, accept_invented=False).words == ("a" * 120,)


def test_names_fold_as_people_type_them() -> None:
    assert words("Ņikita Šķēle-Ūdris") == ["nikita", "skele", "udris"]
    assert sort_name("Bērziņš", "Kristaps") == "berzins kristaps"
