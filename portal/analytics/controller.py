"""Figures for governance: the registered tables of a release, by place, on the map, as CSV."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from auth.access import NotFound
from auth.permissions import Permission
from documents.acts import Act
from documents.classifiers import RegisteredTable, classifiers
from documents.release import Released
from documents.store import Store
from portal.analytics.dimensions import ALL, Dimension, dimensions
from portal.analytics.monthly import being_made
from portal.analytics.picturing import chart, first_day, history, map_of
from portal.analytics.reading import (
    boundaries,
    figure_by_month,
    figure_by_place,
    figures_at,
    record_reading,
    released,
    releases,
    whole_table,
)
from portal.analytics.view import (
    HIDDEN,
    capital,
    columns_of,
    figure_text,
    folded,
    key_of,
    places,
    shown,
    table_named,
    totals_of,
)
from portal.csv_cells import csv_line
from portal.formats import month_text
from portal.page import Request, page
from portal.runtime import runtime
from portal.translations import N_, gettext, language

READ = Permission.ANALYTICS_READ
# Types of institution that govern the municipality they are in, and the one that governs all the region around it.
LOCAL, REGIONAL = ("municipality", "education_board", "cooperation_group"), "planning_region"
HEADINGS = {
    "place": N_("Place"),
    "age": N_("Age"),
    "age_group": N_("Age"),
    "report_age": N_("Age"),
    "level": N_("Prevention level"),
    "need": N_("Need"),
    "factor": N_("Risk factor"),
    "risk": N_("Level of risk"),
    "event_kind": N_("Event"),
    "service": N_("Service"),
    "care": N_("What they have"),
}


@dataclass(frozen=True)
class Asked:
    """What a page of figures was asked for: the table, the release, and which rows of it."""

    table: RegisteredTable
    releases: Sequence[Released]
    release: Released
    axes: Mapping[str, Dimension]
    place: str
    row: str
    column: str
    part: str

    @property
    def key(self) -> str:
        """The one figure a chart or map shows."""
        return key_of(self.row, self.column)


class AnalyticsController(Controller):
    """`/analytics`. Filters choose rows of a registered table; nothing is crossed freely."""

    @get("/analytics", name="analytics", opt={"permission": READ})
    async def tables(self, request: Request) -> Response[Any]:
        """The registered tables, what each counts, and when they were last released."""
        store, state = runtime(request).store, request.scope["state"]
        newest = await released(store)
        await record_reading(store, state["who"], Act.ANALYTICS_READ, state["now"], newest.id if newest else "")
        known = [(table, table.label(language())) for table in classifiers().registered_tables.values()]
        listed = [each for each in known if newest and each[0].code in newest.tables]
        making = newest is None and await being_made(store, state["now"])
        return page(request, "analytics/tables.html", tables=listed, release=newest, making=making)

    @get("/analytics/{table:str}", name="analytics_table", opt={"permission": READ})
    async def table(self, request: Request, table: FromPath[str]) -> Response[Any]:
        """One table at one place, as a chart and in full."""
        store, state = runtime(request).store, request.scope["state"]
        asked = await _asked(request, table)
        await record_reading(store, state["who"], Act.ANALYTICS_READ, state["now"], f"{asked.release.id} {table}")
        figures = await figures_at(store, asked.release, asked.table.code, asked.place)
        lines = shown(asked.table, asked.axes, figures, asked.part)
        told = await figure_by_month(store, asked.releases, asked.table.code, asked.place, asked.key)
        return page(
            request,
            "analytics/table.html",
            **_context(asked),
            shown=lines,
            folds=folded(lines.lines),
            chart=chart(lines, asked.column),
            history=history(told),
            parts=totals_of(asked.axes[asked.table.dimensions[0]]),
        )

    @get("/analytics/{table:str}/map", name="analytics_map", opt={"permission": READ})
    async def map(self, request: Request, table: FromPath[str]) -> Response[Any]:
        """One figure of a table in every municipality."""
        store, state = runtime(request).store, request.scope["state"]
        asked = await _asked(request, table)
        await record_reading(store, state["who"], Act.ANALYTICS_READ, state["now"], f"{asked.release.id} {table} map")
        found = await figure_by_place(store, asked.release, asked.table.code, asked.key)
        drawn = map_of(asked.axes["place"], found, await boundaries(store), asked.place)
        return page(request, "analytics/map.html", **_context(asked), map=drawn, folds=folded(drawn.lines))

    @get("/analytics/{table:str}/csv", name="analytics_csv", opt={"permission": READ})
    async def csv(self, request: Request, table: FromPath[str]) -> Stream:
        """The whole table of a release, on record before its first line."""
        store, state = runtime(request).store, request.scope["state"]
        asked = await _asked(request, table)
        await record_reading(store, state["who"], Act.ANALYTICS_TAKEN, state["now"], f"{asked.release.id} {table}")
        headers = {"Content-Disposition": f'attachment; filename="{asked.table.code}-{asked.release.id}.csv"'}
        return Stream(_lines(store, asked, language()), media_type="text/csv; charset=utf-8", headers=headers)


async def _asked(request: Request, code: str) -> Asked:
    """Read the address. Raises NotFound for a table or month that is not there; an unknown filter counts as none."""
    store, query = runtime(request).store, request.query_params
    table = table_named(code)
    known, month = await releases(store), query.get("month", "")[:7]
    release = next((each for each in known if not month or each.id == month), None)
    if table is None or release is None or table.code not in release.tables:
        raise NotFound
    axes = dimensions(release.day)
    rows = axes[table.dimensions[0]]
    columns = [column for column, _ in columns_of(table, axes)]
    place = query.get("place", "")
    own = request.scope["state"]["who"].role
    row, column, part = query.get("row", ""), query.get("column", ""), query.get("rows", "")
    return Asked(
        table=table,
        releases=known,
        release=release,
        axes=axes,
        place=place if axes["place"].node(place) else await _own_place(store, axes, own and own.institution_id),
        row=row if rows.node(row) else rows.nodes[0].code,
        column=column if column in columns else _first_told(columns),
        part=part if part in rows.parts else ALL,
    )


def _first_told(columns: list[str]) -> str:
    """The column a chart shows first: of prevention levels those with a need, else everything."""
    return "identified" if "identified" in columns else columns[0]


async def _own_place(store: Store, axes: Mapping[str, Dimension], institution_id: str | None) -> str:
    """Who governs a municipality or a region begins with its figures, everybody else with the country's."""
    query = {"_id": institution_id, "type": {"$in": [*LOCAL, REGIONAL]}}
    row = await store.institutions.find_one(query, {"municipality": 1, "type": 1}) if institution_id else None
    place = axes["place"].node(row.get("municipality", "")) if row else None
    if row is None or place is None:
        return ALL
    return place.parent or ALL if row["type"] == REGIONAL else place.code


