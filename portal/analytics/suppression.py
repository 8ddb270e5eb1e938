"""Small counts stay hidden: no reader of all tables and all releases narrows a hidden figure to less than 3 wide.

Counts of 0 to 2 are hidden, and with them as many others as it takes. For each hidden figure another whole set of
figures is exhibited that agrees with everything published and differs there by 3: a proof, not a hope. The reader is
taken to know, beside every release, where nothing has changed since the release before (docs/decisions/0080).
It always ends well: hiding all of the new release would do, since what changed is then free to be anything.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from portal.analytics.moves import FREE, Move, NoMove, Row
from portal.analytics.windows import Windows

Cell = tuple[str, ...]
SMALL = 2  # 0 to this many children are never shown
Watch = Callable[[int], None]  # told how many figures wait; may raise to break off
WIDTH = 3  # what a hidden figure may be lies at least this far apart


@dataclass(frozen=True)
class Sum:
    """`total` is the sum of `parts`: what a reader can add up and subtract."""

    total: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True)
class Figures:
    """True counts at one moment, over all tables; a figure that tables share is one cell.

    `empty`: cells whose population has no child at all; their 0 is shown. `internal`: cells of no table, there only
    because they tie others together (less + internal = more says that less is at most more).
    """

    counts: Mapping[Cell, int]
    sums: Sequence[Sum]
    empty: frozenset[Cell] = frozenset()
    internal: frozenset[Cell] = frozenset()


@dataclass(frozen=True)
class Release:
    """Figures as they were released: everything but `hidden` (and internal cells) was published."""

    figures: Figures
    hidden: frozenset[Cell]


def small(figures: Figures) -> frozenset[Cell]:
    """The cells that may not be shown whatever else is: counts up to 2, but for a 0 of nobody."""
    never = figures.empty | figures.internal
    return frozenset(cell for cell, count in figures.counts.items() if count <= SMALL and cell not in never)


def unchanged(before: Figures, after: Figures) -> set[Cell]:
    """The cells where nothing changed: the same count of the same people, in each of their parts too."""
    same = {
        cell
        for cell, count in after.counts.items()
        if before.counts.get(cell) == count and (cell in before.empty) == (cell in after.empty)
    }
    told = [(_told(equation, after.internal), {equation.total, *equation.parts}) for equation in after.sums]
    while moved := {cell for cell, tied in told if cell in same and not same.issuperset(tied)}:
        same -= moved
    return same


def _told(equation: Sum, internal: frozenset[Cell]) -> Cell:
    """The cell of an equation that the others make: a total, or what is left to a total."""
    return next((part for part in equation.parts if part in internal), equation.total)


def suppress(figures: Figures, earlier: Sequence[Release] = (), watch: Watch = lambda _: None) -> frozenset[Cell]:
    """Return the cells to hide in a new release, given all the releases before it, the oldest first."""
    reader = _Reader()
    for release in earlier:
        reader.learn(release.figures, release.hidden)
    reader.learn(figures, small(figures), new=True)
    return _protect(reader, watch)


@dataclass
class _Reader:
    """What somebody faces who has every release: numbered unknowns, of which some are known, tied by sums.

    A cell that stayed as it was from one release to the next is the same unknown in both.
    """

    counts: list[int] = field(default_factory=list)
    now: dict[Cell, int] = field(default_factory=dict)  # cell → its unknown in the latest release
    fixed: set[int] = field(default_factory=set)  # published in an earlier release, or nobody's 0
    hidden: set[int] = field(default_factory=set)
    internal: set[int] = field(default_factory=set)
    rows: dict[tuple[tuple[int, int], ...], None] = field(default_factory=dict)
    latest: Figures = field(default_factory=lambda: Figures({}, ()))

    def learn(self, figures: Figures, hidden: Iterable[Cell], *, new: bool = False) -> None:
        """Add one release; of the `new` one nothing is published yet."""
        same, before = unchanged(self.latest, figures), self.now
        self.latest, self.now = figures, {}
        for cell, count in figures.counts.items():
            if cell in same:
                self.now[cell] = before[cell]
            else:
                self.now[cell] = len(self.counts)
                self.counts.append(count)
        self.internal |= {self.now[cell] for cell in figures.internal}
        self.fixed |= {self.now[cell] for cell in figures.empty}
        self.hidden |= {self.now[cell] for cell in hidden}
        if not new:
            self.fixed |= set(self.now.values()) - self.hidden - self.internal
        for equation in figures.sums:
            row = ((self.now[equation.total], -1), *((self.now[part], 1) for part in equation.parts))
            self._tie(row)

    def _tie(self, row: tuple[tuple[int, int], ...]) -> None:
        if unknown := tuple(sorted(term for term in row if term[0] not in self.fixed)):
            self.rows[unknown] = None

    def concerned(self) -> tuple[list[int], list[tuple[tuple[int, int], ...]]]:
        """The unknowns, and the sums among them, that the new release can tell anything about."""
        reached = set(self.now.values()) - self.fixed
        waiting, rows = list(self.rows), list[tuple[tuple[int, int], ...]]()
        while touched := [row for row in waiting if any(unknown in reached for unknown, _ in row)]:
            rows += touched
            reached |= {unknown for row in touched for unknown, _ in row}
            taken = set(touched)
            waiting = [row for row in waiting if row not in taken]
        return sorted(reached), rows


def _protect(reader: _Reader, watch: Watch) -> frozenset[Cell]:
    unknowns, tied = reader.concerned()
    number = {unknown: n for n, unknown in enumerate(unknowns)}
    counts = [reader.counts[unknown] for unknown in unknowns]
    hidden = {number[unknown] for unknown in reader.hidden if unknown in number}
    internal = {number[unknown] for unknown in reader.internal if unknown in number}
    rows = [[(number[unknown], sign) for unknown, sign in row] for row in tied]
    totals = _totals(rows)
    # What is large and what sums up others tells readers most: it is hidden last.
    costs = [
        FREE if n in hidden or n in internal else sqrt(count + 1) * (1 + totals.get(n, 0))
        for n, count in enumerate(counts)
    ]
    windows = Windows(counts, rows, internal, costs)
    # How far the tables exhibited so far go below and above the truth.
    below, above = [0] * len(counts), [0] * len(counts)
    # Totals before their parts: what protects a total protects some of its parts on the way.
    waiting = deque(sorted(hidden, key=lambda figure: (-totals.get(figure, 0), figure)))
    while waiting:
        watch(len(waiting))
        figure = waiting.popleft()
        for move in _spread(windows, figure, below[figure], above[figure]):
            for moved, step in move.items():
                below[moved], above[moved] = min(below[moved], step), max(above[moved], step)
                if moved not in hidden and moved not in internal:
                    hidden.add(moved)
                    windows.free(moved)
                    waiting.append(moved)
    return frozenset(cell for cell, unknown in reader.now.items() if number.get(unknown) in hidden)


def _spread(windows: Windows, figure: int, below: int, above: int) -> list[Move]:
    """The moves it takes to make a figure's interval wide enough: upwards if it goes, else downwards, else both."""
    if above - below >= WIDTH:
        return []
    for highest in range(WIDTH + below, above - 1, -1):
        wanted = [by for by in (highest, highest - WIDTH) if not below <= by <= above]
        try:
            return [windows.shifting(figure, by) for by in wanted]
        except NoMove:
            continue
    raise AssertionError("The figures do not fit their sums: hiding everything protects every figure.")


def _totals(rows: Sequence[Row]) -> dict[int, int]:
    """In how many sums a figure is the total."""
    found: dict[int, int] = {}
    for row in rows:
        for figure, sign in row:
            found[figure] = found.get(figure, 0) + (sign < 0)
    return found
