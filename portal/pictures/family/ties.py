"""Lines for close, tense and caring relationships: bent round people where they can be, their word where it is free."""

from itertools import pairwise
from math import hypot
from typing import Final

from portal.pictures.family.geometry import Box, Point
from portal.pictures.family.people import Tie
from portal.pictures.family.plan import RADIUS, Plan
from portal.pictures.family.texts import WORD_SIZE
from portal.pictures.widths import text_width

_BENDS: Final = (0.0, 50.0, -50.0, 100.0, -100.0, 160.0, -160.0, 230.0, -230.0)
_PLACES: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)
_SIDES: Final = ((0.0, 0.0), (0.0, -14.0), (0.0, 14.0), (-46.0, 0.0), (46.0, 0.0), (-70.0, -12.0), (70.0, -12.0))
_STEPS: Final = 32


def tie_routes(made: Plan) -> None:
    """Adds each tie's line, and its word where one fits; without a word the line still carries it as title."""
    taken = [made.symbol_box(p) for p in made.people] + [made.label_box(p) for p in made.people]
    taken += [box for box, _, _ in made.words] + [home.label_box for home in made.homes]
    for tie in _ties(made):
        route = min((_route(made, tie, bend) for bend in _BENDS), key=lambda line: _hits(made, tie, line))
        made.ties.append((tie, route))
        word = _word_box(route, tie.text, taken)
        if word is not None:
            taken.append(word)
            made.words.append((word, tie.text, tie.kind))


def _ties(made: Plan) -> list[Tie]:
    """The given ties; a carer of another generation is one too, unless a tie already says so."""
    known = [tie for tie in made.family.ties if tie.a in made.people and tie.b in made.people and tie.a != tie.b]
    said = {frozenset((tie.a, tie.b)) for tie in known}
    far = [
        Tie(carer, child, "cares", "")
        for carer, child, _kind in made.family.far_descents()
        if frozenset((carer, child)) not in said
    ]
    return known + far


def _route(made: Plan, tie: Tie, bend: float) -> list[Point]:
    """Points of a curve from symbol to symbol, bent sideways by `bend`."""
    (ax, ay), (bx, by) = made.centre(tie.a), made.centre(tie.b)
    length = hypot(bx - ax, by - ay) or 1.0
    cx, cy = (ax + bx) / 2 - (by - ay) / length * bend * 2, (ay + by) / 2 + (bx - ax) / length * bend * 2
    line = []
    for step in range(_STEPS + 1):
        t = step / _STEPS
        x = (1 - t) ** 2 * ax + 2 * t * (1 - t) * cx + t * t * bx
        y = (1 - t) ** 2 * ay + 2 * t * (1 - t) * cy + t * t * by
        if hypot(x - ax, y - ay) > RADIUS + 2 and hypot(x - bx, y - by) > RADIUS + 2:
            line.append((x, y))
    return line or [(ax, ay), (bx, by)]


def _hits(made: Plan, tie: Tie, line: list[Point]) -> float:
    """How much a line disturbs: points on others' symbols and words, and its length."""
    hits = 0.0
    for person in made.people:
        label = made.label_box(person)
        hits += 1.5 * sum(label.holds(x, y) for x, y in line)
        if person not in (tie.a, tie.b):
            symbol = made.symbol_box(person)
            hits += 4 * sum(symbol.holds(x, y) for x, y in line)
    length = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line))
    return hits + length / 150


def _word_box(line: list[Point], text: str, taken: list[Box]) -> Box | None:
    width = text_width(text, WORD_SIZE, bold=True)
    if not text:
        return None
    for sideways, upward in _SIDES:
        for place in _PLACES:
            x, y = line[int(place * (len(line) - 1))]
            x, y = x + (sideways and (sideways / abs(sideways)) * (width / 2 + 10)), y + upward
            box = Box(x - width / 2, y - 10, x + width / 2, y + 8)
            if not any(box.overlaps(other) for other in taken):
                return box
    return None
