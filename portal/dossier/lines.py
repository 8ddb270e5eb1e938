"""One line for an entry of the life course, as much as the reader sees: in lists, on the overview, in pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from auth.access import Opened
from auth.entries import Sight
from auth.place import place_hidden
from documents.classifiers import classifiers
from documents.event import Event
from documents.model import day_of
from portal.dossier.seen import Seen
from portal.translations import N_, gettext, language

SHAPES = {
    "event": N_("event"),
    "span": N_("period"),
    "assessment": N_("assessment, opinion"),
    "decision": N_("decision"),
    "incident": N_("threat"),
}
SENSITIVE_ENTRY = N_("Sensitive entry")


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who recorded an entry and how to reach them; a register has an institution only."""

    name: str
    institution: str
    phone: str = ""
    email: str = ""

    @property
    def words(self) -> str:
        """Name and institution, as far as they are shown."""
        return ", ".join(part for part in (self.name, self.institution) if part)


@dataclass(frozen=True, slots=True)
class EventLine:
    """`title` is the summary, or the kind, or only that there is an entry; `shape` is empty where it is not shown."""

    id: str
    href: str
    day: date
    time: str
    to: date | None
    lasts: bool
    title: str
    domain: str
    shape: str
    shape_name: str
    planned: bool
    withdrawn: bool
    corrected: bool
    confidentiality: str
    files: int
    recorder: Recorder


def event_lines(opened: Opened, seen: Iterable[Seen]) -> list[EventLine]:
    """Return a line for each entry, in the order given."""
    today, hidden = day_of(opened.now), place_hidden(opened.access, opened.dossier)
    return [_line(opened.dossier.id, one, today, hidden=hidden) for one in seen]


def event_title(event: Event, sight: Sight) -> str:
    """The summary for who may read it, the kind for heads, else only that a sensitive entry is there."""
    if sight >= Sight.LINE:
        return event.summary
    if sight is Sight.RECORD:
        return classifiers().event_kinds[event.kind].label(language())
    return gettext(SENSITIVE_ENTRY)


def recorder_of(event: Event, *, hidden: bool) -> Recorder:
    """Who recorded the entry; `hidden` where the institution would tell the place of a protected child."""
    if hidden:
        return Recorder(gettext("A specialist"), "")
    person = event.recorded_by
    if person is None:
        return Recorder("", event.institution_name)
    return Recorder(person.name, event.institution_name, person.phone, person.email)


def _line(dossier_id: str, seen: Seen, today: date, *, hidden: bool) -> EventLine:
    event, told = seen.event, seen.sight > Sight.PRESENCE
    shape = event.shape if told else ""
    return EventLine(
        id=event.id,
        href=f"/dossiers/{dossier_id}/events/{event.id}",
        day=event.day,
        time=event.time if told else "",
        to=event.to if told else None,
        lasts=told and event.shape == "span" and event.to is None and event.day <= today,
        title=event_title(event, seen.sight),
        domain=event.domain,
        shape=shape,
        shape_name=gettext(SHAPES[shape]) if shape else "",
        planned=event.day > today,
        withdrawn=event.withdrawn is not None,
        corrected=bool(event.earlier),
        confidentiality=event.confidentiality,
        files=len(event.attachments) if seen.sight is Sight.FULL else 0,
        recorder=recorder_of(event, hidden=hidden),
    )
