"""Who looked (kas skatījās): the log of a dossier."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get
from litestar.params import FromPath

from auth.access import dossier_for
from auth.permissions import Permission
from auth.place import is_family
from documents.model import day_of
from portal.access_log.actions import read_log
from portal.access_log.rules import log_lines
from portal.access_log.view import log_view
from portal.dossier.header import header_of
from portal.dossier.seen import seen_events
from portal.page import Request, page
from portal.runtime import runtime
from portal.timeline.filters import read_filters
from portal.translations import gettext

PARAMETERS = ("person", "institution", "from", "to", "before")


class AccessLogController(Controller):
    """`/dossiers/{dossier_id}/access-log`."""

    @get("/dossiers/{dossier_id:str}/access-log", name="access_log", opt={"permission": Permission.ACCESS_LOG_READ})
    async def access_log(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Who looked at or changed what, when and why; the newest first, fifty a page."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        opened = await dossier_for(store, who, dossier_id, Permission.ACCESS_LOG_READ, now, whole_life=True)
        asked = {name: request.query_params.get(name, "")[:60] for name in PARAMETERS}
        if is_family(opened.access):
            asked["person"] = ""  # the family reads institutions: who of their staff it was, no question tells
        days = read_filters({"from": [asked["from"]], "to": [asked["to"]]}, day_of(now))
        found = await read_log(store, opened, days, asked["person"], asked["institution"], asked["before"])
        seen = seen_events(opened)
        lines = log_lines(opened, seen, found.entries, found.people, of_institution=bool(asked["institution"]))
        return page(
            request,
            "access_log/access_log.html",
            child=header_of(opened, seen),
            log=log_view(opened, lines),
            asked=asked,
            problems={name: gettext(problem.text) % problem.values for name, problem in days.problems.items()},
            older=_address(dossier_id, asked | {"before": found.older}) if found.older else "",
            lists_access=opened.can(Permission.ACCESS_LIST_READ),
            here="access-log",
        )


def _address(dossier_id: str, parameters: dict[str, str]) -> str:
    return f"/dossiers/{dossier_id}/access-log?{urlencode({k: v for k, v in parameters.items() if v})}"
