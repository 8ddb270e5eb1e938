"""What the head's page shows: the own involvements with their people, and who leads or is asked to."""

from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Opened
from auth.who import Who
from documents.classifiers import classifiers
from documents.involvement import CaseManager, Involvement, NamedManager, Responsible
from documents.model import day_of
from documents.store import Store
from portal.naming.rules import (
    below,
    current,
    names_family_manager,
    names_manager,
    own_involvements,
    room_in,
    state_of_leading,
)
from portal.naming.staff import Choices, staff_below
from portal.translations import language


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody responsible or standing in, now or from a later day."""

    name: str
    title: str
    since: date
    to: date | None
    stands_in_for: str


@dataclass(frozen=True, slots=True)
class InvolvementForm:
    """One involvement; `places` are those whose place may be taken, `room` whether one more fits beside them."""

    id: str
    kind: str
    version: int
    people: tuple[PersonLine, ...]
    places: list[tuple[str, str]]
    room: bool


@dataclass(frozen=True, slots=True)
class NamingView:
    """The page."""

    involvements: tuple[InvolvementForm, ...]
    staff: Choices
    leaders: Choices
    manager: CaseManager | None
    next: NamedManager | None
    names_manager: bool
    state: str
    family_manager: CaseManager | None
    family_leaders: Choices
    names_family_manager: bool


async def naming_view(store: Store, opened: Opened) -> NamingView:
    """Return what a head may name here, and whom."""
    who, dossier, now = opened.who, opened.dossier, opened.now
    leading, of_family = names_manager(who, dossier), names_family_manager(who, dossier)
    return NamingView(
        tuple(_form(who, each, day_of(now)) for _, each in own_involvements(who, dossier, now)),
        await choices(store, who, now, leads=False),
        await choices(store, who, now, leads=True) if leading else Choices(),
        dossier.case_manager,
        dossier.next_manager,
        leading,
        state_of_leading(dossier),
        dossier.family_case_manager,
        await choices(store, who, now, leads=False, family=True) if of_family else Choices(),
        of_family,
    )


async def choices(store: Store, who: Who, now: datetime, *, leads: bool, family: bool = False) -> Choices:
    """The staff of the own subtree that may be named."""
    staff, unshown = await staff_below(store, who, now, leads=leads, family=family)
    words = [(role, name, classifiers().positions[role.position].label(language())) for role, name in staff]
    found = Choices(
        (role.id, ", ".join(part for part in (name, title, role.unit_name) if part)) for role, name, title in words
    )
    found.unshown = unshown
    return found


def _form(who: Who, involvement: Involvement, today: date) -> InvolvementForm:
    names = {person.role_id: person.name for person in involvement.responsible}
    shown = [person for person in involvement.responsible if person.to is None or today <= person.to]
    return InvolvementForm(
        involvement.id,
        classifiers().involvement_kinds[involvement.kind].label(language()).capitalize(),
        involvement.version,
        tuple(_line(person, names) for person in shown),
        [(person.role_id, person.name) for person in current(involvement, today) if below(who, person)],
        room_in(involvement, today) > 0,
    )


def _line(person: Responsible, names: dict[str, str]) -> PersonLine:
    position = classifiers().positions
    title = position[person.title].label(language()) if person.title in position else ""
    return PersonLine(person.name, title, person.since, person.to, names.get(person.substitute_for or "", ""))
