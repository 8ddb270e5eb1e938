"""The long proof: everybody of the cast, both languages, every width, light and dark, on every page they reach."""

import re
from collections.abc import AsyncIterator

import pytest

from fixtures.story import build
from tests.browser.checks import Known, Shown, look_at
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.people import NOW, TODAY

pytestmark = pytest.mark.prove

# Everybody with a line on the sign-in page, in each of their roles.
CAST = sorted(
    (person.id, number)
    for person in build(TODAY, NOW).people
    if person.demo_note
    for number in range(max(1, len(person.roles) + bool(person.children)))
)
_ID = re.compile(r"/[0-9a-z]{13}(?=/|$)")
_LINKS = "all => all.map((a) => a.getAttribute('href'))"
KNOWN: Known = set()  # many roles share a page but for its words
SHOWN: dict[str, Shown] = {"lv": [(320, "light"), (1280, "dark")], "en": [(1600, "words")]}


@pytest.mark.parametrize(("person", "role"), CAST)
async def test_every_page_somebody_reaches_is_accessible_in_both_languages(
    new_visitor: NewVisitor, person: str, role: int
) -> None:
    visitor = await new_visitor(person)
    roles = visitor.page.locator("main .choice-card")
    if visitor.page.url.endswith("/roles") and await roles.count():  # whose rights have ended is shown no role
        await roles.nth(role).click()
        await visitor.page.wait_for_url("**/desk")
    pages: list[str] = []
    wrong: dict[str, list[str]] = {}

    async def look(path: str, language: str) -> None:
        assert await visitor.page.locator("html").get_attribute("lang") == language
        if found := await look_at(visitor, SHOWN[language], known=KNOWN):
            wrong[f"{path} {language}"] = found

    async for path in reached(visitor):
        pages.append(path)
        await look(path, "lv")
    await visitor.page.context.add_cookies([{"name": "language", "value": "en", "url": visitor.demo.base}])
    for path in pages:
        await visitor.page.goto(visitor.demo.base + path)
        await look(path, "en")
    assert len(pages) > 3 and wrong == {}


async def reached(visitor: Visitor) -> AsyncIterator[str]:
    """The pages found by following links from the desk, one of each kind; each is open when it is told."""
    waiting, seen, kinds = ["/desk", "/roles", "/help"], ["/desk", "/roles", "/help"], set[str]()
    while waiting:
        here = waiting.pop(0)
        answer = await visitor.page.goto(visitor.demo.base + here)
        assert answer and answer.status == 200, visitor.page.url
        for href in await visitor.page.locator("a[href^='/']").evaluate_all(_LINKS):
            path = href.split("#")[0]
            kind = _ID.sub("/*", path.split("?")[0]) + ("?" if "?" in path else "")
            download = "/files/" in path or path.split("?")[0].endswith(("/file", "/csv"))
            if path not in seen and kind not in kinds and not download and not path.startswith("/sign"):
                kinds.add(kind)
                seen.append(path)
                waiting.append(path)
        yield here
