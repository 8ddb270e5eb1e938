"""Other tables that would look the same: moves that keep every sum, found by linear programming (HiGHS)."""

from collections.abc import Sequence

import highspy
import numpy as np

Row = Sequence[tuple[int, int]]  # the sum that stays 0: (number of the figure, +1 or -1)
Limit = tuple[int, int | None]  # how far a figure may fall, and rise
Move = dict[int, int]  # by how much each figure differs; figures that stay are left out
FREE = 0.0001  # what moving a hidden figure costs: enough to keep moves small
NEAR = 1e-6  # a solution this near to whole numbers is one
MULTIPLES = (1, 2, 3)  # of a solution, that may be whole where it is not
TRIES = 8  # at another solution, before all numbers are asked to be whole
DEARER = 20


class NoMove(Exception):
    """No other table exists in which this figure differs by so much."""


class Moves:
    """Finds, for figures tied by `rows`, the cheapest move that changes one of them by so much.

    `limits`: how far each may fall, and rise (None: without end). `costs` is the price of moving a published figure by
    1: a move may touch it, and it must then be hidden. One model serves all questions; each starts from the answer
    before.
    """

    def __init__(self, limits: Sequence[Limit], rows: Sequence[Row], costs: Sequence[float]) -> None:
        self._limits, self._costs = limits, list(costs)
        self._rows_of: dict[int, list[Row]] = {}
        for row in rows:
            for figure, _ in row:
                self._rows_of.setdefault(figure, []).append(row)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("mip_rel_gap", 0.5)  # any whole move proves as much as the cheapest
        self._solver.passModel(_model(limits, rows, costs))

    def free(self, figure: int) -> None:
        """A figure is hidden from now on: moves may use it."""
        self._costs[figure] = FREE
        self._price(figure, FREE)

    def shifting(self, figure: int, by: int) -> Move:
        """A cheap move, in whole numbers, that changes the figure by `by` or a multiple of it. Raises NoMove."""
        fall, rise = self._limits[figure]
        if by < -fall or (rise is not None and by > rise):
            raise NoMove
        up, down = _columns(figure)
        self._solver.changeColBounds(up, max(by, 0), max(by, 0))
        self._solver.changeColBounds(down, max(-by, 0), max(-by, 0))
        try:
            return self._near() or self._whole()
        finally:
            self._solver.changeColBounds(up, 0, _end(rise))
            self._solver.changeColBounds(down, 0, fall)

    def _near(self) -> Move | None:
        """The cheapest move, or one nearly so, if whole numbers come of it: mostly they do.

        Cubes of figures give halves: these are doubled, or made dearer so that another way is found.
        """
        raised: set[int] = set()
        try:
            for _ in range(TRIES):
                steps = self._solved()
                for times in MULTIPLES:
                    move = {figure: round(step * times) for figure, step in steps.items()}
                    if self._holds(move):
                        return move
                halves = {figure for figure, step in steps.items() if abs(step - round(step)) > NEAR}
                raised |= halves
                for figure in halves:
                    self._price(figure, self._costs[figure] * DEARER)
        finally:
            for figure in raised:
                self._price(figure, self._costs[figure])
        return None

    def _whole(self) -> Move:
        """Ask for whole numbers only, which may take long: children are counted whole, and so does whoever attacks."""
        self._all_are(highspy.HighsVarType.kInteger)
        try:
            move = {figure: round(step) for figure, step in self._solved().items()}
        finally:
            self._all_are(highspy.HighsVarType.kContinuous)
        if not self._holds(move):
            raise NoMove
        return move

    def _solved(self) -> dict[int, float]:
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise NoMove
        found = np.asarray(self._solver.getSolution().col_value).reshape(-1, 2)
        steps = found[:, 0] - found[:, 1]
        return {int(n): float(steps[n]) for n in np.flatnonzero(np.abs(steps) > NEAR)}

    def _price(self, figure: int, cost: float) -> None:
        for column in _columns(figure):
            self._solver.changeColCost(column, cost)

    def _all_are(self, kind: highspy.HighsVarType) -> None:
        count = 2 * len(self._limits)
        columns = np.arange(count, dtype=np.int32)
        self._solver.changeColsIntegrality(count, columns, np.full(count, int(kind), dtype=np.uint8))

    def _holds(self, move: Move) -> bool:
        """Whether the rounded move keeps every sum and every limit: checked without the solver."""
        for figure, step in move.items():
            fall, rise = self._limits[figure]
            if step < -fall or (rise is not None and step > rise):
                return False
        touched = (row for figure in move for row in self._rows_of.get(figure, ()))
        return all(sum(sign * move.get(figure, 0) for figure, sign in row) == 0 for row in touched)


def _columns(figure: int) -> tuple[int, int]:
    """Up and down are a column each, so that the price of a move is the same both ways."""
    return 2 * figure, 2 * figure + 1


def _end(rise: int | None) -> float:
    return highspy.kHighsInf if rise is None else rise


def _model(limits: Sequence[Limit], rows: Sequence[Row], costs: Sequence[float]) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 2 * len(limits), len(rows)
    model.col_cost_ = np.repeat(np.asarray(costs, dtype=float), 2)
    model.col_lower_ = np.zeros(2 * len(limits))
    model.col_upper_ = np.ravel([(_end(rise), fall) for fall, rise in limits]).astype(float)
    model.row_lower_ = model.row_upper_ = np.zeros(len(rows))
    entries = [(column, way) for row in rows for figure, sign in row for column, way in _both_ways(figure, sign)]
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate(([0], np.cumsum([2 * len(row) for row in rows]))).astype(np.int32)
    model.a_matrix_.index_ = np.asarray([column for column, _ in entries], dtype=np.int32)
    model.a_matrix_.value_ = np.asarray([way for _, way in entries], dtype=float)
    return model


def _both_ways(figure: int, sign: int) -> tuple[tuple[int, int], tuple[int, int]]:
    up, down = _columns(figure)
    return (up, sign), (down, -sign)
