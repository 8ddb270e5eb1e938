"""Rate limits that hold over all processes: counters in windows, gone by themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import ReturnDocument, WriteConcern

from documents.store import Store

Limit = tuple[int, timedelta]  # at most so many in a window


async def within_rates(store: Store, key: str, limits: Sequence[Limit], now: datetime) -> bool:
    """Count one attempt under `key` and say whether every limit still holds.

    One write: a document per longest window holds a counter for each window in it. A counter lost with a node
    is no loss, so nothing waits for a majority.
    """
    longest = max(window for _, window in limits)
    counters = {f"{int(window.total_seconds())}_{_number(now, window)}": limit for limit, window in limits}
    row = await store.rates.with_options(write_concern=WriteConcern(1)).find_one_and_update(
        {"_id": f"{key}:{_number(now, longest)}"},
        {
            "$inc": dict.fromkeys((f"made.{name}" for name in counters), 1),
            "$setOnInsert": {"expires": now + 2 * longest},
        },
        {"made": 1},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return row is not None and all(row["made"][name] <= limit for name, limit in counters.items())


def _number(now: datetime, window: timedelta) -> int:
    return int(now.timestamp() // window.total_seconds())
