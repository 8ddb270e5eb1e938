"""The life course as one person sees it: worked out once a page, so that lists, counts and pictures never differ."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auth.access import Opened
from auth.entries import Sight, seer
from documents.event import Event
from documents.model import day_of


class Seen(NamedTuple):
    """An entry and how much of it the person sees: never nothing."""

    event: Event
    sight: Sight


def seen_events(opened: Opened) -> list[Seen]:
    """Return the entries the person sees, the newest first. What they do not see is simply not there."""
    return sorted(seen_in_any_order(opened), key=lambda one: (one.event.day, one.event.recorded_at), reverse=True)


def seen_in_any_order(opened: Opened) -> Iterator[Seen]:
    """The same entries for somebody who only counts them."""
    see = seer(opened.who, opened.access, opened.dossier, day_of(opened.now))
    for event in opened.dossier.events:
        if sight := see(event):
            yield Seen(event, sight)


def documents_in(seen: Iterable[Seen]) -> int:
    """How many attachments the person may open: a document has the rights of its entry."""
    return sum(len(one.event.attachments) for one in seen if one.sight is Sight.FULL)
