"""Counts as lying bars: the length tells the count, a hidden one is a dotted stub with its sign."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.pictures.svg import join, tag
from portal.pictures.widths import text_width

WIDTH, ROW, BAR = 720, 28, 18
SIZE = 14
STUB = 26
LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, the count (none: not shown) and the words that stand behind it."""

    name: str
    count: int | None
    words: str


def bars(shown: Sequence[Bar], label: str) -> Markup:
    """The picture; the table beside it says the same, so `label` only names it."""
    names = min(LONGEST_NAME, max((text_width(bar.name, SIZE) for bar in shown), default=0)) + 12
    most = max((bar.count or 0 for bar in shown), default=0) or 1
    room = WIDTH - names - max((text_width(bar.words, SIZE) for bar in shown), default=0) - 14
    rows = [_bar(n, bar, names, room * (bar.count or 0) / most) for n, bar in enumerate(shown)]
    height = ROW * len(shown) + 4
    return tag("svg", join(rows), class_="bars", viewBox=f"0 0 {WIDTH} {height}", role="img", aria_label=label)


def _bar(n: int, bar: Bar, left: float, length: float) -> Markup:
    middle = n * ROW + ROW / 2
    length = STUB if bar.count is None else length
    kind = "bar-hidden" if bar.count is None else "bar"
    return tag(
        "g",
        tag("text", _shortened(bar.name), class_="bar-name", x=left - 12, y=middle + 5),
        tag("rect", class_=kind, x=left, y=middle - BAR / 2, width=length, height=BAR, rx=3),
        tag("text", bar.words, class_="bar-count", x=left + length + 7, y=middle + 5),
    )


def _shortened(name: str) -> str:
    while text_width(name, SIZE) > LONGEST_NAME:
        name = name.removesuffix("…")[:-1].rstrip() + "…"
    return name
