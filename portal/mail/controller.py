"""The mail the demo would have sent; in demo mode only."""

from typing import Any

from litestar import Controller, Response, get

from auth.permissions import Permission
from portal.mail.caught import caught
from portal.page import Request, page
from portal.runtime import runtime


class DemoMailController(Controller):
    """`/demo/mail`."""

    @get("/demo/mail", name="demo.mail", opt={"permission": Permission.PUBLIC})
    async def list(self, request: Request) -> Response[Any]:
        """The newest first. Whoever is at this machine may sign in as anybody, so anybody may read it."""
        return page(request, "mail/caught.html", mails=await caught(runtime(request).store))
