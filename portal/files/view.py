"""All documents of a dossier by year: the attachments of entries somebody reads in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from auth.access import Opened
from auth.entries import Sight
from auth.place import place_hidden
from documents.classifiers import classifiers
from portal.dossier.lines import Recorder, recorder_of
from portal.dossier.seen import Seen
from portal.timeline.record import file_links
from portal.translations import language


@dataclass(frozen=True, slots=True)
class Document:
    """An attachment with the entry it belongs to."""

    name: str
    href: str
    size: int
    day: date
    kind: str
    domain: str
    confidentiality: str
    event_title: str
    event_href: str
    withdrawn: bool
    recorder: Recorder


@dataclass(frozen=True, slots=True)
class DocumentYear:
    """The documents of entries of one year."""

    year: int
    documents: tuple[Document, ...]


def documents_by_year(opened: Opened, seen: Sequence[Seen]) -> tuple[DocumentYear, ...]:
    """Return the newest year first; `seen` are the entries of the whole life."""
    hidden = place_hidden(opened.access, opened.dossier)
    with_files = [one for one in seen if one.sight is Sight.FULL and one.event.attachments]
    return tuple(
        DocumentYear(year, tuple(d for one in group for d in _documents(opened.dossier.id, one, hidden=hidden)))
        for year, group in groupby(with_files, key=lambda one: one.event.day.year)
    )


def _documents(dossier_id: str, one: Seen, *, hidden: bool) -> list[Document]:
    event = one.event
    return [
        Document(
            name=file.name,
            href=file.href,
            size=file.size,
            day=event.day,
            kind=classifiers().event_kinds[event.kind].label(language()),
            domain=event.domain,
            confidentiality=event.confidentiality,
            event_title=event.summary,
            event_href=f"/dossiers/{dossier_id}/events/{event.id}",
            withdrawn=event.withdrawn is not None,
            recorder=recorder_of(event, hidden=hidden),
        )
        for file in file_links(dossier_id, event, hidden=hidden)
    ]
