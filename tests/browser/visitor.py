"""Somebody at a browser: signs in, looks around, and notices whatever the browser complains about."""

from playwright.async_api import ConsoleMessage, Locator, Page, Request, Response

from tests.browser.demo import Demo

# Written by the browser itself for every answer of 4xx; the story says which of them it expects.
_REFUSED = "Failed to load resource: the server responded with a status of "
_WATCH_POLICY = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refusedByPolicy.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


class Visitor:
    """One tab. `complaints` gathers console errors, script errors, policy violations and unexpected answers."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page, self.demo = page, demo
        self.complaints: list[str] = []
        self.expected: set[int] = set()  # statuses the story provokes
        self.asked: list[str] = []  # method and address of every request but for assets, which browsers keep
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("response", self._answered)
        page.on("request", self._asked)

    @classmethod
    async def arrive(cls, page: Page, demo: Demo) -> "Visitor":
        """Sit down at the browser."""
        await page.add_init_script(_WATCH_POLICY)
        return cls(page, demo)

    async def go(self, path: str) -> int:
        """Open an address (with the story's labels). Returns the status."""
        answer = await self.page.goto(self.demo.address(path))
        assert answer is not None
        return answer.status

    async def sign_in(self, person: str) -> None:
        """Through the start page and the provider's page, as a person does."""
        await self.go("/")
        await self.page.locator("main a.ds-button").click()
        await self.page.locator(f'button[name="person"][value="{person}"]').click()
        await self.page.wait_for_url(lambda url: url.endswith(("/desk", "/roles")))

    async def follow(self, name: str) -> None:
        """Click the first link of the page's content or sections with this text."""
        await self.link(name).click()
        await self.page.wait_for_load_state()

    async def press(self, name: str) -> None:
        """Click a button with this text and wait for what comes."""
        await self.page.get_by_role("button", name=name).click()
        await self.page.wait_for_load_state()

    def link(self, name: str) -> Locator:
        """A link one can see, by the beginning of its text."""
        return self.page.locator("a:visible").filter(has_text=name).first

    async def offers(self, name: str) -> bool:
        """Whether the page has a link or button with this text, seen or hidden."""
        return bool(await self.page.locator("main :is(a, button)").filter(has_text=name).count())

    async def open_section(self, name: str) -> None:
        """Choose a section of the dossier: a tab on the desktop, the menu on the phone."""
        menu = self.page.locator(".sections-menu summary")
        if await menu.is_visible():
            await menu.click()
        await self.page.locator(".tabs a:visible").filter(has_text=name).click()
        await self.page.wait_for_load_state()

    async def heading(self) -> str:
        """The main heading."""
        return (await self.page.locator("h1").inner_text()).strip()

    async def text(self) -> str:
        """The words of the content."""
        return await self.page.locator("main").inner_text()

    async def refused_by_policy(self) -> list[str]:
        """What the content security policy refused on the page now open."""
        found: list[str] = await self.page.evaluate("window.refusedByPolicy || []")
        return found

    def _asked(self, request: Request) -> None:
        if "/assets/" not in request.url:
            self.asked.append(f"{request.method} {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        status = message.text.removeprefix(_REFUSED)[:3]
        if message.text.startswith(_REFUSED) and status.isdigit() and int(status) in self.expected:
            return
        self.complaints.append(f"console: {message.text} {message.location}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 500:
            self.complaints.append(f"{answer.status} {answer.url}")
