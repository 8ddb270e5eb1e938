"""A risk level as a shape: ring, disc, square, triangle with a mark, octagon with a mark; dashed ring: not assessed."""

from functools import cache
from math import cos, pi, sin

from markupsafe import Markup

from portal.pictures.svg import join, points, tag

_NOT_ASSESSED = "risk-shape risk-0 risk-unknown"


def risk_shape(level: int | None, x: float, y: float, size: float = 1.0) -> Markup:
    """The shape of a level round a point; told apart by form, so that colour only helps."""
    kind = f"risk-shape risk-{level}"
    if level is None:
        ring = tag("circle", class_=_NOT_ASSESSED, cx=x, cy=y, r=8 * size)
        return join([ring, tag("text", "?", class_="risk-asks", x=x, y=y + 3.8 * size)])
    if level <= 1:
        return tag("circle", class_=kind, cx=x, cy=y, r=(7 + level) * size)
    if level == 2:
        side = 15 * size
        return tag("rect", class_=kind, x=x - side / 2, y=y - side / 2, width=side, height=side, rx=3 * size)
    if level == 3:
        corners = _corners(x, y + 1.5 * size, 13 * size, 3, 0)
        sign = y + 5.6 * size
    else:
        corners = _corners(x, y, 12.5 * size, 8, pi / 8)
        sign = y + 4.6 * size
    mark = tag("text", "!", class_="risk-sign", x=x, y=sign)
    return join([tag("polygon", class_=kind, points=points(corners)), mark])


@cache
def risk_glyph(level: int | None) -> Markup:
    """The shape alone, beside its word."""
    return tag(
        "svg",
        risk_shape(level, 14, 14),
        class_="risk-glyph",
        viewBox="0 0 28 28",
        aria_hidden="true",
        focusable="false",
    )


def spark(levels: tuple[int, ...], label: str) -> Markup:
    """Levels over time as steps, one for each assessment; `label` says the same in words."""
    if len(levels) < 2:
        return join([])
    width, height, edge = 72, 30, 3
    step = (width - 8) / len(levels)
    heights = [height - edge - 1 - level * (height - 2 * edge - 4) / 4 for level in levels]
    line = [pair for n, y in enumerate(heights) for pair in ((n * step, y), ((n + 1) * step, y))]
    end = line[-1]
    area = [(0, height - 1), *line, (end[0], height - 1)]
    return tag(
        "svg",
        tag("polygon", class_="spark-area", points=points(area)),
        tag("polyline", points=points(line)),
        tag("circle", class_=f"risk-shape risk-{levels[-1]}", cx=end[0], cy=end[1], r=4),
        class_="spark",
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=label,
    )


def _corners(x: float, y: float, radius: float, count: int, turn: float) -> list[tuple[float, float]]:
    angles = [turn + n * 2 * pi / count for n in range(count)]
    return [(x + radius * sin(angle), y - radius * cos(angle)) for angle in angles]
