"""The nations a bench runs on: kept between runs under `.cache`, made anew when the code that makes them changes."""

import asyncio
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from rich.console import Console

from documents import schema
from documents.model import day_of
from documents.store import DURABLE, Store
from fixtures.nation.loading import NationSummary, load_nation, nation_state
from fixtures.nation.writing import WRITTEN
from portal.bench.delta import CHILDREN, measure_delta
from portal.bench.report import Line, judged
from portal.cli.nation import plan_for
from portal.cli.stores import open_command_store

CACHE = Path(".cache")
SEED = 1
BUDGET = 3.0
COMPARED_AT = 36_000
BATCH = 1000
_ROOT = Path(__file__).resolve().parents[2]
# What the form of a nation's documents depends on.
_MODELS = (
    *("assessment", "child", "dossier", "event", "family", "institution", "involvement", "model", "person", "plan"),
    *("report", "schema", "thread"),
)
_SOURCES = (
    "fixtures/nation/*",
    "fixtures/classifiers/tool_*.csv",
    "auth/relations.py",
    *(f"documents/{name}.py" for name in _MODELS),
)
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_AT_ONCE: WriteConcern = WriteConcern(1, j=False)


def nation_folder(children: int) -> Path:
    """Return where the nation of so many children is kept; its name tells what it was made with."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(_ROOT.glob(pattern)):
            if path.is_file():
                digest.update(path.read_bytes())
    return (CACHE / f"nation-{children}-{SEED}-{digest.hexdigest()[:10]}").resolve()


@asynccontextmanager
async def open_nation(children: int, console: Console) -> AsyncIterator[tuple[Store, Path]]:
    """Open the nation, making it first where it is not there or was left incomplete; older ones go."""
    folder = nation_folder(children)
    for old in CACHE.glob(f"nation-{children}-{SEED}-*"):
        if old.resolve() != folder:
            shutil.rmtree(old)
    async with open_command_store(folder) as store:
        state = await nation_state(store)
        if state is None or state["state"] != "complete":
            console.print(f"Making a nation of {children} children …")
            summary = await _load(store, folder, children)
            console.print(summary.line())
        yield store, folder


async def measure_loading(children: int) -> tuple[Line, ...]:
    """Load a nation into an empty folder, then the same documents with the raw driver; then a register's delta."""
    folder = (CACHE / "bench-loading").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        async with open_command_store(folder) as store:
            summary = await _load(store, folder, children)
            floor = await _raw(store)
            delta = await measure_delta(store, min(CHILDREN, children))
        notes = f"{children} children: {summary.seconds:.1f} / {floor:.1f} s, {summary.events} entries"
        memory = max(summary.megabytes.values())
        both = f"the largest of {len(summary.megabytes)} processes; together {sum(summary.megabytes.values()):.0f} MB"
        return (
            judged("loading the nation", summary.seconds / floor, BUDGET, "×", notes),
            judged("memory of the nation's loader", memory, 300, " MB", both),
            delta,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _load(store: Store, folder: Path, children: int) -> NationSummary:
    now = datetime.now(UTC)
    plan = await plan_for(store, folder, children, SEED, day_of(now))
    return await load_nation(store, plan, now, fresh=True)


async def _raw(store: Store) -> float:
    """Return the seconds that writing the same documents takes: raw bytes, the same indexes, the same barrier."""
    target = store.client.get_database("raw", write_concern=_AT_ONCE)
    raw_source: AsyncDatabase[RawBSONDocument] = AsyncDatabase(store.client, store.database.name, codec_options=_RAW)  # type: ignore[arg-type]
    await schema.build(target)
    seconds = 0.0
    for name in ("institutions", *WRITTEN):
        source: AsyncCollection[RawBSONDocument] = raw_source[name]
        batches: list[Sequence[RawBSONDocument]] = []
        batch: list[RawBSONDocument] = []
        async for row in source.find({}):
            batch.append(row)
            if len(batch) == BATCH:
                batches.append(batch)
                batch = []
            if len(batches) == 2:
                seconds += await _write(target[name], batches)
                batches = []
        seconds += await _write(target[name], [b for b in (*batches, batch) if b])
    start = time.perf_counter()
    await target.get_collection("settings", write_concern=DURABLE).insert_one({"_id": "barrier"})
    return seconds + time.perf_counter() - start


async def _write(collection: object, batches: Sequence[Sequence[RawBSONDocument]]) -> float:
    start = time.perf_counter()
    await asyncio.gather(*(collection.insert_many(batch, ordered=False) for batch in batches))  # type: ignore[attr-defined]
    return time.perf_counter() - start
