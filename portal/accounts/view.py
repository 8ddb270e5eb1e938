"""An account as a steward sees it: name, roles, state. Never the family, the code or a private address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from documents.classifiers import classifiers
from documents.person import Person, Role
from portal.translations import N_, gettext, language

STATES = {"now": N_("in force"), "coming": N_("not begun yet"), "ended": N_("ended")}


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One role of an account."""

    id: str
    position: str
    institution: str
    unit: str
    since: date
    to: date | None
    state: str  # now, coming, ended
    state_words: str
    phone: str
    email: str
    substitute_for: str


def role_row(role: Role, today: date) -> RoleRow:
    """Return a role in the language spoken now."""
    state = "now" if role.held_on(today) else "coming" if today < role.since else "ended"
    return RoleRow(
        id=role.id,
        position=_with_level(role),
        institution=role.institution_name,
        unit=role.unit_name,
        since=role.since,
        to=role.to,
        state=state,
        state_words=gettext(STATES[state]),
        phone=role.phone,
        email=role.email,
        substitute_for=role.substitute_for or "",
    )


def account_of(person: Person, today: date, *, own: bool, sessions: int = 0) -> dict[str, Any]:
    """Return what the page of an account shows: roles in force first."""
    order = list(STATES)
    rows = [role_row(role, today) for role in person.roles]
    return {
        "id": person.id,
        "name": person.name,
        "closed": person.deactivated,
        "revision": person.revision,
        "own": own,
        "sessions": sessions,
        "roles": sorted(rows, key=lambda row: (order.index(row.state), row.institution)),
    }


def person_row(person: Person, institution_id: str, today: date) -> Mapping[str, Any]:
    """Return a line of an institution's staff: the roles held there."""
    here = [role_row(role, today) for role in person.roles if role.institution_id == institution_id]
    return {"id": person.id, "name": person.name, "closed": person.deactivated, "roles": here}


def level_label(level: int) -> str:
    """What a level beside the position's own opens."""
    return gettext("level %(level)s: aggregates only, never a child") % {"level": level}


def _with_level(role: Role) -> str:
    """The position; with its level where that is not the position's own."""
    label, positions = position_label(role.position), classifiers().positions
    own = role.position not in positions or positions[role.position].level == role.level
    return label if own else f"{label} ({level_label(role.level)})"


def position_label(code: str) -> str:
    """The name of a position."""
    positions = classifiers().positions
    return positions[code].label(language()) if code in positions else code
