"""With the keyboard alone: the way to the content, visible focus, menus, forms."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, NewVisitor

_FOCUSED = """() => { const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
  return {tag: e.tagName, text: [e.id, e.innerText || e.value || e.getAttribute("aria-label")].join(" ").trim(),
    ring: s.outlineStyle + s.boxShadow, around: getComputedStyle(e.parentElement).outlineStyle, y: b.top + scrollY,
    inside: b.bottom > 0 && b.top < innerHeight} }"""


_SMALL = """all => all.filter((e) => e.checkVisibility()).map((e) => [e.className, e.getBoundingClientRect()])
  .filter(([n, b]) => b.width < 24 || b.height < 24).map(([n, b]) => `${n} ${b.width}x${b.height}`)"""


async def focused(page: Page) -> dict[str, object]:
    """What has the focus, and whether one can see it."""
    found: dict[str, object] = await page.evaluate(_FOCUSED)
    return found


async def tab_to(page: Page, text: str, most: int = 60) -> None:
    """Press Tab until what has the focus says `text`."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if text in " ".join(str((await focused(page))["text"]).split()):
            return
    raise AssertionError(f"Tab never comes to {text}")


async def enter(page: Page) -> None:
    """Press Enter on what leads to another page."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def test_from_signing_in_to_a_saved_event(new_visitor: NewVisitor) -> None:
    inese = await new_visitor()
    page = inese.page
    await inese.go("/")
    await page.keyboard.press("Tab")
    assert "Pāriet uz saturu" in str((await focused(page))["text"])
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert (await focused(page))["text"] == "Pierakstīties"
    await enter(page)
    await tab_to(page, "Inese Liepiņa", 100)
    await enter(page)
    await page.wait_for_url("**/desk")
    await tab_to(page, "Līva Lūse")
    await enter(page)
    await tab_to(page, "Pievienot notikumu")
    await enter(page)
    await tab_to(page, "kind", 20)
    await page.keyboard.type("Dzīves apst")
    await expect(page.locator("#field_present")).to_be_visible()
    await tab_to(page, "field_present", 8)
    await page.keyboard.type("mamma")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "field_observed", 2)
    await page.keyboard.type("Mierīgi")
    await tab_to(page, "summary", 4)
    await page.keyboard.type("Tikai ar tastatūru")
    await enter(page)
    await expect(page.get_by_role("alert")).to_contain_text("Ieraksts ir saglabāts")
    await expect(page.get_by_role("heading", name="Tikai ar tastatūru")).to_be_visible()


async def test_the_menu_opens_by_enter_and_closes_by_escape(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina")
    page = inese.page
    await tab_to(page, "Inese Liepiņa")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Iziet")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Iziet")).to_be_hidden()
    assert (await focused(page))["tag"] == "SUMMARY"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_every_stop_of_the_tab_key_is_seen_and_in_order(new_visitor: NewVisitor, size: tuple[int, int]) -> None:
    inese = await new_visitor("inese-liepina", size=size)
    for path in ("/desk", "/search", "/dossiers/marta", "/dossiers/marta/timeline", "/dossiers/marta/events/new"):
        await inese.go(path)
        places = [stop async for stop in stops(inese.page)]
        assert len(places) > 5
        back = [step for step in pairwise(places) if step[1] < step[0] - 500]
        assert len(back) <= 2, f"{path}: the order of Tab is not the order of the page: {back}"


async def stops(page: Page) -> AsyncIterator[float]:
    """How far down each stop of the Tab key is; each must be in sight and show that it has the focus."""
    for _ in range(70):
        await page.keyboard.press("Tab")
        at = await focused(page)
        if at["tag"] == "BODY":
            return
        assert at["ring"] != "nonenone" or at["around"] != "none", f"no visible focus: {at}"
        assert at["inside"], f"out of sight: {at}"
        yield float(str(at["y"]))


async def test_what_is_pressed_is_at_least_24_pixels(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina")
    for path in ("/desk", "/dossiers/marta/timeline", "/dossiers/marta/family", "/dossiers/marta/events/new"):
        await inese.go(path)
        for width in (320, 390, 1280):
            await inese.page.set_viewport_size({"width": width, "height": 800})
            small = await inese.page.locator("body :is(button, summary, .ds-button, .chip, .reach a)").evaluate_all(
                _SMALL
            )
            assert small == [], (path, width)
