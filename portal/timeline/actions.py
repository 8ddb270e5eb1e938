"""Looking through a life course: a keyword in all one may read, one record with all it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auth.access import NotFound, Opened, dossier_for, entry_for, purpose_of
from auth.entries import Sight, sight
from auth.permissions import Permission, Section
from auth.place import is_family
from auth.policy import reach
from auth.step_up import demand_proof
from auth.who import Who
from documents.acts import Act
from documents.archive import find_archived
from documents.event import Event
from documents.model import day_of
from documents.secrecy import Unreadable
from documents.store import Store
from portal.dossier.seen import Seen
from portal.timeline.rules import asked_words, content_texts, holds, texts_of


@dataclass(frozen=True)
class Content:
    """Narrative and fields of one version; `readable` is false when its key is gone."""

    detail: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    readable: bool = True


@dataclass(frozen=True)
class Sibling:
    """Another child the same entry was written for, whom the reader may open."""

    dossier_id: str
    event_id: str
    given_name: str


@dataclass(frozen=True)
class Record:
    """One entry as far as the reader sees it. Contents are none below full sight."""

    opened: Opened
    event: Event
    sight: Sight
    content: Content | None = None
    earlier: tuple[Content, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    named: tuple[str, ...] = ()  # names of the people a restricted entry is for


async def matching_ids(store: Store, seen: Sequence[Seen], keyword: str, *, hidden: bool) -> set[str]:
    """Return the ids of entries that hold all words in what the person may read, opened where it is sealed.

    `hidden`: institutions and recorders are not shown, so they are not found either.
    """
    asked = asked_words(keyword)
    found = set()
    for one in seen:
        texts = texts_of(one)[2:] if hidden else texts_of(one)
        if one.sight is Sight.FULL and one.event.sealed and not holds(texts, asked):
            content = await read_content(store, one.event.detail, one.event.fields, one.event.sealed)
            texts += content_texts(content.detail, content.fields)
        if holds(texts, asked):
            found.add(one.event.id)
    return found


async def open_record(store: Store, who: Who, dossier_id: str, event_id: str, now: datetime) -> Record:
    """Open one entry and record what was shown of it. Raises NotFound also for an entry the person does not see.

    A restricted entry opens only to who proved a moment ago who they are. Raises StepUpNeeded.
    """
    opened = await dossier_for(store, who, dossier_id, Permission.EVENT_READ, now, quiet=True)
    event = next((event for event in opened.dossier.events if event.id == event_id), None)
    if event is None and opened.dossier.archived:
        event = await find_archived(store, dossier_id, event_id)
    seen = sight(who, opened.access, opened.dossier, event, day_of(now)) if event else Sight.NOTHING
    entry = entry_for(
        who,
        Act.DOSSIER_READ,
        now,
        dossier_id=dossier_id,
        subject=event_id,
        relation=opened.access.relation,
        purpose=purpose_of(who, opened.dossier, opened.access.relation),
    )
    if event is None or seen is Sight.NOTHING:
        await store.audit.record(entry.model_copy(update={"outcome": "refused", "reason": "no_entry"}))
        raise NotFound
    if event.confidentiality == "restricted":
        demand_proof(who, now)
    siblings = await _siblings(store, who, opened, event, now) if seen is Sight.FULL else ()
    sections = [Section.TIMELINE, *([Section.EVENT_DETAIL] if seen is Sight.FULL else [])]
    named_children = [sibling.dossier_id for sibling in siblings]
    await store.audit.record(
        entry.model_copy(update={"sections": list(map(str, sections)), "children": named_children})
    )
    if seen is not Sight.FULL:
        return Record(opened, event, seen)
    earlier = [await _earlier(store, version.content) for version in event.earlier]
    return Record(
        opened,
        event,
        seen,
        await read_content(store, event.detail, event.fields, event.sealed),
        tuple(earlier),
        siblings,
        await _names(store, event.named_people),
    )


async def read_content(store: Store, detail: str, fields: dict[str, str], sealed: bytes | None) -> Content:
    """Return narrative and fields, opened where they are sealed."""
    if not sealed:
        return Content(detail, fields)
    try:
        opened = await store.secrets.open(sealed)
    except Unreadable:
        return Content(readable=False)
    return Content(opened.get("detail", ""), opened.get("fields", {}))


async def _earlier(store: Store, content: dict[str, Any]) -> Content:
    return await read_content(store, content.get("detail", ""), content.get("fields", {}), content.get("sealed"))


async def _siblings(store: Store, who: Who, opened: Opened, event: Event, now: datetime) -> tuple[Sibling, ...]:
    """The same entry in dossiers of siblings, only of those the reader reaches; families learn nothing of others."""
    ids = [r.dossier_id for r in opened.dossier.relationships if r.dossier_id]
    if not event.shared_id or not ids or is_family(opened.access):
        return ()
    rows = store.dossiers.find(
        {"_id": {"$in": ids}, **reach(who, now)},
        {"child.given_name": 1, "events": {"$elemMatch": {"shared_id": event.shared_id}}},
    )
    return tuple([_sibling(row) async for row in rows if row.get("events")])


def _sibling(row: dict[str, Any]) -> Sibling:
    return Sibling(row["_id"], row["events"][0]["id"], row["child"]["given_name"])


async def _names(store: Store, person_ids: list[str]) -> tuple[str, ...]:
    if not person_ids:
        return ()
    rows = store.people.find({"_id": {"$in": person_ids}}, {"given_name": 1, "family_name": 1})
    return tuple(sorted([f"{row['given_name']} {row['family_name']}" async for row in rows]))
