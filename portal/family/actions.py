"""Which dossiers of siblings the reader may open: only to those a link leads."""

from collections.abc import Sequence
from datetime import datetime

from auth.policy import reach
from auth.who import Who
from documents.store import Store


async def reached_dossiers(store: Store, who: Who, dossier_ids: Sequence[str | None], now: datetime) -> set[str]:
    """Return those of the dossiers the person has a relation to; of the others nobody learns whether they exist."""
    wanted = [dossier_id for dossier_id in dossier_ids if dossier_id]
    if not wanted:
        return set()
    rows = store.dossiers.find({"_id": {"$in": wanted}, **reach(who, now)}, {"_id": 1})
    return {row["_id"] async for row in rows}
