"""The staff of a head, chosen by the query: an institution may have thousands of people, a list shows some hundreds."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from auth.who import Who
from documents.model import day_of
from documents.person import Person, Role
from documents.store import Row, Store
from portal.naming.rules import below, fits, positions_for
from portal.translations import ngettext

STAFF_SHOWN = 300  # people in one list


class Choices(list[tuple[str, str]]):
    """Roles with their words as a form offers them; `unshown` more of the staff have no place in the list."""

    unshown: int = 0

    @property
    def note(self) -> str:
        """What a page says beside a list that is not whole; nothing beside one that is."""
        return unshown_note(self.unshown) if self.unshown else ""


def unshown_note(count: int) -> str:
    """How many are not in a list, and what to do."""
    return ngettext(
        "%(count)s more of your staff has no place in this list: the head of their unit finds them in the own list.",
        "%(count)s more of your staff have no place in this list: the head of their unit finds them in the own list.",
        count,
    ) % {"count": count}


def held_in(institution_id: str | None, positions: Iterable[str], today: date, units: Sequence[str] | None) -> Row:
    """Return the query for who holds one of the positions in an institution, or in these units of it, on a day."""
    day = today.isoformat()
    role = _role(institution_id, positions, units) | {"since": {"$lte": day}}
    still = [{"to": None}, {"to": {"$gte": day}}]
    return {
        "roles.institution_id": institution_id,  # beside the element: only so is the partial index known to serve
        "roles": {"$elemMatch": role | {"$or": still}},
        "deactivated": {"$ne": True},
    }


def left_from(institution_id: str | None, positions: Iterable[str], today: date, units: Sequence[str] | None) -> Row:
    """Return the query for whose role there ended, or whose account was closed: their cases need somebody else."""
    role = _role(institution_id, positions, units)
    ended = role | {"to": {"$lt": today.isoformat()}}
    return {
        "$or": [
            {"deactivated": True, "roles.institution_id": institution_id, "roles": {"$elemMatch": role}},
            {"roles.institution_id": institution_id, "roles": {"$elemMatch": ended}},
        ]
    }


def units_of(who: Who) -> Sequence[str] | None:
    """The units a head is limited to; none for the head of the institution."""
    return who.subtree if who.role and who.role.unit_id else None


def has_left(person: Person, role: Role, today: date) -> bool:
    """Whether a role ended, or its holder's account was closed. One that is still to begin has not."""
    return person.deactivated or (role.to is not None and role.to < today)


async def people_found(store: Store, query: Row) -> tuple[list[Person], int]:
    """Return the first people by surname, and how many more there are."""
    rows = await store.people.find(query).sort("family_name", 1).limit(STAFF_SHOWN).to_list()
    unshown = await store.people.count_documents(query) - len(rows) if len(rows) == STAFF_SHOWN else 0
    return [Person.model_validate(row) for row in rows], unshown


async def staff_below(
    store: Store, who: Who, now: datetime, *, leads: bool, family: bool = False
) -> tuple[list[tuple[Role, str]], int]:
    """Return the roles of the own subtree that may be named now, with their holders' names; and how many more are."""
    today = day_of(now)
    query = held_in(who.institution_id, positions_for(leads=leads, family=family), today, units_of(who))
    people, unshown = await people_found(store, query)
    found = [
        (role, person.name)
        for person in people
        for role in person.roles
        if role.held_on(today) and below(who, role) and fits(role, leads=leads, family=family)
    ]
    return found, unshown


def _role(institution_id: str | None, positions: Iterable[str], units: Sequence[str] | None) -> Row:
    role: Row = {"institution_id": institution_id, "position": {"$in": sorted(positions)}}
    return role if units is None else role | {"unit_id": {"$in": list(units)}}
