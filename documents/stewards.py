"""How somebody becomes a steward: the first two by an invitation of the console, every other by two stewards."""

import hashlib
from datetime import date, datetime

from pydantic import Field

from documents.classifiers import classifiers
from documents.model import Model, new_id
from documents.person import Person, Role
from documents.store import Store

CONTROLLER = "system_controller"  # the type of institution that stewards work in
FIRST = 2  # stewards the console may make; from then on it takes two of them to make a third


class Proposal(Model):
    """A steward's wish that somebody becomes one too; another steward confirms or rejects it."""

    id: str = Field(default_factory=new_id, alias="_id")
    person_id: str
    role: Role
    proposed_by: str  # person id
    at: datetime
    state: str  # open, confirmed, rejected
    decided_by: str | None = None
    decided_at: datetime | None = None


class Invitation(Model):
    """A one-time code of the console, kept as its hash."""

    id: str = Field(alias="_id")
    person_id: str
    role: Role
    at: datetime
    expires: datetime
    redeemed_at: datetime | None = None


def hash_of(code: str) -> str:
    """Return under what a one-time code is kept; hyphens, spaces and capitals do not count."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"invitation\n{plain}".encode()).hexdigest()


def administers(position: str) -> bool:
    """Whether the position makes a steward."""
    positions = classifiers().positions
    return position in positions and positions[position].administers


async def stewards(store: Store, day: date) -> list[Person]:
    """Return everybody who is a steward on `day`."""
    institutions = [row["_id"] async for row in store.institutions.find({"type": CONTROLLER}, {"_id": 1})]
    rows = store.people.find({"roles.institution_id": {"$in": institutions}})
    people = [Person.model_validate(row) async for row in rows]
    return [
        person
        for person in people
        if not person.deactivated and any(administers(r.position) and r.held_on(day) for r in person.roles)
    ]
