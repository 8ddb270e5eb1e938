"""Puts a domain's marks into rows so that nothing covers anything else.

Spans come first, then points by date, each a box of mark and label in the first free row. If the rows do not
suffice, fewer marks are labelled; what even then finds no place is counted in bubbles in the bottom row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from portal.pictures.timeline.axis import GUTTER, WIDTH, Axis
from portal.pictures.timeline.marks import Mark
from portal.pictures.widths import fitted, text_width

ROW: Final = 26.0
SIZE: Final = 13.5
MANY: Final = 60  # above this many events only what matters is labelled
ROWS_FEW, ROWS_MANY = 6, 5
LABEL_ROOM: Final = 210.0
BUBBLE_ROOM: Final = 28.0
GAP: Final = 8.0

Side = Literal["right", "left", "inside", "none"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark in its row: from `left` to `right` it keeps others away; `text` is the label as it fits."""

    mark: Mark
    row: int
    side: Side
    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Bubble:
    """How many marks around `x` found no place of their own."""

    x: float
    row: int
    count: int
    first: date


@dataclass(slots=True)
class Lane:
    """A domain's rows as packed."""

    placed: list[Placed] = field(default_factory=list)
    bubbles: list[Bubble] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows it takes, at least one."""
        used = [item.row for item in self.placed] + [bubble.row for bubble in self.bubbles]
        return max(used, default=0) + 1


def pack(marks: Iterable[Mark], axis: Axis, *, crowded: bool) -> Lane:
    """The fullest labelling that fits the rows; `crowded` when the whole picture has more than MANY events."""
    ordered = sorted(marks, key=lambda mark: (mark.shape != "span", mark.start, mark.id))
    limit = ROWS_MANY if crowded else ROWS_FEW
    for labelled in (_all, _that_matter, _important)[1 if crowded else 0 :]:
        lane, left_over = _place(ordered, axis, labelled, limit)
        if not left_over:
            return _with_more_labels(lane, axis)
    by_weight = sorted(ordered, key=lambda mark: (not mark.important, -mark.start.toordinal(), mark.id))
    lane, left_over = _place(by_weight, axis, _important, limit - 1)
    return replace(_with_more_labels(lane, axis), bubbles=_bubbles(left_over, axis, limit - 1))


def _all(_mark: Mark) -> bool:
    return True


def _that_matter(mark: Mark) -> bool:
    return mark.matters


def _important(mark: Mark) -> bool:
    return mark.important


def _place(marks: Iterable[Mark], axis: Axis, labelled: Callable[[Mark], bool], limit: int) -> tuple[Lane, list[Mark]]:
    """Each mark in the first row with room; returns the lane and the marks that found none."""
    lane, left_over = Lane(), []
    rows: list[list[tuple[float, float]]] = [[] for _ in range(limit)]
    for mark in marks:
        options = _options(mark, axis, with_label=labelled(mark))
        found = next(
            ((row, option) for row, taken in enumerate(rows) for option in options if _free(taken, option)),
            None,
        )
        if found is None:
            left_over.append(mark)
            continue
        row, option = found
        rows[row].append((option.left, option.right))
        lane.placed.append(replace(option, row=row))
    return lane, left_over


def _free(taken: Iterable[tuple[float, float]], option: Placed) -> bool:
    first, last = option.left, option.right
    return all(last <= left or first >= right for left, right in taken)


def _with_more_labels(lane: Lane, axis: Axis) -> Lane:
    """Gives labels to marks without one where their row has room: what matters first, then the newest."""
    placed = list(lane.placed)
    waiting = [index for index, item in enumerate(placed) if item.side == "none"]
    rows: dict[int, list[int]] = {}
    for index, item in enumerate(placed):
        rows.setdefault(item.row, []).append(index)
    for index in sorted(waiting, key=lambda i: (not placed[i].mark.matters, -placed[i].mark.start.toordinal())):
        item = placed[index]
        others = [placed[other] for other in rows[item.row] if other != index]
        for option in _options(item.mark, axis, with_label=True):
            if all(option.right <= other.left or option.left >= other.right for other in others):
                placed[index] = replace(option, row=item.row)
                break
    return replace(lane, placed=placed)


def span_ends(mark: Mark, axis: Axis) -> tuple[float, float]:
    """Left and right of a span's bar; one that goes on, or ends later, is cut at today."""
    left = axis.x(min(mark.start, axis.today))
    end = axis.today if mark.end is None else min(mark.end, axis.today)
    right = max(axis.x(end), left + 14)
    return (axis.today_x - 14, axis.today_x) if right > axis.today_x else (left, right)


def _options(mark: Mark, axis: Axis, *, with_label: bool) -> list[Placed]:
    """The ways a mark may stand, the best first."""
    if mark.shape == "span":
        return _span_options(mark, axis, with_label=with_label)
    x, reach = axis.x(mark.start), mark.radius + 3
    bare = Placed(mark, 0, "none", "", x - reach, x + reach)
    if not with_label or not mark.label:
        return [bare]
    planned = mark.start > axis.today
    room_right = WIDTH - x - reach - GAP - 2 if planned else axis.today_x - x - reach - GAP
    text = fitted(mark.label, min(LABEL_ROOM, room_right) if planned else LABEL_ROOM, SIZE, bold=mark.important)
    width = text_width(text, SIZE, bold=mark.important)
    right = Placed(mark, 0, "right", text, x - reach, x + reach + 1 + width + GAP)
    left = Placed(mark, 0, "left", text, x - reach - 1 - width - GAP / 2, x + reach)
    options = []
    if planned or width <= room_right:  # a past event's label never runs over today
        options.append(right)
    if not planned and left.left >= GUTTER and (x > axis.split_x or not options):
        options.append(left)
    return options or [bare]


def _span_options(mark: Mark, axis: Axis, *, with_label: bool) -> list[Placed]:
    left, right = span_ends(mark, axis)
    bare = Placed(mark, 0, "none", "", left - 2, right + 3)
    if not with_label or not mark.label:
        return [bare]
    text = fitted(mark.label, max(LABEL_ROOM, right - left - 16), SIZE)
    width = text_width(text, SIZE)
    if width + 16 < right - left:
        return [Placed(mark, 0, "inside", text, left - 2, right + 3)]
    if right + 6 + width + GAP < axis.today_x:
        return [Placed(mark, 0, "right", text, left - 2, right + 6 + width + GAP)]
    if left - 6 - width >= GUTTER:
        return [Placed(mark, 0, "left", text, left - 6 - width - GAP / 2, right + 3)]
    return [bare]


def _bubbles(marks: list[Mark], axis: Axis, row: int) -> list[Bubble]:
    """Counts marks by the shortest stretch of the calendar that has room for a bubble; bubbles do not touch."""
    counts: dict[date, int] = {}
    for mark in marks:
        day = min(mark.start, axis.today)
        first = axis.bucket(max(day, axis.start), BUBBLE_ROOM)
        counts[first] = counts.get(first, 0) + 1
    bubbles: list[Bubble] = []
    for first in sorted(counts):
        x = min(axis.x(first) + BUBBLE_ROOM / 2, axis.today_x - BUBBLE_ROOM / 2)
        if bubbles and x - bubbles[-1].x < BUBBLE_ROOM:
            last = bubbles.pop()
            bubbles.append(replace(last, count=last.count + counts[first]))
        else:
            bubbles.append(Bubble(x, row, counts[first], first))
    return bubbles
