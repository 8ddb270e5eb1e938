"""The same ways in a real Chromium: pages and forms that send themselves, our policy, and everybody's eyes."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.checks import accessible, overflowing
from tests.browser.conftest import CHROMIUM
from tests.browser.demo import running_demo
from tests.keycloak.brokers import GATEWAY, LATVIJA_LV
from tests.keycloak.ground import PASSWORD, Ground
from tests.keycloak.served import Portal

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        missing = f"{CHROMIUM} is missing: apt-get install chromium"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    options = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A tab whose console must stay silent, but for answers of 4xx, which the story means."""
    async with await chromium.new_context(locale="lv-LV") as context:
        tab = await context.new_page()
        tab.set_default_timeout(20_000)
        complaints: list[str] = []
        tab.on("console", lambda word: complaints.append(word.text) if word.type == "error" else None)
        yield tab
        assert [said for said in complaints if "status of 4" not in said] == []


async def well_made(page: Page) -> list[str]:
    """What is wrong with the page for anybody, wide and narrow."""
    wrong = []
    for width in (320, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        wrong += await overflowing(page) + await accessible(page)
    return wrong


async def prove(page: Page, user: str) -> None:
    """Fill in the page of whoever asks."""
    await page.locator("#username").fill(user)
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#kc-login").click()


async def test_a_mother_signs_in_through_latvija_lv_and_out_again(brokered: Portal, page: Page) -> None:
    await page.goto(f"{brokered.base}/")
    await page.locator("main a.ds-button").first.click()
    await expect(page.locator("h1")).to_have_text("Pierakstīties")
    assert await well_made(page) == []
    await page.get_by_role("link", name="latvija.lv").click()
    await page.wait_for_url(f"**/realms/{LATVIJA_LV}/**")
    await prove(page, "ilze")
    await page.wait_for_url(f"{brokered.base}/**")
    await expect(page.locator(".who")).to_contain_text("Ilze")
    await page.locator(".who summary").click()
    await page.get_by_role("button", name="Iziet").click()
    await page.wait_for_url(f"{brokered.base}/")
    await page.goto(f"{brokered.base}/desk")
    await expect(page.locator("h1")).to_have_text("Pierakstīties")


async def test_whoever_is_not_sure_enough_is_told_and_takes_other_means(brokered: Portal, page: Page) -> None:
    await page.goto(f"{brokered.base}/sign-in?with=latvija-lv")
    await prove(page, "inese")
    await expect(page.locator("main")).to_contain_text("ne tik droši")
    assert await well_made(page) == []
    await page.get_by_role("link", name="Pierakstīties citādi").click()
    await page.get_by_role("link", name="Smart-ID").click()
    await page.wait_for_url(f"**/realms/{GATEWAY}/**")
    await prove(page, "inese")
    await page.wait_for_url(f"{brokered.base}/desk")


async def test_somebody_nobody_knows_is_told_so(brokered: Portal, page: Page) -> None:
    await page.goto(f"{brokered.base}/sign-in?with=latvija-lv")
    await prove(page, "nobody")
    await expect(page.locator("main")).to_contain_text("bet jums te nav konta")
    assert page.url.startswith(f"{brokered.base}/sign-in/callback")


async def test_signing_out_at_the_provider_is_seen_at_the_next_click(
    brokered: Portal, ground: Ground, page: Page
) -> None:
    await page.goto(f"{brokered.base}/sign-in?with=smart-id&return=/search")
    await prove(page, "inese")
    await page.wait_for_url(f"{brokered.base}/search")
    row = await brokered.held.store.sessions.find_one({})
    assert row
    await ground.admin.does("POST", f"atbalsts/users/{row['sub']}/logout")
    await page.goto(f"{brokered.base}/desk")
    await expect(page.locator("h1")).to_have_text("Pierakstīties")


@pytest.mark.prove
async def test_the_demo_on_keycloak_shows_its_password_and_asks_for_it(
    ground: Ground, page: Page, tmp_path: Path
) -> None:
    """As somebody starts it: `atbalsts demo --keycloak`."""
    with running_demo(tmp_path, "--keycloak") as demo:
        await page.goto(f"{demo.base}/sign-in")
        assert await well_made(page) == []
        password = await page.locator("main code").inner_text()
        assert password not in (tmp_path / "errors.log").read_text()
        await page.locator('button[name="as"][value="inese-liepina"]').click()
        await page.locator("#password").fill(password)
        await page.locator("#kc-login").click()
        await page.wait_for_url(f"{demo.base}/desk")
        await page.locator(".who summary").click()
        await page.get_by_role("button", name="Iziet").click()
        await page.wait_for_url(f"{demo.base}/")
