"""How much of one assessment somebody sees: the columns overview, summary, content of the access table."""

from collections.abc import Callable
from datetime import date
from enum import IntFlag

from auth.entries import reaches_all_sensitive, recorded_here
from auth.matrix import RightsOfRelation, Scope, Sensitive
from auth.permissions import Permission, Section
from auth.policy import Access
from auth.who import Who
from documents.assessment import Assessment
from documents.dossier import Dossier


class Shown(IntFlag):
    """What of an assessment is shown; each part is a right of its own."""

    NOTHING = 0
    PRESENCE = 1  # day, domain and recorder of a sensitive one: enough to ask for consent
    LINE = 2  # and the tool: what a head sees
    LEVELS = 4  # steps on the tool's scale, levels per factor
    SUMMARY = 8  # conclusions, strengths, recommendations
    CONTENT = 16  # facts, answers, reasoning


OVERVIEW = Shown.PRESENCE | Shown.LINE | Shown.LEVELS
ALL = OVERVIEW | Shown.SUMMARY | Shown.CONTENT
SECTIONS = {
    Shown.SUMMARY: Section.ASSESSMENTS_SUMMARY,
    Shown.CONTENT: Section.ASSESSMENTS_CONTENT,
}
Show = Callable[[Assessment], Shown]


def shower(who: Who, access: Access, dossier: Dossier, today: date) -> Show:
    """Return the rule that says what of an assessment the person sees: all that any of the relations gives.

    `restricted` ones: only the people named on them, whatever the table says.
    """
    relations = [_by(who, rights, dossier, today) for rights in access.rights]

    def show(assessment: Assessment) -> Shown:
        if assessment.confidentiality == "restricted":
            return ALL if who.person_id in assessment.named_people else Shown.NOTHING
        shown = Shown.NOTHING
        for by in relations:
            shown |= by(assessment)
        return shown

    return show


def may_change(who: Who, access: Access, assessment: Assessment) -> bool:
    """Own ones only: the institution that made it, through somebody who writes; a withdrawn one stays as it is."""
    named = assessment.confidentiality != "restricted" or who.person_id in assessment.named_people
    return named and access.may(Permission.ASSESSMENT_CHANGE) and recorded_here(who, assessment)


def sections_of(shown: Shown) -> list[Section]:
    """The sections an answer shows, for the log."""
    return [Section.ASSESSMENTS_OVERVIEW, *(section for part, section in SECTIONS.items() if part & shown)]


def _by(who: Who, rights: RightsOfRelation, dossier: Dossier, today: date) -> Show:
    of_others, of_own = _parts(rights, own=False), _parts(rights, own=True)
    all_sensitive = reaches_all_sensitive(who, rights, dossier, today)
    own_sensitive = rights.sensitive in (Sensitive.OWN, Sensitive.OWN_OR_NAMED)

    def show(assessment: Assessment) -> Shown:
        if rights.entries_of not in (None, assessment.institution_id):
            return Shown.NOTHING
        own = recorded_here(who, assessment)
        shown = of_own if own else of_others
        if shown is Shown.NOTHING:
            return shown
        if assessment.confidentiality == "sensitive" and not (all_sensitive or (own_sensitive and own)):
            return Shown.PRESENCE
        return shown

    return show


def _parts(rights: RightsOfRelation, *, own: bool) -> Shown:
    """What these rights show of an assessment that is not sensitive, of the own institution or of another one."""
    overview = rights.right(Section.ASSESSMENTS_OVERVIEW).scope
    summary = rights.right(Section.ASSESSMENTS_SUMMARY).scope
    content = rights.right(Section.ASSESSMENTS_CONTENT).scope
    shown = Shown.LINE if overview is Scope.LINE else Shown.NOTHING
    for scope, part in ((overview, OVERVIEW), (summary, Shown.SUMMARY), (content, Shown.CONTENT)):
        if scope is Scope.ALL or (scope is Scope.OWN and own):
            shown |= part
    return shown | Shown.PRESENCE | Shown.LINE if shown else Shown.NOTHING
