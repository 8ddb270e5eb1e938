"""An invitation redeemed: the first two stewards type the code the console gave them."""

from typing import Any

from litestar import Controller, Response, get, post

from auth.permissions import Permission
from portal.accounts.stewards import NotInvited, redeem
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import N_, gettext

WRONG = N_("This code opens nothing: it is used, older than a day, or somebody else's. Ask for a new one.")


class InvitationController(Controller):
    """`/invitation`."""

    @get("/invitation", name="invitation", opt={"permission": Permission.SIGNED_IN})
    async def form(self, request: Request) -> Response[Any]:
        """Type the code."""
        return page(request, "accounts/invitation.html", error="")

    @post("/invitation", name="redeem_invitation", opt={"permission": Permission.SIGNED_IN})
    async def redeem(self, request: Request) -> Response[Any]:
        """Become a steward; the role is then chosen like any other."""
        code, state = str((await request.form()).get("code", ""))[:60], request.scope["state"]
        try:
            await redeem(runtime(request).store, code, state["now"], state["who"])
        except NotInvited:
            return refused(request, "accounts/invitation.html", "main", error=gettext(WRONG))
        return changed(request, "/roles", "account_saved")
