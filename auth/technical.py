"""The technical level: which machine a token speaks for, and whether it has a ground to ask about a child."""

from dataclasses import dataclass
from datetime import datetime

from auth.reasons import NO_GROUND, UNKNOWN_CLIENT
from auth.who import Who, who_is
from documents.classifiers import TechnicalClient, classifiers
from documents.dossier import Dossier
from documents.event import Event
from documents.model import day_of
from documents.person import Person
from documents.store import Store

LEVEL = 5


class UnknownClient(Exception):
    """The token is genuine, but no client of this name may ask now."""

    reason = UNKNOWN_CLIENT


class NoGround(Exception):
    """No such child, or no ground to ask about it: which of the two is not said."""

    reason = NO_GROUND


@dataclass(frozen=True)
class Machine:
    """A client that asks: who it is for the policy and the log, and its row of the classifier."""

    who: Who
    client: TechnicalClient


def subject_of(client_id: str) -> str:
    """What a client's link is kept under: no subject of a person begins so."""
    return f"client:{client_id}"


async def machine_of(store: Store, issuer: str, client_id: str, origin: str, now: datetime) -> Machine:
    """Return the client that is linked under this name, as its account and role stand now. Raises UnknownClient."""
    client = next((row for row in classifiers().technical_clients.in_force(day_of(now)) if row.code == client_id), None)
    linked = {"identities.issuer": issuer, "identities.subject": subject_of(client_id)}
    row = await store.people.find_one(linked) if client else None
    if client is None or row is None:
        raise UnknownClient
    person = Person.model_validate(row)
    role = next((role for role in person.roles if role.position == client.position), None)
    who = who_is(person, role.id if role else None, None, now, origin=origin)
    if who.role is None or who.level != LEVEL:
        raise UnknownClient
    return Machine(who, client)


def ground_of(client: TechnicalClient, dossier: Dossier, now: datetime) -> Event | None:
    """Return the entry that gives the client a ground to ask about this child now; none without one.

    An entry counts from its day on, one that lasts until its end; never one withdrawn or restricted.
    """
    today = day_of(now)
    classes = ("standard", "sensitive") if client.sensitive else ("standard",)
    return next(
        (
            event
            for event in dossier.events
            if event.kind in client.ground
            and event.withdrawn is None
            and event.confidentiality in classes
            and event.day <= today
            and (event.to is None or today <= event.to)
        ),
        None,
    )


def may_be_asked(client: TechnicalClient, dossier: Dossier | None, now: datetime) -> Dossier:
    """Return the dossier if it is open and the client has a ground. Raises NoGround."""
    if dossier is None or dossier.opened is None or dossier.joined_into is not None:
        raise NoGround
    if ground_of(client, dossier, now) is None:
        raise NoGround
    return dossier
