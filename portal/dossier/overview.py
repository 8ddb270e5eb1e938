"""The overview: what is going on, what comes next, who is involved – before anything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Opened
from auth.entries import Sight
from auth.matrix import Scope
from auth.permissions import Permission, Section
from auth.place import is_family
from auth.policy import may
from documents.event import Event
from documents.joining import JoinNote
from documents.model import day_of
from portal.assessments.seen import seen_assessments
from portal.assessments.triangle import Triangle, triangle_of
from portal.dossier.actions import ProtectedAddress
from portal.dossier.base_data import BaseRow, base_rows
from portal.dossier.history import LevelView, NeedView, levels_of, needs_of
from portal.dossier.lines import EventLine, event_lines
from portal.dossier.people import InvolvedPerson, involved_people
from portal.dossier.seen import Seen

NOT_PROTECTED = ProtectedAddress()
NEWEST_SHOWN, NEXT_SHOWN, PEOPLE_SHOWN = 3, 5, 6


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last visit; `looked` is none for the first one."""

    looked: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class WhatGoesOn:
    """The summary with its author, and the newest entries."""

    text: str
    strengths: str
    by: str
    day: date | None
    newest: tuple[EventLine, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """A part that is None is not for this reader: the page leaves it out."""

    news: News | None
    goes_on: WhatGoesOn | None
    planned: tuple[EventLine, ...] | None
    ending: tuple[EventLine, ...]
    people: tuple[InvolvedPerson, ...]
    more_people: tuple[InvolvedPerson, ...]
    triangle: Triangle | None
    needs: tuple[NeedView, ...] | None
    levels: tuple[LevelView, ...]
    joins: tuple[JoinNote, ...]
    base: tuple[BaseRow, ...]
    protected: ProtectedAddress
    may_add: bool
    may_report: bool
    reads_reports: bool
    may_correct: bool
    may_change_level: bool
    reads_family: bool
    family: bool


def overview_of(
    opened: Opened, seen: Sequence[Seen], looked: datetime | None, protected: ProtectedAddress = NOT_PROTECTED
) -> Overview:
    """Return what the page shows. `seen` are the entries the reader sees, `looked` the visit before this one."""
    family = is_family(opened.access)
    reads_timeline = bool(opened.access.scopes(Section.TIMELINE))
    professional = Scope.ALL in opened.access.scopes(Section.BASE)
    people = involved_people(opened)
    today = day_of(opened.now)
    return Overview(
        news=News(looked, _changed_since(opened, seen, looked)) if reads_timeline else None,
        goes_on=_goes_on(opened, seen, today, told=professional) if reads_timeline else None,
        planned=tuple(event_lines(opened, _planned(seen, today)[:NEXT_SHOWN])) if reads_timeline else None,
        ending=tuple(event_lines(opened, _ending(seen, today)[:NEXT_SHOWN])),
        people=tuple(people[:PEOPLE_SHOWN]),
        more_people=tuple(people[PEOPLE_SHOWN:]),
        triangle=_triangle(opened),
        needs=tuple(needs_of(opened.dossier)) if professional else None,
        levels=tuple(levels_of(opened.dossier)) if professional else (),
        joins=tuple(opened.dossier.joins) if professional else (),
        base=tuple(base_rows(opened, family=family)),
        protected=protected,
        may_add=opened.can(Permission.EVENT_ADD),
        may_report=may(opened.who, Permission.REPORT).allowed,
        reads_reports=opened.can(Permission.REPORTS_OF_CHILD),
        may_correct=opened.can(Permission.CONTACTS_WRITE),
        may_change_level=opened.can(Permission.LEVEL_CHANGE),
        reads_family=opened.can(Permission.FAMILY_READ),
        family=family,
    )


def _triangle(opened: Opened) -> Triangle | None:
    """Risks and needs in one frame, for who reads the levels; none before anybody assessed."""
    seen = seen_assessments(opened)
    return triangle_of(opened, seen) if any(one.told for one in seen) else None


def _changed_since(opened: Opened, seen: Sequence[Seen], looked: datetime | None) -> int:
    """How many entries others added, corrected or withdrew since then."""
    if looked is None:
        return 0
    return sum(1 for one in seen if _touched_by_others(one.event, opened.who.person_id, looked))


def _touched_by_others(event: Event, person_id: str, since: datetime) -> bool:
    touches = [(event.recorded_at, event.recorded_by)] if event.recorded_at > since else []
    touches += [(earlier.changed_at, earlier.changed_by) for earlier in event.earlier if earlier.changed_at > since]
    if event.withdrawn and event.withdrawn.at > since:
        touches.append((event.withdrawn.at, event.withdrawn.by))
    return any(by is None or by.person_id != person_id for _, by in touches)


def _goes_on(opened: Opened, seen: Sequence[Seen], today: date, *, told: bool) -> WhatGoesOn:
    happened = [one for one in seen if one.event.day <= today and one.event.withdrawn is None]
    newest = tuple(event_lines(opened, happened[:NEWEST_SHOWN]))
    summary = opened.dossier.summary if told else None
    if summary is None:
        return WhatGoesOn("", "", "", None, newest)
    return WhatGoesOn(summary.text, summary.strengths, summary.by.name, day_of(summary.at), newest)


def _planned(seen: Sequence[Seen], today: date) -> list[Seen]:
    """What is to come, the nearest first."""
    return [one for one in reversed(seen) if one.event.day > today and one.event.withdrawn is None]


def _ending(seen: Sequence[Seen], today: date) -> list[Seen]:
    """Periods with an end ahead (a service, a placement), the nearest end first: something has to follow them."""
    running = [
        one
        for one in seen
        if one.sight > Sight.PRESENCE and one.event.day <= today and one.event.to and one.event.to >= today
    ]
    return sorted(running, key=lambda one: one.event.to or today)
