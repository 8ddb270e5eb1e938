"""Finding the institutions a report goes to, and the people in them."""

from dataclasses import dataclass
from datetime import date

from pymongo.asynchronous.client_session import AsyncClientSession

from documents.classifiers import ReportRoute, classifiers
from documents.dossier import Dossier
from documents.involvement import Professional
from documents.person import Person, Role
from documents.report import Informed, Place
from documents.store import Row, Store, Transaction
from portal.reports.rules import place_of

NOTICES = 20  # where more people decide reports, the inbox tells them, not a notice each


@dataclass(frozen=True)
class Destination:
    """Who decides (nobody, where the State has no such institution), and who is told at once."""

    place: str
    decides: Place | None
    named: Professional | None
    fell_back: bool
    told: list[Informed]
    not_found: list[str]


async def destination_of(
    transaction: Transaction, route: ReportRoute, dossier: Dossier | None, present: str
) -> Destination:
    """Resolve a route for a child: by the declared municipality or where it is now."""
    place = place_of(route, dossier.municipality if dossier else "", present)
    named = manager_who_decides(route, dossier)
    decides, fell_back = _of(named) if named else None, False
    for kind in () if decides else route.decides:
        decides = decides or await institution_for(transaction, kind, place)
    for kind in () if decides else route.falls_back_to:
        fell_back = True
        decides = decides or await institution_for(transaction, kind, place)
    told, missing = [], []
    for kind in route.tells:
        found = await institution_for(transaction, kind, place)
        if found is None:
            missing.append(kind)
        elif decides is None or found.institution_id != decides.institution_id:
            told.append(Informed(**found.model_dump()))
    return Destination(place, decides, named, fell_back, told, missing)


def manager_who_decides(route: ReportRoute, dossier: Dossier | None) -> Professional | None:
    """The accepted case manager, where the route leaves the decision to them and their position decides reports."""
    manager = dossier.case_manager if dossier and dossier.opened else None
    if not route.manager_decides or manager is None or not manager.accepted:
        return None
    if not classifiers().positions[manager.title].decides_reports:
        return None
    return Professional.model_validate(manager.model_dump())


async def institution_for(transaction: Transaction, kind: str, place: str) -> Place | None:
    """The institution of a type in a municipality, one that serves it, or the State's only one."""
    queries: list[Row] = [
        {"type": kind, "municipality": place, "to": None},
        {"type": kind, "territory": place, "to": None},
    ]
    if classifiers().institution_types[kind].statewide:
        queries.append({"type": kind, "to": None})
    for query in queries:
        found = transaction.store.institutions.find(query, session=transaction.session).sort("_id", 1).limit(1)
        row = next(iter(await found.to_list()), None)
        if row is not None:
            return Place(institution_id=row["_id"], name=row["name"], type=row["type"], unit_id=_unit(row, place))
    return None


async def specialists(
    store: Store, place: Place, today: date, session: AsyncClientSession | None = None
) -> list[tuple[Person, Role]]:
    """The people of an institution who decide reports now; at most a few more than are told each."""
    rows = store.people.find(
        {"roles.institution_id": place.institution_id, "deactivated": {"$ne": True}}, session=session
    )
    positions = classifiers().positions
    found = []
    async for row in rows.limit(500):
        person = Person.model_validate(row)
        for role in person.roles:
            here = role.institution_id == place.institution_id and place.unit_id in (None, role.unit_id)
            if here and role.level == 1 and role.held_on(today) and positions[role.position].decides_reports:
                found.append((person, role))
    return found


def _unit(row: Row, place: str) -> str | None:
    """The unit of that place, where an institution of the whole State has exactly one there."""
    units = [unit["id"] for unit in row.get("units", ()) if unit.get("municipality") == place]
    return units[0] if len(units) == 1 and classifiers().institution_types[row["type"]].statewide else None


def _of(professional: Professional) -> Place:
    return Place(
        institution_id=professional.institution_id,
        name=professional.institution_name,
        type=professional.institution_type,
    )
