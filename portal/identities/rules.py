"""Who a child without a personal code is, as far as anybody knows: name, about when born, girl or boy."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from documents.child import Child
from documents.names import sort_name, words
from portal.events.rules import Message, Values, one, read_day
from portal.translations import N_

NAME_LETTERS = 80
GROWN_UP = 18
_MONTH = re.compile(r"(?:(\d{1,2})[./])?(\d{4})\.?")
# What stands where nobody knows a name; the register is kept in Latvian.
_GIVEN = {"f": "Meitene", "m": "Zēns", "": "Bērns"}
_FAMILY = {"f": "Nezināma", "m": "Nezināms", "": "Nezināms"}


@dataclass(frozen=True)
class Newcomer:
    """A child as somebody met it; `approximate`: the birth date is the first day it may have been."""

    given_name: str
    family_name: str
    birth_date: date
    approximate: bool
    sex: str


def read_newcomer(values: Values, today: date) -> tuple[Newcomer | None, dict[str, Message]]:
    """Read the form: name, birth date or about when, sex – each, or the word that it is not known."""
    errors: dict[str, Message] = {}
    names = {name: " ".join(one(values, name).split()) for name in ("given_name", "family_name")}
    for name, text in names.items():
        if message := _name_fault(text, unknown=bool(one(values, "name_unknown"))):
            errors[name] = message
    sex = one(values, "sex")
    if sex not in ("f", "m", "unknown"):
        errors["sex"] = Message(N_("Choose, or say that you do not know."))
    sex = sex if sex in ("f", "m") else ""
    born = _born(one(values, "born"), today)
    if isinstance(born, Message):
        errors["born"] = born
    if errors or isinstance(born, Message):
        return None, errors
    day, exact = born
    return Newcomer(
        names["given_name"] or _GIVEN[sex],
        names["family_name"] or _FAMILY[sex],
        day,
        not exact or bool(one(values, "approximate")),
        sex,
    ), {}


def provisional_child(newcomer: Newcomer) -> Child:
    """Return the identity under which the child is kept until its code is known."""
    return Child(
        given_name=newcomer.given_name,
        family_name=newcomer.family_name,
        birth_date=newcomer.birth_date,
        birth_date_approximate=newcomer.approximate,
        sex=newcomer.sex,
        provisional=True,
        sort_name=sort_name(newcomer.family_name, newcomer.given_name),
        tokens=words(f"{newcomer.given_name} {newcomer.family_name}"),
    )


def _name_fault(text: str, *, unknown: bool) -> Message | None:
    if not text:
        return None if unknown else Message(N_("Write the name, or tick that you do not know all of it."))
    if len(text) > NAME_LETTERS:
        return Message(
            N_("Shorten it to %(limit)s letters; it has %(count)s."), {"limit": NAME_LETTERS, "count": len(text)}
        )
    if not words(text) or any(letter.isdigit() for letter in text):
        return Message(N_("Write the name in Latin letters, as in a passport."))
    return None


def _born(text: str, today: date) -> tuple[date, bool] | Message:
    """The birth date and whether it is exact: of a month or year alone its first day; its last tells who is a child."""
    month = _MONTH.fullmatch(text)
    if month:
        first, last = _span(int(month[2]), int(month[1]) if month[1] else None)
        if first is None or last is None:
            return Message(N_("There is no such month. Write 03.2024, or the year alone."))
        exact = False
    else:
        day = read_day(text)
        if isinstance(day, Message):
            return day
        if day is None:
            return Message(N_("Write the birth date, or about when: 03.2024 or 2024."))
        first = last = day
        exact = True
    if first > today:
        return Message(N_("This day is still to come. A child not yet born has no dossier."))
    if today.year - last.year - ((today.month, today.day) < (last.month, last.day)) >= GROWN_UP:
        return Message(N_("Dossiers are of children, until they are eighteen."))
    return first, exact


def _span(year: int, month: int | None) -> tuple[date | None, date | None]:
    """The first and the last day of a month, or of a year."""
    if year < 1 or (month is not None and not 1 <= month <= 12):
        return None, None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
