"""A country by its boundaries: each place in its own shape, darker the larger its figure; a hidden one is hatched."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.pictures.svg import join, tag
from portal.pictures.tiles import HATCH, HATCHED, look_of

EDGE = 4  # around the sheet
LETTER = 5  # half a letter's width, in units of the sheet
LEAST_ROOM = 11


@dataclass(frozen=True, slots=True)
class Area:
    """One place: its outline, the place and room for its figure, its name, the words of the figure, its step."""

    path: str
    x: int
    y: int
    room: int
    name: str
    words: str
    step: int | None
    chosen: bool = False


def areas(shown: Sequence[Area], width: int, height: int, label: str) -> Markup:
    """The picture; the table beside it says the same, so `label` only names it. The chosen place lies on top."""
    drawn = join([_area(area) for area in sorted(shown, key=lambda area: area.chosen)])
    sheet = f"{-EDGE} {-EDGE} {width + 2 * EDGE} {height + 2 * EDGE}"
    return tag("svg", HATCH, drawn, class_="areas", viewBox=sheet, role="img", aria_label=label)


def _area(area: Area) -> Markup:
    fits = area.room >= max(LEAST_ROOM, LETTER * len(area.words))
    figure = [tag("text", area.words, class_="tile-count", x=area.x, y=area.y + 6)] if fits else []
    return tag(
        "g",
        tag("title", f"{area.name}: {area.words}"),
        tag("path", class_="tile", fill=HATCHED if area.step is None else None, fill_rule="evenodd", d=area.path),
        *figure,
        class_=look_of(area.step, area.chosen),
    )
