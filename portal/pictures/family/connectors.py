"""The courses of the family tree's lines: between a couple, and from parents down to their children."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from portal.pictures.family.geometry import Point
from portal.pictures.family.people import Union
from portal.pictures.family.plan import RADIUS, Plan, bracket_y

BAR: Final = 13.0  # height between the bars of two groups of siblings

Segment = tuple[Point, Point]


@dataclass(frozen=True, slots=True)
class Connector:
    """Straight pieces of one line; `dashed` for a couple that is not married, or care without birth."""

    segments: tuple[Segment, ...]
    dashed: bool


def connectors(made: Plan) -> list[Connector]:
    """All lines of the tree."""
    return couple_connectors(made) + descent_connectors(made)


def couple_connectors(made: Plan) -> list[Connector]:
    """Side by side a line from symbol to symbol; apart a line over the heads of those between."""
    found = []
    for couple in made.family.couples():
        (xa, y), (xb, _) = sorted((made.centre(couple.a), made.centre(couple.b)))
        level = made.brackets.get(frozenset((couple.a, couple.b)))
        if level is None:
            segments: tuple[Segment, ...] = (((xa, y), (xb, y)),)
        else:
            over = bracket_y(made, couple.a, level)
            segments = (((xa, y), (xa, over)), ((xa, over), (xb, over)), ((xb, over), (xb, y)))
        found.append(Connector(segments, couple.kind != "married"))
    return found


def slash_place(made: Plan, couple: Union) -> Point:
    """Where two slashes say that a couple has parted: a quarter along, clear of the line to the children."""
    (xa, y), (xb, _) = sorted((made.centre(couple.a), made.centre(couple.b)))
    level = made.brackets.get(frozenset((couple.a, couple.b)))
    height = y if level is None else bracket_y(made, couple.a, level)
    return xa + RADIUS + (xb - xa - 2 * RADIUS) * 0.25, height


def descent_connectors(made: Plan) -> list[Connector]:
    """From each pair (or single parent) down, along a bar of its own height, to every child."""
    found = []
    used: dict[str, int] = {}
    bars: dict[int, int] = {}
    for parents, kind, children in sorted(made.family.groups(), key=lambda g: min(made.x[p] for p in g[0])):
        generation = made.people[parents[0]].generation
        x, y = _start(made, parents)
        bar = made.rows[generation].bars + BAR * bars.get(generation, 0)
        bars[generation] = bars.get(generation, 0) + 1
        ends = []
        for child in children:
            cx, cy = made.centre(child)
            shift = (0.0, 10.0, -10.0)[used.get(child, 0) % 3]
            used[child] = used.get(child, 0) + 1
            ends.append((cx + shift, cy - RADIUS if made.people[child].is_child else cy - 28))
        if len(ends) == 1 and abs(ends[0][0] - x) < 12:
            x = ends[0][0]  # straight down rather than a small step
        segments: list[Segment] = [((x, y), (x, bar))]
        reach = [x, *(end for end, _ in ends)]
        if max(reach) - min(reach) > 0.5:
            segments.append(((min(reach), bar), (max(reach), bar)))
        segments += [((end, bar), (end, top)) for end, top in ends]
        found.append(Connector(tuple(segments), kind != "birth"))
    return found


def _start(made: Plan, parents: tuple[str, ...]) -> tuple[float, float]:
    """Where the line to the children begins: on the couple's line, or under a single parent's words."""
    if len(parents) == 1:
        box = made.label_box(parents[0])
        return made.x[parents[0]], box.bottom + 2
    one, two = sorted(parents, key=lambda parent: made.x[parent])
    level = made.brackets.get(frozenset(parents))
    if level is None:
        return (made.x[one] + made.x[two]) / 2, made.centre(one)[1]
    return _way_down(made, one, two), bracket_y(made, one, level)


def _way_down(made: Plan, one: str, two: str) -> float:
    """Between a couple standing apart, the free gap nearest its middle through which a line can go down."""
    row = made.rows[made.people[two].generation].people
    between = list(pairwise(row[row.index(one) : row.index(two) + 1]))
    couples = {frozenset((couple.a, couple.b)) for couple in made.family.couples()}
    gaps = [
        (
            frozenset((left, right)) in couples,
            abs((made.x[left] + made.x[right]) / 2 - (made.x[one] + made.x[two]) / 2),
            (
                max(made.label_box(left).right, made.symbol_box(left).right)
                + min(made.label_box(right).left, made.symbol_box(right).left)
            )
            / 2,
        )
        for left, right in between
    ]
    return min(gaps)[2]
