"""Pages for everybody: what the system is, where to turn, accessibility, privacy."""

from datetime import timedelta
from typing import Any

from litestar import Controller, Response, get
from litestar.response import Redirect

from auth.access import NotFound
from auth.permissions import Permission
from portal.page import Request, page
from portal.runtime import runtime

EXPIRES = timedelta(days=180)  # an address nobody confirms any more is not to be believed (RFC 9116, 2.5.5)


class PublicController(Controller):
    """`/`, `/help`, `/accessibility`, `/privacy`, `/.well-known/security.txt`."""

    @get("/", name="start", opt={"permission": Permission.PUBLIC})
    async def start(self, request: Request) -> Response[Any]:
        """The first page; who is signed in goes on to the desk."""
        if request.scope["state"].get("who"):
            return Redirect("/desk", status_code=303)
        return page(request, "public/start.html")

    @get("/help", name="help", opt={"permission": Permission.PUBLIC})
    async def help(self, request: Request) -> Response[Any]:
        """Where to turn, in danger and otherwise."""
        return page(request, "public/help.html")

    @get("/accessibility", name="accessibility", opt={"permission": Permission.PUBLIC})
    async def accessibility(self, request: Request) -> Response[Any]:
        """What works for whom, and what does not yet."""
        return page(request, "public/accessibility.html")

    @get("/privacy", name="privacy", opt={"permission": Permission.PUBLIC})
    async def privacy(self, request: Request) -> Response[Any]:
        """What is kept, who may see it, and a family's rights."""
        return page(request, "public/privacy.html")

    @get(
        "/.well-known/security.txt", name="security_txt", opt={"permission": Permission.PUBLIC}, media_type="text/plain"
    )
    async def where_to_report(self, request: Request) -> str:
        """Where to report a fault (RFC 9116); the demo has nobody to report to."""
        settings, until = runtime(request).settings, request.scope["state"]["now"] + EXPIRES
        if not settings.security_contact:
            raise NotFound
        lines = (
            f"Contact: mailto:{settings.security_contact}",
            f"Expires: {until:%Y-%m-%dT00:00:00Z}",
            "Preferred-Languages: lv, en",
            f"Canonical: {settings.public_url}/.well-known/security.txt",
        )
        return "\n".join(lines) + "\n"
