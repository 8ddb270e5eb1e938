"""Adding, correcting and withdrawing an entry as people meet it: errors, drafts, siblings, files, conflicts."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from documents.model import day_of
from tests.browser.checks import look_at
from tests.browser.conftest import DESKTOP, PHONE, NewVisitor
from tests.browser.visitor import Visitor


def picture(folder: Path) -> Path:
    """A small picture to attach."""
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "#1c6348").save(held, "PNG")
    (folder / "zimejums.png").write_bytes(held.getvalue())
    return folder / "zimejums.png"


async def fill_visit(inese: Visitor, summary: str, *, script: bool = True) -> None:
    """A home visit, filled in rightly but for what a test spoils."""
    page = inese.page
    await page.locator("#kind").select_option("home_visit")
    if not script:
        await inese.press("Rādīt, kas jāaizpilda")
    await page.locator("#field_present").fill("mamma, Marta")
    await page.locator("#field_conditions").select_option("good")
    await page.locator("#field_observed").fill("Silts, tīrs, vakariņas uz plīts")
    await page.locator("#summary").fill(summary)


async def save(inese: Visitor) -> None:
    """Press the button that saves, whatever consequence it names."""
    await inese.page.locator("#event-form .acts button").first.click()
    await inese.page.wait_for_load_state()


async def added(inese: Visitor, summary: str) -> str:
    """Add a home visit to Marta's life. Returns the address of the entry."""
    await inese.go("/dossiers/marta/events/new")
    await fill_visit(inese, summary)
    for box in await inese.page.locator('input[name="siblings"]').all():
        await box.uncheck()
    await save(inese)
    await expect(inese.page.get_by_role("alert")).to_contain_text("Ieraksts ir saglabāts")
    return inese.page.url


@pytest.mark.parametrize(
    ("size", "script"),
    [(DESKTOP, True), (PHONE, True), (PHONE, False)],
    ids=["desktop", "phone", "phone without script"],
)
async def test_an_event_with_two_errors_first_then_with_siblings_and_a_file(
    new_visitor: NewVisitor, tmp_path: Path, size: tuple[int, int], script: bool
) -> None:
    inese = await new_visitor("inese-liepina", size=size, script=script)
    page = inese.page
    await inese.go("/dossiers/marta")
    await inese.follow("Pievienot notikumu")
    await fill_visit(inese, "", script=script)
    await page.locator("#day").fill("31.11.2026")
    await page.locator("#detail").fill("Marta rādīja savus zīmējumus.")
    await page.get_by_label("Jānis Kalniņš, 9 gadi").check()
    inese.expected = {422}
    await save(inese)
    assert await page.locator("#errors li").count() == 2
    if script:
        await expect(page.locator("#errors")).to_be_focused()
        assert await look_at(inese) == []
        await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.locator("#errors a").first.click()
    await expect(page.locator("#day")).to_be_focused()
    await expect(page.locator("#detail")).to_have_value("Marta rādīja savus zīmējumus.")
    await page.locator("#day").fill(f"{day_of(datetime.now(UTC)):%d.%m.%Y}.")
    await page.locator("#summary").fill("Mājās silti un mierīgi")
    await expect(page.get_by_label("Jānis Kalniņš, 9 gadi")).to_be_checked()
    await page.get_by_label("Līva Lūse, 2 gadi").check()
    await page.locator("#files").set_input_files(picture(tmp_path))
    await save(inese)
    await expect(page.get_by_role("alert")).to_contain_text("Ieraksts ir saglabāts")
    await expect(page.locator("#siblings")).to_contain_text("Jānis")
    async with page.expect_download() as waiting:
        await page.locator("#files a").click()
    assert (await waiting.value).suggested_filename.endswith(".png")
    await page.locator("#siblings a").filter(has_text="Jānis").click()
    assert await inese.heading() == "Jānis Kalniņš"
    await expect(page.get_by_role("heading", name="Mājās silti un mierīgi")).to_be_visible()


