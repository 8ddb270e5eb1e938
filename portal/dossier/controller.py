"""A child's dossier: the overview (Kopskats)."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from auth.access import Elsewhere, dossier_for
from auth.permissions import Permission, Section
from portal.dossier.actions import read_protected_address
from portal.dossier.header import header_of
from portal.dossier.overview import overview_of
from portal.dossier.seen import seen_events
from portal.page import Request, page
from portal.runtime import runtime

SHOWN = (Section.FAMILY, Section.TIMELINE, Section.ASSESSMENTS_OVERVIEW)


class DossierController(Controller):
    """`/dossiers/{dossier_id}`."""

    @get("/dossiers/{dossier_id:str}", name="dossier", opt={"permission": Permission.BASE_READ})
    async def overview(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """What is going on, what is next, who is on it; who reads the life course only is led there."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        try:
            opened = await dossier_for(
                store,
                who,
                dossier_id,
                Permission.BASE_READ,
                now,
                sections=SHOWN,
                whole_life=True,
                or_else=Permission.TIMELINE_READ,
                last_look=True,
            )
        except Elsewhere:
            return Redirect(f"/dossiers/{dossier_id}/timeline", status_code=303)
        seen = seen_events(opened)
        shown = overview_of(opened, seen, opened.looked, await read_protected_address(store, opened))
        return page(request, "dossier/overview.html", child=header_of(opened, seen), overview=shown, here="overview")
