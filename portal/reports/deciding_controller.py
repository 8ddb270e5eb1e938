"""One report: acknowledging, taking note, saying which child it is, deciding, handing over."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound
from auth.permissions import Permission
from documents.draft import forget_draft
from documents.model import day_of
from documents.personal_code import WrongCode, parse
from documents.report import Report
from documents.store import Changed
from portal.events.rules import Message, number_in, one
from portal.forms import Values, read_form
from portal.identities.rules import read_newcomer
from portal.needs.rules import read_need
from portal.page import Request, changed, page, refused
from portal.reports.deciding import NobodyThere, Opening, SameInstitution, UnknownCode, decide_report, name_child
from portal.reports.one import Seen, one_report, report_context
from portal.reports.rules import Side, read_decided
from portal.reports.taking import acknowledge, hand_over, note
from portal.runtime import runtime
from portal.translations import N_

ONE = "/reports/{report_id:str}"
PAGE = "reports/report.html"
DECIDE = Permission.REPORT_DECIDE
SAID = {"take_up": "report_taken_up", "refer": "report_referred", "close": "report_closed", "open": "dossier_opened"}


class DecidingController(Controller):
    """`/reports/{id}`."""

    @get(ONE, name="report", opt={"permission": Permission.REPORTS_READ})
    async def show(self, request: Request, report_id: FromPath[str]) -> Response[Any]:
        """One report, as far as one may see it."""
        seen = await one_report(request, report_id)
        return page(request, PAGE, **await report_context(request, seen, {}, {}))

    @post(f"{ONE}/acknowledgement", name="acknowledge_report", opt={"permission": DECIDE})
    async def acknowledge(self, request: Request, report_id: FromPath[str]) -> Response[Any]:
        """Take the report; whoever was told for information says that it is read."""
        store, state = runtime(request).store, request.scope["state"]
        seen = await one_report(request, report_id)
        told = seen.side in (Side.TOLD, Side.TOLD_READS)
        try:
            await (note if told else acknowledge)(store, state["who"], report_id, state["now"])
        except Changed:
            return await _conflict(request, report_id, {})
        return changed(request, f"/reports/{report_id}", "report_noted" if told else "report_acknowledged")

    @post(f"{ONE}/child", name="name_reported_child", opt={"permission": DECIDE})
    async def name_child(self, request: Request, report_id: FromPath[str]) -> Response[Any]:
        """Say by the exact code which child it is."""
        held, state = runtime(request), request.scope["state"]
        seen = await _answers_for(request, report_id)
        values, _ = await read_form(request)
        text = one(values, "code")
        try:
            code = parse(text, accept_invented=held.settings.demo)
            await name_child(held.store, state["who"], report_id, code, state["now"])
        except WrongCode as wrong:
            said = Message(str(wrong) if text else N_("Write the child's personal code."))
            return await _again(request, seen, values, {"code": said})
        except UnknownCode:
            none = N_(
                "No child in the register has this code. Check it, or open the dossier under a provisional identity."
            )
            return await _again(request, seen, values, {"code": Message(none)})
        except Changed:
            return await _conflict(request, report_id, {})
        return changed(request, f"/reports/{report_id}", "report_child_named")

    @post(f"{ONE}/decision", name="decide_report", opt={"permission": DECIDE, "draft": "/reports/{report_id}"})
    async def decide(self, request: Request, report_id: FromPath[str]) -> Response[Any]:
        """Open, take up, refer or close; where somebody was faster, say so and keep what was written."""
        held, state = runtime(request), request.scope["state"]
        who, now = state["who"], state["now"]
        seen = await _answers_for(request, report_id)
        values, _ = await read_form(request)
        if not seen.outcomes:
            return await _conflict(request, report_id, values)
        decided, errors = read_decided(values, day_of(now), seen.outcomes)
        opening = None
        if one(values, "outcome") == "open":
            opening, more = _opening(seen.report, values, state["now"])
            errors |= more
        if decided is None or errors:
            return await _again(request, seen, values, errors)
        try:
            opened = await decide_report(held.store, who, report_id, decided, opening, number_in(values), now)
        except Changed:
            return await _conflict(request, report_id, values)
        except NobodyThere:
            nobody = Message(
                N_("This municipality has no such institution. Choose another municipality or institution.")
            )
            return await _again(request, seen, values, {"to_type": nobody})
        except SameInstitution:
            same = Message(N_("The report is with this institution already. Choose another, or decide it here."))
            return await _again(request, seen, values, {"to_type": same})
        await forget_draft(held.store, who.role.id, f"/reports/{report_id}")
        return changed(request, f"/dossiers/{opened}" if opened else "/reports", SAID[decided.outcome])

    @post(f"{ONE}/handing-over", name="hand_over_report", opt={"permission": Permission.REPORT_HAND_OVER})
    async def hand_over(self, request: Request, report_id: FromPath[str]) -> Response[Any]:
        """Name somebody else who has to acknowledge it."""
        store, state = runtime(request).store, request.scope["state"]
        seen = await one_report(request, report_id)
        values, _ = await read_form(request)
        context = await report_context(request, seen, values, {})
        person = one(values, "person")
        if person not in {p.role_id for p in context["people"]}:
            return await _again(request, seen, values, {"person": Message(N_("Choose who takes the report."))})
        try:
            await hand_over(store, state["who"], report_id, person, number_in(values), state["now"])
        except Changed:
            return await _conflict(request, report_id, values)
        return changed(request, f"/reports/{report_id}", "report_handed_over")


async def _answers_for(request: Request, report_id: str) -> Seen:
    """The report of whoever acknowledged it. Raises NotFound for everybody else."""
    seen = await one_report(request, report_id)
    if seen.side is not Side.RESPONSIBLE:
        raise NotFound
    return seen


def _opening(report: Report, values: Values, now: Any) -> tuple[Opening | None, dict[str, Message]]:
    need, errors = read_need(values, day_of(now))
    newcomer = None
    if report.dossier_id is None:
        newcomer, more = read_newcomer(values, day_of(now))
        errors = more | errors
    return (None if need is None or errors else Opening(need, newcomer)), errors


async def _again(request: Request, seen: Seen, values: Values, errors: dict[str, Message]) -> Response[Any]:
    return refused(request, PAGE, "main", **await report_context(request, seen, values, errors))


async def _conflict(request: Request, report_id: str, values: Values) -> Response[Any]:
    seen = await one_report(request, report_id)
    return page(request, PAGE, status=409, **await report_context(request, seen, values, {}, conflict=True))
