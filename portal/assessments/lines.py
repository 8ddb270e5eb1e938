"""One line for an assessment, as much as the reader sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from auth.access import Opened
from auth.assessments import Shown
from portal.assessments.seen import Seen
from portal.assessments.words import level_word, tool_name
from portal.translations import gettext


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    """`title` is the tool, or only that a sensitive assessment is there; `level` is its highest, none if not shown."""

    href: str
    day: date
    title: str
    domain: str
    by: str
    institution: str
    confidentiality: str
    level: int | None
    word: str
    withdrawn: bool
    corrected: bool
    partly: bool


def assessment_lines(opened: Opened, seen: Iterable[Seen]) -> list[AssessmentLine]:
    """Return a line for each assessment, in the order given."""
    return [_line(opened.dossier.id, one) for one in seen]


def _line(dossier_id: str, seen: Seen) -> AssessmentLine:
    assessment, tool_shown = seen.assessment, Shown.LINE in seen.shown
    level = max(assessment.levels.values(), default=None) if seen.told else None
    return AssessmentLine(
        href=f"/dossiers/{dossier_id}/assessments/{assessment.id}",
        day=assessment.day,
        title=tool_name(assessment) if tool_shown else gettext("Sensitive assessment"),
        domain=assessment.domain,
        by=assessment.recorded_by.name,
        institution=assessment.institution_name,
        confidentiality=assessment.confidentiality,
        level=level,
        word=level_word(level) if level is not None else "",
        withdrawn=assessment.withdrawn is not None,
        corrected=bool(assessment.earlier),
        partly=not seen.told,
    )
