"""Find a child: as one types among one's own, by button in the whole nation."""

import secrets
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post

from auth.permissions import Permission
from auth.policy import KNOWN_BY_NAME, may, relations_to
from auth.who import Who
from documents.model import day_of
from documents.reading import DossierLine
from portal.access_requests.kept import USE
from portal.emergency.controller import USE as EMERGENCY
from portal.formats import age_text
from portal.needs.tokens import need_token
from portal.page import Request, page, region
from portal.reports.form import USE as REPORT
from portal.runtime import runtime
from portal.search.actions import SHOWN, find_in_nation, find_related
from portal.search.rules import LETTERS_NEEDED, understand


class SearchController(Controller):
    """`/search`: what is typed travels in the body, never in an address."""

    @get("/search", name="search", opt={"permission": Permission.SEARCH_RELATED})
    async def form(self, request: Request) -> Response[Any]:
        """The one box."""
        return page(request, "search/search.html", **_nothing_yet(request))

    @post("/search", name="search_related", status_code=200, opt={"permission": Permission.SEARCH_RELATED})
    async def related(self, request: Request) -> Response[Any]:
        """Answer among the children one has a relation to; htmx asks as one types."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        form = await request.form()
        text, series = str(form.get("q", "")), _series(str(form.get("series", "")))
        query = understand(text, accept_invented=held.settings.demo)
        context = _nothing_yet(request) | {"q": text, "series": series, "query": query, "asked": True}
        if query.enough and not query.problem and query.code is None:
            lines = await find_related(held.store, who, query, series, now)
            context |= {
                "children": [_hit(who, line, now) for line in lines[:SHOWN]],
                "more": len(lines) > SHOWN,
            }
        if request.htmx:
            return region(request, "search/search.html", "results", **context)
        return page(request, "search/search.html", **context)

    @post("/search/nation", name="search_nation", status_code=200, opt={"permission": Permission.SEARCH_NATION})
    async def nation(self, request: Request) -> Response[Any]:
        """One exact question to the whole register: one answer or none."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        form = await request.form()
        text, series = str(form.get("q", "")), _series(str(form.get("series", "")))
        query = understand(text, accept_invented=held.settings.demo)
        context = _nothing_yet(request) | {"q": text, "series": series, "query": query, "asked": True, "exact": True}
        if query.exact and not query.problem:
            found = await find_in_nation(held.store, who, query, series, now)
            context["found"] = found
            if found.outcome == "need":
                context["token"] = need_token(held.cookie_key, who, found.dossier_id, now)
            if found.may_need_more and may(who, Permission.EMERGENCY_USE).allowed:
                context["emergency_token"] = need_token(held.cookie_key, who, found.dossier_id, now, EMERGENCY)
            if found.outcome in ("need", "existence") and may(who, Permission.REPORT).allowed:
                context["report_token"] = need_token(held.cookie_key, who, found.dossier_id, now, REPORT)
            if found.may_need_more and may(who, Permission.ACCESS_ASK).allowed:
                context["ask_token"] = need_token(held.cookie_key, who, found.dossier_id, now, USE)
        if request.htmx:
            return region(request, "search/search.html", "results", **context)
        return page(request, "search/search.html", **context)


def _hit(who: Who, line: DossierLine, now: datetime) -> dict[str, Any]:
    """One child found; who only wrote an entry once finds it by the name they knew, and is shown initials."""
    named = relations_to(who, line.readers, now)[0] in KNOWN_BY_NAME
    born = line.child.birth_date
    return {
        "line": line,
        "name": line.child.name if named else line.child.initials,
        "age": age_text(born, day_of(now)) if named else str(born.year),
        "born": born if named else None,
    }


def _nothing_yet(request: Request) -> dict[str, Any]:
    who = request.scope["state"]["who"]
    return {
        "q": "",
        "series": secrets.token_hex(8),
        "query": None,
        "asked": False,
        "exact": False,
        "children": [],
        "more": False,
        "found": None,
        "token": "",
        "ask_token": "",
        "report_token": "",
        "emergency_token": "",
        "may_ask": may(who, Permission.ACCESS_ASK).allowed,
        "letters": LETTERS_NEEDED,
        "nation": may(who, Permission.SEARCH_NATION).allowed,
        "identifies": may(who, Permission.NEED_IDENTIFY).allowed,
    }


def _series(text: str) -> str:
    """The mark that ties the answers of one search together in the log: ours, or a fresh one."""
    return text if len(text) == 16 and all(c in "0123456789abcdef" for c in text) else secrets.token_hex(8)
