"""Reading the log of a dossier: one page of entries, and the people in it by one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.access import Opened
from documents.audit import AuditEntry
from documents.looks import looks_at
from documents.model import start_of
from documents.person import Person
from documents.store import Store
from portal.access_log.cursor import cursor_after, read_cursor
from portal.access_log.rules import own_staff_only
from portal.timeline.filters import Filters

PAGE = 50


@dataclass(frozen=True)
class LogPage:
    """Raw entries of one page, who is in them, and the cursor of the page after it (none at the end)."""

    entries: list[AuditEntry]
    people: dict[str, Person]
    older: str | None


async def read_log(
    store: Store, opened: Opened, days: Filters, person_id: str, institution_id: str, cursor: str
) -> LogPage:
    """Return a page of the log; `days` gives the period. A head's question is narrowed to the own institution."""
    before = read_cursor(cursor) if cursor else None
    until = start_of(days.until + timedelta(days=1)) - timedelta(milliseconds=1) if days.until else None
    own = opened.who.institution_id if own_staff_only(opened) else None
    found = await looks_at(
        store,
        opened.dossier.id,
        PAGE + 1,
        person_id=person_id or None,
        institution_id=own or institution_id or None,
        since=start_of(days.since) if days.since else None,
        until=_earliest(before[0] if before else None, until),
        skip=before[1] if before else 0,
        also=opened.dossier.joined_ids,
    )
    entries = found[:PAGE]
    older = cursor_after(entries, before) if len(found) > PAGE else None
    return LogPage(entries, await _people(store, entries), older)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment), default=None)


async def _people(store: Store, entries: Sequence[AuditEntry]) -> dict[str, Person]:
    ids = {entry.person_id for entry in entries if entry.person_id}
    if not ids:
        return {}
    rows = store.people.find({"_id": {"$in": sorted(ids)}}, {"given_name": 1, "family_name": 1, "roles": 1})
    return {row["_id"]: Person.model_validate(row) async for row in rows}
