"""Releases of the bench's own: the nation's figures counted as for a true release, everything small simply hidden.

A true one is protected by linear programs and takes its time; what a page reads of either has the same form.
"""

from datetime import datetime

from documents.classifiers import classifiers
from documents.model import day_of, to_bson
from documents.release import Released
from documents.store import Store
from portal.analytics.dimensions import dimensions
from portal.analytics.kept import seal
from portal.analytics.reading import released
from portal.analytics.releasing import count_tables, rows_of
from portal.analytics.suppression import Release, small

YEAR = 2000  # of the bench's own releases: no release of a register is as old
MONTHS = 12


async def ensure_release(store: Store, now: datetime) -> None:
    """Make a year of releases where the nation has none at all."""
    if await released(store):
        return
    day = day_of(now)
    tables, axes = list(classifiers().registered_tables.in_force(day)), dimensions(day)
    figures = await count_tables(store, tables, axes, day)
    release = Release(figures, small(figures))
    sealed = await seal(store, release, day.year)
    for month in range(1, MONTHS + 1):
        made = Released(
            id=f"{YEAR}-{month:02}",
            day=day,
            made_at=now,
            tables=[table.code for table in tables],
            figures=len(figures.counts) - len(figures.internal),
            hidden=len(release.hidden),
            sealed=sealed,
        )
        await store.release_rows.insert_many([to_bson(row) for row in rows_of(tables, axes, release, made)])
        await store.releases.insert_one(to_bson(made))
