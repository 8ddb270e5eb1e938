"""Who looked at a dossier, read back from the audit log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from documents.audit import AuditEntry
from documents.store import Row, Store

# Reads closer together than this are one visit: going from page to page makes nothing "seen before".
VISIT = timedelta(minutes=30)


async def find_with_last_look(
    store: Store, query: Row, person_id: str, dossier_id: str, now: datetime
) -> tuple[Row, datetime | None] | None:
    """Return the dossier `query` finds and when the person last looked at it before this visit, in one journey.

    None when nothing is found; no moment when it is the first visit.
    """
    look = {
        "person_id": person_id,
        "act": "dossier.read",
        "dossier_id": dossier_id,
        "at": {"$lt": now - VISIT},
        "outcome": None,
    }
    newest = [{"$match": look}, {"$sort": {"at": -1}}, {"$limit": 1}, {"$project": {"at": 1}}]
    joined = {"$lookup": {"from": "audit", "pipeline": newest, "as": "last_look"}}
    rows = await (await store.dossiers.aggregate([{"$match": query}, joined])).to_list(1)
    if not rows:
        return None
    looks = rows[0].pop("last_look")
    return rows[0], looks[0]["at"] if looks else None


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
    also: Sequence[str] = (),
) -> list[AuditEntry]:
    """Return the newest audit entries that concern the dossier, also answers that named it among other children.

    From `since` (inclusive), up to and with `until`; `skip` of the newest are left out; `also` are dossiers that were
    joined with this one.
    """
    ids = {"$in": [dossier_id, *also]} if also else dossier_id
    about: list[dict[str, Any]] = [{"dossier_id": ids}, {"children": ids}]
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
