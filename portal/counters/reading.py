"""What the counters say: to a head of the own cases, to operations of everything; never half of two countings."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from auth.permissions import Permission
from auth.policy import may
from auth.who import Who
from documents.store import Store
from portal.counters.parts import LED, PLANNED, SEPARATOR, WAITING
from portal.counters.state import STATE, beginning_with, counting_in

Counts = Counter[tuple[str, ...]]  # the parts of a key → how many


@dataclass(frozen=True)
class OwnCounts:
    """A head's open cases: by prevention level, and by what of them is so; cases of each role of the staff."""

    as_of: datetime
    levels: dict[int, int]
    led: int
    planned: int
    waiting: int
    loads: dict[str, int]

    @property
    def all(self) -> int:
        """All cases."""
        return sum(self.levels.values())

    @property
    def unled(self) -> int:
        """Those nobody leads."""
        return self.all - self.led


async def counts_of(store: Store, *beginnings: str) -> tuple[datetime, Counts] | None:
    """Return the counters whose keys begin so (all without any), as of when; none before the first counting."""
    found = Counts()
    async with store.client.start_session(snapshot=True) as session:
        counting = counting_in(await store.database["settings"].find_one({"_id": STATE}, session=session))
        if counting is None:
            return None
        start = f"{counting.generation}{SEPARATOR}"
        asked = [beginning_with(start + beginning) for beginning in beginnings or ("",)]
        async for row in store.counters.find({"$or": asked}, session=session):
            found[tuple(row["_id"].split(SEPARATOR)[1:])] = row["n"]
    return counting.as_of, found


async def own_counts(store: Store, who: Who) -> OwnCounts | None:
    """Return the counts of the head's institution, or of the cases of the units below the head of one.

    None for who heads nothing, and before the first counting. Whose caseload a page shows, the page decides.
    """
    if who.role is None or not may(who, Permission.OVERSIGHT).allowed:
        return None
    institution = who.role.institution_id
    found = await counts_of(store, f"case|{institution}|", f"load|{institution}|")
    if found is None:
        return None
    as_of, counts = found
    units = set(who.subtree) if who.role.unit_id else None
    levels, marks, loads = Counter[int](), Counter[str](), dict[str, int]()
    for key, n in counts.items():
        if key[0] == "load":
            loads[key[2]] = n
        elif units is None or not units.isdisjoint(key[2].split(",")):
            levels[int(key[3])] += n
            marks.update(dict.fromkeys(key[4:], n))
    return OwnCounts(as_of, dict(sorted(levels.items())), marks[LED], marks[PLANNED], marks[WAITING], loads)
