"""The page of family and contacts: the map, and everybody with legal role, household and ways to reach them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from auth.access import Opened
from auth.permissions import Permission
from documents.classifiers import classifiers
from documents.family import LegalRole, Relationship
from documents.model import day_of
from portal.contacts.rules import CONTACTS
from portal.dossier.base_data import Statement, other_words, source_name
from portal.family.mismatch import mismatch_words
from portal.family.picture import family_of
from portal.family.rules import Shown, Visible
from portal.formats import age_text
from portal.pictures.family import Home, by_household, family_map
from portal.translations import language


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A legal role with its time; `past` when it has ended."""

    name: str
    since: date | None
    to: date | None
    past: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody in the table; what is not for the reader is empty."""

    name: str
    href: str
    kind: str
    age: str
    roles: tuple[RoleLine, ...]
    home: tuple[bool, date | None]  # lives together now, since (or until) when
    home_known: bool
    phone: str
    email: str
    note: str
    source: str
    as_of: date | None
    reachable: bool
    correct_href: str = ""  # where the contacts are corrected
    told: tuple[Statement, ...] = ()  # of the contacts: what registers say of them
    differs: Statement | None = None  # of kind and legal role: what another source says


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """The map, its list, and the table."""

    picture: Markup | None
    homes: tuple[Home, ...]
    rows: tuple[PersonRow, ...]
    narrow: bool  # a family sees its own people only


def family_page(opened: Opened, visible: list[Visible], reached: Collection[str]) -> FamilyPage:
    """Return the page; `reached` are the dossiers of siblings that the reader may open."""
    today = day_of(opened.now)
    judged = any(v.shown is Shown.ALL for v in visible)
    writes = f"/dossiers/{opened.dossier.id}/family" if opened.can(Permission.CONTACTS_WRITE) else ""
    family = family_of(opened.dossier.child, visible, today, judged=judged)
    return FamilyPage(
        picture=family_map(family, language()) if visible else None,
        homes=tuple(by_household(family, language())) if visible else (),
        rows=tuple(_row(v, today, reached, writes) for v in sorted(visible, key=lambda v: -v.shown)),
        narrow=not judged,
    )


def _row(visible: Visible, today: date, reached: Collection[str], writes: str) -> PersonRow:
    relationship, shown = visible.relationship, visible.shown
    kind = classifiers().relationship_kinds[relationship.kind].label(language())
    roles = _roles(relationship.legal_roles, today)
    if shown is Shown.NAME_AND_ROLE:
        current = tuple(role for role in roles if not role.past)
        return PersonRow(relationship.name, "", kind, "", current, (False, None), False, "", "", "", "", None, False)
    sibling = relationship.dossier_id if relationship.dossier_id in reached else None
    return PersonRow(
        name=relationship.name,
        href=f"/dossiers/{sibling}" if sibling else "",
        kind=kind,
        age=age_text(relationship.birth_date, today) if relationship.birth_date else "",
        roles=roles,
        home=_home(relationship, today),
        home_known=bool(relationship.household),
        phone=relationship.phone,
        email=relationship.email,
        note=relationship.note if shown is Shown.ALL else "",
        source=source_name(relationship.source) if shown is Shown.ALL else "",
        as_of=relationship.as_of if shown is Shown.ALL else None,
        reachable=bool(relationship.phone or relationship.email),
        correct_href=f"{writes}/{relationship.id}/contacts" if writes and shown is Shown.ALL else "",
        told=_told(relationship) if shown is Shown.ALL else (),
        differs=_differs(relationship) if shown is Shown.ALL else None,
    )


def _differs(relationship: Relationship) -> Statement | None:
    other = relationship.mismatch
    return Statement(mismatch_words(other.value), source_name(other.source), other.as_of) if other else None


def _told(relationship: Relationship) -> tuple[Statement, ...]:
    return tuple(other for name in CONTACTS if (word := relationship.contacts.get(name)) for other in other_words(word))


def _roles(roles: list[LegalRole], today: date) -> tuple[RoleLine, ...]:
    """Those in force first."""
    names = classifiers().legal_roles
    lines = [
        RoleLine(names[r.role].label(language()), r.since, r.to, past=not r.covers(today))
        for r in roles
        if r.role != "no_legal_role"
    ]
    return tuple(sorted(lines, key=lambda line: line.past))


def _home(relationship: Relationship, today: date) -> tuple[bool, date | None]:
    """Whether the person lives with the child and since when, or until when it was."""
    now = [period for period in relationship.household if period.covers(today)]
    if now:
        return True, min((p.since for p in now if p.since), default=None)
    return False, max((p.to for p in relationship.household if p.to), default=None)
