"""Pages for everybody: what the system is, where to turn, accessibility, privacy."""

from typing import Any

from litestar import Controller, Response, get
from litestar.response import Redirect

from auth.permissions import Permission
from portal.page import Request, page


class PublicController(Controller):
    """`/`, `/help`, `/accessibility`, `/privacy`."""

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