async def test_choices_change_the_fields_and_the_readers_and_keep_what_was_typed(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina")
    page = inese.page
    await inese.go("/dossiers/marta/events/new")
    await fill_visit(inese, "Apmeklējums")
    readers = page.locator("#readers")
    await expect(readers).to_contain_text("Aija Zariņa")
    await page.get_by_label("Ierobežotas pieejamības").check()
    await expect(readers).not_to_contain_text("Aija Zariņa")
    await expect(page.locator("#field_present")).to_have_value("mamma, Marta")
    await expect(page.get_by_label("Ierobežotas pieejamības")).to_be_focused()
    await page.get_by_label("Aija Zariņa").check()
    assert await page.locator("#circle").count() == 1 and await readers.count() == 1
    assert await look_at(inese) == []


async def test_what_is_typed_is_kept_and_there_after_a_reload(new_visitor: NewVisitor) -> None:
    baiba = await new_visitor("baiba-lapsa")
    page = baiba.page
    await baiba.go("/dossiers/emilija/events/new")
    await page.locator("#detail").press_sequentially("Mamma lūdz padomu par miegu", delay=5)
    await expect(page.locator("#kept")).to_contain_text("Melnraksts saglabāts", timeout=8_000)
    await page.reload()
    await expect(page.locator("#detail")).to_have_value("Mamma lūdz padomu par miegu")


async def test_two_tabs_correct_one_entry_and_nothing_is_lost(new_visitor: NewVisitor) -> None:
    first = await new_visitor("inese-liepina")
    entry = await added(first, "Saruna virtuvē")
    second = await Visitor.arrive(await first.page.context.new_page(), first.demo)
    for tab, words in ((first, "Saruna virtuvē ar mammu"), (second, "Saruna virtuvē ar vecmāmiņu")):
        await tab.page.goto(f"{entry}/correction")
        await tab.page.locator("#summary").fill(words)
        await tab.page.locator("#reason").fill("precizēju")
    await first.press("Saglabāt labojumu")
    await expect(first.page.get_by_role("alert")).to_contain_text("Labojums ir saglabāts")
    second.expected = {409}
    await second.press("Saglabāt labojumu")
    await expect(second.page.get_by_role("alert")).to_contain_text("Kamēr rakstījāt")
    await expect(second.page.locator(".theirs")).to_contain_text("Saruna virtuvē ar mammu")
    await expect(second.page.locator("#summary")).to_have_value("Saruna virtuvē ar vecmāmiņu")
    assert await look_at(second) == []
    await second.press("Saglabāt labojumu")
    await expect(second.page.get_by_role("heading", name="Saruna virtuvē ar vecmāmiņu")).to_be_visible()
    await expect(second.page.locator("#versions")).to_contain_text("precizēju")
    assert second.complaints == []


async def test_withdrawing_asks_once_and_leaves_the_entry_marked(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina", size=PHONE)
    entry = await added(inese, "Ne tas bērns")
    await inese.follow("Atsaukt")
    inese.expected = {422}
    await inese.press("Atsaukt ierakstu")
    assert await look_at(inese) == []
    await inese.page.locator("#reason").fill("Sajaukts vārds")
    await inese.press("Atsaukt ierakstu")
    assert inese.page.url == entry
    await expect(inese.page.get_by_role("heading", name="Šis ieraksts ir atsaukts")).to_be_visible()
    assert not await inese.offers("Labot")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_who_will_read_it_stands_before_the_button_that_saves(
    new_visitor: NewVisitor, size: tuple[int, int]
) -> None:
    inese = await new_visitor("inese-liepina", size=size)
    await inese.go("/dossiers/marta/events/new")
    readers, save_button = inese.page.locator("#readers"), inese.page.locator("#event-form .acts")
    order = "(a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING"
    assert await readers.evaluate(f"(a) => ({order})(a, document.querySelector('#event-form .acts'))")
    aside, acts = await readers.bounding_box(), await save_button.bounding_box()
    fields = await inese.page.locator("#event-form > .form").bounding_box()
    assert aside and acts and fields
    if size == PHONE:
        assert fields["y"] + fields["height"] <= aside["y"] and aside["y"] + aside["height"] <= acts["y"]
    else:
        assert fields["x"] + fields["width"] <= aside["x"] and abs(aside["y"] - fields["y"]) < 2


@pytest.mark.parametrize(("language", "words"), [("lv", "Izvēlēties datnes"), ("en", "Choose files")])
async def test_the_button_for_files_speaks_the_language_of_the_page(
    new_visitor: NewVisitor, tmp_path: Path, language: str, words: str
) -> None:
    inese = await new_visitor("inese-liepina")
    page = inese.page
    await page.context.add_cookies([{"name": "language", "value": language, "url": inese.demo.base}])
    await inese.go("/dossiers/marta/events/new")
    button, chosen = page.locator('label[for="files"].ds-button'), page.locator("#files-chosen")
    await expect(button).to_have_text(words)
    assert await page.locator("#files").evaluate("(input) => getComputedStyle(input).opacity") == "0"
    nothing = await chosen.inner_text()
    async with page.expect_file_chooser() as asked:
        await button.click()
    await (await asked.value).set_files([picture(tmp_path)])
    await expect(chosen).to_have_text("zimejums.png")
    await page.locator("#files").set_input_files([])
    await expect(chosen).to_have_text(nothing)
    await page.locator("#withheld_reason").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator("#files")).to_be_focused()
    assert await button.evaluate("(label) => getComputedStyle(label).outlineStyle") == "solid"
    # A chooser that was open a moment ago is not always told of again: that the key presses the button is enough.
    await page.locator("#files").evaluate(
        "(input) => input.addEventListener('click', (e) => { e.preventDefault(); input.dataset.pressed = 'yes' })"
    )
    await page.keyboard.press("Space")
    await expect(page.locator("#files")).to_have_attribute("data-pressed", "yes")
    assert await look_at(inese) == []


async def test_without_script_the_browsers_own_button_for_files_is_there(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina", script=False)
    await inese.go("/dossiers/marta/events/new")
    await expect(inese.page.locator("#files")).to_have_css("opacity", "1")
    await expect(inese.page.locator('label[for="files"].ds-button')).to_be_hidden()
