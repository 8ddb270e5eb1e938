"""Old addresses: a provisional dossier that was joined with another leads to it whoever may open that one."""

from datetime import datetime

from auth.policy import reach
from auth.who import Who
from documents.store import Store

LONGEST_WAY = 5  # a dossier joined with one that was joined later


async def joined_with(store: Store, who: Who, dossier_id: str, now: datetime) -> str | None:
    """Return where a tombstone leads, if the person reaches that dossier; to anybody else nothing is there."""
    to = dossier_id
    for _ in range(LONGEST_WAY):
        row = await store.dossiers.find_one({"_id": to, "erased": None}, {"joined_into": 1})
        if row is None or row.get("joined_into") is None:
            break
        to = row["joined_into"]
    if to == dossier_id:
        return None
    return to if await store.dossiers.find_one({"_id": to, **reach(who, now)}, {"_id": 1}) else None
