"""Handing cases of one of the staff to another: for good or for some days, each case by itself, none half."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Forbidden, NotFound
from auth.who import Who
from documents.store import AlreadySo, Changed, Store
from portal.events.rules import Message, many, number_of, one
from portal.naming.actions import Naming, name_responsible, name_substitute
from portal.naming.form import read_days
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
    since, to = read_days(values, today, errors) if how == STANDS_IN else (None, None)
    return Order(places, one(values, "staff")[:64], person, how, since, to), errors


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
    naming = Naming(order.role_id, order.instead_of, number_of(version), order.since, order.to)
    name = name_substitute if order.how == STANDS_IN else name_responsible
    await name(store, who, dossier_id, part, naming, now)
