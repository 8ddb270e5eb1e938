"""Handing cases of one of the staff to another: for good or for some days, each case by itself, none half."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Forbidden, NotFound
from auth.who import Who
from documents.store import Changed, Store
from portal.events.rules import Message, many, one, read_day
from portal.naming.actions import AlreadySo, Naming, name_responsible, name_substitute
from portal.naming.leading import name_manager
from portal.naming.rules import CannotName
from portal.oversight.filters import PAGE
from portal.translations import N_

Values = Mapping[str, Sequence[str]]
FOR_GOOD, STANDS_IN = "good", "days"
LEAD = "lead"
MEANWHILE = Message(N_("Meanwhile somebody else named a person here."))
ONLY_LED = Message(N_("Leading a case passes to somebody else only for good."))
NOT_HERE = Message(N_("This case is not one of your staff's any more."))


@dataclass(frozen=True)
class Order:
    """What the form says: which places of whom go to whom, for good or between two days."""

    places: tuple[str, ...]
    instead_of: str
    role_id: str
    how: str
    since: date | None = None
    to: date | None = None


@dataclass(frozen=True)
class Handed:
    """What became of it: how many went over, and those that did not with the reason, by dossier."""

    done: int
    refused: dict[str, Message]


def read_order(values: Values, today: date) -> tuple[Order, dict[str, Message]]:
    """Read the form; every field to put right has its sentence."""
    errors: dict[str, Message] = {}
    places, person, how = many(values, "case")[: 2 * PAGE], one(values, "person")[:64], one(values, "how")
    if not places:
        errors["case"] = Message(N_("Choose at least one case."))
    if not person:
        errors["person"] = Message(N_("Choose somebody."))
    if how not in (FOR_GOOD, STANDS_IN):
        errors["how"] = Message(N_("Choose for how long."))
    days: dict[str, date | None] = {"since": None, "to": None}
    if how == STANDS_IN:
        for name in days:
            read = read_day(one(values, name))
            if isinstance(read, Message):
                errors[name] = read
            else:
                days[name] = read
        since = days["since"] or today
        if "since" not in errors and since < today:
            errors["since"] = Message(N_("Write a day from today on, or leave it empty."))
        if "to" not in errors and days["to"] is None:
            errors["to"] = Message(N_("Who stands in for somebody does so until a day. Write it."))
        elif "to" not in errors and days["to"] and days["to"] < since:
            errors["to"] = Message(N_("The last day is before the first, or has passed."))
        days["since"] = since
    return Order(places, one(values, "staff")[:64], person, how, days["since"], days["to"]), errors


async def hand_over(store: Store, who: Who, order: Order, now: datetime) -> Handed:
    """Hand each chosen place over in a transaction of its own; what does not go says why and stays as it is."""
    done, refused = 0, dict[str, Message]()
    for place in order.places:
        dossier_id, _, rest = place[:200].partition(".")
        part, _, version = rest.partition(".")
        try:
            await _one(store, who, order, (dossier_id, part, version), now)
        except AlreadySo:
            pass
        except CannotName as wrong:
            refused[dossier_id] = wrong.message
            continue
        except Changed:
            refused[dossier_id] = MEANWHILE
            continue
        except (NotFound, Forbidden):
            refused[dossier_id] = NOT_HERE
            continue
        done += 1
    return Handed(done, refused)


async def _one(store: Store, who: Who, order: Order, place: tuple[str, str, str], now: datetime) -> None:
    dossier_id, part, version = place
    if part == LEAD:
        if order.how == STANDS_IN:
            raise CannotName(ONLY_LED.text)
        # The lead passes by accepting; `version` is who was asked when the page was made.
        await name_manager(store, who, dossier_id, order.role_id, f"{order.instead_of}|{version}", now)
        return
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else -1
    naming = Naming(order.role_id, order.instead_of, number, order.since, order.to)
    name = name_substitute if order.how == STANDS_IN else name_responsible
    await name(store, who, dossier_id, part, naming, now)
