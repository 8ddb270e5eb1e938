"""When everybody meets next about the plan: set, moved or called off by the case manager; the family is told."""

import re
from datetime import date, datetime, time, timedelta

from auth.access import Opened, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.place import place_hidden
from auth.who import Who
from documents.acts import Act
from documents.dossier import Dossier
from documents.model import RIGA, day_of, to_bson
from documents.plan import Meeting
from documents.store import AlreadySo, Changed, Store, Transaction
from portal.events.rules import Message, Values, one, read_day
from portal.notices import tell
from portal.plans.people import answerers
from portal.translations import N_

PLACE_LETTERS = 120
FURTHEST = timedelta(days=366)
_TIME = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)")


def read_meeting(values: Values, today: date) -> tuple[tuple[datetime, str] | None, dict[str, Message]]:
    """Read when and where. Returns it, or none with one message for each field to put right."""
    errors: dict[str, Message] = {}
    day, place = read_day(one(values, "meeting_day")), one(values, "place")
    if isinstance(day, Message):
        errors["meeting_day"] = day
    elif day is None:
        errors["meeting_day"] = Message(N_("Write the day you meet."))
    elif not today <= day <= today + FURTHEST:
        errors["meeting_day"] = Message(N_("Write a day from today on, within a year."))
    found = _TIME.fullmatch(one(values, "meeting_time"))
    if not found:
        errors["meeting_time"] = Message(N_("Write the time like 16.20."))
    if not place:
        errors["place"] = Message(N_("Write where you meet, so that everybody finds it."))
    elif len(place) > PLACE_LETTERS:
        words = N_("Shorten it to %(limit)s letters; it has %(count)s.")
        errors["place"] = Message(words, {"limit": PLACE_LETTERS, "count": len(place)})
    if errors or found is None or not isinstance(day, date):
        return None, errors
    return (datetime.combine(day, time(int(found[1]), int(found[2])), RIGA), place), {}


def next_meeting(opened: Opened) -> tuple[datetime, str] | None:
    """When and where, until the day is over; of a protected child the family is not told where in writing."""
    meeting = opened.dossier.meeting
    if meeting is None or day_of(meeting.at) < day_of(opened.now):
        return None
    return meeting.at, "" if place_hidden(opened.access, opened.dossier) else meeting.place


async def set_meeting(
    store: Store, who: Who, dossier_id: str, said: tuple[datetime, str] | None, version: int, now: datetime
) -> None:
    """Set or move the meeting, or call it off with none. Raises NotFound, Forbidden, Changed, AlreadySo."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PLAN_WRITE, now)
        dossier, held = opened.dossier, opened.dossier.meeting
        if (held and (held.at, held.place)) == said:
            raise AlreadySo
        if dossier.meetings_set != version:
            raise Changed(held)
        number = dossier.meetings_set + 1
        if said is None:
            changes = {"$unset": {"meeting": ""}, "$set": {"meetings_set": number}}
        else:
            meeting = Meeting(at=said[0], place=said[1], version=number, by=who.as_professional())
            changes = {"$set": {"meeting": to_bson(meeting), "meetings_set": number}}
        await transaction.change(dossier, changes, worked=now)
        transaction.record(entry_for(who, Act.MEETING_SET, now, dossier_id=dossier_id, subject=str(number)))
        tell(transaction, _told(who, dossier, now), "meeting_set" if said else "meeting_off", now, dossier_id, "")

    await store.transact(work)


def _told(who: Who, dossier: Dossier, now: datetime) -> list[str]:
    """The family that reads the plan, and the team."""
    team = [f"r:{member.role_id}" for member in dossier.team]
    at_work = {r.key for r in dossier.readers if r.relation == "team" and r.since <= now < r.until}
    mine = f"r:{who.role.id}" if who.role else ""
    family = [f"p:{person.person_id}" for person in answerers(dossier, now)]
    return [*family, *(key for key in team if key in at_work and key != mine)]
