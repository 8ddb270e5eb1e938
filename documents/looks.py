"""Who looked at a dossier, read back from the audit log."""

from datetime import datetime, timedelta
from typing import Any

from documents.audit import AuditEntry
from documents.store import Store

# Reads closer together than this are one visit: going from page to page makes nothing "seen before".
VISIT = timedelta(minutes=30)


async def last_look(store: Store, person_id: str, dossier_id: str, now: datetime) -> datetime | None:
    """Return when the person last looked at the dossier before this visit; none for the first time."""
    row = await store.audit_entries.find_one(
        {
            "person_id": person_id,
            "act": "dossier.read",
            "dossier_id": dossier_id,
            "at": {"$lt": now - VISIT},
            "outcome": None,
        },
        {"at": 1},
        sort=[("at", -1)],
    )
    return row["at"] if row else None


async def looks_at(
    store: Store,
    dossier_id: str,
    limit: int,
    *,
    person_id: str | None = None,
    institution_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    skip: int = 0,
) -> list[AuditEntry]:
    """Return the newest audit entries that concern the dossier, also answers that named it among other children.

    From `since` (inclusive), up to and with `until`; `skip` of the newest are left out.
    """
    about: list[dict[str, Any]] = [{"dossier_id": dossier_id}, {"children": dossier_id}]
    shared: dict[str, Any] = {}
    if since or until:
        shared["at"] = ({"$gte": since} if since else {}) | ({"$lte": until} if until else {})
    if person_id:
        shared["person_id"] = person_id
    if institution_id:
        shared["institution_id"] = institution_id
    # One branch per index, each in the order of time: the engine merges them without sorting the whole log.
    query = {"$or": [branch | shared for branch in about]}
    rows = store.audit_entries.find(query).sort("at", -1).skip(skip).limit(limit)
    return [AuditEntry.model_validate(row) async for row in rows]
