"""A page leaves nothing for the garbage collector: what it was made of is gone the moment it is sent.

Cycles are freed only when the collector looks, and it looks rarely (`portal.cli.listening.settle`): a life course held
by one would stay in memory for hundreds of pages.
"""

import gc
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import unescape

import pytest

from portal.cli.listening import settle
from portal.runtime import Runtime
from tests.browsing import Browser

OURS = ("auth.", "documents.", "jinja2.", "portal.")
LINK = re.compile(r'href="(/[^"#]*)"')
NO_PAGE = ("/assets/", "/sign", "/file", "/csv")
PAGES = 40


async def pages_of(browser: Browser) -> list[str]:
    """The pages somebody comes to from the desk, link by link; each kind of address a few times at most."""
    waiting, seen, found, kinds = ["/desk"], {"/desk"}, list[str](), Counter[str]()
    while waiting and len(found) < PAGES:
        path = waiting.pop(0)
        answer = await browser.get(path, follow=False)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        found.append(path)
        for link in map(unescape, LINK.findall(answer.text)):
            kind = re.sub(r"[0-9a-hjkmnp-tv-z]{13}", "", link.partition("?")[0])
            if link not in seen and kinds[kind] < 2 and not any(word in link for word in NO_PAGE):
                seen.add(link)
                kinds[kind] += 1
                waiting.append(link)
    return found


def ours(garbage: Iterable[object]) -> Counter[str]:
    """What of it is made by the portal or its templates."""
    names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in garbage)
    return Counter(name for name in names if name.startswith(OURS))


@contextmanager
def collecting() -> Iterator[list[object]]:
    """What the collector would have to free of all that is done inside; whole when it ends."""
    left: list[object] = []
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield left
        gc.collect()
        left += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.collect()


async def left_by(browser: Browser, path: str) -> Counter[str]:
    with collecting() as left:
        await browser.get(path, follow=False)
    return ours(left)


@pytest.mark.parametrize("person", ["inese-liepina", "vita-eglite", "ilze-kalnina", "renate-vilcina", "linda-karklina"])
async def test_no_page_leaves_garbage(held: Runtime, person: str) -> None:
    browser = await Browser(held).sign_in(person)
    paths = await pages_of(browser)
    assert len(paths) > 5, paths
    gc.freeze()
    try:
        assert {path: left for path in paths if (left := await left_by(browser, path))} == {}
    finally:
        gc.unfreeze()


class Held:
    """Holds itself."""

    def __init__(self) -> None:
        self.me = self


def test_control_what_holds_itself_is_found() -> None:
    with collecting() as left:
        Held()
    assert any(type(each) is Held for each in left)


def test_a_serving_process_looks_rarely() -> None:
    before = gc.get_threshold()
    try:
        settle()
        assert gc.isenabled() and gc.get_threshold()[0] > 10_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
