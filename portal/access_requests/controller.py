"""Access requests: asking, the inbox of those who decide, one request with its decision."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from auth.access import Forbidden, NotFound, dossier_for, record_look
from auth.entries import Sight, sight
from auth.permissions import Permission
from auth.policy import may
from documents.model import day_of
from documents.store import Changed
from portal.access_requests.actions import ask_for_access, find_request
from portal.access_requests.deciding import decide_request
from portal.access_requests.form import about_dossier, form_context, from_entry, from_request, target_of
from portal.access_requests.inbox import asked_by, record_inbox, waiting_for
from portal.access_requests.kept import FORM, USE, find_kept, forget_kept
from portal.access_requests.one import one_request, request_context
from portal.access_requests.rules import read_asked, read_decided
from portal.access_requests.view import for_asker, for_decider
from portal.events.rules import one
from portal.forms import read_form, submission_of
from portal.needs.tokens import read_need_token
from portal.page import Request, changed, page, refused
from portal.runtime import runtime

ASK, DECIDE, READ = Permission.ACCESS_ASK, Permission.ACCESS_DECIDE, Permission.ACCESS_REQUESTS_READ
SEVERAL = {"sections"}
ONE = "/access-requests/{request_id:str}"


class AccessRequestController(Controller):
    """`/access-requests`. A found child travels as a sealed reference in the form, never in the address."""

    @get("/access-requests", name="access_requests", opt={"permission": READ})
    async def inbox(self, request: Request) -> Response[Any]:
        """What waits for this person, and what they asked for."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        waiting, mine = await waiting_for(store, who, now), await asked_by(store, who)
        told = [for_asker(each, now) for each in mine]
        # Of a request by a code nothing is told, so nothing of the child was looked at.
        shown = [each for each, view in zip(mine, told, strict=True) if view.opens or not each.blind]
        await record_inbox(
            store, who, [*waiting.to_decide, *waiting.late, *waiting.unled, *shown], now, waiting.denials
        )
        return page(
            request,
            "access_requests/list.html",
            to_decide=[
                for_decider(each, now, waiting.dossiers.get(each.dossier_id or "")) for each in waiting.to_decide
            ],
            late=[for_decider(each, now) for each in waiting.late],
            unled=[for_decider(each, now) for each in waiting.unled],
            denials=[
                (dossier_id, waiting.dossiers[dossier_id].child, denial) for dossier_id, denial in waiting.denials
            ],
            emergencies=[
                (dossier_id, waiting.dossiers[dossier_id].child, emergency)
                for dossier_id, emergency in waiting.emergencies
            ],
            mine=told,
            level=who.level,
            may_ask=may(who, ASK).allowed,
        )

    @post(FORM, name="access_request_form", status_code=200, opt={"permission": ASK})
    async def form(self, request: Request) -> Response[Any]:
        """The form about the child just found."""
        held, state = runtime(request), request.scope["state"]
        values, _ = await read_form(request)
        dossier_id = read_need_token(held.cookie_key, state["who"], one(values, "child"), state["now"], USE)
        if dossier_id is None:
            raise NotFound
        kept = await find_kept(held, state["who"], dossier_id)
        about = await about_dossier(request, dossier_id)
        return page(request, "access_requests/ask.html", **form_context(request, about, {}, {}, kept))

    @get(FORM, name="access_request_again", opt={"permission": ASK})
    async def again(self, request: Request) -> Response[Any]:
        """What was typed before; else the form that asks by a personal code, for those who cannot search."""
        held, state = runtime(request), request.scope["state"]
        kept = await find_kept(held, state["who"])
        if kept is None and may(state["who"], Permission.SEARCH_NATION).allowed:
            return Redirect("/search", status_code=303)
        about = await about_dossier(request, kept.dossier_id) if kept and kept.dossier_id else None
        return page(request, "access_requests/ask.html", **form_context(request, about, {}, {}, kept))

    @get(
        "/dossiers/{dossier_id:str}/events/{event_id:str}/access-request",
        name="ask_for_entry",
        opt={"permission": Permission.EVENT_READ},
    )
    async def ask_for_entry(
        self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]
    ) -> Response[Any]:
        """The form beside an entry of which one does not see all: for the entries of its institution."""
        held, state = runtime(request), request.scope["state"]
        who, now = state["who"], state["now"]
        opened = await dossier_for(
            held.store, who, dossier_id, Permission.EVENT_READ, now, whole_life=True, subject=event_id, quiet=True
        )
        event = next((event for event in opened.dossier.events if event.id == event_id), None)
        if event is None or sight(who, opened.access, opened.dossier, event, day_of(now)) is Sight.NOTHING:
            raise NotFound
        asks = may(who, ASK)
        if not asks.allowed:
            raise Forbidden(asks.reason)
        await record_look(held.store, opened)
        about = await about_dossier(request, dossier_id)
        values = from_entry(event_id, event.institution_name)
        return page(request, "access_requests/ask.html", **form_context(request, about, values, {}))

    @get(f"{ONE}/renewal", name="renew_access", opt={"permission": ASK})
    async def renewal(self, request: Request, request_id: FromPath[str]) -> Response[Any]:
        """A new request that refers to the old one: only of access one was given."""
        store, who = runtime(request).store, request.scope["state"]["who"]
        earlier = await find_request(store, request_id)
        mine = who.role is not None and earlier.by.role_id == who.role.id
        if not mine or earlier.dossier_id is None or earlier.state not in ("granted", "narrower"):
            raise NotFound
        about = await about_dossier(request, earlier.dossier_id)
        return page(request, "access_requests/ask.html", **form_context(request, about, from_request(earlier), {}))

    @post("/access-requests", name="ask_for_access", opt={"permission": ASK, "draft": FORM, "many": SEVERAL})
    async def ask(self, request: Request) -> Response[Any]:
        """Send the request; by a code it is taken whether or not there is a dossier."""
        held, state = runtime(request), request.scope["state"]
        who, now = state["who"], state["now"]
        values, _ = await read_form(request)
        asked, errors = read_asked(values, day_of(now))
        target = target_of(request, values, errors)
        if asked is None or errors:
            about = await about_dossier(request, target.dossier_id) if target.dossier_id else None
            return refused(request, "access_requests/ask.html", "main", **form_context(request, about, values, errors))
        await ask_for_access(held.store, who, target, asked, now, submission_of(values))
        await forget_kept(held, who)
        return changed(request, "/access-requests", "access_asked")

    @get(ONE, name="access_request", opt={"permission": READ})
    async def show(self, request: Request, request_id: FromPath[str]) -> Response[Any]:
        """One request: to decide, to wait for, or to see how it ended."""
        seen = await one_request(request, request_id)
        return page(request, "access_requests/request.html", **await request_context(request, seen, {}, {}))

    @post(
        f"{ONE}/decision",
        name="decide_request",
        opt={"permission": DECIDE, "draft": "/access-requests/{request_id}", "many": SEVERAL},
    )
    async def decide(self, request: Request, request_id: FromPath[str]) -> Response[Any]:
        """Give access, narrower access or none; where somebody was faster, say so and keep what was written."""
        state = request.scope["state"]
        seen = await one_request(request, request_id)
        values, _ = await read_form(request)
        template = "access_requests/request.html"
        if not seen.decides:
            raise Forbidden(seen.reason)
        decided, errors = read_decided(values, seen.asked, day_of(state["now"]))
        if seen.asked.state == "waiting" and decided is None:
            return refused(request, template, "main", **await request_context(request, seen, values, errors))
        try:
            if decided is None:
                raise Changed
            outcome = await decide_request(runtime(request).store, state["who"], request_id, decided, state["now"])
        except Changed:
            seen = await one_request(request, request_id)
            context = await request_context(request, seen, values, {}, conflict=True)
            return page(request, template, status=409, **context)
        await seen.forget_draft(request)
        return changed(request, "/access-requests", "access_refused" if outcome == "refused" else "access_given")
