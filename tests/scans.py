"""Which queries read a whole collection: MongoDB's own profiler says how it answered each one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

# A handful of rows for ever: the mark, the sealer's lease, the story's date.
SMALL = {"settings", "migrations_log"}
_ROOM = 64 << 20  # bytes of profile kept


class CollectionScan(AssertionError):
    """A query without an index; names collection and shape, never the values."""


@asynccontextmanager
async def no_collection_scans(database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[None]:
    """Within it, every find, aggregate, count, distinct, update and delete must use an index.

    Raises CollectionScan at the end. Use it around pages or finders: `async with no_collection_scans(store.database)`.
    """
    await database.command("profile", 0)
    await database.drop_collection("system.profile")
    await database.create_collection("system.profile", capped=True, size=_ROOM)
    await database.command("profile", 2)
    try:
        yield
    finally:
        await database.command("profile", 0)
    seen = await database["system.profile"].find({"ns": {"$not": {"$regex": r"\.system\."}}}).to_list()
    scans = sorted({_shape(row) for row in seen if _scans(row)})
    if not any("IXSCAN" in row.get("planSummary", "") or "IDHACK" in row.get("planSummary", "") for row in seen):
        raise AssertionError("No query was seen at all: this proves nothing.")
    if scans:
        raise CollectionScan("Queries without an index:\n" + "\n".join(scans))


def _scans(row: dict[str, Any]) -> bool:
    collection = row["ns"].partition(".")[2]
    return "COLLSCAN" in row.get("planSummary", "") and collection not in SMALL and row.get("docsExamined", 0) > 0


def _shape(row: dict[str, Any]) -> str:
    command = row.get("command", {})
    query = command.get("filter") or command.get("query") or command.get("q") or command.get("pipeline") or {}
    return f"{row['op']} {row['ns'].partition('.')[2]} {_names(query)}"


def _names(query: Any) -> Any:
    """A query with its values left out."""
    if isinstance(query, dict):
        return {name: _names(value) for name, value in query.items()}
    if isinstance(query, list):
        return [_names(value) for value in query]
    return "?"
