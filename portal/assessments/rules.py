"""What somebody wrote in an assessment's form: read, checked, refused with a sentence that says what to do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from documents.assessment import AssessmentContent
from documents.classifiers import ToolQuestion, classifiers
from portal.assessments.tool import RiskOfTool, Tool, levels_of
from portal.events.rules import Message, many, one, read_day
from portal.translations import N_

ANSWER_LETTERS = 3_000
ALL_LETTERS = 40_000
_NUMBER = re.compile(r"\d{1,4}")

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class AssessmentDraft:
    """An assessment as written, checked and ready to be saved."""

    tool: str
    domain: str
    day: date
    steps: dict[str, str]
    levels: dict[str, int]
    content: AssessmentContent
    confidentiality: str
    named_people: tuple[str, ...]


def question_field(code: str) -> str:
    """The name of the field of a fact."""
    return f"fact_{code}"


def step_field(code: str) -> str:
    """The name of the field in which a risk's step is chosen."""
    return f"level_{code}"


def reason_field(code: str) -> str:
    """The name of the field that says why."""
    return f"why_{code}"


def read_assessment(
    values: Values, tool: Tool, *, born: date, today: date, may_name: set[str]
) -> tuple[AssessmentDraft | None, dict[str, Message]]:
    """Read the form of `tool`. Returns the draft, or none with one message for each field to put right.

    Facts are read apart from their evaluation; a step above none has to rest on a fact or a reason.
    """
    errors: dict[str, Message] = {}
    day = _day(values, born, today, errors)
    facts = {q.code: answer for q in tool.questions if (answer := _answer(q, values, errors))}
    steps: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for each in tool.risks:
        _evaluation(each, values, facts, steps, reasons, errors)
    if not steps and not errors:
        errors[step_field(tool.risks[0].risk.code)] = Message(N_("Assess at least one risk."))
    content = AssessmentContent(
        conclusions=_text(values, "conclusions", errors),
        strengths=_text(values, "strengths", errors),
        recommendations=_text(values, "recommendations", errors),
        facts=facts,
        reasons=reasons,
    )
    if not content.conclusions and "conclusions" not in errors:
        errors["conclusions"] = Message(N_("Write what you conclude: colleagues read this first."))
    if _letters(content) > ALL_LETTERS and not errors:
        errors["conclusions"] = Message(
            N_("All texts together have %(count)s letters; shorten them to %(limit)s."),
            {"count": _letters(content), "limit": ALL_LETTERS},
        )
    confidentiality = one(values, "confidentiality") or "standard"
    if confidentiality not in classifiers().confidentiality_classes:
        errors["confidentiality"] = Message(N_("Choose who may see it."))
    named = tuple(person for person in many(values, "named_people") if person in may_name)
    if confidentiality == "restricted" and not named:
        errors["named_people"] = Message(N_("Name at least one person who may read it."))
    if errors or day is None:
        return None, errors
    return (
        AssessmentDraft(
            tool=tool.row.code,
            domain=tool.row.domain,
            day=day,
            steps=steps,
            levels=levels_of(steps),
            content=content,
            confidentiality=confidentiality,
            named_people=named if confidentiality == "restricted" else (),
        ),
        {},
    )


def _day(values: Values, born: date, today: date, errors: dict[str, Message]) -> date | None:
    day = read_day(one(values, "day"))
    if isinstance(day, Message):
        errors["day"] = day
    elif day is None:
        errors["day"] = Message(N_("Write when it was assessed."))
    elif day > today:
        errors["day"] = Message(N_("An assessment is of a day that has come. Write today's date or an earlier one."))
    elif day < born.replace(year=born.year - 1, day=min(born.day, 28)):
        errors["day"] = Message(N_("The child was born later. Check the year."))
    else:
        return day
    return None


def _answer(question: ToolQuestion, values: Values, errors: dict[str, Message]) -> str:
    field = question_field(question.code)
    text = one(values, field)
    if not text:
        if question.required:
            errors[field] = Message(N_("Fill this in."))
        return ""
    if question.type == "number" and not _NUMBER.fullmatch(text):
        errors[field] = Message(N_("Write a whole number, for example 12."))
    elif question.type == "yes_no" and text not in ("yes", "no"):
        errors[field] = Message(N_("Choose one of the answers."))
    elif len(text) > ANSWER_LETTERS:
        errors[field] = _too_long(text)
    return text


def _evaluation(
    each: RiskOfTool,
    values: Values,
    facts: Mapping[str, str],
    steps: dict[str, str],
    reasons: dict[str, str],
    errors: dict[str, Message],
) -> None:
    risk, field = each.risk, step_field(each.risk.code)
    step, reason = one(values, field), one(values, reason_field(risk.code))
    if len(reason) > ANSWER_LETTERS:
        errors[reason_field(risk.code)] = _too_long(reason)
    elif reason:
        reasons[risk.code] = reason
    known = {s.code: s for s in each.steps}
    if not step:
        if risk.required:
            errors[field] = Message(N_("Choose a level: this risk is always assessed."))
        return
    if step not in known:
        errors[field] = Message(N_("Choose one of the answers."))
        return
    steps[risk.code] = step
    if known[step].level and not reason and not any(q.code in facts for q in each.questions):
        errors.setdefault(
            question_field(each.questions[0].code) if each.questions else reason_field(risk.code),
            Message(N_("Write at least one fact this level rests on.")),
        )


def _text(values: Values, name: str, errors: dict[str, Message]) -> str:
    text = one(values, name)
    if len(text) > ANSWER_LETTERS:
        errors[name] = _too_long(text)
    return text


def _too_long(text: str) -> Message:
    return Message(
        N_("Shorten it to %(limit)s letters; it has %(count)s."), {"limit": ANSWER_LETTERS, "count": len(text)}
    )


def _letters(content: AssessmentContent) -> int:
    texts = (content.conclusions, content.strengths, content.recommendations)
    return sum(map(len, (*texts, *content.facts.values(), *content.reasons.values())))
