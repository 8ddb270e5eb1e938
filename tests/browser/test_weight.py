"""What a visit weighs on the wire, how often the browser asks, and that nothing moves for who wants no movement."""

from playwright.async_api import CDPSession, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

FIRST_VISIT, LATER = 150_000, 30_000  # bytes, compressed, with headers
_MOVING = """() => [...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e);
  return [...s.transitionDuration.split(","), ...s.animationDuration.split(",")].some((t) => parseFloat(t) > 0.01) ||
    s.scrollBehavior === "smooth" }).map((e) => `${e.tagName}.${e.getAttribute("class")}`)"""


class Scales:
    """Counts the bytes of every answer as they came over the wire, and the answers."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = self.answers = 0
        session.on("Network.loadingFinished", self._weigh)

    @classmethod
    async def under(cls, visitor: Visitor) -> "Scales":
        session = await visitor.page.context.new_cdp_session(visitor.page)
        await session.send("Network.enable")
        return cls(session)

    def _weigh(self, event: dict[str, float]) -> None:
        if event["encodedDataLength"]:
            self.bytes += int(event["encodedDataLength"])
            self.answers += 1

    def read(self) -> tuple[int, int]:
        """Bytes and answers since the last reading."""
        weighed = self.bytes, self.answers
        self.bytes = self.answers = 0
        return weighed


async def test_the_first_visit_and_every_page_after_it_are_light(new_visitor: NewVisitor) -> None:
    inese = await new_visitor()
    scales = await Scales.under(inese)
    await inese.go("/")
    await inese.page.wait_for_load_state("networkidle")
    weight, _ = scales.read()
    assert 20_000 < weight <= FIRST_VISIT, weight
    await inese.sign_in("inese-liepina")
    scales.read()
    for path in ("", "/timeline", "/family", "/documents", "/access-log", "/events/home_visit", "/events/new"):
        await inese.go(f"/dossiers/marta{path}")
        await inese.page.wait_for_load_state("networkidle")
        weight, answers = scales.read()
        assert 1_000 < weight <= LATER and answers <= 2, (path, weight, answers)


async def test_a_newcomer_who_opens_a_dossier_first_stays_within_the_first_visit(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina")
    scales = await Scales.under(inese)
    session = await inese.page.context.new_cdp_session(inese.page)
    await session.send("Network.clearBrowserCache")
    await inese.go("/dossiers/marta/timeline")
    await inese.page.wait_for_load_state("networkidle")
    weight, answers = scales.read()
    assert 60_000 < weight <= FIRST_VISIT and answers > 4, (weight, answers)


async def test_each_interaction_is_one_request(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina")
    page = inese.page
    await inese.go("/dossiers/marta/timeline")
    await page.wait_for_load_state("networkidle")
    inese.asked.clear()
    await page.locator("#chip-health").click()
    await expect(page.locator("#chip-health")).to_have_attribute("aria-current", "true")
    assert len(inese.asked) == 1, inese.asked
    await inese.go("/dossiers/marta/events/new")
    await page.wait_for_load_state("networkidle")
    inese.asked.clear()
    await page.locator("#kind").select_option("home_visit")
    await expect(page.locator("#field_present")).to_be_visible()
    assert len(inese.asked) == 1, inese.asked


async def test_nothing_moves_for_whoever_wants_no_movement(new_visitor: NewVisitor) -> None:
    inese = await new_visitor("inese-liepina", reduced_motion="reduce")
    for path in ("/desk", "/dossiers/marta", "/dossiers/marta/timeline", "/dossiers/marta/events/new"):
        await inese.go(path)
        assert await inese.page.evaluate(_MOVING) == []


async def test_control_movement_would_be_noticed(new_visitor: NewVisitor) -> None:
    visitor = await new_visitor()
    await visitor.go("/help")
    await visitor.page.evaluate("document.querySelector('h1').style.transitionDuration = '1s'")
    assert "H1.null" in await visitor.page.evaluate(_MOVING)
