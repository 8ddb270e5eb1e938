"""Decisions in words: a line of a list, the draft's form, what issuing would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Opened
from auth.decisions import drafts_here, reads_decision, sees_line
from documents.classifiers import classifiers
from documents.decision import ISSUED, REPLACED, CourtDecision
from documents.dossier import Dossier
from portal.decisions.effects import Named
from portal.formats import date_text
from portal.translations import N_, gettext, language

STATES = {
    "draft": N_("draft"),
    "coming": N_("issued, not in force yet"),
    "in_force": N_("in force"),
    "over": N_("its time is over"),
    "replaced": N_("replaced"),
}
TONES = {"draft": "warning", "coming": "info", "in_force": "success", "over": "neutral", "replaced": "neutral"}


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision in a list; `href` is empty for whoever sees only its date and state."""

    id: str
    kind: str
    called: str
    day: datetime
    in_force_from: date
    state: str
    tone: str
    href: str
    court: str
    mine: bool


def lines_of(opened: Opened, decisions: Sequence[CourtDecision], today: date) -> list[DecisionLine]:
    """The decisions about a child that the person sees, the newest first."""
    return [
        line_of(each, today, reads=reads_decision(opened.who, opened.access, each), mine=_mine(opened, each))
        for each in decisions
        if sees_line(opened.who, opened.access, each)
    ]


def line_of(decision: CourtDecision, today: date, *, reads: bool, mine: bool) -> DecisionLine:
    """One decision; its kind tells something of the life, so who does not read it is told the state only."""
    state = state_of(decision, today)
    return DecisionLine(
        id=decision.id,
        kind=classifiers().decision_kinds[decision.kind].label(language()).capitalize()
        if reads
        else gettext("Decision"),
        called=decision.called,
        day=decision.issued_at or decision.at,
        in_force_from=decision.in_force_from,
        state=gettext(STATES[state]),
        tone=TONES[state],
        href=f"/dossiers/{decision.dossier_id}/decisions/{decision.id}" if reads else "",
        court=decision.court_name,
        mine=mine,
    )


def state_of(decision: CourtDecision, today: date) -> str:
    """Draft, replaced, not in force yet, over, or in force on `today`."""
    if decision.state == REPLACED:
        return "replaced"
    if decision.state != ISSUED:
        return "draft"
    if decision.in_force_from > today:
        return "coming"
    return "over" if decision.until and decision.until < today else "in_force"


def effects_in_words(dossier: Dossier, decision: CourtDecision, named: Named) -> list[str]:
    """What issuing the draft changes, for whoever is about to do it."""
    since = {"date": date_text(decision.in_force_from)}
    names = [r.name for r in dossier.relationships if r.id in decision.concerned]
    said = {
        "custody_suspended": N_("%(name)s sees nothing of the child any more from %(date)s."),
        "custody_renewed": N_("%(name)s acts for the child and sees what is meant for parents again from %(date)s."),
        "contact_order": N_("Contact with %(name)s is noted with the family from %(date)s."),
    }
    effects = [gettext(said[decision.kind]) % {"name": name, **since} for name in names if decision.kind in said]
    if decision.kind == "foster_placement" and named.carer and named.centre:
        carer = N_("%(name)s cares for the child and sees what is meant for carers from %(date)s.")
        centre = N_("%(name)s supports the foster family and can name who is responsible.")
        effects += [gettext(carer) % {"name": named.carer.name, **since}, gettext(centre) % {"name": named.centre.name}]
    if decision.protect_from:
        effects.append(gettext("The child's whereabouts are hidden from the whole family; addresses are sealed."))
    if decision.replaces:
        effects.append(gettext("What the earlier decision gave ends the day before."))
    effects.append(gettext("The life course gets an entry, and those who work for the child are told."))
    return effects


def _mine(opened: Opened, decision: CourtDecision) -> bool:
    return drafts_here(opened.who, opened.access, decision)
