"""Inese finds Marta and reads all of her dossier: on a desktop, on a phone, with and without script."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE, NewVisitor
from tests.browser.visitor import Visitor

WAYS = [(DESKTOP, True), (PHONE, True), (DESKTOP, False), (PHONE, False)]
NAMES = ["desktop", "phone", "desktop without script", "phone without script"]


@pytest.mark.parametrize(("size", "script"), WAYS, ids=NAMES)
async def test_from_the_desk_to_every_section_of_a_dossier(
    new_visitor: NewVisitor, size: tuple[int, int], script: bool
) -> None:
    inese = await new_visitor("inese-liepina", size=size, script=script)
    page = inese.page
    assert await inese.heading() == "Mani darbi"
    await inese.follow("Atrast bērnu") if size == DESKTOP else await page.get_by_label("Atrast bērnu").first.click()
    if script:
        await page.get_by_label("Vārds, personas kods").press_sequentially("kal mar", delay=30)
    else:
        await page.get_by_label("Vārds, personas kods").fill("kal mar")
        await inese.press("Meklēt starp maniem bērniem")
    await page.locator("#results a").filter(has_text="Marta Kalniņa").click()
    assert await inese.heading() == "Marta Kalniņa"
    for part in ("Kas notiek", "Kas tālāk", "Kas iesaistīts"):
        await expect(page.get_by_role("heading", name=part)).to_be_visible()
    await inese.open_section("Dzīvesgājums")
    await filters(inese)
    await keyword(inese)
    await page.locator(".events a:visible").filter(has_text="Mājas apmeklējums: miers").click()
    await expect(page.get_by_role("heading", name="Kas notika")).to_be_visible()
    await inese.open_section("Ģimene un kontakti")
    await expect(page.locator("tbody").get_by_text("Velta Kalniņa")).to_be_visible()
    await inese.open_section("Dokumenti")
    async with page.expect_download() as waiting:
        await page.locator(".documents a").first.click()
    assert (await waiting.value).suggested_filename
    await inese.open_section("Kas skatījās")
    await expect(page.get_by_role("row").filter(has_text="Inese Liepiņa").first).to_be_visible()


async def filters(inese: Visitor) -> None:
    """A filter has its own address, and the way back leads to what was seen before."""
    page = inese.page
    await page.locator("#chip-health").click()
    await page.wait_for_url(re.compile(r"timeline\?domain=health"))
    await expect(page.locator("#chip-health")).to_have_attribute("aria-current", "true")
    assert set(await domains(inese)) == {"health"}
    bookmark = page.url
    await page.go_back()
    await expect(page.locator("#chip-health")).not_to_have_attribute("aria-current", "true")
    assert len(set(await domains(inese))) > 1
    await page.goto(bookmark)
    assert set(await domains(inese)) == {"health"}
    await inese.follow("Rādīt visu mūžu")
    await page.wait_for_url(re.compile(r"timeline$"))


async def domains(inese: Visitor) -> Sequence[str]:
    """The domains of the entries in the list."""
    found: list[str] = await inese.page.locator(".events > li").evaluate_all("all => all.map(e => e.dataset.color)")
    return found


async def keyword(inese: Visitor) -> None:
    """The word searched for never stands in an address."""
    page = inese.page
    await page.locator("#q").fill("psiholog")
    await page.keyboard.press("Enter")
    await expect(page.locator(".narrowed")).to_contain_text("psiholog")
    assert await page.locator(".events > li").count() < 10
    assert not [address for address in [*inese.asked, page.url] if "psiholog" in unquote(address)]
    await inese.follow("Rādīt visu mūžu")
    await expect(page.locator(".narrowed")).to_have_count(0)


async def test_typing_asks_once_for_each_pause_and_never_in_an_address(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina")
    await inese.go("/search")
    inese.asked.clear()
    box = inese.page.get_by_label("Vārds, personas kods")
    await box.press_sequentially("kal", delay=40)
    await expect(inese.page.locator("#results")).to_contain_text("Marta Kalniņa")
    await box.press_sequentially(" jan", delay=40)
    await expect(inese.page.locator("#results")).not_to_contain_text("Marta Kalniņa")
    await expect(inese.page.locator("#results")).to_contain_text("Jānis Kalniņš")
    assert inese.asked == [f"POST {inese.demo.base}/search"] * 2
    assert await inese.page.get_by_label("Vārds, personas kods").input_value() == "kal jan"


async def test_a_need_opens_a_dossier_that_was_not_there(new_visitor: NewVisitor) -> None:
    aija = await new_visitor("aija-zarina", size=PHONE)
    page = aija.page
    assert await aija.go("/search") == 200
    await page.get_by_label("Vārds, personas kods").fill(aija.demo.code("paula"))
    await aija.press("Jautāt visam reģistram")
    await expect(page.locator("#results")).to_contain_text("PS, dzimšanas gads")
    assert "Paula" not in await aija.text()
    await aija.press("Identificēt vajadzību")
    aija.expected = {422}
    await aija.press("Atvērt bērna profilu")
    await expect(page.locator("#errors")).to_be_focused()
    assert await page.locator("#errors li").count() == 4
    await page.locator("#kind").select_option("school_attendance")
    await page.locator("#description").fill("Oktobrī kavētas 20 stundas, mājās nav, kas pamodina.")
    await page.get_by_label("2. agrīnā prevencija").check()
    await page.locator("#legal_basis").select_option("child_rights_law")
    await aija.press("Atvērt bērna profilu")
    assert await aija.heading() == "Paula Sproģe"
    await expect(page.get_by_role("alert")).to_contain_text(["Profils ir atvērts", "Bērna profils"][1])


async def test_the_level_is_changed_with_its_reason(new_visitor: NewVisitor) -> None:
    laila = await new_visitor("laila-strazda", script=False)
    page = laila.page
    await laila.go("/dossiers/elza")
    await laila.follow("Mainīt līmeni")
    await page.get_by_label("3. sekundārā prevencija").check()
    await page.locator("#reason").select_option("threat_found")
    await page.locator("#words").fill("Mājās atkal nav, kas pieskata.")
    await page.locator("#legal_basis").select_option("child_rights_law")
    await laila.press("Noteikt līmeni")
    await expect(page.locator(".child .level")).to_contain_text("3. līmenis")
    await expect(page.locator("#levels")).to_contain_text("Mājās atkal nav, kas pieskata.")
