"""Where a day stands across the picture: earlier years narrow, the last two wide, planned days behind today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

WIDTH: Final = 1168
GUTTER: Final = 144  # names of the domains
EDGE: Final = 10
EARLIER_SHARE: Final = 0.435
PLANNED_WIDTH: Final = 160
PLANNED_SPREAD: Final = 22.0
PLANNED_DAYS: Final = 90


@dataclass(frozen=True)
class Axis:
    """Days from `start` (a 1 January) to `today`, then the planned strip.

    `split` is the 1 January from which days are wide: last year's; for a child younger than that, `start`.
    """

    start: date
    today: date
    planned: bool

    @classmethod
    def for_life(cls, first: date, today: date, *, planned: bool) -> "Axis":
        """The axis from the first day to show (a birth or an earlier signal) to today."""
        return cls(date(min(first.year, today.year), 1, 1), today, planned)

    @cached_property
    def split(self) -> date:
        """First day of the wide part."""
        return max(self.start, date(self.today.year - 1, 1, 1))

    @cached_property
    def split_x(self) -> float:
        """Left edge of the wide part."""
        if self.split == self.start:
            return GUTTER
        years = self.split.year - self.start.year
        return GUTTER + (WIDTH - EDGE - GUTTER) * min(EARLIER_SHARE, 0.09 * years)

    @cached_property
    def today_x(self) -> float:
        """Today's line."""
        return WIDTH - EDGE - (PLANNED_WIDTH if self.planned else 34)

    def x(self, day: date) -> float:
        """Place of a day; days before the start stand at the start, far plans at the right edge."""
        if day > self.today:
            return self.today_x + 14 + min(1.0, (day - self.today).days / PLANNED_DAYS) * PLANNED_SPREAD
        if day >= self.split:
            whole = max(1, (self.today - self.split).days)
            return self.split_x + (self.today_x - self.split_x) * (day - self.split).days / whole
        whole = max(1, (self.split - self.start).days)
        return GUTTER + (self.split_x - GUTTER) * max(0, (day - self.start).days) / whole

    def years(self) -> Iterator[int]:
        """All years up to today's."""
        yield from range(self.start.year, self.today.year + 1)

    def label_step(self, room: float) -> int:
        """Every how many earlier years one has `room` for a label."""
        if self.split == self.start:
            return 1
        year_width = (self.split_x - GUTTER) / (self.split.year - self.start.year)
        return max(1, -int(-room // year_width))

    def bucket(self, day: date, room: float) -> date:
        """First day of the month, quarter, half-year or year a crowded day is counted in, at least `room` wide."""
        for months in (1, 3, 6, 12):
            first = date(day.year, (day.month - 1) // months * months + 1, 1)
            if self.x(_months_later(first, months)) - self.x(first) >= room:
                return first
        return date(day.year, 1, 1)


def _months_later(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)
