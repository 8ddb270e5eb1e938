"""Reports of concerns: the form, what became of the own ones, the inbox, one report."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import Forbidden, NotFound, dossier_for
from auth.permissions import Permission
from auth.policy import may
from documents.classifiers import classifiers
from documents.draft import keep_draft
from documents.model import day_of
from documents.report import Report
from portal.access_requests.kept import find_kept, forget_kept
from portal.events.rules import Message, one
from portal.forms import Values, kept, read_form, submission_of
from portal.needs.tokens import read_need_token
from portal.page import Request, changed, page, refused
from portal.reports.actions import report_concern
from portal.reports.form import FORM, USE, about_of, form_context, own_children, siblings_typed
from portal.reports.inbox import inbox_of, noted, record_inbox
from portal.reports.of_child import reports_of_child
from portal.reports.rules import read_concern
from portal.reports.view import row_of
from portal.runtime import runtime

REPORT, READ = Permission.REPORT, Permission.REPORTS_READ


class ReportController(Controller):
    """`/reports`. A found child travels as a sealed reference in the form, never in the address."""

    @get("/reports", name="reports", opt={"permission": READ})
    async def inbox(self, request: Request) -> Response[Any]:
        """What waits, what one was told, and what became of the own reports; no narrative."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        found = await inbox_of(store, who, now)
        groups = {name: getattr(found, name) for name in ("to_decide", "told", "decided", "led", "own")}
        await record_inbox(store, who, sum(map(len, groups.values())), now)
        rows: dict[str, Any] = {
            name: [row_of(report, who, now) for report in reports] for name, reports in groups.items()
        }
        return page(
            request,
            "reports/list.html",
            **rows,
            cut=found.cut,
            noted={report.id for report in found.told if noted(who, report)},
            decides=may(who, Permission.REPORT_DECIDE).allowed,
            heads=may(who, Permission.REPORT_HAND_OVER).allowed,
            may_report=may(who, REPORT).allowed,
        )

    @post(FORM, name="report_form", status_code=200, opt={"permission": REPORT})
    async def form(self, request: Request) -> Response[Any]:
        """The form about the child just found."""
        held, state = runtime(request), request.scope["state"]
        values, _ = await read_form(request)
        dossier_id = read_need_token(held.cookie_key, state["who"], one(values, "child"), state["now"], USE)
        if dossier_id is None:
            raise NotFound
        waits = await find_kept(held, state["who"], dossier_id, form=FORM, use=USE)
        return page(request, "reports/form.html", **await form_context(request, dossier_id, {}, {}, waits))

    @get(FORM, name="report_again", opt={"permission": REPORT})
    async def again(self, request: Request) -> Response[Any]:
        """The form, with what was typed before; the child by personal code, in words, or the own one."""
        waits = await find_kept(runtime(request), request.scope["state"]["who"], form=FORM, use=USE)
        about = waits.dossier_id if waits else ""
        return page(request, "reports/form.html", **await form_context(request, about, {}, {}, waits))

    @get("/dossiers/{dossier_id:str}/report", name="report_about", opt={"permission": Permission.BASE_READ})
    async def about(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The form about a child whose dossier one reads."""
        held, state = runtime(request), request.scope["state"]
        opened = await dossier_for(held.store, state["who"], dossier_id, Permission.BASE_READ, state["now"])
        asks = may(opened.who, REPORT)
        if not asks.allowed:
            raise Forbidden(asks.reason)
        values: Values = {}
        if opened.who.in_family_role:
            children = await own_children(held.store, opened.who, state["now"])
            values = {"own": [str(n) for n, child in enumerate(children, 1) if child.dossier_id == dossier_id]}
        waits = await find_kept(held, opened.who, dossier_id, form=FORM, use=USE)
        return page(request, "reports/form.html", **await form_context(request, dossier_id, values, {}, waits))

    @post("/reports", name="report_concern", opt={"permission": REPORT, "draft": FORM, "many": {"siblings"}})
    async def report(self, request: Request) -> Response[Any]:
        """Send the report, or keep the draft – as the button says."""
        held, state = runtime(request), request.scope["state"]
        who, now = state["who"], state["now"]
        values, _ = await read_form(request)
        if one(values, "step") == "draft":
            await keep_draft(held.store, who.role.id if who.role else who.person_id, FORM, kept(values), now)
            return changed(request, "/reports", "draft_kept")
        wrong: dict[str, Message] = {}
        about, siblings, unknown = await about_of(request, values, wrong)
        named = siblings_typed(who, values, await own_children(held.store, who, now))
        concern, errors = read_concern(named, day_of(now), siblings=siblings, unknown=unknown)
        errors = wrong | errors
        if concern is None or errors:
            context = await form_context(request, about.dossier_id, values, errors)
            return refused(request, "reports/form.html", "main", **context)
        made = await report_concern(held.store, who, about, concern, now, submission_of(values))
        await forget_kept(held, who, FORM)
        return changed(request, "/reports", _said(made))

    @get("/dossiers/{dossier_id:str}/reports", name="reports_of_child", opt={"permission": Permission.REPORTS_OF_CHILD})
    async def of_child(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """For the case manager: every report about the child, with its words."""
        store, state = runtime(request).store, request.scope["state"]
        opened = await dossier_for(
            store, state["who"], dossier_id, Permission.REPORTS_OF_CHILD, state["now"], subject="reports"
        )
        return page(
            request,
            "reports/of_child.html",
            child=opened.dossier.child,
            dossier_id=dossier_id,
            reports=await reports_of_child(store, opened),
        )


def _said(made: Report | None) -> str:
    """What the reporter is told: that it is sent; of the way it took only what follows from the place they wrote."""
    if made is None:
        return "report_sent"
    if made.decides is None:
        return "report_nowhere"
    by_present = made.place == made.present and classifiers().report_routes[made.route].place == "present"
    if made.fell_back and (by_present or (made.place == made.present and not made.blind)):
        return "report_sent_further"
    return "report_sent_danger" if made.danger == "yes" else "report_sent"
