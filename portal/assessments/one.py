"""One assessment as a page: what this reader may see of it, and how to ask for the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import NotFound, Opened, record_look, record_refusal
from auth.assessments import ALL, Shown, may_change, sections_of, shower
from auth.permissions import Permission
from auth.policy import may
from auth.reasons import NOT_YOUR_ENTRY
from auth.step_up import demand_proof
from documents.assessment import Assessment
from documents.classifiers import ToolQuestion, classifiers
from documents.model import day_of
from portal.assessments.content import Content, read_content
from portal.assessments.tool import RiskOfTool, Tool, tool_of
from portal.assessments.typed import looking
from portal.assessments.words import level_word, tool_name
from portal.dossier.lines import Recorder
from portal.runtime import Runtime
from portal.translations import gettext, language, pgettext


@dataclass(frozen=True, slots=True)
class Fact:
    """A question with its answer."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A named risk: the step on the tool's own scale, what it is read as, the facts it rests on, the reasoning."""

    name: str
    step: str
    level: int
    word: str
    factor: str
    facts: tuple[Fact, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the tool with what was said in it."""

    name: str
    facts: tuple[Fact, ...]
    evaluations: tuple[Evaluation, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """What it said before a correction."""

    changed_at: datetime
    by: str
    reason: str
    conclusions: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """`levels`, `summary`, `content` say which parts are shown."""

    id: str
    title: str
    day: date
    domain: str
    confidentiality: str
    meaning: str
    source: str
    recorder: Recorder
    recorder_title: str
    recorded_at: datetime
    levels: bool
    summary: bool
    content: bool
    readable: bool
    conclusions: str
    strengths: str
    recommendations: str
    parts: tuple[Part, ...]
    corrections: int
    versions: tuple[Version, ...]
    withdrawn: tuple[datetime, str, str] | None
    may_change: bool
    may_ask: bool


@dataclass(frozen=True)
class Read:
    """One assessment opened: what of it is shown, and its sealed content where that is any of it."""

    opened: Opened
    assessment: Assessment
    shown: Shown
    content: Content
    earlier: tuple[Content, ...]


async def read_one(held: Runtime, opened: Opened, assessment_id: str) -> Read:
    """Open one assessment and record each section shown of it. Raises NotFound for one the person does not see.

    A restricted one opens only to who proved a moment ago who they are. Raises StepUpNeeded.
    """
    found = next((a for a in opened.dossier.assessments if a.id == assessment_id), None)
    shown = Shown.NOTHING
    if found is not None:
        shown = shower(opened.who, opened.access, opened.dossier, day_of(opened.now))(found)
    if found is None or not shown:
        await record_refusal(held.store, opened, Permission.ASSESSMENTS_READ, NOT_YOUR_ENTRY)
        raise NotFound
    if found.confidentiality == "restricted":
        demand_proof(opened.who, opened.now)
    await record_look(held.store, looking(opened, sections_of(shown), assessment_id))
    content = await read_content(held.store, found) if shown & (Shown.SUMMARY | Shown.CONTENT) else Content()
    earlier = [await read_content(held.store, e.content) for e in found.earlier] if shown == ALL else []
    return Read(opened, found, shown, content, tuple(earlier))


def assessment_page(read: Read) -> AssessmentPage:
    """Return the page as far as the reader's rights go."""
    opened, assessment, shown = read.opened, read.assessment, read.shown
    known, lang, said = classifiers(), language(), read.content.said
    person = assessment.recorded_by
    tool = tool_of(assessment.tool)
    told, summary, content = Shown.LINE in shown, Shown.SUMMARY in shown, Shown.CONTENT in shown
    levels = Shown.LEVELS in shown
    return AssessmentPage(
        id=assessment.id,
        title=tool_name(assessment) if told else gettext("Sensitive assessment"),
        day=assessment.day,
        domain=assessment.domain,
        confidentiality=assessment.confidentiality,
        meaning=known.confidentiality_classes[assessment.confidentiality].meaning(lang),
        source=tool.row.source(lang) if told else "",
        recorder=Recorder(person.name, assessment.institution_name, person.phone, person.email),
        recorder_title=known.positions[person.title].label(lang) if person.title else "",
        recorded_at=assessment.recorded_at,
        levels=levels,
        summary=summary,
        content=content,
        readable=read.content.readable,
        conclusions=said.conclusions if summary else "",
        strengths=said.strengths if summary else "",
        recommendations=said.recommendations if summary else "",
        parts=_parts(tool, assessment.steps if levels or content else {}, read.content if content else Content()),
        corrections=len(assessment.earlier),
        versions=_versions(read, tool),
        withdrawn=_withdrawn(assessment, told=summary),
        may_change=assessment.withdrawn is None and may_change(opened.who, opened.access, assessment),
        may_ask=shown != ALL and may(opened.who, Permission.ACCESS_ASK).allowed,
    )


def _parts(tool: Tool, steps: dict[str, str], content: Content) -> tuple[Part, ...]:
    parts = []
    for part in tool.parts:
        evaluations = [_evaluation(each, steps, content) for each in part.risks]
        spoken = tuple(e for e in evaluations if e is not None)
        facts = _facts(part.questions, content)
        if spoken or facts:
            parts.append(Part(part.part.label(language()), facts, spoken))
    return tuple(parts)


def _evaluation(each: RiskOfTool, steps: dict[str, str], content: Content) -> Evaluation | None:
    """None where the risk was neither assessed nor spoken about."""
    known, lang, code = classifiers(), language(), each.risk.code
    facts, reason = _facts(each.questions, content), content.said.reasons.get(code, "")
    step = known.tool_steps[steps[code]] if code in steps else None
    if step is None and not facts and not reason:
        return None
    return Evaluation(
        name=each.risk.label(lang),
        step=step.label(lang) if step else gettext("not assessed"),
        level=step.level if step else -1,
        word=level_word(step.level if step else None),
        factor=known.factors[each.risk.factor].label(lang),
        facts=facts,
        reason=reason,
    )


def _facts(questions: Iterable[ToolQuestion], content: Content) -> tuple[Fact, ...]:
    lang, facts = language(), content.said.facts
    return tuple(Fact(q.label(lang), _answer(q.type, facts[q.code])) for q in questions if q.code in facts)


def _answer(kind: str, value: str) -> str:
    if kind == "yes_no":
        return pgettext("answer", "yes") if value == "yes" else pgettext("answer", "no")
    return value


def _versions(read: Read, tool: Tool) -> tuple[Version, ...]:
    views = []
    for earlier, content in zip(read.assessment.earlier, read.earlier, strict=False):
        views.append(
            Version(
                earlier.changed_at,
                earlier.changed_by.name,
                earlier.reason,
                content.said.conclusions,
                _parts(tool, earlier.content.get("steps", {}), content),
            )
        )
    return tuple(reversed(views))


def _withdrawn(assessment: Assessment, *, told: bool) -> tuple[datetime, str, str] | None:
    gone = assessment.withdrawn
    return (gone.at, gone.by.name, gone.reason if told else "") if gone else None
