"""Making a release: count in one snapshot, suppress with all earlier releases, show it whole or not at all."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from documents.acts import Act
from documents.audit import AuditEntry
from documents.classifiers import RegisteredTable, classifiers
from documents.model import day_of, new_id, to_bson
from documents.release import Released, ReleasedRow
from documents.store import Store, Transaction
from portal.analytics.counting import Counting
from portal.analytics.dimensions import dimensions
from portal.analytics.kept import earlier_releases, seal
from portal.analytics.reading import month_of, released
from portal.analytics.suppression import Figures, Release, suppress
from portal.analytics.tables import Counts, Dimensions, cell_of, figures_of, keys_of

Tell = Callable[[str], None]
BATCH = 200
TELL_EVERY = 500  # figures
LEFT_BEHIND = timedelta(days=1)  # after which rows of a making that broke off are swept


class BrokenOff(Exception):
    """Nobody waits for the answer any more."""


class AlreadyMade(Exception):
    """The month has its release: it is frozen."""


async def make_release(store: Store, now: datetime, tell: Tell = lambda _: None) -> tuple[Released, bool]:
    """Make the release of this month; says whether it was made now. Broken off, nothing of it is seen.

    It may be broken off at any moment and called again, also by two at once: one release comes of it.
    """
    day = day_of(now)
    if found := await released(store, month_of(day)):
        return found, False
    await _sweep(store, now)
    tables = list(classifiers().registered_tables.in_force(day))
    axes = dimensions(day)
    release = await _protected(store, tables, axes, day, tell)
    made = Released(
        id=month_of(day),
        day=day,
        made_at=now,
        tables=[table.code for table in tables],
        figures=len(release.figures.counts) - len(release.figures.internal),
        hidden=len(release.hidden),
        sealed=await seal(store, release, day.year),
    )
    tell("writing the tables")
    batch: list[ReleasedRow] = []
    for row in rows_of(tables, axes, release, made):
        batch.append(row)
        if len(batch) == BATCH:
            await store.release_rows.insert_many([to_bson(each) for each in batch])
            batch = []
    if batch:
        await store.release_rows.insert_many([to_bson(each) for each in batch])
    try:
        await _show(store, made, now)
    except AlreadyMade:
        await store.release_rows.delete_many({"rows": made.rows})
        return await _made_by_another(store, made.id), False
    return made, True


async def count_tables(
    store: Store, tables: Sequence[RegisteredTable], axes: Dimensions, day: date, tell: Tell = lambda _: None
) -> Figures:
    """Count every table in one snapshot, so that they fit together; nothing is protected yet."""
    counted: dict[str, Counts] = {}
    async with store.client.start_session(snapshot=True) as session:
        counting = Counting(store, session, day, axes)
        for table in tables:
            tell(f"counting {table.code}")
            counted[table.measure] = await counting.measure(table.measure)
    return figures_of(tables, axes, counted)


async def _protected(
    store: Store, tables: Sequence[RegisteredTable], axes: Dimensions, day: date, tell: Tell
) -> Release:
    """Count, and find out what to hide, in a thread of its own: it may take minutes."""
    figures = await count_tables(store, tables, axes, day, tell)
    before = await earlier_releases(store)
    tell(f"protecting {len(figures.counts)} figures; earlier releases: {len(before)}")
    stopped = threading.Event()

    def watch(waiting: int) -> None:
        if stopped.is_set():
            raise BrokenOff
        if waiting % TELL_EVERY == 0:
            tell(f"{waiting} hidden figures still to be looked at")

    try:
        return Release(figures, await asyncio.to_thread(suppress, figures, before, watch))
    finally:
        stopped.set()


def rows_of(
    tables: Iterable[RegisteredTable], axes: Dimensions, release: Release, made: Released
) -> Iterator[ReleasedRow]:
    """What pages read of a release: a row per table and place, hidden figures left empty."""
    for table in tables:
        places: dict[str, dict[str, int | None]] = {}
        for key in keys_of(table, axes):
            cell = cell_of(table, key)
            shown = None if cell in release.hidden else release.figures.counts[cell]
            places.setdefault(key[-1], {})[":".join(key[:-1])] = shown
        for place, figures in places.items():
            yield ReleasedRow(
                id=new_id(), rows=made.rows, table=table.code, place=place, figures=figures, made_at=made.made_at
            )


async def _show(store: Store, made: Released, now: datetime) -> None:
    """One transaction makes the release visible. Raises AlreadyMade."""

    async def work(transaction: Transaction) -> None:
        await transaction.insert(store.releases, made)
        transaction.record(AuditEntry(act=Act.RELEASE_MADE, at=now, subject=made.id, count=made.figures))

    try:
        await store.transact(work)
    except DuplicateKeyError:
        raise AlreadyMade from None


async def _made_by_another(store: Store, month: str) -> Released:
    found = await released(store, month)
    if found is None:
        raise AssertionError("A release is never taken back.")
    return found


async def _sweep(store: Store, now: datetime) -> None:
    """Remove rows of makings that broke off long ago."""
    kept = await store.releases.distinct("rows")
    await store.release_rows.delete_many({"made_at": {"$lt": now - LEFT_BEHIND}, "rows": {"$nin": kept}})
