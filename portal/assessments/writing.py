"""Making, correcting and withdrawing an assessment."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from auth.access import record_look
from auth.assessments import Shown
from auth.permissions import Permission, Section
from documents.assessment import Assessment
from documents.model import day_of
from documents.store import Changed
from portal.assessments.actions import Full, add_assessment, correct_assessment, withdraw_assessment
from portal.assessments.content import read_content
from portal.assessments.form import static_facts, values_of
from portal.assessments.seen import seen_assessments
from portal.assessments.tool import tool_of
from portal.assessments.typed import (
    Typed,
    draft_or,
    form_context,
    looking,
    open_for,
    own_assessment,
    own_tool,
    show_form,
    tool_choices,
    typed_form,
    withdrawal_context,
)
from portal.dossier.header import header_of
from portal.events.rules import Message, read_reason
from portal.forms import Values, read_form
from portal.page import Request, changed, page, refused, region
from portal.translations import N_

ADD, CHANGE = Permission.ASSESSMENT_ADD, Permission.ASSESSMENT_CHANGE
SEVERAL = {"named_people"}
BASE = "/dossiers/{dossier_id:str}/assessments"
ONE = BASE + "/{assessment_id:str}"
FULL = Message(N_("This dossier holds no further assessment. Correct an earlier one, or tell the helpdesk."))
READ_AGAIN = Message(N_("Somebody changed the assessment meanwhile. Read it once more, then decide."))


class AssessmentWritingController(Controller):
    """The forms under `/dossiers/{id}/assessments`."""

    @get(f"{BASE}/new", name="assessment_tools", opt={"permission": ADD})
    async def tools(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Which tool; where the institution has one only, its form at once."""
        held, opened = await open_for(request, dossier_id, ADD)
        tools = tool_choices(opened)
        if len(tools) == 1:
            return Redirect(f"/dossiers/{dossier_id}/assessments/new/{tools[0].code}", status_code=303)
        await record_look(held.store, opened)
        return page(request, "assessments/tools.html", child=header_of(opened), tools=tools, here="assessments")

    @get(f"{BASE}/new/{{tool:str}}", name="assessment_form", opt={"permission": ADD})
    async def form(self, request: Request, dossier_id: FromPath[str], tool: FromPath[str]) -> Response[Any]:
        """The empty form with what is known and does not change, or the draft kept from before."""
        held, opened = await open_for(request, dossier_id, ADD)
        typed = Typed(held, opened, await own_tool(opened, held, tool), {})
        kept_at = await draft_or(typed)
        if kept_at:
            return await show_form(request, typed, kept_at=kept_at)
        known = await _known(typed)
        typed.values = {"day": [f"{day_of(opened.now):%d.%m.%Y}."], **known}
        sections = [Section.ASSESSMENTS_CONTENT] if known else []
        return await show_form(request, typed, sections=sections, taken_over=bool(known))

    @post(
        f"{BASE}/new",
        name="add_assessment",
        opt={"permission": ADD, "many": SEVERAL, "draft": "/dossiers/{dossier_id}/assessments/new"},
    )
    async def add(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Complete the assessment, or keep the draft – as the button says."""
        typed = await typed_form(request, dossier_id)
        opened = typed.opened
        if typed.step == "draft":
            await typed.keep()
            return changed(request, f"/dossiers/{dossier_id}/assessments", "draft_kept")
        draft = typed.read()
        if draft is None:
            await typed.keep()
            return await show_form(request, typed, kept_at=opened.now)
        try:
            made = await add_assessment(typed.held.store, opened.who, dossier_id, draft, opened.now, typed.submission)
        except Full:
            typed.errors["day"] = FULL
            return await show_form(request, typed, kept_at=opened.now)
        await typed.forget()
        return changed(request, f"/dossiers/{dossier_id}/assessments/{made}", "assessment_saved")

    @post(f"{BASE}/new/preview", name="assessment_preview", status_code=200, opt={"permission": ADD, "many": SEVERAL})
    async def preview(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """As the circle changes: who will read it."""
        return await _preview(request, await typed_form(request, dossier_id))

    @post(f"{BASE}/new/draft", name="assessment_draft", status_code=200, opt={"permission": ADD, "many": SEVERAL})
    async def draft(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Keep what is being typed; the answer says when."""
        typed = await typed_form(request, dossier_id)
        await typed.keep()
        return region(request, "assessments/form.html", "kept", kept_at=typed.opened.now)

    @get(f"{ONE}/correction", name="assessment_correction_form", opt={"permission": CHANGE})
    async def correction(
        self, request: Request, dossier_id: FromPath[str], assessment_id: FromPath[str]
    ) -> Response[Any]:
        """The assessment in its form, to be put right."""
        held, opened = await open_for(request, dossier_id, CHANGE, subject=assessment_id)
        assessment = await own_assessment(held, opened, assessment_id)
        content = await read_content(held.store, assessment)
        typed = Typed(held, opened, tool_of(assessment.tool), values_of(assessment, content.said), assessment)
        return await show_form(request, typed, kept_at=await draft_or(typed))

    @post(
        f"{ONE}/correction",
        name="correct_assessment",
        opt={
            "permission": CHANGE,
            "many": SEVERAL,
            "draft": "/dossiers/{dossier_id}/assessments/{assessment_id}/correction",
        },
    )
    async def correct(self, request: Request, dossier_id: FromPath[str], assessment_id: FromPath[str]) -> Response[Any]:
        """Save the correction; where somebody was faster, show both and lose nothing."""
        typed = await typed_form(request, dossier_id, assessment_id=assessment_id)
        opened = typed.opened
        reason, missing = read_reason(typed.values)
        typed.errors |= missing
        draft = typed.read()
        if draft is None:
            await typed.keep()
            return await show_form(request, typed, kept_at=opened.now)
        try:
            await correct_assessment(
                typed.held.store, opened.who, dossier_id, assessment_id, typed.version, draft, reason, opened.now
            )
        except Changed as conflict:
            await typed.keep()
            theirs = Assessment.model_validate(conflict.theirs)
            typed.values["version"] = [str(theirs.version)]
            return await show_form(request, typed, kept_at=opened.now, theirs=theirs)
        await typed.forget()
        return changed(request, f"/dossiers/{dossier_id}/assessments/{assessment_id}", "assessment_corrected")

    @post(
        f"{ONE}/correction/preview",
        name="assessment_correction_preview",
        status_code=200,
        opt={"permission": CHANGE, "many": SEVERAL},
    )
    async def preview_correction(
        self, request: Request, dossier_id: FromPath[str], assessment_id: FromPath[str]
    ) -> Response[Any]:
        """The same while correcting."""
        return await _preview(request, await typed_form(request, dossier_id, assessment_id=assessment_id))

    @get(f"{ONE}/withdrawal", name="assessment_withdrawal_form", opt={"permission": CHANGE})
    async def withdrawal(
        self, request: Request, dossier_id: FromPath[str], assessment_id: FromPath[str]
    ) -> Response[Any]:
        """Ask once, with the reason."""
        held, opened = await open_for(request, dossier_id, CHANGE, subject=assessment_id)
        assessment = await own_assessment(held, opened, assessment_id)
        await record_look(held.store, looking(opened, [Section.ASSESSMENTS_OVERVIEW]))
        return page(request, "assessments/withdrawal.html", **withdrawal_context(opened, assessment, {}, {}))

    @post(f"{ONE}/withdrawal", name="withdraw_assessment", opt={"permission": CHANGE})
    async def withdraw(
        self, request: Request, dossier_id: FromPath[str], assessment_id: FromPath[str]
    ) -> Response[Any]:
        """Withdraw the assessment: it stays, marked, and speaks no more."""
        held, opened = await open_for(request, dossier_id, CHANGE, subject=assessment_id)
        values, _ = await read_form(request)
        reason, errors = read_reason(values)
        assessment = await own_assessment(held, opened, assessment_id)
        template = "assessments/withdrawal.html"
        if errors:
            await record_look(held.store, looking(opened, [Section.ASSESSMENTS_OVERVIEW]))
            return refused(request, template, "section", **withdrawal_context(opened, assessment, values, errors))
        version = Typed(held, opened, tool_of(assessment.tool), values).version
        try:
            await withdraw_assessment(held.store, opened.who, dossier_id, assessment_id, version, reason, opened.now)
        except Changed:
            held, opened = await open_for(request, dossier_id, CHANGE, subject=assessment_id)
            assessment = await own_assessment(held, opened, assessment_id)
            await record_look(held.store, looking(opened, [Section.ASSESSMENTS_OVERVIEW]))
            fresh = withdrawal_context(opened, assessment, values, {"reason": READ_AGAIN})
            return page(request, template, status=409, **fresh)
        return changed(request, f"/dossiers/{dossier_id}/assessments/{assessment_id}", "assessment_withdrawn")


async def _known(typed: Typed) -> Values:
    """Facts that do not change, from the newest assessment with this tool of which the writer reads the content."""
    opened = typed.opened
    for one in seen_assessments(opened):
        assessment = one.assessment
        usable = assessment.tool == typed.tool.row.code and assessment.confidentiality != "restricted"
        if usable and assessment.withdrawn is None and Shown.CONTENT in one.shown:
            return static_facts(typed.tool, (await read_content(typed.held.store, assessment)).said)
    return {}


async def _preview(request: Request, typed: Typed) -> Response[Any]:
    context = await form_context(typed)
    return region(request, "assessments/form.html", ["circle", "readers"], fragment=True, **context)
