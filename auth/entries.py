"""How much of one entry somebody sees: nothing, that it is there, its line, or all of it."""

from collections.abc import Callable
from datetime import date
from enum import IntEnum

from auth.matrix import RightsOfRelation, Scope, Sensitive
from auth.permissions import Permission, Section
from auth.policy import Access
from auth.who import Who
from documents.assessment import Assessment
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.event import Event, Withholding
from documents.plan import Item


class Sight(IntEnum):
    """From nothing to everything."""

    NOTHING = 0
    PRESENCE = 1  # date, domain and recorder of a sensitive entry: enough to ask for consent
    RECORD = 2  # date, kind and recorder: what a head sees
    LINE = 3  # and the summary line
    FULL = 4  # and detail, fields, attachments


See = Callable[[Event], Sight]


def seer(who: Who, access: Access, dossier: Dossier, today: date) -> See:
    """Return the rule that says how much of an entry the person sees: the most any of the relations gives.

    Worked out once for a reader, then asked of every entry. `restricted` entries: only the people named on them,
    whatever the table says.
    """
    relations = [_only_of(rights, _by(who, rights, dossier, today)) for rights in access.rights]
    person_id = who.person_id

    def see(event: Event) -> Sight:
        if event.confidentiality == "restricted":
            return Sight.FULL if person_id in event.named_people else Sight.NOTHING
        most = Sight.NOTHING
        for by in relations:
            most = max(most, by(event))
            if most is Sight.FULL:
                break
        return most

    return see


def sight(who: Who, access: Access, dossier: Dossier, event: Event, today: date) -> Sight:
    """Return how much of one `event` the person sees (see `seer`)."""
    return seer(who, access, dossier, today)(event)


def may_change(who: Who, access: Access, event: Event) -> bool:
    """Own entries only: the institution that recorded it, through somebody who writes; not what a register sent."""
    if event.confidentiality == "restricted" and who.person_id not in event.named_people:
        return False
    return access.may(Permission.EVENT_CHANGE) and recorded_here(who, event) and event.source == "atbalsts"


def withheld_from(
    event: Event | Item, person_id: str, relationship_kinds: set[str], *, is_child: bool, today: date
) -> bool:
    """Whether the entry, or the line of a plan, is withheld from a member of the family on `today`."""
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


def _only_of(rights: RightsOfRelation, see: See) -> See:
    """A grant on the entries of one institution shows nothing of others."""
    if rights.entries_of is None:
        return see
    return lambda event: see(event) if event.institution_id == rights.entries_of else Sight.NOTHING


def _by(who: Who, rights: RightsOfRelation, dossier: Dossier, today: date) -> See:
    line = rights.right(Section.TIMELINE).scope
    detail = rights.right(Section.EVENT_DETAIL).scope
    if line is Scope.NOTHING and detail is Scope.NOTHING:
        return lambda _: Sight.NOTHING
    if Scope.FAMILY in (line, detail):
        return _by_family(who, dossier, today)
    all_sensitive = reaches_all_sensitive(who, rights, dossier, today)
    own_sensitive = rights.sensitive in (Sensitive.OWN, Sensitive.OWN_OR_NAMED)
    addressed_sensitive = rights.sensitive is Sensitive.ADDRESSED

    def see(event: Event) -> Sight:
        in_detail = _within(who, detail, event)
        if not in_detail and not _within(who, line, event):
            return Sight.NOTHING
        if event.confidentiality == "sensitive" and not (
            all_sensitive
            or (own_sensitive and recorded_here(who, event))
            or (addressed_sensitive and _addressed(who, event))
        ):
            return Sight.PRESENCE
        if in_detail:
            return Sight.FULL
        return Sight.RECORD if line is Scope.LINE else Sight.LINE

    return see


def _by_family(who: Who, dossier: Dossier, today: date) -> See:
    kinds = {r.kind for r in dossier.relationships if r.person_id == who.person_id}
    is_child = dossier.child.person_id == who.person_id

    def see(event: Event) -> Sight:
        hidden = withheld_from(event, who.person_id, kinds, is_child=is_child, today=today)
        return Sight.NOTHING if hidden else Sight.FULL

    return see


def _within(who: Who, scope: Scope, event: Event) -> bool:
    """Whether an entry lies within how far somebody reads."""
    if scope in (Scope.ALL, Scope.LINE):
        return True
    if scope is Scope.OWN:
        return recorded_here(who, event)
    if scope is Scope.ADDRESSED:
        return _addressed(who, event)
    if scope is Scope.OPEN_OWN_ADDRESSED:
        open_to_all = classifiers().event_kinds[event.kind].domain_open
        return open_to_all or recorded_here(who, event) or _addressed(who, event)
    return False


def reaches_all_sensitive(who: Who, rights: RightsOfRelation, dossier: Dossier, today: date) -> bool:
    """By the relation itself, or named for them on the case team."""
    if rights.sensitive is not Sensitive.OWN_OR_NAMED:
        return rights.sensitive is Sensitive.ALL
    return any(
        m.sees_sensitive
        and who.role is not None
        and m.role_id == who.role.id
        and m.since <= today
        and (m.to is None or today <= m.to)
        for m in dossier.team
    )


def recorded_here(who: Who, event: Event | Assessment) -> bool:
    """Recorded by the own institution."""
    return who.institution_id is not None and event.institution_id == who.institution_id


def _addressed(who: Who, event: Event) -> bool:
    """Sent or issued to the own institution."""
    return who.institution_id in event.addressed_to


def _in_force(withholding: Withholding, today: date) -> bool:
    return withholding.lifted_at is None and (withholding.until is None or today <= withholding.until)
