"""What a decision changes in the dossier from the day it is in force: custody, care, contact, who learns the place.

Pure: takes the dossier and what the decision names, and changes the dossier in hand. Refuses what no longer fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from documents.classifiers import classifiers
from documents.decision import CourtDecision
from documents.dossier import Dossier
from documents.family import LegalRole, Period, Relationship
from documents.institution import Institution
from documents.involvement import Involvement
from documents.model import new_id
from documents.person import Person
from portal.decisions.rules import Refused, holds_custody, is_suspended
from portal.events.rules import Message
from portal.translations import N_

CARE = ("foster_care", "specialised_foster_care")


@dataclass(frozen=True)
class Named:
    """Whom and what a decision names beside relationships: the foster carer, the centre that supports the family."""

    carer: Person | None = None
    centre: Institution | None = None


def apply(dossier: Dossier, decision: CourtDecision, named: Named, today: date) -> None:
    """Make the dossier what it is once the decision is issued. Raises Refused."""
    if decision.in_force_from < today:
        raise Refused("in_force_from", Message(N_("The day it is in force from has passed. Write a new one.")))
    concerned = _concerned(dossier, decision)
    {
        "custody_suspended": _suspend,
        "custody_renewed": _renew,
        "foster_placement": _place,
        "contact_order": _limit,
    }[decision.kind](dossier, concerned, decision, named)
    if decision.protect_from:
        dossier.child.protected = True
        dossier.protected_from = sorted({*dossier.protected_from, *decision.protect_from})
    dossier.addressees = sorted({*dossier.addressees, *decision.addressed_to})


def take_back(dossier: Dossier, replaced: CourtDecision, until: date) -> None:
    """End what a replaced decision gave, the day before `until`; what had not begun by then never begins."""
    for relationship in dossier.relationships:
        kept = []
        for role in relationship.legal_roles:
            if role.decision_id == replaced.id and (role.to is None or role.to >= until):
                if role.since and role.since >= until:
                    continue
                role.to = until - timedelta(days=1)
                _leaves_home(relationship, role, role.to)
            kept.append(role)
        relationship.legal_roles = kept
    for involvement in dossier.involvements:
        if involvement.id == replaced.id and involvement.to is None:
            involvement.to = max(until - timedelta(days=1), involvement.since)


def _leaves_home(relationship: Relationship, role: LegalRole, last: date) -> None:
    if role.role in CARE:
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
        _end(relationship, ("custody_suspended",), decision.in_force_from)
        if not any(r.role in ("custody", "sole_custody") and r.to is None for r in relationship.legal_roles):
            relationship.legal_roles.append(_role("custody", decision))


def _place(dossier: Dossier, concerned: Sequence[Relationship], decision: CourtDecision, named: Named) -> None:
    since = decision.in_force_from
    if named.carer is None or named.centre is None:
        raise Refused("concerned", Message(N_("The foster parent or the centre is no longer known. Choose again.")))
    if named.carer.id == dossier.child.person_id:
        raise Refused("concerned", Message(N_("A child is not its own foster parent.")))
    carer = next((r for r in dossier.relationships if r.person_id == named.carer.id and r.kind == "foster_carer"), None)
    if carer is None:
        carer = _carer(named.carer)
        dossier.relationships.append(carer)
    household = {carer.id, *(r.id for r in dossier.relationships if r.kind == "foster_carer" and _couple(r, carer))}
    for other in dossier.relationships:
        if other.kind == "foster_carer" and other.id not in household:
            _end(other, CARE, since)
    if not any(r.role in CARE and r.covers(since) for r in carer.legal_roles):
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
        _end(relationship, ("contact_limited",), decision.in_force_from)
        if narrowed and "contact_limited" in may:
            relationship.legal_roles.append(_role("contact_limited", decision, decision.until))


def _end(relationship: Relationship, roles: Sequence[str], since: date) -> None:
    """End what is open of these roles the day before `since`; what begins later is gone."""
    before = since - timedelta(days=1)
    kept = []
    for role in relationship.legal_roles:
        if role.role in roles and (role.to is None or role.to > before):
            if role.since and role.since > before:
                continue
            role.to = before
            _leaves_home(relationship, role, before)
        kept.append(role)
    relationship.legal_roles = kept


def _role(role: str, decision: CourtDecision, to: date | None = None) -> LegalRole:
    return LegalRole(role=role, since=decision.in_force_from, to=to, decision_id=decision.id)


def _couple(one: Relationship, other: Relationship) -> bool:
    together = one.partner_of == other.id or other.partner_of == one.id
    return together and not one.partner_ended and not other.partner_ended


def _carer(person: Person) -> Relationship:
    return Relationship(
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
