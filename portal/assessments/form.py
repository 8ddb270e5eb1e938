"""What the page of an assessment's form shows: the tool's parts with what was typed, errors, who will read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auth.access import Opened
from documents.assessment import Assessment, AssessmentContent
from documents.classifiers import ToolQuestion, classifiers
from portal.assessments.readers import Reader, provisional, who_will_read
from portal.assessments.rules import question_field, reason_field, step_field
from portal.assessments.tool import PartOfTool, RiskOfTool, Tool
from portal.events.form import people_on_the_case, say
from portal.events.rules import Message, one
from portal.formats import date_text
from portal.translations import N_, gettext, language

# What the fields are called in the list of errors.
LABELS = {
    "day": N_("When was it assessed?"),
    "conclusions": N_("Conclusions"),
    "strengths": N_("Strengths and protective factors"),
    "recommendations": N_("Recommendations"),
    "confidentiality": N_("Who may see it?"),
    "named_people": N_("Name who may read it"),
    "reason": N_("Why is it corrected?"),
}
NOT_CLEAR = N_("not clear, not assessed")


@dataclass
class FormView:
    """Everything `assessments/form.html` needs beside the child's band."""

    name: str
    about: str
    source: str
    values: dict[str, list[str]]
    parts: list[dict[str, Any]]
    errors: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    classes: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every error with the name of its field, and the field to go to."""
        return [(self._labelled(name, text), name) for name, text in self.errors.items()]

    def _labelled(self, name: str, text: str) -> str:
        label = self.labels.get(name, "")
        return f"{label}{'' if label.endswith('?') else ':'} {text}" if label else text

    def one(self, name: str) -> str:
        """The value of a field as typed."""
        return one(self.values, name)

    def ticked(self, name: str, value: str) -> bool:
        """Whether a box or answer is chosen."""
        return value in self.values.get(name, [])


def view(opened: Opened, tool: Tool, values: Mapping[str, Sequence[str]], errors: Mapping[str, Message]) -> FormView:
    """Put the form's page together from what was typed so far."""
    typed = {name: list(given) for name, given in values.items()}
    classes = classifiers().confidentiality_classes
    if one(typed, "confidentiality") not in classes:
        typed["confidentiality"] = ["standard"]
    lang = language()
    shown = FormView(
        name=tool.row.label(lang),
        about=tool.row.about(lang),
        source=tool.row.source(lang),
        values=typed,
        parts=[_part(part, lang) for part in tool.parts],
        errors={name: say(message) for name, message in errors.items()},
        labels={name: gettext(label) for name, label in LABELS.items()},
        classes=[
            {"code": c.code, "label": c.label(lang).capitalize(), "meaning": c.meaning(lang)} for c in classes.values()
        ],
        people=people_on_the_case(opened.dossier, opened.who.person_id),
        readers=who_will_read(opened, provisional(opened, tool, typed)),
    )
    for question in tool.questions:
        shown.labels[question_field(question.code)] = question.label(lang)
    for each in tool.risks:
        risk = each.risk.label(lang)
        shown.labels[step_field(each.risk.code)] = shown.labels[reason_field(each.risk.code)] = risk
        shown.labels |= {question_field(q.code): f"{risk} – {q.label(lang)}" for q in each.questions}
    return shown


def values_of(assessment: Assessment, content: AssessmentContent) -> dict[str, list[str]]:
    """An assessment as the form shows it for correcting; `content` is what was sealed."""
    values = {
        "day": [date_text(assessment.day)],
        "conclusions": [content.conclusions],
        "strengths": [content.strengths],
        "recommendations": [content.recommendations],
        "confidentiality": [assessment.confidentiality],
        "named_people": list(assessment.named_people),
        "version": [str(assessment.version)],
    }
    values |= {question_field(code): [answer] for code, answer in content.facts.items()}
    values |= {step_field(code): [step] for code, step in assessment.steps.items()}
    return values | {reason_field(code): [reason] for code, reason in content.reasons.items()}


def static_facts(tool: Tool, content: AssessmentContent) -> dict[str, list[str]]:
    """Facts that do not change, as fields: nobody is asked them twice. What may have changed is asked anew."""
    return {
        question_field(q.code): [content.facts[q.code]]
        for q in tool.questions
        if q.nature == "static" and q.code in content.facts
    }


def _part(part: PartOfTool, lang: str) -> dict[str, Any]:
    return {
        "code": part.part.code,
        "name": part.part.label(lang),
        "hint": part.part.hint(lang),
        "questions": [_question(q, lang) for q in part.questions],
        "risks": [_risk(each, lang) for each in part.risks],
    }


def _question(question: ToolQuestion, lang: str) -> dict[str, Any]:
    return {
        "name": question_field(question.code),
        "type": question.type,
        "label": question.label(lang),
        "hint": question.hint(lang),
        "required": question.required,
    }


def _risk(each: RiskOfTool, lang: str) -> dict[str, Any]:
    steps = [{"code": step.code, "label": step.label(lang), "level": step.level} for step in each.steps]
    if not each.risk.required:
        steps.append({"code": "", "label": gettext(NOT_CLEAR), "level": None})
    return {
        "code": each.risk.code,
        "name": each.risk.label(lang),
        "step": step_field(each.risk.code),
        "reason": reason_field(each.risk.code),
        "steps": steps,
        "questions": [_question(q, lang) for q in each.questions],
    }
