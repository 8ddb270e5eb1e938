"""What the forms about accounts must say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from documents.classifiers import Position, classifiers
from documents.institution import Institution
from documents.model import new_id
from documents.person import Person, Role
from documents.personal_code import PersonalCode, WrongCode, parse
from portal.events.rules import Message, one, read_day
from portal.translations import N_

Values = Mapping[str, Sequence[str]]
NAME_LETTERS, CONTACT_LETTERS = 80, 120
MACHINES = 5  # level of interfaces: no person holds such a position


@dataclass(frozen=True)
class NewAccount:
    """Somebody who has no account yet."""

    code: PersonalCode
    given_name: str
    family_name: str


def positions_for(institution: Institution, today: date) -> list[Position]:
    """Return the positions a person may hold in the institution."""
    return [p for p in classifiers().positions_of(institution.type, today) if p.level != MACHINES]


def second_levels_of(positions: Sequence[Position]) -> list[int]:
    """Return the levels that some of the positions may hold beside their own."""
    return sorted({p.second_level for p in positions if p.second_level})


def read_account(values: Values, *, invented: bool) -> tuple[NewAccount | None, dict[str, Message]]:
    """Read a new account: personal code and name."""
    errors: dict[str, Message] = {}
    code = read_code(values, errors, invented=invented)
    given, family = (" ".join(one(values, name).split())[:NAME_LETTERS] for name in ("given_name", "family_name"))
    if not given:
        errors["given_name"] = Message(N_("Write the given name."))
    if not family:
        errors["family_name"] = Message(N_("Write the family name."))
    return (None, errors) if errors or code is None else (NewAccount(code, given, family), {})


def read_code(values: Values, errors: dict[str, Message], *, invented: bool) -> PersonalCode | None:
    """Read the personal code; what is none is told in `errors`."""
    try:
        return parse(one(values, "code"), accept_invented=invented)
    except WrongCode as wrong:
        errors["code"] = Message(str(wrong))
        return None


def read_role(
    values: Values, person: Person, institution: Institution, colleagues: Sequence[Role], today: date
) -> tuple[Role | None, dict[str, Message]]:
    """Read a role in `institution`: its own units, the positions of its type, days in order, a colleague's stead."""
    errors: dict[str, Message] = {}
    positions = {p.code: p for p in positions_for(institution, today)}
    position = positions.get(one(values, "position"))
    if position is None:
        errors["position"] = Message(N_("Choose a position of this institution."))
    level = _level(one(values, "level"), position, errors)
    unit = next((u for u in institution.units if u.id == one(values, "unit")), None)
    if one(values, "unit") and unit is None:
        errors["unit"] = Message(N_("Choose from the list."))
    since, to = _days(values, today, errors)
    stead = one(values, "substitute_for")
    if stead and stead not in {role.id for role in colleagues}:
        errors["substitute_for"] = Message(N_("Choose from the list."))
    if stead and to is None:
        errors.setdefault("to", Message(N_("Who stands in for somebody does so until a day. Write it.")))
    if errors or position is None or level is None or since is None:
        return None, errors
    role = Role(
        id=new_id(),
        institution_id=institution.id,
        institution_type=institution.type,
        institution_name=institution.name,
        municipality=(unit.municipality if unit else "") or institution.municipality,
        unit_id=unit.id if unit else None,
        unit_name=unit.name if unit else "",
        position=position.code,
        level=level,
        since=since,
        to=to,
        phone=one(values, "phone")[:CONTACT_LETTERS],
        email=one(values, "email")[:CONTACT_LETTERS],
        substitute_for=stead or None,
    )
    if any(_same(role, other) for other in person.roles):
        return None, {"position": Message(N_("This role is held in that time already."))}
    return role, {}


def read_end(values: Values, role: Role, today: date) -> tuple[date | None, dict[str, Message]]:
    """Read the last day of a role; without one it ends at once."""
    read = read_day(one(values, "to"))
    if isinstance(read, Message):
        return None, {"to": read}
    if read is None:
        return today - timedelta(days=1), {}
    if read < today:
        return None, {"to": Message(N_("That day has passed. Leave it empty to end the role at once."))}
    if role.to and read > role.to:
        return None, {"to": Message(N_("The role ends earlier already. Give a new one instead."))}
    return read, {}


def _days(values: Values, today: date, errors: dict[str, Message]) -> tuple[date | None, date | None]:
    days: dict[str, date | None] = {}
    for name in ("since", "to"):
        read = read_day(one(values, name))
        if isinstance(read, Message):
            errors[name] = read
        days[name] = None if isinstance(read, Message) else read
    since, to = days["since"] or today, days["to"]
    if "to" not in errors and to and to < max(since, today):
        errors["to"] = Message(N_("The last day is before the first, or has passed."))
    return since, to


def _level(written: str, position: Position | None, errors: dict[str, Message]) -> int | None:
    """The level of the role: the position's own, or the second where the position may hold one."""
    if position is None or not written:
        return position.level if position else None
    if written in map(str, position.levels):
        return int(written)
    errors["level"] = Message(N_("This position does not hold that level."))
    return None


def _same(one_role: Role, other: Role) -> bool:
    """Whether two roles are one and the same, held in part at the same time. Another level is another role."""
    same = ("institution_id", "position", "level", "unit_id")
    return (
        all(getattr(one_role, name) == getattr(other, name) for name in same)
        and (one_role.to is None or other.since <= one_role.to)
        and (other.to is None or one_role.since <= other.to)
    )
