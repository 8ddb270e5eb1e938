"""Lines for close, tense and caring relationships: bent round people where they can be, their word where it is free."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from math import hypot
from typing import Final

from portal.pictures.family.connectors import Segment, connectors, slash_place
from portal.pictures.family.geometry import Box, Point
from portal.pictures.family.people import Tie
from portal.pictures.family.plan import RADIUS, Plan
from portal.pictures.family.texts import WORD_SIZE
from portal.pictures.widths import text_width

_SIDES_OUT: Final = ((0.0, 0.0), (-1.0, 0.0), (1.0, 0.0), (-0.7, -0.7), (0.7, -0.7))
_REACHES: Final = (60.0, 150.0)
_BACK: Final = 60.0  # a line leaves away from its goal only where the goal is nearly above or below
_PLACES: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)
_BESIDE: Final = ((0.0, 0.0), (0.0, -14.0), (0.0, 14.0), (-46.0, 0.0), (46.0, 0.0), (-70.0, -12.0), (70.0, -12.0))
_CLEAR: Final = 6.0  # how far a line should stay from words
_STEPS: Final = 20


def tie_routes(made: Plan) -> None:
    """Adds each tie's line, and its word where one fits; without a word the line still carries it as title."""
    taken = [made.symbol_box(p) for p in made.people] + [made.label_box(p) for p in made.people]
    taken += [Box(x - 14, y - 12, x + 14, y + 12) for x, y in map(partial(slash_place, made), made.family.couples())]
    taken += [box for box, _, _ in made.words] + [home.label_box for home in made.homes]
    tree = [segment for line in connectors(made) for segment in line.segments]
    for tie in _ties(made):
        near = [box.grown(_CLEAR) for box in taken]
        route = min(_routes(made, tie), key=lambda line: _hits(made, tie, line, near, tree))
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


def _routes(made: Plan, tie: Tie) -> Iterator[list[Point]]:
    """Curves from symbol to symbol that leave straight, sideways or upward and swing out more or less."""
    a, b = made.centre(tie.a), made.centre(tie.b)
    across = b[0] - a[0]
    for out_a in _SIDES_OUT:
        for out_b in _SIDES_OUT:
            if out_a[0] * across < -_BACK or out_b[0] * -across < -_BACK:
                continue
            for reach in _REACHES if any(out_a) or any(out_b) else _REACHES[:1]:
                yield _curve(a, b, out_a, out_b, reach)


def _curve(a: Point, b: Point, out_a: Point, out_b: Point, reach: float) -> list[Point]:
    """Points of a curve between two symbols' edges; (0, 0) leaves towards the other."""
    length = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    ahead = ((b[0] - a[0]) / length, (b[1] - a[1]) / length)
    way_a = out_a if any(out_a) else ahead
    way_b = out_b if any(out_b) else (-ahead[0], -ahead[1])
    edge = RADIUS + 3
    start, end = (a[0] + way_a[0] * edge, a[1] + way_a[1] * edge), (b[0] + way_b[0] * edge, b[1] + way_b[1] * edge)
    bend_a = (start[0] + way_a[0] * reach, start[1] + way_a[1] * reach)
    bend_b = (end[0] + way_b[0] * reach, end[1] + way_b[1] * reach)
    line = []
    for step in range(_STEPS + 1):
        t = step / _STEPS
        shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        corners = (start, bend_a, bend_b, end)
        line.append(
            (
                sum(share * corner[0] for share, corner in zip(shares, corners, strict=True)),
                sum(share * corner[1] for share, corner in zip(shares, corners, strict=True)),
            )
        )
    return line


def _hits(made: Plan, tie: Tie, line: list[Point], taken: list[Box], tree: list[Segment]) -> float:
    """How much a line disturbs: points on symbols, words and the tree, length, leaving the family's frame."""
    hits = 6.0 * sum(box.holds(x, y) for box in taken for x, y in line)
    hits += 1.2 * sum(_near(segment, x, y) for segment in tree for x, y in line)
    left, right = min(made.x.values()), max(made.x.values())
    outside = sum(max(0.0, left - x, x - right) for x, _ in line) / len(line)
    length = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line))
    direct = hypot(made.x[tie.a] - made.x[tie.b], made.centre(tie.a)[1] - made.centre(tie.b)[1])
    return hits + (length - direct) / 25 + outside / 10


def _near(segment: Segment, x: float, y: float) -> bool:
    (ax, ay), (bx, by) = segment
    return min(ax, bx) - 7 < x < max(ax, bx) + 7 and min(ay, by) - 7 < y < max(ay, by) + 7


def _word_box(line: list[Point], text: str, taken: list[Box]) -> Box | None:
    width = text_width(text, WORD_SIZE, bold=True)
    if not text:
        return None
    for sideways, upward in _BESIDE:
        for place in _PLACES:
            x, y = line[int(place * (len(line) - 1))]
            x, y = x + (sideways and (sideways / abs(sideways)) * (width / 2 + 10)), y + upward
            box = Box(x - width / 2, y - 10, x + width / 2, y + 8)
            if not any(box.overlaps(other) for other in taken):
                return box
    return None
