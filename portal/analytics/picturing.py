"""The pictures of a table: bars of one column, the same figure month by month, the municipalities as a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from documents.boundaries import Boundaries
from documents.classifiers import Municipality, classifiers
from portal.analytics.dimensions import Dimension
from portal.analytics.view import Figure, Line, Shown, capital, figure_text
from portal.formats import month_text
from portal.pictures.areas import Area, areas
from portal.pictures.bars import Bar, bars
from portal.pictures.tiles import Tile, steps, tiles
from portal.translations import gettext, language

MOST_BARS = 30


@dataclass(frozen=True, slots=True)
class Map:
    """The picture of the municipalities, and the same as a list with the regions and the country."""

    picture: Markup
    label: str
    lines: tuple[Line, ...]
    chosen: str  # name of the municipality with a line around it, if any


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


def map_of(axis: Dimension, figures: Mapping[str, Figure], drawn: Boundaries | None, place: str) -> Map:
    """The present municipalities and every place as a list; tiles unless boundaries of all of them were loaded.

    `place` is drawn with a line around it.
    """
    towns = [row for row in classifiers().municipalities.values() if row.code in figures and row.tile_col is not None]
    told = list(zip(towns, steps([figures[town.code] for town in towns]), strict=True))
    if drawn and all(town.code in drawn.outlines for town in towns):
        label = gettext("The municipalities of Latvia on a map")
        shapes = [_area(town, drawn, figures[town.code], step, place) for town, step in told]
        picture = areas(shapes, drawn.width, drawn.height, label)
    else:
        label = gettext("The municipalities of Latvia as tiles")
        picture = tiles([_tile(town, figures[town.code], step, place) for town, step in told], label)
    lang = language()
    lines = [
        Line(node.code, capital(node.label(lang)), node.depth, (figures[node.code],))
        for node in axis.nodes
        if node.code in figures
    ]
    chosen = next((town.label(lang) for town in towns if town.code == place), "")
    return Map(picture, label, tuple(lines), chosen)


def _tile(town: Municipality, figure: Figure, step: int | None, place: str) -> Tile:
    short = (town.iso or town.code)[-3:]
    column, row = town.tile_col or 0, town.tile_row or 0
    return Tile(short, town.label(language()), column, row, figure_text(figure), step, town.code == place)


def _area(town: Municipality, drawn: Boundaries, figure: Figure, step: int | None, place: str) -> Area:
    own = drawn.outlines[town.code]
    name, words = town.label(language()), figure_text(figure)
    return Area(own.path, own.x, own.y, own.room, name, words, step, town.code == place)


def first_day(month: str) -> date:
    """The first day of a month written as 2026-11."""
    return date.fromisoformat(f"{month}-01")
