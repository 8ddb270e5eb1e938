"""Reading the forms of naming: whom, in whose place, from which day to which."""

from collections.abc import Mapping, Sequence
from datetime import date

from portal.events.rules import Message, number_in, one, read_day
from portal.naming.actions import Naming
from portal.translations import N_

Values = Mapping[str, Sequence[str]]


def read_naming(values: Values) -> tuple[Naming, dict[str, Message]]:
    """Read whom a head chose."""
    role_id = one(values, "person")[:64]
    errors = {} if role_id else {"person": Message(N_("Choose somebody."))}
    return Naming(role_id, one(values, "instead_of")[:64], number_in(values)), errors


def read_substitution(values: Values, today: date) -> tuple[Naming, dict[str, Message]]:
    """Read who stands in for whom: from today or a later day, until a day that is needed."""
    naming, errors = read_naming(values)
    since, to = read_days(values, today, errors)
    return Naming(naming.role_id, naming.instead_of, naming.version, since, to), errors


def read_days(values: Values, today: date, errors: dict[str, Message]) -> tuple[date, date | None]:
    """Read from when to when somebody stands in; what is wrong goes to `errors`."""
    days: dict[str, date | None] = {}
    for name in ("since", "to"):
        read = read_day(one(values, name))
        days[name] = None if isinstance(read, Message) else read
        if isinstance(read, Message):
            errors[name] = read
    since, to = days["since"] or today, days["to"]
    if "since" not in errors and since < today:
        errors["since"] = Message(N_("Write a day from today on, or leave it empty."))
    if "to" not in errors and to is None:
        errors["to"] = Message(N_("Who stands in for somebody does so until a day. Write it."))
    if "to" not in errors and to is not None and to < since:
        errors["to"] = Message(N_("The last day is before the first, or has passed."))
    return since, to
