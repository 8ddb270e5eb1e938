"""Languages, roles and sessions in a real browser: nothing typed is lost, nothing read stays behind."""

from datetime import timedelta

from playwright.async_api import expect

from tests.browser.checks import look_at, names_in_title
from tests.browser.conftest import DESKTOP, PHONE, NewVisitor
from tests.browser.visitor import Visitor


async def test_english_and_back_on_the_same_page(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina")
    page = inese.page
    await inese.go("/dossiers/marta/timeline?domain=health")
    address = page.url
    await page.locator(".who summary").click()
    await inese.press("English")
    assert page.url.split("?")[0] == address.split("?")[0]
    assert await page.locator("html").get_attribute("lang") == "en"
    await expect(page.get_by_role("heading", name="Life course")).to_be_visible()
    await page.locator(".who summary").click()
    await inese.press("Latviešu")
    assert await page.locator("html").get_attribute("lang") == "lv"


async def test_a_form_of_the_other_role_is_refused_and_its_text_is_kept(new_visitor: NewVisitor) -> None:
    liga = await new_visitor("liga-purina")
    page = liga.page
    await liga.press("Izglītības pārvaldes speciālists")
    assert await liga.go("/dossiers/rihards/events/new") == 200
    await page.locator("#kind").select_option("case_meeting")
    await page.locator("#detail").fill("Gara saruna ar Rihardu")
    other = await Visitor.arrive(await page.context.new_page(), liga.demo)
    await other.go("/roles")
    await other.press("Sadarbības grupas")
    liga.expected = {409}
    await page.locator("#event-form .acts button").first.click()
    await expect(page.locator("h1")).to_have_text("Jūsu loma ir mainījusies")
    assert await look_at(liga) == []
    await liga.follow("Izvēlēties lomu")
    await liga.press("Izglītības pārvaldes speciālists")
    await liga.go("/dossiers/rihards/events/new")
    await expect(page.locator("#detail")).to_have_value("Gara saruna ar Rihardu")
    assert other.complaints == []


async def test_before_a_pause_ends_the_session_the_page_says_so_and_one_stays(new_visitor: NewVisitor) -> None:
    laila = await new_visitor("laila-strazda")
    page, near = laila.page, laila.page.locator("#session-warning [data-when=near]")
    await page.clock.install()
    await laila.go("/dossiers/elza/events/new")
    await page.locator("#detail").fill("Elza smejas")
    await expect(near).to_be_hidden()
    await page.clock.fast_forward("27:30")  # the page asks; the server's clock says there is time
    await expect(near).to_be_hidden()
    assert laila.demo.let_pause_be_long("laila-strazda", timedelta(minutes=2))
    await page.clock.fast_forward("28:00")
    await expect(near).to_be_visible()
    assert await look_at(laila) == []
    await laila.page.get_by_role("button", name="Palikt sistēmā").click()
    await expect(near).to_be_hidden()
    await expect(page.locator("#detail")).to_have_value("Elza smejas")
    assert laila.demo.end_sessions("laila-strazda")
    await page.clock.fast_forward("29:00")
    await expect(page.locator("#session-warning [data-when=over]")).to_be_visible()
    await expect(page.locator("#detail")).to_have_value("Elza smejas")


async def test_signing_out_everywhere_ends_at_the_provider_too(new_visitor: NewVisitor) -> None:
    here, there = await new_visitor("iveta-kronberga"), await new_visitor("iveta-kronberga")
    await here.go("/sessions")
    await here.press("Izrakstīties visur")
    assert here.page.url == f"{here.demo.base}/"
    assert any("openid-connect/logout" in asked for asked in here.asked)
    await there.go("/desk")
    assert "/protocol/openid-connect/" in there.page.url or "/sign-in" in there.page.url


async def test_after_a_pause_that_ended_the_session_the_text_comes_back(new_visitor: NewVisitor) -> None:
    dace = await new_visitor("dace-ozola", script=False)
    page = dace.page
    await dace.go("/dossiers/kristaps/events/new")
    await page.locator("#detail").fill("Kristaps atrada darbu uz vasaru")
    assert dace.demo.end_sessions("dace-ozola")
    await page.locator("#event-form .acts button").first.click()
    await page.locator('button[name="person"][value="dace-ozola"]').click()
    await expect(page.locator("#detail")).to_have_value("Kristaps atrada darbu uz vasaru")


async def test_search_as_one_types_after_the_session_ended_leads_to_signing_in(new_visitor: NewVisitor) -> None:
    kaspars = await new_visitor("kaspars-riekstins")
    await kaspars.go("/search")
    kaspars.demo.end_sessions("kaspars-riekstins")
    kaspars.expected = {401}
    await kaspars.page.locator("#q").press_sequentially("ali")
    await expect(kaspars.page.locator("h1")).to_have_text("Kas jūs šodien esat?")


async def test_after_signing_out_the_way_back_shows_no_dossier(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina", size=PHONE)
    page = inese.page
    await inese.go("/dossiers/marta")
    await page.locator(".who summary").click()
    await inese.press("Iziet")
    await page.wait_for_url(f"{inese.demo.base}/")
    await expect(page.get_by_role("link", name="Pierakstīties")).to_be_visible()
    assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    await page.go_back()
    await page.wait_for_load_state()
    assert "Marta Kalniņa" not in await page.content()


async def test_nothing_is_kept_in_the_browser_and_no_title_names_a_child(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina", size=DESKTOP)
    page = inese.page
    await inese.go("/dossiers/marta/timeline")
    await page.locator("#chip-health").click()
    await expect(page.locator("#chip-health")).to_have_attribute("aria-current", "true")
    assert names_in_title(inese.demo, await page.title()) == []
    assert await page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    # htmx would note the address it is at.
    assert await page.evaluate("Object.keys(sessionStorage)") == []
    await page.go_back()
    await expect(page.locator("#chip-health")).not_to_have_attribute("aria-current", "true")
    assert await page.evaluate("Object.keys(sessionStorage)") == []
    await inese.go("/dossiers/marta")
    assert await page.evaluate("Object.keys(sessionStorage)") == []
    assert await page.evaluate("caches.keys()") == []


async def test_when_a_session_ends_by_itself_nothing_is_in_the_tabs_storage(new_visitor: NewVisitor) -> None:
    baiba = await new_visitor("baiba-lapsa")
    await baiba.go("/dossiers/emilija/timeline")
    await baiba.page.locator("#chip-health").click()
    await expect(baiba.page.locator("#chip-health")).to_have_attribute("aria-current", "true")
    baiba.demo.end_sessions("baiba-lapsa")
    assert await baiba.page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"
