"""The staff of a head, as lists offer it: also who has left, for their cases still have to go to somebody."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from auth.who import Who
from documents.classifiers import classifiers
from documents.model import day_of
from documents.person import Person
from documents.store import Store
from portal.naming.actions import STAFF_SHOWN
from portal.naming.rules import below, fits
from portal.translations import gettext, language


async def staff_with_cases(store: Store, who: Who, now: datetime) -> list[tuple[str, str]]:
    """Return the roles of the own subtree that may answer for a case or lead one, held or not any more."""
    rows = store.people.find({"roles.institution_id": who.institution_id}).sort("family_name", 1).limit(STAFF_SHOWN)
    people = [Person.model_validate(row) async for row in rows]
    found = []
    for person in people:
        for role in person.roles:
            if below(who, role) and (fits(role, leads=False) or fits(role, leads=True)):
                title = classifiers().positions[role.position].label(language())
                left = person.deactivated or not role.held_on(day_of(now))
                parts = (person.name, title, role.unit_name, gettext("has left") if left else "")
                found.append((role.id, ", ".join(part for part in parts if part)))
    return found


def by_load(staff: Iterable[tuple[str, str]], loads: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return those of the staff who have cases, with how many: who has most comes first."""
    found = [(role_id, label, loads[role_id]) for role_id, label in staff if loads.get(role_id)]
    return sorted(found, key=lambda each: (-each[2], each[1]))
