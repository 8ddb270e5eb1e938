"""Why somebody may or may not: the policy's own answer with everything it rests on, and no data of the child.

Ids, relations and windows only. The answer is `auth.policy`'s; nothing is decided anew here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auth.matrix import Right
from auth.permissions import Permission
from auth.policy import (
    GENERAL,
    NEEDS,
    STRONGEST_FIRST,
    Access,
    decide,
    denials_in_force,
    may,
    rights_of,
    way_of,
)
from auth.reasons import Reason
from auth.who import Who
from documents.dossier import Dossier, Reader

N_ = str  # marks texts for the catalogue; they are translated where they are shown

SENTENCES = {
    "allowed": N_("Yes. The relation “%(relation)s” gives this right."),
    "no_relation": N_("No. At that moment nothing connects this role with the child."),
    "not_your_section": N_("No. The relation “%(relation)s” does not reach this section."),
    "read_only": N_("No. The relation “%(relation)s” lets somebody read this section, not write in it."),
    "denied": N_("No. A denial is in force for this person; it beats every relation."),
    "own_family": N_("No. The child belongs to the person's own family: no professional role reaches it."),
    "no_role": N_("No. At that moment no role is in force: it has ended or not begun, or the account is closed."),
    "not_your_position": N_("No. The position does not include this."),
}
GENERALLY = N_("Yes. The position includes this; it concerns no single child.")


class State(StrEnum):
    """How a way to the child stands at the moment asked about."""

    HOLDS = "holds"
    COMING = "coming"
    ENDED = "ended"
    NOT_OF_POSITION = "not_of_position"  # in force, but people of this position do not come to a child in this way


@dataclass(frozen=True)
class Way:
    """One relation of the role to the child: its window, what gives it (ids), and its right in the section asked."""

    relation: str
    state: State
    since: datetime
    until: datetime
    key: str
    given_by: tuple[str, ...] = ()
    right: Right | None = None  # none where the position does not come to a child in this way


@dataclass(frozen=True)
class Ban:
    """A denial against the person: its id and window."""

    id: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Explanation:
    """The answer and what it rests on. `sentence` is a message id; its `relation` value is a code."""

    permission: Permission
    allowed: bool
    reason: Reason
    sentence: str
    person_id: str
    role_id: str
    position: str
    institution_id: str
    dossier_id: str
    at: datetime
    relation: str | None = None
    section: str = ""
    verb: str = ""
    ways: tuple[Way, ...] = ()
    denials: tuple[Ban, ...] = ()
    own_family: bool = False
    position_ways: tuple[str, ...] = ()
    position_may: tuple[str, ...] = ()
    asks_of_position: str = ""  # the right of a position that this permission needs beside the relation


def explain(who: Who, permission: Permission, dossier: Dossier, now: datetime) -> Explanation:
    """Explain the decision of `decide` for a dossier, or of `may` for what concerns no child.

    `who` is the person as roles stood at `now`. Raises KeyError for what every signed-in person may.
    """
    need = NEEDS.get(permission)
    access: Access = decide(who, permission, dossier, now) if need else may(who, permission)
    role = who.role
    return Explanation(
        permission=permission,
        allowed=access.allowed,
        reason=access.reason,
        sentence=SENTENCES[access.reason.code] if need or not access.allowed else GENERALLY,
        person_id=who.person_id,
        role_id="family" if who.in_family_role else role.id if role else "",
        position=role.position if role else "",
        institution_id=role.institution_id if role else "",
        dossier_id=dossier.id,
        at=now,
        relation=way_of(_telling(access, permission, who, dossier)) if access.relations else None,
        section=str(need.section) if need else "",
        verb=need.verb if need else "",
        ways=tuple(_ways(who, permission, dossier, now)) if need else (),
        denials=tuple(Ban(d.id, d.since, d.until) for d in denials_in_force(who, dossier.denials, now)),
        own_family=not who.in_family_role and who.person_id in dossier.family_ids,
        position_ways=tuple(sorted(who.relations, key=STRONGEST_FIRST.index)),
        position_may=tuple(sorted(who.may)),
        asks_of_position=GENERAL.get(permission, ""),
    )


def _telling(access: Access, permission: Permission, who: Who, dossier: Dossier) -> str:
    """The strongest relation whose own right covers what is asked; where none does, the strongest."""
    for relation, rights in zip(access.relations, access.rights, strict=True):
        if Access(True, access.reason, (relation,), (rights,)).may(permission):
            return relation
    return access.relations[0]


def _ways(who: Who, permission: Permission, dossier: Dossier, now: datetime) -> Iterator[Way]:
    """Every key of the dossier that this role holds, held or will hold; those in force first, the strongest first."""
    keys = set(who.keys)
    mine = [reader for reader in dossier.readers if reader.key in keys]
    states = {id(reader): _state(reader, who, now) for reader in mine}
    order = list(State)
    mine.sort(
        key=lambda r: (order.index(states[id(r)]), STRONGEST_FIRST.index(way_of(r.relation)), r.since, r.relation)
    )
    for reader in mine:
        way = way_of(reader.relation)
        rights = rights_of(reader.relation, who, dossier) if way in who.relations else None
        yield Way(
            relation=way,
            state=states[id(reader)],
            since=reader.since,
            until=reader.until,
            key=reader.key,
            given_by=tuple(_given_by(reader, dossier)),
            right=rights.right(NEEDS[permission].section) if rights else None,
        )


def _state(reader: Reader, who: Who, now: datetime) -> State:
    if reader.until <= now:
        return State.ENDED
    if now < reader.since:
        return State.COMING
    return State.HOLDS if way_of(reader.relation) in who.relations else State.NOT_OF_POSITION


def _given_by(reader: Reader, dossier: Dossier) -> Iterator[str]:
    """The ids of what gives a relation: a grant, a task, an involvement, a meeting, the roles somebody is head of."""
    way, _, source = reader.relation.partition(":")
    role_id = reader.key.removeprefix("r:")
    if source:
        yield source
    elif way == "responsible":
        for involvement in dossier.involvements:
            if any(person.role_id == role_id for person in involvement.responsible):
                yield involvement.id
    elif way == "group":
        yield from (seat.meeting_id for seat in dossier.group if seat.role_id == role_id)
    elif way == "emergency":
        yield from (e.id for e in dossier.emergencies if e.role_id == role_id and e.since == reader.since)
    elif way == "supervises":
        yield from sorted(_roles_below(reader.key, dossier))
    elif way == "parent":
        person_id = reader.key.removeprefix("p:")
        yield from (r.id for r in dossier.relationships if r.person_id == person_id)


def _roles_below(key: str, dossier: Dossier) -> set[str]:
    """The roles at work for the child in the institution (i:…) or unit (u:…) of a head's key."""
    kind, _, place = key.partition(":")
    people = [
        *(manager for manager in (dossier.case_manager, dossier.family_case_manager) if manager),
        *dossier.team,
        *(person for involvement in dossier.involvements for person in involvement.responsible),
    ]
    return {p.role_id for p in people if place == (p.institution_id if kind == "i" else p.unit_id)}
