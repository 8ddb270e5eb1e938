"""Decisions in words: a line of a list, the draft's form, what issuing would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from auth.access import Opened
from auth.decisions import drafts_here, reads_decision, sees_line
from documents.classifiers import classifiers
from documents.decision import DRAFT, REPLACED, CourtDecision
from documents.dossier import Dossier
from portal.decisions.effects import Named, cares, carry_out
from portal.decisions.rules import Refused
from portal.events.form import say
from portal.formats import date_text
from portal.translations import N_, gettext, language

STATES = {
    "draft": N_("draft"),
    "coming": N_("issued, not in force yet"),
    "in_force": N_("in force"),
    "over": N_("its time is over"),
    "replaced": N_("replaced"),
    "ended": N_("no longer in force"),
}
TONES = {
    "draft": "warning",
    "coming": "info",
    "in_force": "success",
    "over": "neutral",
    "replaced": "neutral",
    "ended": "neutral",
}


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
    last: date | None


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
        last=last_day(decision),
    )


def state_of(decision: CourtDecision, today: date) -> str:
    """Draft, not in force yet, in force on `today`, over, ended or replaced by another one.

    One replaced or ended is in force until the other one is; where it never comes to that, it is so at once.
    """
    if decision.state == DRAFT:
        return "draft"
    last = last_day(decision)
    if (decision.replaced_by or decision.ended_by) and (last is None or last < today):
        return "replaced" if decision.state == REPLACED else "ended"
    if decision.in_force_from > today:
        return "coming"
    return "over" if decision.until and decision.until < today else "in_force"


def last_day(decision: CourtDecision) -> date | None:
    """The last day in force of one that another replaced or ended; none where it never was in force, or goes on."""
    from_day = decision.ended_from
    if from_day is None or from_day <= decision.in_force_from:
        return None
    return min(from_day - timedelta(days=1), decision.until or date.max)


def later_in_words(decision: CourtDecision, today: date) -> str:
    """What the page of a decision says of the later one that replaced or ended it; empty where none did."""
    if not (decision.replaced_by or decision.ended_by):
        return ""
    last, replaced = last_day(decision), decision.state == REPLACED
    if last is None:
        return gettext("A later decision has taken its place.") if replaced else gettext("A later decision ended it.")
    if last >= today:
        said = (
            N_("It is in force until %(date)s. Then a later decision takes its place.")
            if replaced
            else N_("It is in force until %(date)s. Then a later decision ends it.")
        )
    else:
        said = (
            N_("It was in force until %(date)s. A later decision has taken its place.")
            if replaced
            else N_("It was in force until %(date)s. A later decision ended it.")
        )
    return gettext(said) % {"date": date_text(last)}


def effects_in_words(
    dossier: Dossier, decision: CourtDecision, named: Named, others: Sequence[CourtDecision], today: date
) -> list[str]:
    """What issuing the draft changes, for whoever is about to do it: tried on a copy, so that it is what is done."""
    after, tried = dossier.model_copy(deep=True), decision.model_copy()
    try:
        changed = carry_out(after, tried, named, others, today)
    except Refused as refusal:
        return [gettext("As things stand now it cannot be issued."), say(refusal.message)]
    since = {"date": date_text(decision.in_force_from)}
    names = [r.name for r in dossier.relationships if r.id in decision.concerned]
    said = {
        "custody_suspended": N_("%(name)s sees nothing of the child any more from %(date)s."),
        "custody_renewed": N_("%(name)s acts for the child and sees what is meant for parents again from %(date)s."),
    }
    effects = [gettext(said[decision.kind]) % {"name": name, **since} for name in names if decision.kind in said]
    if decision.kind == "contact_order":
        effects += _contact_in_words(after, tried)
    if decision.kind == "foster_placement" and named.centre:
        centre = N_("%(name)s supports the foster family and can name who is responsible.")
        effects += [*_care_in_words(dossier, after, decision), gettext(centre) % {"name": named.centre.name}]
    if decision.protect_from:
        effects.append(gettext("The child's whereabouts are hidden from the whole family; addresses are sealed."))
    effects += _earlier_in_words(dossier, after, tried, others, changed)
    effects.append(gettext("The life course gets an entry, and those who work for the child are told."))
    return effects


def _care_in_words(before: Dossier, after: Dossier, decision: CourtDecision) -> list[str]:
    """Who cares for the child from its day on, and who no longer does."""
    day, since = decision.in_force_from, {"date": date_text(decision.in_force_from)}
    comes = N_("%(name)s cares for the child and sees what is meant for carers from %(date)s.")
    leaves = N_("%(name)s no longer cares for the child from %(date)s.")
    cared = [r for r in before.relationships if r.kind == "foster_carer" and cares(r, day)]
    care = [r for r in after.relationships if r.kind == "foster_carer" and cares(r, day)]
    left = [r for r in cared if r.id not in {each.id for each in care}]
    return [
        gettext(said) % {"name": r.name, **since} for said, people in ((comes, care), (leaves, left)) for r in people
    ]


def _contact_in_words(after: Dossier, decision: CourtDecision) -> list[str]:
    """Only what is written of the family: the letter says the rest."""
    effects, day = list[str](), decision.in_force_from
    for relationship in (r for r in after.relationships if r.id in decision.concerned):
        about = {"name": relationship.name, "date": date_text(day)}
        if any(role.decision_id == decision.id for role in relationship.legal_roles):
            said = N_("With the family it is noted that contact with %(name)s is limited from %(date)s.")
            if decision.until:
                said = N_("With the family it is noted that contact with %(name)s is limited %(date)s to %(until)s.")
                about["until"] = date_text(decision.until)
            effects.append(gettext(said) % about)
        elif any(each.relationship_id == relationship.id for each in decision.undid):
            said = N_("The limit of contact with %(name)s that is noted with the family ends on %(date)s.")
            effects.append(gettext(said) % (about | {"date": date_text(day - timedelta(days=1))}))
        else:
            said = N_("How contact with %(name)s takes place stands in the decision; with the family nothing changes.")
            effects.append(gettext(said) % about)
    return effects


def _earlier_in_words(
    before: Dossier,
    after: Dossier,
    decision: CourtDecision,
    others: Sequence[CourtDecision],
    changed: Sequence[CourtDecision],
) -> list[str]:
    """What becomes of earlier decisions, of others those were about, and of the secrecy they brought."""
    effects, since = list[str](), {"date": date_text(decision.in_force_from)}
    for each in changed:
        if decision.id in (each.replaced_by, each.ended_by):
            gone = gettext("Decision No. %(number)s is no longer in force from %(date)s.")
            effects.append(gone % {"number": each.called, **since})
        elif each.state != REPLACED:
            effects.append(gettext("Decision No. %(number)s is in force again.") % {"number": each.called})
    earlier = next((o for o in others if o.id == decision.replaces and o.kind == decision.kind), None)
    left = [r.name for r in before.relationships if earlier and r.id in {*earlier.concerned} - {*decision.concerned}]
    said = gettext("What the earlier decision changed for %(name)s is taken back from %(date)s.")
    effects += [said % {"name": name, **since} for name in left]
    if before.child.protected and not after.child.protected:
        effects.append(gettext("The child's whereabouts are no longer hidden from the family."))
    elif set(before.protected_from) - set(after.protected_from):
        effects.append(gettext("Fewer people are named from whom the child's whereabouts are kept."))
    elif decision.hid and not decision.protect_from:
        effects.append(gettext("The child's whereabouts stay hidden as now: the earlier decision is still in force."))
    return effects


def _mine(opened: Opened, decision: CourtDecision) -> bool:
    return drafts_here(opened.who, opened.access, decision)
