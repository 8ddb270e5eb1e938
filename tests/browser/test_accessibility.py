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


async def test_what_the_steward_is_answered_is_accessible_too(new_visitor: NewVisitor) -> None:
    """The answers of the audit log and of the policy stand on pages that only a sent form leads to."""
    linda = await new_visitor("linda-karklina")
    marta = linda.demo.address("/dossiers/marta").rsplit("/", 1)[1]
    await linda.go("/admin/audit")
    await linda.page.locator("#purpose").select_option(index=1)
    await linda.page.locator("#words").fill("Sūdzība par skatīšanos")
    await linda.page.locator("#dossier").fill(marta)
    await linda.page.locator("main form .acts button").click()
    await linda.page.wait_for_load_state()
    assert await linda.page.locator("main table tbody tr").count() > 0
    assert await look_at(linda) == []
    await linda.go("/admin/explain")
    await linda.page.locator("#person").fill("inese-liepina")
    await linda.page.locator("#action").select_option("event.add")
    await linda.page.locator("#dossier").fill(marta)
    await linda.page.locator("main form .acts button").click()
    await linda.page.wait_for_load_state()
    assert "pedagog" in await linda.text() or "darbinie" in await linda.text()
    assert await linda.page.locator("main .panel table").count() == 1
    assert await look_at(linda) == []
