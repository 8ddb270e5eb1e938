"""A browser without JavaScript for page tests: signs people in, follows forms, checks every page it gets."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import html5lib
import httpx
from litestar import Litestar

from auth.oidc import OidcClient
from auth.sessions import Sessions
from documents.model import day_of
from documents.store import Store
from fixtures.story import Story, build
from portal.app import create_app
from portal.runtime import Runtime
from portal.settings import Settings

BASE = "http://127.0.0.1:8000"
INPUT = re.compile(r"<input\b[^>]*>")
WORDS = re.compile(r'="[^"&]*"|(?<=>)[^<&]+')  # what a page says: of its form nothing is lost without it
_right: set[int] = set()  # the forms of pages that were read whole and found right


class Clock:
    """The portal's clock; tests move it."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = self.began = now or datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def make_runtime(store: Store, clock: Clock) -> Runtime:
    """A portal's holdings on a test store."""
    settings = Settings(mode="demo", public_url=BASE, oidc_issuer=f"{BASE}/realms/demo")
    return Runtime(
        settings=settings,
        store=store,
        oidc=OidcClient(settings.oidc_issuer, settings.oidc_client_id, "demo"),
        sessions=Sessions(store.sessions),
        cookie_key=b"c" * 32,
        audit_key=b"a" * 32,
        clock=clock,
    )


_last_app: tuple[Runtime, Settings, Litestar] | None = None


def story_of(held: Runtime) -> Story:
    """The story as it was told: of that day in Riga, however far a test moved the clock."""
    began = held.clock.began  # type: ignore[attr-defined]
    return build(day_of(began), began)


def codes_of(held: Runtime) -> dict[str, str]:
    """The story's personal codes, by dossier or person."""
    return story_of(held).codes


def portal_of(held: Runtime) -> Litestar:
    """The portal that serves all browsers of these holdings: made anew for others, or for other settings."""
    global _last_app
    if _last_app is None or _last_app[0] is not held or _last_app[1] != held.settings:
        _last_app = held, held.settings.model_copy(deep=True), create_app(held)
    return _last_app[2]


class Browser:
    """One browser on the portal. `page` is the last page; every answer is checked."""

    def __init__(self, held: Runtime) -> None:
        self.held = held
        transport = httpx.ASGITransport(portal_of(held), raise_app_exceptions=True)  # type: ignore[arg-type]
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE)
        self.page = ""

    async def sign_in(self, person_id: str, role_id: str | None = None, *, ago: timedelta = timedelta()) -> "Browser":
        """A session as after a sign-in so long `ago`, in the role given or the person's first one."""
        row = await self.held.store.people.find_one({"_id": person_id})
        assert row, f"nobody is called {person_id}"
        role = role_id or (row["roles"][0]["id"] if row.get("roles") else "family")
        token, _ = await self.held.sessions.open(
            self.held.now(),
            person_id=person_id,
            sub=person_id,
            id_token="",
            role_id=role,
            acr="high",
            auth_time=self.held.now() - ago,
        )
        self.client.cookies.set(self.held.settings.cookie_name, token, domain="127.0.0.1")
        return self

    async def get(self, path: str, follow: bool = True, **options: Any) -> httpx.Response:
        """Open a page."""
        return self._seen(await self.client.get(path, follow_redirects=follow, **options))

    async def post(
        self, path: str, data: dict[str, Any] | None = None, follow: bool = True, **options: Any
    ) -> httpx.Response:
        """Send a form with the token of the last page."""
        sent = {"csrf": self.csrf, **(data or {})}
        return self._seen(await self.client.post(path, data=sent, follow_redirects=follow, **options))

    @property
    def csrf(self) -> str:
        """The token of the last page."""
        return self.hidden("csrf")

    def hidden(self, name: str, to: str = "") -> str:
        """The value of a field of the last page, in the form that is sent `to` an address."""
        for tag in INPUT.findall(self.page.partition(f'action="{to}"')[2] if to else self.page):
            if f'name="{name}"' in tag:
                found = re.search(r'value="([^"]*)"', tag)
                return unescape(found.group(1)) if found else ""
        return ""

    @property
    def errors(self) -> list[str]:
        """The sentences of the error summary."""
        return [unescape(text) for text in re.findall(r'<a class="ds-link" href="#\w+">([^<]+)', self.page)]

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if "text/html" in answer.headers.get("content-type", ""):
            self.page = answer.text
            check_page(answer)
        return answer


def check_page(answer: httpx.Response) -> None:
    """What holds for every page: valid HTML, one h1, unique ids, labelled controls, tokens, safe headers."""
    html = answer.text
    headers = answer.headers
    assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"
    assert (
        "unsafe" not in headers["content-security-policy"]
        and "default-src 'none'" in headers["content-security-policy"]
    )
    whole = html.lstrip().lower().startswith("<!doctype")
    shape = hash(WORDS.sub("", html))
    if shape not in _right:
        parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
        tree = parser.parse(html) if whole else parser.parseFragment(html)
        names = [name for element in tree.iter() for name in element.attrib]
        inline = [name for name in names if name == "style" or name.startswith("on")]
        assert not inline, f"inline style or handler: {inline}"
        wrong = [error for _, error, _ in parser.errors]
        assert not (whole and wrong), wrong
        _right.add(shape)
    if not whole:
        return
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})
    assert html.count("<h1") == 1, "one h1"
    assert re.search(r'<html lang="(lv|en)"', html)
    for form in re.findall(r'<form\b[^>]*method="post"[^>]*>.*?</form>', html, re.S):
        if 'action="/language/' not in form and "/protocol/openid-connect/" not in form:
            assert 'name="csrf"' in form, "a form without a token"
    labelled = set(re.findall(r'<label\b[^>]*\sfor="([^"]+)"', html))
    for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", html):
        if 'type="hidden"' not in control:
            name = re.search(r'\sid="([^"]+)"', control)
            assert ("aria-label" in control) or (name and name.group(1) in labelled), control


def path_of(answer: httpx.Response) -> str:
    """The path an answer came from after redirects."""
    return urlsplit(str(answer.url)).path
