"""Demo mode is a property of the database: a marked one never holds real people, an unmarked one never demo sign-in."""

from datetime import datetime

from documents.store import Store
from documents.trouble import Trouble

MARK = "mode"


class WrongDatabase(Trouble):
    """A demo command on a real register, or the other way round."""


async def is_marked(store: Store) -> bool:
    """Whether this database was made for demo, tests or bench."""
    row = await store.database["settings"].find_one({"_id": MARK})
    return bool(row and row.get("demo"))


async def mark_if_empty(store: Store, now: datetime) -> bool:
    """Mark an empty database as a demo one; returns whether it is marked now."""
    if await is_marked(store):
        return True
    if await store.people.find_one({}, {"_id": 1}) or await store.dossiers.find_one({}, {"_id": 1}):
        return False
    if await store.audit_entries.find_one({}, {"_id": 1}):
        return False
    await store.database["settings"].insert_one({"_id": MARK, "demo": True, "at": now})
    return True
