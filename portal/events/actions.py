"""Adding, correcting and withdrawing entries of the life course: one transaction each, nothing deleted."""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from auth.access import Forbidden, Opened, dossier_to_change, entry_for
from auth.entries import may_change
from auth.permissions import Permission, Section
from auth.policy import RESPONSIBLE
from auth.reasons import NOT_YOUR_ENTRY
from auth.relations import recorder
from auth.who import Who
from documents.acts import Act
from documents.archive import archived_event, overflow
from documents.classifiers import classifiers
from documents.dossier import EVENTS_KEPT, RECENT_KEPT, Dossier
from documents.event import Attachment, Earlier, Event, RecentChange, Withdrawal
from documents.files import keep_files
from documents.model import new_id, to_bson
from documents.store import Changed, Store, Transaction
from portal.events.rules import EventDraft
from portal.events.visibility import as_correction, start_withheld
from portal.notices import tell


class SentTwice(Exception):
    """The same form came again: what it says is saved already."""


async def add_event(
    store: Store,
    who: Who,
    dossier_id: str,
    draft: EventDraft,
    attachments: Sequence[Attachment],
    now: datetime,
    submission: str = "",
) -> dict[str, str]:
    """Add one event to the dossiers it concerns, all or none. Returns the entry's id in each dossier.

    `submission` is the id the form was given: the same form sent twice makes one record.
    Raises NotFound, Forbidden: also when the person may not write for one of the siblings.
    """
    event_ids = {each: new_id() for each in (dossier_id, *draft.siblings)}
    event_ids[dossier_id] = submission or event_ids[dossier_id]
    shared_id = new_id() if draft.siblings else None
    sealed = await _seal(store, draft, now)

    async def work(transaction: Transaction) -> None:
        opened = [
            await dossier_to_change(transaction, who, each, Permission.EVENT_ADD, now, lean=True) for each in event_ids
        ]
        dossiers = [each.dossier for each in opened]
        for dossier in dossiers:
            event = _event(who, draft, event_ids[dossier.id], shared_id, attachments, sealed, now)
            event.withheld = start_withheld(draft, dossier, dossiers)
            await put_event(transaction, who, dossier, event, now)
        await keep_files(transaction, who.keys[0], attachments)

    with contextlib.suppress(SentTwice):
        await store.transact(work)
    return event_ids


async def correct_event(
    store: Store,
    who: Who,
    dossier_id: str,
    event_id: str,
    version: int,
    draft: EventDraft,
    attachments: Sequence[Attachment],
    reason: str,
    now: datetime,
) -> None:
    """Correct an entry; what it said before is kept with the reason.

    Raises Changed (with the entry as it stands) when somebody corrected it since `version` was read.
    """
    sealed = await _seal(store, draft, now)

    async def work(transaction: Transaction) -> None:
        opened, event, place = await _own_event(transaction, who, dossier_id, event_id, version, now)
        content = to_bson(event)
        earlier = Earlier(
            version=event.version,
            changed_at=now,
            changed_by=who.as_professional(),
            reason=reason,
            content={name: content[name] for name in _CONTENT if name in content},
        )
        again = _event(who, draft, event.id, event.shared_id, [*event.attachments, *attachments], sealed, now)
        corrected = as_correction(event, again, start_withheld(draft, opened.dossier, [opened.dossier]))
        corrected.version, corrected.earlier = event.version + 1, [*event.earlier, earlier]
        await _replace(transaction, who, opened.dossier, place, corrected, "corrected", now)
        await keep_files(transaction, who.keys[0], attachments)

    await store.transact(work)


async def withdraw_event(
    store: Store, who: Who, dossier_id: str, event_id: str, version: int, reason: str, now: datetime
) -> None:
    """Withdraw an entry: it stays, marked, with the reason. Raises Changed when it was corrected meanwhile."""

    async def work(transaction: Transaction) -> None:
        opened, event, place = await _own_event(transaction, who, dossier_id, event_id, version, now)
        event.withdrawn = Withdrawal(at=now, by=who.as_professional(), reason=reason)
        event.version += 1
        await _replace(transaction, who, opened.dossier, place, event, "withdrawn", now)

    await store.transact(work)


_CONTENT = ("kind", "day", "to", "ongoing", "time", "summary", "detail", "fields", "sealed", "confidentiality")


async def _seal(store: Store, draft: EventDraft, now: datetime) -> bytes | None:
    """The narrative of sensitive and restricted entries is sealed; a standard one stays searchable."""
    if draft.confidentiality == "standard":
        return None
    content = {"detail": draft.detail, "fields": draft.fields}
    return await store.secrets.seal(content, draft.confidentiality, now.year)


