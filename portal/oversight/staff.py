"""The staff of a head, as lists offer it: also who has left, for their cases still have to go to somebody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from auth.who import Who
from documents.classifiers import classifiers
from documents.model import day_of
from documents.person import Person, Role
from documents.store import Store
from portal.naming.rules import below, fits, positions_for
from portal.naming.staff import Choices, has_left, held_in, left_from, people_found, units_of
from portal.translations import gettext, language

LEFT = 5000  # people of an institution who have left: of some years
FIELDS = {"given_name": 1, "family_name": 1, "roles": 1, "deactivated": 1}  # what tells who has left


async def staff_with_cases(store: Store, who: Who, now: datetime, asked: str) -> Choices:
    """Return the roles of the own subtree that may answer for a case or lead one, held or not any more.

    `asked` is a role an address names: it is among them whatever the limit, as long as it is the head's.
    """
    today, positions = day_of(now), positions_for(leads=False) | positions_for(leads=True)
    place = (who.institution_id, positions, today, units_of(who))
    held, more = await people_found(store, held_in(*place))
    left, more_left = await people_found(store, left_from(*place))
    by_address = await store.people.find({"roles.id": asked}).to_list() if asked else []
    everybody = {p.id: p for p in (*held, *left, *map(Person.model_validate, by_address))}
    people = sorted(everybody.values(), key=lambda person: person.family_name)
    found = Choices((role.id, _words(person, role, today)) for person in people for role in _roles(who, person))
    found.unshown = more + more_left
    return found


async def left_leading(store: Store, who: Who, now: datetime) -> list[str]:
    """Return the roles of the own subtree that could lead a case and are not held any more."""
    today = day_of(now)
    query = left_from(who.institution_id, positions_for(leads=True), today, units_of(who))
    people = [Person.model_validate(row) for row in await store.people.find(query, FIELDS).limit(LEFT).to_list()]
    return [role.id for person in people for role in _roles(who, person) if has_left(person, role, today)]


async def left_of(store: Store, role_ids: Sequence[str], now: datetime) -> set[str]:
    """Return which of these roles, of whatever institution, are not held any more."""
    rows = await store.people.find({"roles.id": {"$in": list(role_ids)}}, FIELDS).to_list()
    people = map(Person.model_validate, rows)
    return {role.id for person in people for role in person.roles if has_left(person, role, day_of(now))}


def by_load(staff: Iterable[tuple[str, str]], loads: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return those of the staff who have cases, with how many: who has most comes first."""
    found = [(role_id, label, loads[role_id]) for role_id, label in staff if loads.get(role_id)]
    return sorted(found, key=lambda each: (-each[2], each[1]))


def _roles(who: Who, person: Person) -> list[Role]:
    return [r for r in person.roles if below(who, r) and (fits(r, leads=False) or fits(r, leads=True))]


def _words(person: Person, role: Role, today: date) -> str:
    title = classifiers().positions[role.position].label(language())
    left = gettext("has left") if has_left(person, role, today) else ""
    return ", ".join(part for part in (person.name, title, role.unit_name, left) if part)
