"""The needs triangle: three sides of factors, each drawn the nearer to the child the higher its risk.

A wide picture with names and words, and a small one with numbers for phones; the table of factors stands beside both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup

from portal.pictures.risks import risk_shape
from portal.pictures.svg import join, points, tag
from portal.pictures.widths import text_width

# How far from the centre to the side a factor stands, by level; not assessed stays on the side.
NEARNESS: Final = (1.0, 0.86, 0.72, 0.58, 0.44)
SIDES: Final = 3
KEPT: Final = 4096  # parts of pictures: every factor at every level and trend, in both languages; nothing of a child


class Point(NamedTuple):
    """A place in the picture."""

    x: float
    y: float


class Node(NamedTuple):
    """One factor: its number, side 0–2 (left, right, bottom), name in lines, level, the words for level and trend."""

    number: int
    side: int
    lines: tuple[str, ...]
    level: int | None
    words: tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """What the picture says: its title, a description for who does not see it, the child's name, the sides' names."""

    title: str
    description: str
    child: str
    sides: tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class Shape:
    """Corners of the triangle and the size of the sheet; there are two, told apart by identity."""

    width: int
    height: int
    top: Point
    left: Point
    right: Point
    child: int  # radius of the child's circle
    mark: float  # size of the marks

    @property
    def centre(self) -> Point:
        """Where the child stands."""
        corners = (self.top, self.left, self.right)
        return Point(sum(c.x for c in corners) / 3, sum(c.y for c in corners) / 3)

    def edge(self, side: int) -> tuple[Point, Point]:
        """The side's ends, in the order its factors follow."""
        return ((self.top, self.left), (self.top, self.right), (self.left, self.right))[side]


WIDE: Final = Shape(848, 596, Point(424, 34), Point(172, 420), Point(676, 420), 34, 1.0)
SMALL: Final = Shape(340, 292, Point(170, 22), Point(26, 262), Point(314, 262), 24, 0.84)


def wide_triangle(nodes: Sequence[Node], texts: Texts) -> Markup:
    """The picture for wide screens and paper."""
    left, right, bottom = texts.sides
    names = [
        tag("text", left, class_="tri-side", x=4, y=24),
        tag("text", right, class_="tri-side", x=WIDE.width - 4, y=24, text_anchor="end"),
        tag("text", bottom, class_="tri-side", x=WIDE.width / 2, y=WIDE.height - 8, text_anchor="middle"),
    ]
    return _sheet(WIDE, "tri-wide", nodes, names, texts)


def small_triangle(nodes: Sequence[Node], texts: Texts) -> Markup:
    """The picture for phones: numbers, explained by the table."""
    return _sheet(SMALL, "tri-small", nodes, [], texts)


@lru_cache(KEPT)
def _drawn(shape: Shape, node: Node, index: int, members: int) -> tuple[Markup, Markup, Markup]:
    """The ray, the mark and the label of the factor that is `index` of so many on its side."""
    on_side = _between(*shape.edge(node.side), 0.08 + 0.84 * index / max(1, members - 1))
    at = _between(shape.centre, on_side, NEARNESS[node.level or 0])
    if shape is SMALL:
        label = _number(node, on_side)
    else:
        label = _label(node, on_side) if node.side < SIDES - 1 else _label_below(node, on_side, index % 2)
    return _ray(node.level, on_side, at) if node.level else join([]), risk_shape(node.level, *at, shape.mark), label


def _sheet(shape: Shape, kind: str, nodes: Sequence[Node], names: list[Markup], texts: Texts) -> Markup:
    sides = [[node for node in nodes if node.side == side] for side in range(SIDES)]
    drawn = [_drawn(shape, node, n, len(members)) for members in sides for n, node in enumerate(members)]
    rays, marks, labels = zip(*drawn, strict=True) if drawn else ((), (), ())
    x, y = shape.centre
    child = [
        tag("circle", class_="tri-child", cx=x, cy=y, r=shape.child),
        tag("text", _fitting(texts.child, shape), class_="tri-child-name", x=x, y=y + 5, text_anchor="middle"),
    ]
    return tag(
        "svg",
        tag("title", texts.title, id=f"{kind}-title"),
        tag("desc", texts.description, id=f"{kind}-desc"),
        join([_rings(shape), *rays, *child, *marks, *labels, *names]),
        class_=f"triangle {kind}",
        viewBox=f"0 0 {shape.width} {shape.height}",
        role="img",
        aria_labelledby=f"{kind}-title {kind}-desc",
    )


@cache
def _rings(shape: Shape) -> Markup:
    corners = (shape.top, shape.left, shape.right)
    rings = [points([_between(shape.centre, corner, near) for corner in corners]) for near in NEARNESS]
    return join([tag("polygon", class_=f"tri-ring ground-{n}", points=ring) for n, ring in enumerate(rings)])


def _ray(level: int, on_side: Point, at: Point) -> Markup:
    return tag("line", class_=f"tri-ray risk-{level}", x1=on_side.x, y1=on_side.y, x2=at.x, y2=at.y)


def _label(node: Node, on_side: Point) -> Markup:
    """Name and words left or right of the triangle."""
    anchor, x = ("end", on_side.x - 18) if node.side == 0 else ("start", on_side.x + 18)
    top = on_side.y - (len(node.lines) * 17 + 14) / 2 + 12
    return join(
        [
            _name(node, anchor, x, top, 17),
            _words(node, ", ".join(node.words), anchor, x, top + 17 * len(node.lines) - 1),
        ]
    )


def _label_below(node: Node, on_side: Point, row: int) -> Markup:
    """Name and words under the triangle, in two rows by turns; a dotted line leads to the lower one."""
    top = on_side.y + (98 if row else 27)
    parts = [_name(node, "middle", on_side.x, top, 16)]
    for n, words in enumerate(node.words):  # one under the other: the labels stand close
        parts.append(_words(node, words, "middle", on_side.x, top + 16 * len(node.lines) - 1 + 15 * n))
    if row:
        leader = tag("line", class_="tri-leader", x1=on_side.x, y1=on_side.y + 12, x2=on_side.x, y2=top - 13)
        parts.insert(0, leader)
    return join(parts)


def _name(node: Node, anchor: str, x: float, top: float, line: int) -> Markup:
    spans = [tag("tspan", text, x=x, y=top + line * n) for n, text in enumerate(node.lines)]
    return tag("text", join(spans), class_="tri-name", text_anchor=anchor)


def _words(node: Node, words: str, anchor: str, x: float, y: float) -> Markup:
    level = 0 if node.level is None else node.level
    return tag("text", words, class_=f"tri-words risk-{level}", text_anchor=anchor, x=x, y=y)


def _number(node: Node, on_side: Point) -> Markup:
    away = 8 if not node.level else 0
    dx, dy = ((-13 - away, 0), (13 + away, 0), (0, 17 + away))[node.side]
    return tag(
        "text", str(node.number), class_="tri-number", x=on_side.x + dx, y=on_side.y + dy + 4, text_anchor="middle"
    )


def _fitting(name: str, shape: Shape) -> str:
    """The child's name where it fits into the circle, else its first letter."""
    size = 15 if shape is WIDE else 12
    return name if text_width(name, size, bold=True) <= 2 * shape.child - 6 else f"{name[:1]}."


def _between(start: Point, end: Point, share: float) -> Point:
    return Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share)
