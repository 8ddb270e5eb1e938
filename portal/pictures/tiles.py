"""A country as tiles: each place a square where it lies, darker the larger its share; a hidden one is hatched."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.pictures.svg import join, tag

SIDE, GAP = 62, 5
STEPS = 5
HATCHED = "url(#hatched)"
HATCH = tag(
    "defs",
    tag(
        "pattern",
        tag("path", class_="hatch", d="M0 8L8 0M-2 2L2-2M6 10L10 6"),
        id="hatched",
        width=8,
        height=8,
        patternUnits="userSpaceOnUse",
    ),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One place: short name, name, column and row counted from the north-west, the words of its figure, its step.

    `step` is 1 (least) to 5 (most), 0 for nothing, none where the figure is not shown.
    """

    short: str
    name: str
    column: int
    row: int
    words: str
    step: int | None
    chosen: bool = False


def tiles(shown: Sequence[Tile], label: str) -> Markup:
    """The picture; the table beside it says the same, so `label` only names it."""
    width = (max((tile.column for tile in shown), default=0) + 1) * (SIDE + GAP)
    height = (max((tile.row for tile in shown), default=0) + 1) * (SIDE + GAP)
    drawn = join([_tile(tile) for tile in shown])
    return tag("svg", HATCH, drawn, class_="tiles", viewBox=f"0 0 {width} {height}", role="img", aria_label=label)


def steps(figures: Sequence[int | None]) -> list[int | None]:
    """The step of each figure: the shown ones above 0 in five groups as equal as they go; equal figures together."""
    told = sorted(figure for figure in figures if figure)
    return [
        None if figure is None else 0 if figure == 0 else 1 + STEPS * told.index(figure) // len(told)
        for figure in figures
    ]


def look_of(step: int | None, chosen: bool) -> str:
    """The class of a place by its step; the chosen one has a line around it."""
    return f"step-{'hidden' if step is None else step}{' chosen' if chosen else ''}"


def _tile(tile: Tile) -> Markup:
    x, y = tile.column * (SIDE + GAP), tile.row * (SIDE + GAP)
    fill = HATCHED if tile.step is None else None
    return tag(
        "g",
        tag("title", f"{tile.name}: {tile.words}"),
        tag("rect", class_="tile", fill=fill, x=x + 1, y=y + 1, width=SIDE, height=SIDE, rx=8),
        tag("text", tile.short, class_="tile-name", x=x + SIDE / 2, y=y + 26),
        tag("text", tile.words, class_="tile-count", x=x + SIDE / 2, y=y + 47),
        class_=look_of(tile.step, tile.chosen),
    )
