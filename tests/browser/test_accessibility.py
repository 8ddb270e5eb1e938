"""Every page, opened in a real browser by somebody who may: axe silent, nothing too wide, nothing refused."""

from itertools import groupby

import pytest

from tests.browser.checks import look_at
from tests.browser.conftest import NewVisitor
from tests.browser.pages import STOPS

PEOPLE = [(person, tuple(stops)) for person, stops in groupby(STOPS, key=lambda stop: stop.person)]


@pytest.mark.parametrize(("person", "stops"), PEOPLE, ids=[person or "nobody" for person, _ in PEOPLE])
async def test_every_page_is_accessible_on_phone_and_desktop_light_and_dark(
    new_visitor: NewVisitor, person: str, stops: tuple
) -> None:
    visitor = await new_visitor(person)
    wrong: dict[str, list[str]] = {}
    for stop in stops:
        visitor.expected = {stop.status}
        assert await visitor.go(stop.path) == stop.status, stop
        assert await visitor.page.locator("html").get_attribute("lang") == "lv"
        text = await visitor.text()
        assert any(words in text for words in stop.reads.split("|")), (stop, text)
        if found := await look_at(visitor):
            wrong[stop.path] = found
    assert wrong == {}