def _context(asked: Asked) -> dict[str, Any]:
    lang, columns = language(), columns_of(asked.table, asked.axes)
    place, rows = asked.axes["place"].node(asked.place), asked.axes[asked.table.dimensions[0]]
    row = rows.node(asked.row)
    return {
        "asked": asked,
        "name": asked.table.label(lang),
        "definition": asked.table.definition(lang),
        "place_name": capital(place.label(lang)) if place else "",
        "row_name": capital(row.label(lang)) if row else "",
        "column_name": dict(columns)[asked.column],
        "places": places(asked.axes["place"]),
        "rows": [(node.code, capital(node.label(lang))) for node in rows.nodes],
        "columns": columns,
        "charted": [code for code, _ in columns].index(asked.column),
        "months": [(each.id, month_text(first_day(each.id))) for each in asked.releases],
        "row_heading": gettext(HEADINGS[asked.table.dimensions[0]]),
        "hidden_sign": HIDDEN,
        "figure_text": figure_text,
    }


async def _lines(store: Store, asked: Asked, lang: str) -> AsyncIterator[bytes]:
    """A line for each figure: the place, the values of the dimensions, the count or the sign of what is hidden."""
    table, axes = asked.table, asked.axes
    names = {name: {node.code: node.label(lang) for node in axes[name].nodes} for name in table.dimensions}
    headings = [gettext(HEADINGS[name]) for name in ("place", *table.dimensions[:-1])]
    yield "\ufeff".encode() + csv_line([gettext("Day"), gettext("Code of the place"), *headings, gettext("Count")])
    async for place, figures in whole_table(store, asked.release, table.code):
        start = [asked.release.day.isoformat(), place if place.isdigit() else "", names["place"][place]]
        for key, figure in figures.items():
            values = [names[n][v] for n, v in zip(table.dimensions[:-1], key.split(":"), strict=True)]
            yield csv_line([*start, *values, HIDDEN if figure is None else str(figure)])
