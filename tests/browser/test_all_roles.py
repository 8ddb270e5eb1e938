"""The long proof: everybody of the cast, both languages, every width, light and dark, on every page they reach."""

import re

import pytest

from fixtures.story import build
from tests.browser.checks import Shown, look_at
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
# A theme changes colours, a language the length of words.
SHOWN: dict[str, Shown] = {"lv": [(320, "light"), (1280, "dark")], "en": [(1600, "light"), (390, "dark")]}


@pytest.mark.parametrize(("person", "role"), CAST)
async def test_every_page_somebody_reaches_is_accessible_in_both_languages(
    new_visitor: NewVisitor, person: str, role: int
) -> None:
    visitor = await new_visitor(person)
    roles = visitor.page.locator("main .choice-card")
    if visitor.page.url.endswith("/roles") and await roles.count():  # whose rights have ended is shown no role
        await roles.nth(role).click()
        await visitor.page.wait_for_url("**/desk")
    pages = await reached(visitor)
    wrong: dict[str, list[str]] = {}
    for language, shown in SHOWN.items():
        await visitor.page.context.add_cookies([{"name": "language", "value": language, "url": visitor.demo.base}])
        for path in pages:
            await visitor.page.goto(visitor.demo.base + path)
            assert await visitor.page.locator("html").get_attribute("lang") == language
            if found := await look_at(visitor, shown):
                wrong[f"{path} {language}"] = found
    assert wrong == {}


async def reached(visitor: Visitor) -> list[str]:
    """The pages found by following links from the desk, one of each kind."""
    waiting, seen, kinds = ["/desk", "/roles", "/help"], ["/desk", "/roles", "/help"], set[str]()
    while waiting:
        answer = await visitor.page.goto(visitor.demo.base + waiting.pop(0))
        assert answer and answer.status == 200, visitor.page.url
        for href in await visitor.page.locator("a[href^='/']").evaluate_all(_LINKS):
            path = href.split("#")[0]
            kind = _ID.sub("/*", path.split("?")[0]) + ("?" if "?" in path else "")
            download = "/files/" in path or path.split("?")[0].endswith(("/file", "/csv"))
            if path not in seen and kind not in kinds and not download and not path.startswith("/sign"):
                kinds.add(kind)
                seen.append(path)
                waiting.append(path)
    return seen