def _event(
    who: Who,
    draft: EventDraft,
    event_id: str,
    shared_id: str | None,
    attachments: Sequence[Attachment],
    sealed: bytes | None,
    now: datetime,
) -> Event:
    writer = who.as_professional()
    kind = classifiers().event_kinds[draft.kind]
    return Event(
        id=event_id,
        kind=kind.code,
        domain=kind.domain,
        shape=kind.shape,
        day=draft.day,
        to=draft.to,
        ongoing=draft.ongoing,
        time=draft.time,
        summary=draft.summary,
        detail="" if sealed else draft.detail,
        fields={} if sealed else draft.fields,
        sealed=sealed,
        confidentiality=draft.confidentiality,
        named_people=sorted({*draft.named_people, writer.person_id}) if draft.named_people else [],
        recorded_by=writer,
        institution_id=writer.institution_id,
        institution_name=writer.institution_name,
        recorded_at=now,
        attachments=list(attachments),
        shared_id=shared_id,
    )


async def put_event(transaction: Transaction, who: Who, dossier: Dossier, event: Event, now: datetime) -> None:
    """Add the entry to a dossier read lean: without reading the life, where there is room for one more."""
    recent = _recent(who, event, "added", now)
    room = {f"events.{EVENTS_KEPT - 1}": {"$exists": False}, "events.id": {"$ne": event.id}}
    operations = {"$push": {"events": to_bson(event), "recent": recent}, "$addToSet": _knows(who)}
    if not await transaction.change_if(dossier, operations, room, worked=now):
        await _push_where_full(transaction, who, dossier, event, recent, now)
    _tell(transaction, who, dossier, event, "added", now)


def _knows(who: Who) -> dict[str, Any]:
    """Who records keeps reading what they recorded, whatever becomes of their relation to the child."""
    role_id = who.as_professional().role_id
    return {"writers": role_id, "readers": recorder(role_id).model_dump()}


async def _push_where_full(
    transaction: Transaction, who: Who, dossier: Dossier, event: Event, recent: dict[str, Any], now: datetime
) -> None:
    """Move the oldest entries to the archive first. Raises SentTwice for an entry that is there already."""
    whole = await transaction.dossier(dossier.id)
    if whole is None:
        raise Changed
    if any(each.id == event.id for each in whole.events):
        raise SentTwice
    moved = await overflow(transaction, whole, coming=1)
    events = [*(to_bson(each) for each in whole.events), to_bson(event)]
    operations = {"$set": {**moved, "events": events}, "$push": {"recent": recent}, "$addToSet": _knows(who)}
    await transaction.change(whole, operations, worked=now)


async def _own_event(
    transaction: Transaction, who: Who, dossier_id: str, event_id: str, version: int, now: datetime
) -> tuple[Opened, Event, str]:
    """Return the entry to change and where it lies: an index in the dossier or the id of an archive bucket."""
    opened = await dossier_to_change(transaction, who, dossier_id, Permission.EVENT_CHANGE, now)
    index = next((i for i, e in enumerate(opened.dossier.events) if e.id == event_id), None)
    if index is not None:
        event, place = opened.dossier.events[index], str(index)
    else:
        found = await archived_event(transaction, opened.dossier, event_id)
        if found is None:
            raise Forbidden(NOT_YOUR_ENTRY)
        place, event = found
    if not may_change(who, opened.access, event):
        raise Forbidden(NOT_YOUR_ENTRY)
    if event.version != version or event.withdrawn is not None:
        raise Changed(event)
    return opened, event, place


async def _replace(
    transaction: Transaction, who: Who, dossier: Dossier, place: str, event: Event, change: str, now: datetime
) -> None:
    operations: dict[str, Any] = {"$push": {"recent": _recent(who, event, change, now)}}
    if place.isdigit():
        operations["$set"] = {f"events.{place}": to_bson(event)}
    else:
        await transaction.store.archive.update_one(
            {"_id": place, "events.id": event.id}, {"$set": {"events.$": to_bson(event)}}, session=transaction.session
        )
    await transaction.change(dossier, operations, worked=now)
    _tell(transaction, who, dossier, event, change, now)


def _recent(who: Who, event: Event, change: str, now: datetime) -> dict[str, Any]:
    recent = RecentChange(
        event_id=event.id,
        at=now,
        role_id=who.role.id if who.role else None,
        kind=event.kind,
        domain=event.domain,
        confidentiality=event.confidentiality,
        change=change,
    )
    return {"$each": [to_bson(recent)], "$slice": -RECENT_KEPT}


def _tell(transaction: Transaction, who: Who, dossier: Dossier, event: Event, change: str, now: datetime) -> None:
    """Record the change, and put a notice for each specialist on the case into the outbox: ids only, no text."""
    transaction.record(
        entry_for(
            who,
            Act(f"event.{change}"),
            now,
            dossier_id=dossier.id,
            subject=event.id,
            sections=[Section.TIMELINE.value, Section.EVENT_DETAIL.value],
        )
    )
    own = who.role.id if who.role else ""
    roles = {
        r.key.removeprefix("r:")
        for r in dossier.readers
        if r.relation in RESPONSIBLE and r.since <= now < r.until and r.key != f"r:{own}"
    }
    if event.confidentiality == "restricted":
        return  # that such an entry exists is known only to those it names
    tell(transaction, (f"r:{role_id}" for role_id in roles), change, now, dossier.id, event.id)
