"""What the forms of an assessment share: opening the door, reading what was typed, showing it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from litestar import Response

from auth.access import NotFound, Opened, dossier_for, record_look, record_refusal
from auth.assessments import may_change
from auth.permissions import Permission, Section
from auth.reasons import NOT_YOUR_ENTRY
from auth.step_up import StepUpNeeded, demand_proof
from documents.assessment import Assessment
from documents.classifiers import AssessmentTool
from documents.draft import find_draft, forget_draft, keep_draft
from documents.model import day_of, new_id
from portal.assessments.content import Content, read_content
from portal.assessments.form import view
from portal.assessments.rules import AssessmentDraft, read_assessment
from portal.assessments.tool import Tool, own_tools, tool_of
from portal.assessments.words import tool_name
from portal.dossier.header import header_of
from portal.events.form import people_on_the_case, say
from portal.events.rules import Message, number_in, one
from portal.events.typed import RoleChanged, role_of
from portal.forms import Values, kept, read_form, submission_of
from portal.page import Request, page, refused
from portal.runtime import Runtime, runtime


@dataclass
class Typed:
    """A form as it came: the dossier, the tool, what was typed, and what is to put right."""

    held: Runtime
    opened: Opened
    tool: Tool
    values: Values
    assessment: Assessment | None = None
    errors: dict[str, Message] = field(default_factory=dict)

    @property
    def step(self) -> str:
        """Which button was pressed: save (nothing) or draft."""
        return one(self.values, "step")

    @property
    def version(self) -> int:
        """The version the form was made under; one that fits none for nonsense."""
        return number_in(self.values)

    @property
    def submission(self) -> str:
        """The id this form was given when it was shown: the same form twice is one record."""
        return submission_of(self.values)

    def read(self) -> AssessmentDraft | None:
        """The assessment as written, or none with `errors` filled."""
        draft, errors = read_assessment(
            self.values,
            self.tool,
            born=self.opened.dossier.child.birth_date,
            today=day_of(self.opened.now),
            may_name={p["id"] for p in people_on_the_case(self.opened.dossier, self.opened.who.person_id)},
        )
        self.errors = errors | self.errors
        return draft if not self.errors else None

    @property
    def address(self) -> str:
        """Where the form is: drafts are kept under this name."""
        base = f"/dossiers/{self.opened.dossier.id}/assessments"
        return f"{base}/{self.assessment.id}/correction" if self.assessment else f"{base}/new/{self.tool.row.code}"

    async def keep(self) -> None:
        """Keep it as a draft."""
        await keep_draft(self.held.store, role_of(self.opened), self.address, kept(self.values), self.opened.now)

    async def forget(self) -> None:
        """Its text is saved: the draft has done its work."""
        await forget_draft(self.held.store, role_of(self.opened), self.address)


def looking(opened: Opened, sections: Sequence[Section], subject: str | None = None) -> Opened:
    """The same opening, to be recorded with exactly these sections."""
    if opened.look is None:
        return opened
    shown = {"sections": list(map(str, sections)), "subject": subject or opened.look.subject}
    return replace(opened, look=opened.look.model_copy(update=shown))


async def open_for(
    request: Request, dossier_id: str, permission: Permission, *, subject: str | None = None
) -> tuple[Runtime, Opened]:
    """Open the door quietly: the look is recorded once it is known what is shown."""
    held, state = runtime(request), request.scope["state"]
    opened = await dossier_for(
        held.store, state["who"], dossier_id, permission, state["now"], subject=subject, narrative=False, quiet=True
    )
    return held, looking(opened, [])


async def own_tool(opened: Opened, held: Runtime, code: str) -> Tool:
    """The tool, if it is one of the own institution and in force; else not found, and the attempt recorded."""
    role = opened.who.role
    own = own_tools(role.institution_type, day_of(opened.now)) if role else []
    if code not in {tool.code for tool in own}:
        await record_refusal(held.store, opened, Permission.ASSESSMENT_ADD, NOT_YOUR_ENTRY)
        raise NotFound
    return tool_of(code)


async def own_assessment(held: Runtime, opened: Opened, assessment_id: str) -> Assessment:
    """The assessment to change; one not theirs is not found for them here. Raises StepUpNeeded where restricted."""
    found = next((a for a in opened.dossier.assessments if a.id == assessment_id), None)
    if found is None or found.withdrawn or not may_change(opened.who, opened.access, found):
        await record_refusal(held.store, opened, Permission.ASSESSMENT_CHANGE, NOT_YOUR_ENTRY)
        raise NotFound
    if found.confidentiality == "restricted":
        demand_proof(opened.who, opened.now)
    return found


async def typed_form(request: Request, dossier_id: str, *, tool: str = "", assessment_id: str = "") -> Typed:
    """Read a posted form. Raises RoleChanged when it was made under another role, StepUpNeeded."""
    permission = Permission.ASSESSMENT_CHANGE if assessment_id else Permission.ASSESSMENT_ADD
    held, opened = await open_for(request, dossier_id, permission, subject=assessment_id or None)
    values, _ = await read_form(request)
    waiting: StepUpNeeded | None = None
    assessment = None
    if assessment_id:
        try:
            assessment = await own_assessment(held, opened, assessment_id)
        except StepUpNeeded as needed:
            waiting = needed
            assessment = next(a for a in opened.dossier.assessments if a.id == assessment_id)
        made_with = tool_of(assessment.tool)
    else:
        made_with = await own_tool(opened, held, tool or one(values, "tool"))
    typed = Typed(held, opened, made_with, values, assessment)
    if waiting is not None:
        await typed.keep()
        raise StepUpNeeded(typed.address) from waiting
    if one(values, "role") not in ("", role_of(opened)):
        await typed.keep()
        raise RoleChanged
    return typed


async def draft_or(typed: Typed) -> datetime | None:
    """Put what was typed before and kept in place of the fresh values; returns when it was kept."""
    draft = await find_draft(typed.held.store, role_of(typed.opened), typed.address)
    if draft is None:
        return None
    version = typed.values.get("version")
    typed.values = draft[0]
    if version and "version" not in typed.values:
        typed.values["version"] = version
    return draft[1]


async def show_form(
    request: Request,
    typed: Typed,
    *,
    kept_at: datetime | None = None,
    theirs: Assessment | None = None,
    sections: Sequence[Section] = (),
    taken_over: bool = False,
) -> Response[Any]:
    """The form with what was typed; with errors it is refused, and nothing is lost."""
    context = await form_context(typed, kept_at=kept_at, theirs=theirs, sections=sections, taken_over=taken_over)
    if theirs:
        return page(request, "assessments/form.html", status=409, **context)
    if typed.errors:
        return refused(request, "assessments/form.html", "main", **context)
    return page(request, "assessments/form.html", **context)


async def form_context(
    typed: Typed,
    *,
    kept_at: datetime | None = None,
    theirs: Assessment | None = None,
    sections: Sequence[Section] = (),
    taken_over: bool = False,
) -> dict[str, Any]:
    """What `assessments/form.html` needs; `theirs` is what stands now where somebody was faster."""
    opened, assessment = typed.opened, typed.assessment
    standing = await read_content(typed.held.store, theirs) if theirs else Content()
    shown = [Section.ASSESSMENTS_CONTENT] if assessment else sections
    await record_look(typed.held.store, looking(opened, shown))
    base = f"/dossiers/{opened.dossier.id}/assessments"
    return {
        "child": header_of(opened),
        "form": view(opened, typed.tool, typed.values, typed.errors),
        "assessment": assessment,
        "kept_at": kept_at,
        "role": role_of(opened),
        "submission": typed.submission or new_id(),
        "tool": typed.tool.row.code,
        "address": f"{base}/{assessment.id}/correction" if assessment else f"{base}/new",
        "base": base,
        "theirs": theirs,
        "their_content": standing,
        "taken_over": taken_over,
    }


def withdrawal_context(
    opened: Opened, assessment: Assessment, values: Mapping[str, Sequence[str]], errors: Mapping[str, Message]
) -> dict[str, Any]:
    """What `assessments/withdrawal.html` needs."""
    entry = f"/dossiers/{opened.dossier.id}/assessments/{assessment.id}"
    return {
        "child": header_of(opened),
        "assessment": assessment,
        "name": tool_name(assessment),
        "reason": one(values, "reason"),
        "errors": {name: say(message) for name, message in errors.items()},
        "address": f"{entry}/withdrawal",
        "back": entry,
    }


def tool_choices(opened: Opened) -> list[AssessmentTool]:
    """The tools the person's institution assesses with today."""
    role = opened.who.role
    return own_tools(role.institution_type, day_of(opened.now)) if role else []
