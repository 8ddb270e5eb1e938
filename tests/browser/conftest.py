"""A real Chromium and the real demo, one each for a test process; without Chromium one clear line says so."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.demo import Demo, running_demo
from tests.browser.visitor import Visitor

CHROMIUM = Path("/usr/bin/chromium")
HERE = Path(__file__).parent
DESKTOP, PHONE = (1280, 900), (390, 844)

NewVisitor = Callable[..., Awaitable[Visitor]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder drives a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo of this test process."""
    _chromium_or_not()
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(demo: Demo) -> AsyncIterator[Browser]:
    """One browser with an empty profile."""
    options = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_visitor(chromium: Browser, demo: Demo) -> AsyncIterator[NewVisitor]:
    """Somebody at a browser of their own: `await new_visitor("inese-liepina", width=390)`; nobody without a name.

    At the end nobody may have had a complaint: no console error, no refusal by the policy, no answer of 5xx.
    """
    visitors: list[Visitor] = []
    async with AsyncExitStack() as open_until_end:

        async def new(
            person: str = "", *, size: tuple[int, int] = DESKTOP, script: bool = True, **options: Any
        ) -> Visitor:
            width, height = size
            context = await open_until_end.enter_async_context(
                await chromium.new_context(
                    viewport={"width": width, "height": height},
                    java_script_enabled=script,
                    has_touch=width < 600,
                    locale="lv-LV",
                    base_url=demo.base,
                    **options,
                )
            )
            context.set_default_timeout(10_000)
            visitor = await Visitor.arrive(await context.new_page(), demo)
            visitors.append(visitor)
            if person:
                await visitor.sign_in(person)
            return visitor

        yield new
        assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def _chromium_or_not() -> None:
    if CHROMIUM.exists():
        return
    missing = f"{CHROMIUM} is missing: apt-get install chromium"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
