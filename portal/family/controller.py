"""Family and contacts (ģimene un kontakti)."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from auth.access import dossier_for
from auth.permissions import Permission
from portal.dossier.header import header_of
from portal.family.actions import reached_dossiers
from portal.family.rules import visible_relationships
from portal.family.view import family_page
from portal.page import Request, page
from portal.runtime import runtime


class FamilyController(Controller):
    """`/dossiers/{dossier_id}/family`."""

    @get("/dossiers/{dossier_id:str}/family", name="family", opt={"permission": Permission.FAMILY_READ})
    async def family(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Who belongs to the child, who lives together, who decides, how to reach them."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        opened = await dossier_for(store, who, dossier_id, Permission.FAMILY_READ, now)
        visible = visible_relationships(opened)
        reached = await reached_dossiers(store, who, [v.relationship.dossier_id for v in visible], now)
        shown = family_page(opened, visible, reached)
        return page(request, "family/family.html", child=header_of(opened), family=shown, here="family")
