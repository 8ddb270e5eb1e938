"""What each role meets: all that its work needs, and not a button more."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE, NewVisitor

ACTS = {"Pievienot notikumu", "Mainīt līmeni", "Labot pamatdatus", "Labot ierakstu", "Atsaukt"}
WRITES = {"Pievienot notikumu"}
LEADS = WRITES | {"Mainīt līmeni", "Labot pamatdatus"}
LIFE, PAPERS, LOOKS = "Dzīvesgājums", "Dokumenti", "Kas skatījās"
TEAM, MESSAGES = "Komanda", "Ziņas"
NEEDS, PLAN, DECISIONS = "Riski un vajadzības", "Plāns un uzdevumi", "Lēmumi"
FAMILY = ["Kopskats", LIFE, PLAN, "Ģimene un kontakti", PAPERS, DECISIONS, MESSAGES, LOOKS]
READS = ["Kopskats", LIFE, NEEDS, PLAN, "Ģimene un kontakti", PAPERS]


@pytest.mark.parametrize(
    ("person", "child", "acts", "sections"),
    [
        ("inese-liepina", "marta", LEADS, [*READS, DECISIONS, TEAM, MESSAGES, LOOKS]),
        ("aija-zarina", "marta", LEADS, [*READS, DECISIONS, MESSAGES, LOOKS]),
        ("ruta-abele", "marta", WRITES, [*READS, MESSAGES]),
        ("vita-eglite", "marta", set(), [LIFE, NEEDS, PLAN, DECISIONS, MESSAGES, LOOKS, "Atbildīgie"]),
        ("ilze-kalnina", "marta", set(), FAMILY),
        ("rihards-sprogis", "rihards", set(), FAMILY),
    ],
)
async def test_a_dossier_offers_what_the_role_may(
    new_visitor: NewVisitor, person: str, child: str, acts: set[str], sections: list[str]
) -> None:
    visitor = await new_visitor(person)
    await visitor.go(f"/dossiers/{child}")
    assert {act for act in ACTS if await visitor.offers(act)} == acts
    assert await visitor.page.locator(".sections a > span:first-of-type").all_inner_texts() == sections
    visitor.expected = {403, 404}
    for page, act in (("events/new", "Pievienot notikumu"), ("level", "Mainīt līmeni")):
        assert (await visitor.go(f"/dossiers/{child}/{page}") == 200) is (act in acts)


async def test_a_head_reads_terms_and_records_but_no_name_and_no_story(new_visitor: NewVisitor) -> None:
    vita = await new_visitor("vita-eglite")
    await vita.go("/dossiers/marta")
    assert await vita.heading() == "MK"
    await vita.page.locator(".events a:visible").first.click()
    await expect(vita.page.get_by_role("heading", name="Jūs neredzat visu šo ierakstu")).to_be_visible()
    assert "Marta" not in await vita.text()


async def test_a_doctor_sees_a_sensitive_entry_of_the_police_without_its_words(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina", size=PHONE)
    await inese.go("/dossiers/marta/events/violence_emotional")
    words = await inese.page.locator(".narrative").inner_text()
    ruta = await new_visitor("ruta-abele", size=PHONE)
    await ruta.go("/dossiers/marta/events/violence_emotional")
    await expect(ruta.page.get_by_role("heading", name="Jūs neredzat visu šo ierakstu")).to_be_visible()
    assert words and words not in await ruta.text()


async def test_a_mother_begins_with_who_helps_and_reads_who_looked_without_names_of_staff(
    new_visitor: NewVisitor,
) -> None:
    ilze = await new_visitor("ilze-kalnina", size=PHONE)
    page = ilze.page
    assert await ilze.heading() == "Labdien, Ilze!"
    assert not await page.locator('a[href="/search"]').count()
    await expect(page.locator("#child-1")).to_contain_text("Inese Liepiņa")
    await ilze.follow("Kas skatījās")
    await expect(page.get_by_role("row").filter(has_text="Cēsu 2. pamatskola").first).to_be_visible()
    assert "Aija Zariņa" not in await page.locator("main .page").inner_text()


@pytest.mark.parametrize("person", ["kaspars-riekstins", "renate-vilcina", "linda-karklina"])
async def test_whoever_works_with_other_children_finds_no_dossier_and_a_way_on(
    new_visitor: NewVisitor, person: str
) -> None:
    visitor = await new_visitor(person)
    visitor.expected = {404}
    assert await visitor.go("/dossiers/tomass") == 404
    assert await visitor.heading() == "Šādas lapas te nav"
    address = await visitor.page.locator("main a.ds-button").get_attribute("href")
    assert address and await visitor.go(address) == 200


@pytest.mark.parametrize("person", ["renate-vilcina", "linda-karklina"])
async def test_who_never_sees_a_child_has_neither_search_nor_children(new_visitor: NewVisitor, person: str) -> None:
    visitor = await new_visitor(person)
    assert "Neviena bērna profilu nevar atvērt" in await visitor.text()
    assert not await visitor.page.locator('a[href="/search"], a[href^="/dossiers"]').count()


ROOM = """() => { const of = (what, name) => parseFloat(getComputedStyle(document.querySelector(what))[name]);
  return [of("body", "fontSize"), of(".panel", "paddingTop"), of(".people > li:nth-child(2)", "paddingTop")] }"""


@pytest.mark.parametrize(("person", "child"), [("ilze-kalnina", "marta"), ("rihards-sprogis", "rihards")])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_family_has_more_room_in_the_dossier_than_professionals(
    new_visitor: NewVisitor, person: str, child: str, size: tuple[int, int]
) -> None:
    family, worker = await new_visitor(person, size=size), await new_visitor("inese-liepina", size=size)
    await worker.go("/dossiers/marta")
    usual = await worker.page.evaluate(ROOM)
    assert usual[0] == 16
    for section in ("", "/timeline", "/family", "/documents", "/access-log"):
        assert await family.go(f"/dossiers/{child}{section}") == 200
        assert await family.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 18, section
    await family.go(f"/dossiers/{child}")
    roomy = await family.page.evaluate(ROOM)
    assert all(more > less for more, less in zip(roomy, usual, strict=True)), (roomy, usual)


async def test_the_choice_of_people_fits_a_few_screens_of_a_phone_and_each_can_be_pressed(
    new_visitor: NewVisitor,
) -> None:
    somebody = await new_visitor(size=PHONE)
    page = somebody.page
    await somebody.go("/sign-in")
    people = await page.locator('button[name="person"]').all()
    assert len(people) >= 60 and await page.evaluate("document.documentElement.scrollHeight") < 5000
    sizes = [await button.bounding_box() for button in people]
    assert all(size and size["height"] >= 44 and size["width"] > 300 for size in sizes)
    await page.get_by_role("navigation", name="Cilvēku grupas").get_by_role("link").last.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    focused = "document.activeElement.closest('section').querySelector('h2').innerText"
    assert await page.evaluate(focused) == "Ģimenes"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk")
