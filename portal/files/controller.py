"""Documents of a dossier (dokumenti): each has the rights of the entry it belongs to."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from auth.access import dossier_for
from auth.permissions import Permission
from portal.dossier.header import header_of
from portal.dossier.seen import seen_events
from portal.files.view import documents_by_year
from portal.page import Request, page
from portal.runtime import runtime


class FilesController(Controller):
    """`/dossiers/{dossier_id}/documents`."""

    @get("/dossiers/{dossier_id:str}/documents", name="documents", opt={"permission": Permission.DOCUMENTS_READ})
    async def documents(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """All attachments the person may open, by year."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        opened = await dossier_for(store, who, dossier_id, Permission.DOCUMENTS_READ, now, whole_life=True)
        seen = seen_events(opened)
        return page(
            request,
            "files/files.html",
            child=header_of(opened, seen),
            years=documents_by_year(opened, seen),
            may_add=opened.can(Permission.EVENT_ADD),
            here="documents",
        )
