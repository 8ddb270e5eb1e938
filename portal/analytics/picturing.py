"""The pictures of a table: bars of one column, the same figure month by month, the municipalities as a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from documents.classifiers import classifiers
from portal.analytics.dimensions import Dimension
from portal.analytics.view import Figure, Shown, capital, figure_text
from portal.formats import month_text
from portal.pictures.bars import Bar, bars
from portal.pictures.tiles import Tile, steps, tiles
from portal.translations import gettext, language

MOST_BARS = 30


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A place in the list beside the map."""

    code: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Map:
    """The picture of the municipalities, and the same as a list with the regions and the country."""

    picture: Markup
    lines: tuple[PlaceLine, ...]


def chart(shown: Shown, column: str) -> Markup:
    """One column of a table as bars; of many lines only those that sum up others."""
    number = [code for code, _ in shown.columns].index(column)
    lines = [line for line in shown.lines if line.depth or len({each.depth for each in shown.lines}) == 1]
    if len(lines) > MOST_BARS:
        lines = [line for line in lines if line.depth == min(each.depth for each in lines)]
    drawn = [Bar(line.name, line.figures[number], figure_text(line.figures[number])) for line in lines[:MOST_BARS]]
    return bars(drawn, gettext("The figures of the table as bars"))


def history(told: Sequence[tuple[str, Figure]]) -> Markup | None:
    """One figure in every release; nothing to see with a single one."""
    if len(told) < 2:
        return None
    drawn = [Bar(month_text(first_day(month)), figure, figure_text(figure)) for month, figure in told[-MOST_BARS:]]
    return bars(drawn, gettext("The same figure month by month"))


def map_of(axis: Dimension, figures: Mapping[str, Figure]) -> Map:
    """The present municipalities as tiles, and every place as a list."""
    towns = [row for row in classifiers().municipalities.values() if row.code in figures and row.tile_col is not None]
    told = steps([figures[town.code] for town in towns])
    drawn = [
        Tile(
            (town.iso or town.code)[-3:], town.tile_col or 0, town.tile_row or 0, figure_text(figures[town.code]), step
        )
        for town, step in zip(towns, told, strict=True)
    ]
    lines = [
        PlaceLine(node.code, capital(node.label(language())), figures[node.code])
        for node in axis.nodes
        if node.code in figures
    ]
    return Map(tiles(drawn, gettext("The municipalities of Latvia as tiles")), tuple(lines))


def first_day(month: str) -> date:
    """The first day of a month written as 2026-11."""
    return date.fromisoformat(f"{month}-01")
