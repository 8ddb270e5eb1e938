"""Whom a task may be given to, and whose word a plan needs: both by the relations that hold now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from auth.place import FAMILY
from auth.policy import RESPONSIBLE
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.involvement import Professional
from documents.model import day_of
from documents.plan import Doer


@dataclass(frozen=True)
class Answerer:
    """Somebody of the family who may agree the plan; `kind` says what the person is to the child."""

    person_id: str
    name: str
    kind: str  # classifier relationship_kinds, or "self"


def answerers(dossier: Dossier, now: datetime) -> list[Answerer]:
    """Who holds custody, guardianship or foster care now, and the young person from 14."""
    reach = {r.key for r in dossier.readers if r.relation in FAMILY and r.since <= now < r.until}
    roles, today, found = classifiers().legal_roles, day_of(now), []
    for relationship in dossier.relationships:
        holds = any(roles[r.role].gives_access and r.covers(today) for r in relationship.legal_roles)
        if holds and relationship.person_id and f"p:{relationship.person_id}" in reach:
            found.append(Answerer(relationship.person_id, relationship.name, relationship.kind))
    own = dossier.child.person_id
    if own and f"p:{own}" in reach:
        found.append(Answerer(own, dossier.child.name, "self"))
    return found


def possible_doers(dossier: Dossier, now: datetime) -> list[Doer]:
    """Everybody a task can be given to: who works for the child now, their institutions, the family."""
    people = {person.role_id: person for person in at_work_now(dossier, now)}
    places = {
        p.institution_id: p
        for involvement in dossier.involvements
        for p in involvement.responsible
        if p.role_id in people
    }
    named = [_specialist(p) for p in people.values()]
    return [*named, *map(_institution, places.values()), *map(_relative, answerers(dossier, now))]


def at_work_now(dossier: Dossier, now: datetime) -> list[Professional]:
    """Who works for the child now and is not denied: each role once."""
    at_work = {r.key for r in dossier.readers if r.relation in RESPONSIBLE and r.since <= now < r.until}
    denied = {denial.person_id for denial in dossier.denials if denial.in_force(now)}
    people = {p.role_id: p for p in _at_work(dossier) if f"r:{p.role_id}" in at_work and p.person_id not in denied}
    return list(people.values())


def find_doer(dossier: Dossier, key: str, now: datetime) -> Doer | None:
    """The one with this key; none for somebody without access to the child."""
    return next((doer for doer in possible_doers(dossier, now) if doer.key == key), None)


def _at_work(dossier: Dossier) -> Iterable[Professional]:
    yield from (m for m in (dossier.case_manager, dossier.family_case_manager) if m)
    yield from dossier.team
    yield from (person for involvement in dossier.involvements for person in involvement.responsible)


def _specialist(person: Professional) -> Doer:
    place = {"institution_name": person.institution_name, "institution_type": person.institution_type}
    return Doer(kind="specialist", id=person.role_id, name=person.name, **place)


def _institution(person: Professional) -> Doer:
    place = {"institution_name": person.institution_name, "institution_type": person.institution_type}
    return Doer(kind="institution", id=person.institution_id, name=person.institution_name, **place)


def _relative(person: Answerer) -> Doer:
    return Doer(kind="family", id=person.person_id, name=person.name)
