"""Finding the institutions a report goes to, and the people in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pymongo.asynchronous.client_session import AsyncClientSession

from documents.classifiers import ReportRoute, classifiers
from documents.dossier import Dossier
from documents.institution import Institution
from documents.involvement import Professional
from documents.person import Person, Role
from documents.report import Informed, Place, Report
from documents.store import Row, Store, Transaction
from portal.reports.rules import place_of

NOTICES = 20  # where more people decide reports and nothing presses, their heads are told, not each of them
PEOPLE = 500


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
    transaction: Transaction, route: ReportRoute, dossier: Dossier | None, present: str, reporter: str
) -> Destination:
    """Resolve a route for a child: by the declared municipality or where it is now. `reporter` is a person's id."""
    place = place_of(route, dossier.municipality if dossier else "", present)
    named = manager_who_decides(route, dossier, reporter)
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


def manager_who_decides(route: ReportRoute, dossier: Dossier | None, reporter: str = "") -> Professional | None:
    """The accepted case manager, where the route leaves the decision to them and their position decides reports.

    Nobody decides the own report: of the case manager's own one, the route goes on as if there were none.
    """
    manager = dossier.case_manager if dossier and dossier.opened else None
    if not route.manager_decides or manager is None or not manager.accepted or manager.person_id == reporter:
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
    store: Store, place: Place, today: date, session: AsyncClientSession | None = None, *, town: str = ""
) -> list[tuple[Person, Role]]:
    """The people of an institution, or of the unit a report went to, who decide reports now.

    With `town` (a municipality's code) of an institution of the whole State only those of its units there.
    """
    deciding = {code for code, position in classifiers().positions.items() if position.decides_reports}
    units = [place.unit_id] if place.unit_id else await _units_in(store, place, town, session)
    return await _people(store, place, 1, deciding, today, session, units)


async def told_to_decide(
    transaction: Transaction, report: Report, place: Place, today: date, family: Iterable[str]
) -> list[str]:
    """The keys of whom a report is told to in the institution that has to decide it; never the reporter or the family.

    All who decide there. Where nobody else does, the heads; where many do and nothing presses, the heads instead of
    each (decision 0071).
    """
    out = {report.by.person_id, *family}
    found = await specialists(transaction.store, place, today, transaction.session, town=report.place)
    deciding = [f"r:{role.id}" for person, role in found if person.id not in out]
    if deciding and (presses(report) or len(deciding) <= NOTICES):
        return deciding
    above = await _heads(transaction, place, today)
    return [f"r:{role.id}" for person, role in above if person.id not in out] or deciding


async def told_to_note(
    transaction: Transaction, report: Report, place: Place, today: date, family: Iterable[str]
) -> list[str]:
    """The keys of whom a report is told to for information: each who may read it there. Its head may not."""
    found = await specialists(transaction.store, place, today, transaction.session, town=report.place)
    return [f"r:{role.id}" for person, role in found if person.id not in {report.by.person_id, *family}]


def presses(report: Report) -> bool:
    """Whether a report cannot wait: danger now, or a route to be acknowledged within hours."""
    routes = classifiers().report_routes
    return report.danger == "yes" or (report.route in routes and routes[report.route].acknowledge_within.unit == "h")


async def _heads(transaction: Transaction, place: Place, today: date) -> list[tuple[Person, Role]]:
    """Who sees, as a head, a report that nobody there holds yet (as `rules.heads`)."""
    institution = await _institution(transaction.store, place, transaction.session)
    above = {code for code, position in classifiers().positions.items() if position.supervises}
    found = await _people(transaction.store, place, 3, above, today, transaction.session)
    return [
        (person, role)
        for person, role in found
        if role.unit_id is None or (institution and place.unit_id in institution.subtree(role.unit_id))
    ]


async def _people(
    store: Store,
    place: Place,
    level: int,
    positions: set[str],
    today: date,
    session: AsyncClientSession | None,
    units: Sequence[str] = (),
) -> list[tuple[Person, Role]]:
    """Who holds one of these positions in an institution (in these units of it, where any are named) today."""
    held: Row = {"institution_id": place.institution_id, "level": level, "position": {"$in": sorted(positions)}}
    if units:
        held["unit_id"] = {"$in": list(units)}
    query: Row = {"roles.institution_id": place.institution_id, "roles": {"$elemMatch": held}}
    rows = store.people.find(query | {"deactivated": {"$ne": True}}, session=session).limit(PEOPLE)
    people = [Person.model_validate(row) async for row in rows]
    return [
        (person, role)
        for person in people
        for role in person.roles
        if role.institution_id == place.institution_id
        and role.level == level
        and role.position in positions
        and role.held_on(today)
        and (not units or role.unit_id in units)
    ]


async def _units_in(store: Store, place: Place, town: str, session: AsyncClientSession | None) -> list[str]:
    """The units of an institution of the whole State in a municipality, with what is below them."""
    if not town or not classifiers().institution_types[place.type].statewide:
        return []
    institution = await _institution(store, place, session)
    if institution is None:
        return []
    there = [unit.id for unit in institution.units if unit.municipality == town]
    return sorted({each for unit in there for each in institution.subtree(unit)})


async def _institution(store: Store, place: Place, session: AsyncClientSession | None) -> Institution | None:
    row = await store.institutions.find_one({"_id": place.institution_id}, session=session)
    return Institution.model_validate(row) if row else None


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
