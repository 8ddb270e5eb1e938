"""The life course (dzīvesgājums): timeline, list, one record."""

from dataclasses import replace
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from auth.access import Opened, dossier_for
from auth.permissions import Permission, Section
from auth.place import place_hidden
from documents.model import day_of
from portal.dossier.header import header_of
from portal.dossier.seen import seen_events
from portal.page import Request, page, region
from portal.runtime import runtime
from portal.timeline.actions import matching_ids, open_record
from portal.timeline.filters import SEVERAL, Filters, read_filters
from portal.timeline.keyword import LETTERS, open_keyword, seal_keyword
from portal.timeline.record import event_page
from portal.timeline.rules import found_in
from portal.timeline.view import life_course


class TimelineController(Controller):
    """`/dossiers/{dossier_id}/timeline` and the single records."""

    @get(
        "/dossiers/{dossier_id:str}/timeline",
        name="timeline",
        opt={"permission": Permission.TIMELINE_READ, "many": SEVERAL},
    )
    async def timeline(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The whole life, or the part asked for: as a picture, a table of years, a list."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        filters = _asked(request, dossier_id)
        sections = (Section.EVENT_DETAIL,) if filters.keyword else ()
        opened = await dossier_for(
            held.store, who, dossier_id, Permission.TIMELINE_READ, now, sections=sections, whole_life=True
        )
        return await _show(request, opened, filters)

    @post(
        "/dossiers/{dossier_id:str}/timeline/search",
        name="timeline_search",
        status_code=200,
        opt={"permission": Permission.TIMELINE_READ, "many": SEVERAL},
    )
    async def search(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Turn the word into an opaque address and lead there: what was looked for never stands in one."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        shown_now = bool(request.htmx)  # else the page it leads to shows and records
        opened = await dossier_for(
            held.store,
            who,
            dossier_id,
            Permission.TIMELINE_READ,
            now,
            sections=(Section.EVENT_DETAIL,),
            whole_life=shown_now,
            quiet=not shown_now,
        )
        word = str((await request.form()).get("q", "")).strip()
        sealed = seal_keyword(held.cookie_key, who.person_id, dossier_id, word) if word else ""
        filters = replace(_asked(request, dossier_id), k=sealed, keyword=word[:LETTERS], year=None)
        address = f"/dossiers/{dossier_id}/timeline{filters.query()}"
        if not shown_now:
            return Redirect(address, status_code=303)
        answer = await _show(request, opened, filters)
        answer.headers["HX-Push-Url"] = address
        return answer

    @get("/dossiers/{dossier_id:str}/events/{event_id:str}", name="event", opt={"permission": Permission.EVENT_READ})
    async def event(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """One record, as far as this person sees it."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        record = await open_record(held.store, who, dossier_id, event_id, now)
        return page(
            request, "timeline/event.html", child=header_of(record.opened), event=event_page(record), here="timeline"
        )


async def _show(request: Request, opened: Opened, filters: Filters) -> Response[Any]:
    seen = seen_events(opened)
    hidden = place_hidden(opened.access, opened.dossier)
    matching = (
        await matching_ids(runtime(request).store, seen, filters.keyword, hidden=hidden) if filters.keyword else None
    )
    life = life_course(opened, seen, found_in(seen, filters, matching), filters)
    shown: dict[str, Any] = {"child": header_of(opened, seen), "life": life, "here": "timeline"}
    if request.htmx and not request.htmx.history_restore_request:
        return region(request, "timeline/timeline.html", "life_region", **shown)
    return page(request, "timeline/timeline.html", **shown)


def _asked(request: Request, dossier_id: str) -> Filters:
    state, parameters = request.scope["state"], request.query_params
    filters = read_filters({name: parameters.getall(name) for name in parameters}, day_of(state["now"]))
    if not filters.k:
        return filters
    word = open_keyword(runtime(request).cookie_key, state["who"].person_id, dossier_id, filters.k)
    return replace(filters, keyword=word, k=filters.k if word else "")
