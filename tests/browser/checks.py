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
Known = set[tuple[str, int, str]]  # the bones of a page, and how it was shown
USUAL: Shown = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]
COLOURS = ["color-contrast", "link-in-text-block"]
# How a page is shown, and what axe is asked then: a theme changes nothing but colours, another language no colour.
ASKED: dict[str, dict[str, object]] = {
    "light": {"runOnly": {"type": "tag", "values": TAGS}},
    "dark": {"runOnly": {"type": "rule", "values": COLOURS}},
    "words": {"runOnly": {"type": "tag", "values": TAGS}, "rules": {rule: {"enabled": False} for rule in COLOURS}},
}
_RUN = """(asked) => axe.run(document, {...asked, resultTypes: ["violations"]}).then(
  (found) => found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " +
    (n.any[0] || n.all[0] || n.none[0] || {}).message).join(" | ")}`))"""
_BONES = """() => {
  const words = new Set(["href", "value", "title", "alt", "aria-label", "content", "placeholder", "action", "src",
    "datetime", "hx-get", "hx-post", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "points", "transform"]);
  const told = (a) => words.has(a.name) ? `${a.name}${a.value.trim() ? "" : "=none"}`
    : `${a.name}=${a.value.replace(/[0-9a-z]{13}/g, "*")}`;
  const of = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data.trim() ? "w" : "";
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    const inside = [...node.childNodes].map(of).filter((one, at, all) => one && one !== all[at - 1]);
    return `<${node.localName} ${[...node.attributes].map(told).join(" ")}>${inside.join("")}</>`;
  };
  return of(document.documentElement) }"""
_WIDER = """() => { const page = document.documentElement, limit = page.clientWidth;
  if (page.scrollWidth <= limit) return [];
  return [...document.body.querySelectorAll("*")]
  .filter((e) => e.getBoundingClientRect().right > limit + 1 || e.scrollWidth > limit + 1)
  .slice(-5).map((e) => `${e.tagName}.${e.getAttribute("class")}`) }"""

_ODD_ICONS = """() => [...document.querySelectorAll(".ds-button .i")]
  .map((icon) => [icon, icon.closest(".ds-button")])
  .filter(([icon, button]) => getComputedStyle(icon).color !== getComputedStyle(button).color)
  .map(([, button]) => `icon of another colour: ${button.textContent.trim()}`)"""


async def accessible(page: Page, shown: str = "light") -> list[str]:
    """What axe finds against WCAG 2.2 AA and its own good practice, or the part that may differ as it is shown now."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(_axe())
    found: list[str] = await page.evaluate(_RUN, ASKED[shown])
    return found


async def overflowing(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    found: list[str] = await page.evaluate(_WIDER)
    return found


async def odd_icons(page: Page) -> list[str]:
    """Buttons whose icon has not the colour of their words: axe looks at words alone."""
    found: list[str] = await page.evaluate(_ODD_ICONS)
    return found


async def bones(page: Page) -> str:
    """The page without its words: what axe's answer depends on. Rows alike in a list count as one."""
    found: str = await page.evaluate(_BONES)
    return found


async def look_at(visitor: Visitor, shown: Shown = USUAL, *, known: Known | None = None) -> list[str]:
    """Everything wrong with the page now open: too wide at any width, or what axe finds as it is shown.

    `known`: pages in which axe found nothing before; one of the same bones, shown the same way, is not asked again.
    """
    page, wrong = visitor.page, []
    kind = await bones(page) if known is not None else ""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{width}px wider: {what}" for what in await overflowing(page)]
        for theme in (theme for at, theme in shown if at == width):
            if known is not None and (kind, width, theme) in known:
                continue
            await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            found = await accessible(page, theme)
            wrong += [f"{width}px {theme}: {what}" for what in found]
            if known is not None and not found:
                known.add((kind, width, theme))
    wrong += await odd_icons(page)
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
