"""Rate limits that hold over all processes: counters in windows, gone by themselves."""

from datetime import datetime, timedelta

from pymongo import ReturnDocument

from documents.store import Store


async def within_rate(store: Store, key: str, limit: int, window: timedelta, now: datetime) -> bool:
    """Count one attempt under `key` and say whether at most `limit` were made in the present window."""
    number = int(now.timestamp() // window.total_seconds())
    row = await store.rates.find_one_and_update(
        {"_id": f"{key}:{number}"},
        {"$inc": {"count": 1}, "$setOnInsert": {"expires": now + 2 * window}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return row is not None and bool(row["count"] <= limit)
