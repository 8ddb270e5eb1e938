"""What holds for every page: axe is silent, nothing overflows, nothing is refused, the title names no child."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from playwright.async_api import Page

from tests.browser.demo import Demo
from tests.browser.visitor import Visitor

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 390, 768, 1280, 1600)
Shown = Sequence[tuple[int, str]]
USUAL: Shown = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]
# A theme changes nothing but colours.
COLOURS = ["color-contrast", "link-in-text-block"]
_RUN = """(only) => axe.run(document, {runOnly: only, resultTypes: ["violations"]}).then(
  (found) => found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " +
    (n.any[0] || n.all[0] || n.none[0] || {}).message).join(" | ")}`))"""
_WIDER = """() => { const page = document.documentElement, limit = page.clientWidth;
  if (page.scrollWidth <= limit) return [];
  return [...document.body.querySelectorAll("*")]
  .filter((e) => e.getBoundingClientRect().right > limit + 1 || e.scrollWidth > limit + 1)
  .slice(-5).map((e) => `${e.tagName}.${e.getAttribute("class")}`) }"""


async def accessible(page: Page, *, colours: bool = False) -> list[str]:
    """What axe finds against WCAG 2.2 AA and its own good practice (or its colours only), as the page stands now."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(_axe())
    only = {"type": "rule", "values": COLOURS} if colours else {"type": "tag", "values": TAGS}
    found: list[str] = await page.evaluate(_RUN, only)
    return found


async def overflowing(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    found: list[str] = await page.evaluate(_WIDER)
    return found


async def look_at(visitor: Visitor, shown: Shown = USUAL) -> list[str]:
    """Everything wrong with the page now open: too wide at any width, or what axe finds as it is shown."""
    page, wrong = visitor.page, []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{width}px wider: {what}" for what in await overflowing(page)]
        for theme in (theme for at, theme in shown if at == width):
            await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            wrong += [f"{width}px {theme}: {what}" for what in await accessible(page, colours=theme == "dark")]
    wrong += await visitor.refused_by_policy()
    return wrong + names_in_title(visitor.demo, await page.title())


def names_in_title(demo: Demo, title: str) -> list[str]:
    """Names of children in a title: it would stay in the browser's history."""
    words = {word.casefold() for word in title.replace(",", " ").split()}
    named = {name for d in demo.story.dossiers.values() for name in (d.child.given_name, d.child.family_name)}
    return [f"the title names a child: {title}" for name in named if name.casefold() in words]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")
