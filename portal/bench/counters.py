"""The internal counters: counting everything anew against the bare aggregation, and how soon they follow a change."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime
from statistics import median

from documents.store import Row, Store
from portal.bench.pages import Pace
from portal.bench.report import MISSED, Line, judged
from portal.bench.samples import Samples
from portal.bench.saving import put_back, who_signed
from portal.counters.following import EVERY, Following
from portal.counters.parts import PARTS, SEPARATOR
from portal.counters.reading import counts_of
from portal.counters.rebuilding import rebuild
from portal.levels.actions import LevelDraft, change_level

REBUILD, FOLLOWS = 3.0, 5.0
CHANGES = 10
SHORT = 0.02  # seconds between two looks at the counter
PATIENCE = 60.0


async def measure_counters(store: Store, samples: Samples, pace: Pace) -> list[Line]:
    """Return both figures; what is counted is held against what the bare aggregation finds."""
    return [await _rebuilding(store, pace), await _following(store, samples)]


async def _rebuilding(store: Store, pace: Pace) -> Line:
    mine, floor = [], []
    same = True
    for _ in range(pace.turns + 1):  # the first turn brings the collection into the cache
        start = time.perf_counter()
        expected = await _bare(store)
        floor.append(time.perf_counter() - start)
        start = time.perf_counter()
        await rebuild(store, datetime.now(UTC))
        mine.append(time.perf_counter() - start)
        found = await counts_of(store)
        same = same and found is not None and {SEPARATOR.join(key): n for key, n in found[1].items()} == expected
    ours, bare = median(mine[1:]), median(floor[1:])
    what = "counting all cases anew"
    if not same:
        return Line(what, "–", f"≤ {REBUILD:g}×", MISSED, "FAILED: other figures than the bare aggregation's")
    return judged(what, ours / bare, REBUILD, "×", f"{ours:.2f} / {bare:.2f} s, {len(expected)} counters")


async def _bare(store: Store) -> Counter[str]:
    """The same counters by one aggregation, kept nowhere."""
    found = Counter[str]()
    for name, stages in PARTS.items():
        sums: list[Row] = [{"$unwind": "$keys"}, {"$group": {"_id": "$keys", "n": {"$sum": 1}}}]
        async for row in await store.database[name].aggregate([*stages, *sums]):
            found[row["_id"]] = row["n"]
    return found


async def _following(store: Store, samples: Samples) -> Line:
    """Change levels while a worker follows as it does beside the pages; the slowest counter counts."""
    now = datetime.now(UTC)
    targets = samples.dossiers[:CHANGES]
    people = await who_signed(store, {who.person_id: who for _, who in targets}, now)
    before = await store.dossiers.find({"_id": {"$in": [dossier for dossier, _ in targets]}}).to_list()
    rows = {row["_id"]: row for row in before}
    following = Following(store, "bench", lambda: datetime.now(UTC))

    async def follow() -> None:
        while True:
            await following.step()
            await asyncio.sleep(EVERY)

    worker = asyncio.create_task(follow())
    seconds = []
    try:
        for dossier_id, signed in targets:
            row = rows[dossier_id]
            level = 3 if row["level"] != 3 else 2
            key = ("place", row.get("municipality", ""), str(level))
            was = await _counter(store, key)
            draft = LevelDraft(level, "new_risks", "", "child_rights_law")
            levels = len(row.get("levels", ()))
            await change_level(store, people[signed.person_id], dossier_id, draft, levels, datetime.now(UTC))
            start = time.perf_counter()
            while await _counter(store, key) == was and time.perf_counter() - start < PATIENCE:  # noqa: ASYNC110
                await asyncio.sleep(SHORT)
            seconds.append(time.perf_counter() - start)
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        await following.let_go()
        await put_back(store, before)
    notes = f"the slowest of {len(seconds)}; half within {median(seconds):.1f} s"
    return judged("from a saved change to its counter", max(seconds), FOLLOWS, " s", notes)


async def _counter(store: Store, key: tuple[str, ...]) -> int:
    found = await counts_of(store, SEPARATOR.join(key))
    return found[1][key] if found else 0
