"""Reading released figures: the rows of a release, on record before they are shown."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

from auth.access import entry_for
from auth.who import Who
from documents.acts import Act
from documents.boundaries import MUNICIPALITIES, Boundaries
from documents.release import Released
from documents.store import Row, Store
from portal.analytics.view import Figure

_OPEN = {"sealed": 0}  # all of a release but the figures that may not be told


def month_of(day: date) -> str:
    """The month a release is called by."""
    return f"{day:%Y-%m}"


async def released(store: Store, month: str = "") -> Released | None:
    """The release of a month, or the newest one, without its sealed figures."""
    query = {"_id": month} if month else {}
    row = await store.releases.find_one(query, _OPEN, sort=[("_id", -1)])
    return _released(row) if row else None


async def releases(store: Store) -> list[Released]:
    """All releases without their sealed figures, the newest first."""
    return [_released(row) async for row in store.releases.find({}, _OPEN).sort("_id", -1)]


def _released(row: Row) -> Released:
    return Released.model_validate(row | {"sealed": b""})


async def figures_at(store: Store, release: Released, table: str, place: str) -> dict[str, Figure]:
    """The figures of a table at one place; empty where the release has no such row."""
    row = await store.release_rows.find_one(
        {"rows": release.rows, "table": table, "place": place}, {"_id": 0, "figures": 1}
    )
    return row["figures"] if row else {}


async def figure_by_place(store: Store, release: Released, table: str, key: str) -> dict[str, Figure]:
    """One figure of a table at every place of it."""
    rows = store.release_rows.find({"rows": release.rows, "table": table}, {"_id": 0, "place": 1, f"figures.{key}": 1})
    return {row["place"]: row["figures"][key] async for row in rows if key in row.get("figures", {})}


async def whole_table(store: Store, release: Released, table: str) -> AsyncIterator[tuple[str, dict[str, Figure]]]:
    """Every place of a table with its figures."""
    rows = store.release_rows.find({"rows": release.rows, "table": table}, {"_id": 0, "place": 1, "figures": 1})
    async for row in rows:
        yield row["place"], row["figures"]


async def figure_by_month(
    store: Store, releases: Sequence[Released], table: str, place: str, key: str
) -> list[tuple[str, Figure]]:
    """One figure at a place in these releases, the oldest first."""
    months = {release.rows: release.id for release in releases}
    query = {"rows": {"$in": list(months)}, "table": table, "place": place}
    rows = store.release_rows.find(query, {"_id": 0, "rows": 1, f"figures.{key}": 1})
    found = {months[row["rows"]]: row["figures"][key] async for row in rows if key in row.get("figures", {})}
    return [(month, found[month]) for month in sorted(found)]


async def boundaries(store: Store) -> Boundaries | None:
    """The boundaries somebody loaded, if any."""
    row = await store.boundaries.find_one({"_id": MUNICIPALITIES})
    return Boundaries.model_validate(row) if row else None


async def record_reading(store: Store, who: Who, act: Act, now: datetime, subject: str) -> None:
    """Put on record which table was read; it names no child."""
    await store.audit.record(entry_for(who, act, now, subject=subject))
