"""The life course as one person sees it: worked out once a page, so that lists, counts and pictures never differ."""

from collections.abc import Iterable
from dataclasses import dataclass

from auth.access import Opened
from auth.entries import Sight, seer
from documents.event import Event
from documents.model import day_of


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry and how much of it the person sees: never nothing."""

    event: Event
    sight: Sight


def seen_events(opened: Opened) -> list[Seen]:
    """Return the entries the person sees, the newest first. What they do not see is simply not there."""
    see = seer(opened.who, opened.access, opened.dossier, day_of(opened.now))
    found = [Seen(event, see(event)) for event in opened.dossier.events]
    seen = [one for one in found if one.sight > Sight.NOTHING]
    return sorted(seen, key=lambda one: (one.event.day, one.event.recorded_at), reverse=True)


def documents_in(seen: Iterable[Seen]) -> int:
    """How many attachments the person may open: a document has the rights of its entry."""
    return sum(len(one.event.attachments) for one in seen if one.sight is Sight.FULL)
