"""How much of one entry somebody sees: nothing, that it is there, its line, or all of it."""

from datetime import date
from enum import IntEnum

from auth.matrix import RightsOfRelation, Scope, Sensitive
from auth.permissions import Permission, Section
from auth.policy import Access
from auth.who import Who
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.event import Event, Withholding


class Sight(IntEnum):
    """From nothing to everything."""

    NOTHING = 0
    PRESENCE = 1  # date, domain and recorder of a sensitive entry: enough to ask for consent
    RECORD = 2  # date, kind and recorder: what a head sees
    LINE = 3  # and the summary line
    FULL = 4  # and detail, fields, attachments


def sight(who: Who, access: Access, dossier: Dossier, event: Event, today: date) -> Sight:
    """Return how much of `event` the person sees: the most any of the relations gives.

    `restricted` entries: only the people named on them, whatever the table says.
    """
    if event.confidentiality == "restricted":
        return Sight.FULL if who.person_id in event.named_people else Sight.NOTHING
    return max((_by(who, rights, dossier, event, today) for rights in access.rights), default=Sight.NOTHING)


def may_change(who: Who, access: Access, event: Event) -> bool:
    """Own entries only: the institution that recorded it, through somebody who writes; not what a register sent."""
    if event.confidentiality == "restricted" and who.person_id not in event.named_people:
        return False
    return access.may(Permission.EVENT_CHANGE) and _own(who, event) and event.source == "atbalsts"


def withheld_from(event: Event, person_id: str, relationship_kinds: set[str], *, is_child: bool, today: date) -> bool:
    """Whether the entry is withheld from a member of the family on `today`."""
    audiences = classifiers().withholding_audiences
    for withholding in event.withheld:
        if not _in_force(withholding, today):
            continue
        if withholding.audience in ("family", f"person:{person_id}"):
            return True
        if is_child and withholding.audience == "young_person":
            return True
        if withholding.audience in audiences:
            kinds = set(audiences[withholding.audience].relationship_kinds)
            if kinds & relationship_kinds:
                return True
    return False


def _by(who: Who, rights: RightsOfRelation, dossier: Dossier, event: Event, today: date) -> Sight:
    line = rights.right(Section.TIMELINE).scope
    detail = rights.right(Section.EVENT_DETAIL).scope
    if line is Scope.NOTHING and detail is Scope.NOTHING:
        return Sight.NOTHING
    if Scope.FAMILY in (line, detail):
        return _family_sight(who, dossier, event, today)
    if line is Scope.LINE:
        return Sight.PRESENCE if event.confidentiality == "sensitive" else Sight.RECORD
    if event.confidentiality == "sensitive" and not _reaches_sensitive(who, rights, dossier, event, today):
        return Sight.PRESENCE
    if _reads_detail(who, detail, event):
        return Sight.FULL
    return Sight.LINE if line is not Scope.NOTHING else Sight.NOTHING


def _family_sight(who: Who, dossier: Dossier, event: Event, today: date) -> Sight:
    kinds = {r.kind for r in dossier.relationships if r.person_id == who.person_id}
    is_child = dossier.child.person_id == who.person_id
    hidden = withheld_from(event, who.person_id, kinds, is_child=is_child, today=today)
    return Sight.NOTHING if hidden else Sight.FULL


def _reads_detail(who: Who, scope: Scope, event: Event) -> bool:
    if scope is Scope.ALL:
        return True
    if scope is Scope.OWN:
        return _own(who, event)
    if scope is Scope.OPEN_OWN_ADDRESSED:
        open_to_all = classifiers().event_kinds[event.kind].domain_open
        return open_to_all or _own(who, event) or who.institution_id in event.addressed_to
    return False


def _reaches_sensitive(who: Who, rights: RightsOfRelation, dossier: Dossier, event: Event, today: date) -> bool:
    reach = rights.sensitive
    if reach is Sensitive.ALL:
        return True
    if reach is Sensitive.OWN_OR_NAMED:
        named = any(
            m.sees_sensitive
            and who.role is not None
            and m.role_id == who.role.id
            and m.since <= today
            and (m.to is None or today <= m.to)
            for m in dossier.team
        )
        return named or _own(who, event)
    return reach is Sensitive.OWN and _own(who, event)


def _own(who: Who, event: Event) -> bool:
    """Recorded by the own institution."""
    return who.institution_id is not None and event.institution_id == who.institution_id


def _in_force(withholding: Withholding, today: date) -> bool:
    return withholding.lifted_at is None and (withholding.until is None or today <= withholding.until)
