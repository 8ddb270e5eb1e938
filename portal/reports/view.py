"""Reports in words: rows of a list, and one report as far as a side may see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.who import Who
from documents.classifiers import classifiers
from documents.report import RECEIVED, Report
from portal.reports.actions import type_name
from portal.reports.rules import DANGER, Side, side_of
from portal.translations import N_, gettext, language

STATES = {
    "received": N_("not acknowledged yet"),
    "acknowledged": N_("somebody works on it"),
    "opened": N_("work with the child has begun"),
    "taken_up": N_("goes on in the open case"),
    "closed": N_("closed"),
}
# What a reporter learns: that the child is helped, not whether a dossier was there.
TOLD = STATES | {
    "received": N_("sent"),
    "opened": N_("the child is being helped"),
    "taken_up": N_("the child is being helped"),
    "closed": N_("looked into and closed"),
}
TONES = {"received": "info", "acknowledged": "info", "opened": "success", "taken_up": "success"}
REFERRED = N_("passed on to another institution")
STEPS = {
    "acknowledged": N_("acknowledged"),
    "handed_over": N_("handed to: %(to)s"),
    "refer": N_("referred to: %(to)s"),
    "open": N_("dossier opened"),
    "take_up": N_("taken up in the open case"),
    "close": N_("closed"),
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of a list: no name, no narrative."""

    id: str
    kind: str
    danger: str
    danger_now: bool
    at: datetime
    source: str
    due: datetime
    overdue: bool
    state: str
    words: str
    tone: str
    holder: str
    side: str
    child: str


def row_of(report: Report, who: Who, now: datetime, child: str = "") -> ReportRow:
    """The line as this person sees it."""
    side = side_of(who, report)
    own = side is Side.REPORTER
    holder = report.responsible or report.named
    return ReportRow(
        id=report.id,
        kind=kind_name(report),
        danger=gettext(DANGER[report.danger]),
        danger_now=report.danger == "yes",
        at=report.at,
        source="" if own or side is Side.HEAD else source_of(report, side),
        due=report.due,
        overdue=report.overdue(now) and not own,
        state=report.state,
        words=state_of(report, own=own),
        tone=TONES.get(report.state, "neutral"),
        holder=holder.name if holder and not own else "",
        side=side.value if side else "",
        child=child or (_hint(report) if own else ""),
    )


def kind_name(report: Report) -> str:
    """What somebody is worried about."""
    kinds = classifiers().concern_kinds
    return kinds[report.kind].label(language()).capitalize() if report.kind in kinds else report.kind


def state_of(report: Report, *, own: bool) -> str:
    """The state; the reporter learns too that it was passed on and is not acknowledged there yet."""
    if own and report.state == RECEIVED and any(step.what == "refer" for step in report.steps):
        return gettext(REFERRED)
    return gettext((TOLD if own else STATES)[report.state])


def passed_on(report: Report) -> list[dict[str, Any]]:
    """For the reporter: when it was passed on, and to which institution.

    Of a protected child, and of one reported by code – whoever it is, so that the answer tells nothing –, only its
    type: the name would tell where the child is (decision 0071). Never by whom, or why.
    """
    hidden, words = report.protected or report.blind, STEPS["refer"]
    shown = []
    for step in report.steps:
        if step.what == "refer":
            to = (type_name(step.to_type, language()) if step.to_type else "") if hidden else step.to
            what = gettext(words) % {"to": to} if to else gettext(REFERRED)
            shown.append({"at": step.at, "what": what, "by": "", "place": "", "why": ""})
    return shown


def source_of(report: Report, side: Side | None) -> str:
    """Where a report comes from; of a protected child only the type, unless one answers for the report."""
    if report.by.institution_id is None:
        return gettext("the family")
    if report.protected and side is not Side.RESPONSIBLE:
        return type_name(report.by.institution_type, language())
    return report.by.institution_name


def _hint(report: Report) -> str:
    """The child as far as the reporter wrote it: of a code the day of birth it begins with."""
    if report.blind:
        return f"{report.asked_for}-…"
    if report.initials:
        words = {"initials": report.initials, "year": report.birth_year}
        return gettext("%(initials)s, born in %(year)s") % words
    return gettext("a child without a personal code")
