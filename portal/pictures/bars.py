"""Counts as lying bars: the length tells the count, a hidden one is a dotted stub with its sign.

Drawn twice, for wide screens and for phones: a picture made smaller could not be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from portal.pictures.svg import join, tag
from portal.pictures.widths import text_width

ROW, BAR = 28, 18
SIZE = 14
STUB = 26


class Sheet(NamedTuple):
    """How wide a picture is, and the longest name it holds whole."""

    kind: str
    width: int
    longest_name: int


SHEETS = (Sheet("bars-wide", 720, 300), Sheet("bars-small", 330, 140))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, the count (none: not shown) and the words that stand behind it."""

    name: str
    count: int | None
    words: str


def bars(shown: Sequence[Bar], label: str) -> Markup:
    """The picture; the table beside it says the same, so `label` only names it."""
    return join([_picture(shown, label, sheet) for sheet in SHEETS])


def _picture(shown: Sequence[Bar], label: str, sheet: Sheet) -> Markup:
    names = [_shortened(bar.name, sheet.longest_name) for bar in shown]
    left = max((text_width(name, SIZE) for name in names), default=0) + 12
    most = max((bar.count or 0 for bar in shown), default=0) or 1
    room = sheet.width - left - max((text_width(bar.words, SIZE) for bar in shown), default=0) - 14
    rows = [
        _bar(n, name, bar, left, room * (bar.count or 0) / most)
        for n, (name, bar) in enumerate(zip(names, shown, strict=True))
    ]
    box = f"0 0 {sheet.width} {ROW * len(shown) + 4}"
    return tag("svg", join(rows), class_=f"bars {sheet.kind}", viewBox=box, role="img", aria_label=label)


def _bar(n: int, name: str, bar: Bar, left: float, length: float) -> Markup:
    middle = n * ROW + ROW / 2
    length = STUB if bar.count is None else length
    kind = "bar-hidden" if bar.count is None else "bar"
    return tag(
        "g",
        tag("text", name, class_="bar-name", x=left - 12, y=middle + 5),
        tag("rect", class_=kind, x=left, y=middle - BAR / 2, width=length, height=BAR, rx=3),
        tag("text", bar.words, class_="bar-count", x=left + length + 7, y=middle + 5),
    )


def _shortened(name: str, longest: int) -> str:
    while text_width(name, SIZE) > longest:
        name = name.removesuffix("…")[:-1].rstrip() + "…"
    return name
