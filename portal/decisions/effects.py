"""What a decision changes in the dossier from the day it is in force: custody, care, contact, who learns the place.

Pure: takes the dossier and what the decision names, and changes the dossier in hand. Refuses what no longer fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from documents.classifiers import classifiers
from documents.decision import ISSUED, REPLACED, CourtDecision, Undone
from documents.dossier import Dossier
from documents.family import LegalRole, Period, Relationship
from documents.institution import Institution
from documents.involvement import Involvement
from documents.model import new_id
from documents.person import Person
from portal.decisions.rules import PAIR, Refused, holds_custody, is_suspended, why_not_replaced
from portal.decisions.secrecy import lift, protect
from portal.events.rules import Message
from portal.translations import N_

CARE = ("foster_care", "specialised_foster_care")


@dataclass(frozen=True)
class Named:
    """Whom and what a decision names beside relationships: the foster parents, the centre that supports them."""

    carers: tuple[Person, ...] = ()
    centre: Institution | None = None


def carry_out(
    dossier: Dossier, decision: CourtDecision, named: Named, others: Sequence[CourtDecision], today: date
) -> list[CourtDecision]:
    """Make the dossier what it is once the decision is issued: a draft is checked, shown and issued by this alone.

    `others` are all issued decisions about the child. Where it replaces one of the same kind, what that one did is
    taken back first; where it replaces the other of the pair suspended and renewed, it ends that one's effects itself.
    Returns of the others those that change: replaced, ended, or in force again. Raises Refused.
    """
    day = decision.in_force_from
    if day < today:
        raise Refused("in_force_from", Message(N_("The day it is in force from has passed. Write a new one.")))
    decision.undid, decision.hid, decision.hid_from = [], False, []
    earlier = _replaced(decision, others)
    back = earlier if earlier and earlier.kind == decision.kind else None
    if back:
        take_back(dossier, back, day)
    _apply(dossier, decision, named)
    standing = [o for o in others if o.state == ISSUED and o is not earlier]
    changed, again = [], []
    for each in standing:
        ended_by_that = back is not None and each.ended_by == back.id
        if (each.ended_by is None or ended_by_that) and _ends(decision, each, dossier):
            since = min(day, each.ended_from or day)
            changed.append(each.model_copy(update={"ended_by": decision.id, "ended_from": since}))
        elif ended_by_that:
            again.append(each.model_copy(update={"ended_by": None, "ended_from": None}))
    ended = {each.id for each in changed}
    left = [*([back] if back else []), *(o for o in changed if o.kind == "foster_placement")]
    lift(dossier, decision, left, [o for o in standing if o.ended_by is None and o.id not in ended] + again, today)
    protect(dossier, decision)
    if earlier:
        gone = {"state": REPLACED, "replaced_by": decision.id, "ended_from": day}
        sooner = [o for o in others if o.replaced_by == earlier.id and o.ended_from and o.ended_from > day]
        changed += [earlier.model_copy(update=gone), *(o.model_copy(update={"ended_from": day}) for o in sooner)]
    return changed + again


def _replaced(decision: CourtDecision, others: Sequence[CourtDecision]) -> CourtDecision | None:
    if decision.replaces is None:
        return None
    earlier = next((each for each in others if each.id == decision.replaces), None)
    if problem := why_not_replaced(decision, earlier):
        raise Refused("replaces", problem)
    return earlier


def _apply(dossier: Dossier, decision: CourtDecision, named: Named) -> None:
    concerned = _concerned(dossier, decision)
    {
        "custody_suspended": _suspend,
        "custody_renewed": _renew,
        "foster_placement": _place,
        "contact_order": _limit,
    }[decision.kind](dossier, concerned, decision, named)
    dossier.addressees = sorted({*dossier.addressees, *decision.addressed_to})


def take_back(dossier: Dossier, replaced: CourtDecision, until: date) -> None:
    """Undo from `until` on what a replaced decision did: what it gave ends the day before, what it ended goes on.

    What had not begun by then never begins. Who cared before a placement is said by the one that replaces it.
    """
    before = until - timedelta(days=1)
    for relationship in dossier.relationships:
        kept = []
        for role in relationship.legal_roles:
            if role.decision_id == replaced.id and _holds(role, until):
                _leaves_home(relationship, role, before)
                if role.since and role.since >= until:
                    continue
                role.to = before
            kept.append(role)
        relationship.legal_roles = kept
    for each in replaced.undid:
        _goes_on(dossier, each, replaced, until)
    begun = [i for i in dossier.involvements if i.id != replaced.id or i.since < until]
    for involvement in begun:
        if involvement.id == replaced.id and involvement.to is None:
            involvement.to = before
    dossier.involvements = begun


def _goes_on(dossier: Dossier, each: Undone, replaced: CourtDecision, until: date) -> None:
    was, last = each.role, replaced.in_force_from - timedelta(days=1)
    relationship = next((r for r in dossier.relationships if r.id == each.relationship_id), None)
    if relationship is None or not _holds(was, until):
        return
    if until <= replaced.in_force_from:  # it never ended
        for role in relationship.legal_roles:
            if (role.role, role.since, role.decision_id, role.to) == (was.role, was.since, was.decision_id, last):
                role.to = was.to
                return
    relationship.legal_roles.append(was.model_copy(update={"since": max(until, was.since or until)}))


def _ends(decision: CourtDecision, other: CourtDecision, dossier: Dossier) -> bool:
    """Whether the other decision has no effect left once this one, about the same person or place, is in force."""
    day = decision.in_force_from
    if decision.kind == other.kind == "foster_placement":
        carers = [r for r in dossier.relationships if r.kind == "foster_carer" and r.person_id in other.carer_ids]
        return set(other.carer_ids) <= set(decision.carer_ids) or not any(cares(r, day) for r in carers)
    if not set(other.concerned) & set(decision.concerned) or (other.until and other.until < day):
        return False
    about = [r for r in dossier.relationships if r.id in other.concerned]
    if decision.kind == "custody_renewed" and other.kind == PAIR[decision.kind]:
        given = [role for r in about for role in r.legal_roles if role.decision_id == other.id]
        return not any(role.role == "custody_suspended" and _holds(role, day) for role in given)
    if decision.kind == "custody_suspended" and other.kind == PAIR[decision.kind]:
        return not any(holds_custody(r, day) for r in about)
    return decision.kind == other.kind == "contact_order"


def cares(relationship: Relationship, day: date) -> bool:
    """Whether a foster parent cares for the child on that day or later."""
    return any(role.role in CARE and _holds(role, day) for role in relationship.legal_roles)


def _holds(role: LegalRole, day: date) -> bool:
    """Whether it holds on that day or on a later one."""
    return role.to is None or role.to >= day


def _leaves_home(relationship: Relationship, role: LegalRole, last: date) -> None:
    if role.role in CARE:
        relationship.household = [p for p in relationship.household if p.since is None or p.since <= last]
        for period in relationship.household:
            period.to = period.to or last


def _concerned(dossier: Dossier, decision: CourtDecision) -> list[Relationship]:
    found = [r for r in dossier.relationships if r.id in decision.concerned]
    if len(found) != len(decision.concerned):
        raise Refused("concerned", Message(N_("Somebody the decision is about is no longer in the family's list.")))
    return found


def _suspend(dossier: Dossier, concerned: Sequence[Relationship], decision: CourtDecision, named: Named) -> None:
    for relationship in concerned:
        if not holds_custody(relationship, decision.in_force_from):
            raise Refused(
                "concerned",
                Message(N_("%(name)s has no custody that could be suspended."), {"name": relationship.name}),
            )
        relationship.legal_roles.append(_role("custody_suspended", decision))


def _renew(dossier: Dossier, concerned: Sequence[Relationship], decision: CourtDecision, named: Named) -> None:
    for relationship in concerned:
        if not is_suspended(relationship, decision.in_force_from):
            raise Refused(
                "concerned", Message(N_("The custody of %(name)s is not suspended."), {"name": relationship.name})
            )
        _end(relationship, ("custody_suspended",), decision)
        if not any(r.role in ("custody", "sole_custody") and r.to is None for r in relationship.legal_roles):
            relationship.legal_roles.append(_role("custody", decision))


def _place(dossier: Dossier, concerned: Sequence[Relationship], decision: CourtDecision, named: Named) -> None:
    since = decision.in_force_from
    if not named.carers or len(named.carers) != len(decision.carer_ids) or named.centre is None:
        raise Refused("concerned", Message(N_("The foster parent or the centre is no longer known. Choose again.")))
    if any(person.id == dossier.child.person_id for person in named.carers):
        raise Refused("concerned", Message(N_("A child is not its own foster parent.")))
    family = [_carer(dossier, person) for person in named.carers]
    _couple(family)
    for other in dossier.relationships:
        if other.kind == "foster_carer" and other.id not in {carer.id for carer in family}:
            _end(other, CARE, decision)
    for carer in family:
        _end(carer, ("foster_care_ended",), decision)  # it would keep out one who comes back: legal_roles, ends_access
        if not any(r.role in CARE and r.covers(since) and r.to is None for r in carer.legal_roles):
            _end(carer, CARE, decision)
            carer.legal_roles.append(_role("foster_care", decision))
            carer.household.append(Period(since=since))
    for involvement in dossier.involvements:
        if involvement.kind == "foster_care_supported" and involvement.to is None:
            if involvement.institution_id == named.centre.id:
                return
            involvement.to = max(involvement.since, since - timedelta(days=1))
    dossier.involvements.append(
        Involvement(
            id=decision.id,
            kind="foster_care_supported",
            institution_id=named.centre.id,
            institution_name=named.centre.name_on(since),
            institution_type=named.centre.type,
            since=since,
        )
    )


def _limit(dossier: Dossier, concerned: Sequence[Relationship], decision: CourtDecision, named: Named) -> None:
    for relationship in concerned:
        may = classifiers().relationship_kinds[relationship.kind].legal_roles
        narrowed = classifiers().contact_rules[decision.contact].event_kind == "contact_restricted"
        _end(relationship, ("contact_limited",), decision)
        if narrowed and "contact_limited" in may:
            relationship.legal_roles.append(_role("contact_limited", decision, decision.until))


def _end(relationship: Relationship, roles: Sequence[str], decision: CourtDecision) -> None:
    """End what is open of these roles the day before the decision is in force; what begins later is gone."""
    since = decision.in_force_from
    before = since - timedelta(days=1)
    kept = []
    for role in relationship.legal_roles:
        if role.role in roles and _holds(role, since):
            if role.role not in CARE:
                decision.undid.append(Undone(relationship_id=relationship.id, role=role.model_copy()))
            _leaves_home(relationship, role, before)
            if role.since and role.since >= since:
                continue
            role.to = before
        kept.append(role)
    relationship.legal_roles = kept


def _role(role: str, decision: CourtDecision, to: date | None = None) -> LegalRole:
    return LegalRole(role=role, since=decision.in_force_from, to=to, decision_id=decision.id)


def _couple(family: Sequence[Relationship]) -> None:
    """Two foster parents are a couple; who is noted as somebody else's stays so."""
    if len(family) == 2 and not any(carer.partner_of for carer in family):
        family[1].partner_of = family[0].id


def _carer(dossier: Dossier, person: Person) -> Relationship:
    """The person's line in the child's family; a new one where the child is not known to them yet."""
    known = next((r for r in dossier.relationships if r.person_id == person.id and r.kind == "foster_carer"), None)
    if known is not None:
        return known
    dossier.relationships.append(
        Relationship(
            id=new_id(),
            kind="foster_carer",
            name=person.name,
            sex=person.sex,
            birth_date=person.birth_date,
            person_id=person.id,
            phone=person.phone,
            email=person.email,
            contacts=person.contacts,
        )
    )
    return dossier.relationships[-1]
