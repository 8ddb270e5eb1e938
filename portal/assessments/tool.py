"""One version of a tool as its form and its readers see it: parts, risks, questions in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from documents.classifiers import AssessmentTool, Classifiers, ToolPart, ToolQuestion, ToolRisk, ToolStep, classifiers


@dataclass(frozen=True)
class RiskOfTool:
    """A named risk with the facts it is evaluated by and the steps of its scale."""

    risk: ToolRisk
    questions: tuple[ToolQuestion, ...]
    steps: tuple[ToolStep, ...]


@dataclass(frozen=True)
class PartOfTool:
    """A part of the form; `questions` are those evaluated against no single risk."""

    part: ToolPart
    questions: tuple[ToolQuestion, ...]
    risks: tuple[RiskOfTool, ...]


@dataclass(frozen=True)
class Tool:
    """A whole tool."""

    row: AssessmentTool
    parts: tuple[PartOfTool, ...]

    @property
    def risks(self) -> list[RiskOfTool]:
        """Every named risk."""
        return [risk for part in self.parts for risk in part.risks]

    @property
    def questions(self) -> list[ToolQuestion]:
        """Every question, in the order of the form."""
        return [
            q for part in self.parts for q in (*part.questions, *(q for risk in part.risks for q in risk.questions))
        ]


def tool_of(code: str) -> Tool:
    """The tool with its version. Raises UnknownCode."""
    known = classifiers()
    row = known.assessment_tools[code]
    parts = [part for part in known.tool_parts.values() if part.tool == code]
    return Tool(row, tuple(_part(known, part) for part in sorted(parts, key=lambda part: part.order)))


def own_tools(institution_type: str, today: date) -> list[AssessmentTool]:
    """The tools an institution of this type assesses with today."""
    known = classifiers()
    return [
        tool
        for tool in known.assessment_tools.in_force(today)
        if any(known.is_type(institution_type, wider) for wider in tool.institution_types)
    ]


def levels_of(steps: dict[str, str]) -> dict[str, int]:
    """Read steps on a tool's own scale as common levels per factor: of several risks of a factor, the highest."""
    known = classifiers()
    levels: dict[str, int] = {}
    for risk, step in steps.items():
        factor = known.tool_risks[risk].factor
        levels[factor] = max(levels.get(factor, 0), known.tool_steps[step].level)
    return levels


def _part(known: Classifiers, part: ToolPart) -> PartOfTool:
    questions = _ordered(q for q in known.tool_questions.values() if q.part == part.code)
    risks = [
        RiskOfTool(
            risk,
            tuple(q for q in questions if q.risk == risk.code),
            tuple(sorted((s for s in known.tool_steps.values() if s.scale == risk.scale), key=lambda step: step.order)),
        )
        for risk in sorted((r for r in known.tool_risks.values() if r.part == part.code), key=lambda r: r.order)
    ]
    return PartOfTool(part, tuple(q for q in questions if q.risk is None), tuple(risks))


def _ordered(questions: Iterable[ToolQuestion]) -> list[ToolQuestion]:
    return sorted(questions, key=lambda question: question.order)
