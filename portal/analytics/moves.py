"""Other tables that would look the same: moves that keep every sum, found by linear programming (HiGHS)."""

from collections.abc import Sequence

import highspy
import numpy as np

Row = Sequence[tuple[int, int]]  # the sum that stays 0: (number of the figure, +1 or -1)
Move = dict[int, int]  # by how much each figure differs; figures that stay are left out
FREE = 0.0001  # what moving a hidden figure costs: enough to keep moves small
REWARD = 0.001  # what raising a figure on the way is worth: far less than to hide another one for it
NEAR = 1e-6  # a solution this near to whole numbers is one


class NoMove(Exception):
    """No other table exists in which this figure differs by so much."""


class Moves:
    """Finds, for true `values` tied by `rows`, the cheapest move that changes one figure.

    No figure falls below 0. `costs` is the price of moving a published figure by 1: a move may touch it, and it must
    then be hidden. One model serves all questions; each starts from the answer before.
    """

    def __init__(self, values: Sequence[int], rows: Sequence[Row], costs: Sequence[float]) -> None:
        self._values = values
        self._wanted: dict[int, int] = {}
        self._rows_of: dict[int, list[Row]] = {}
        for row in rows:
            for figure, _ in row:
                self._rows_of.setdefault(figure, []).append(row)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("mip_rel_gap", 0.5)  # any whole move proves as much as the cheapest
        self._solver.passModel(_model(values, rows, costs))

    def want(self, figure: int, by: int) -> None:
        """Raise this figure on the way, up to `by`, in every move that can, until it is `proven`."""
        self._wanted[figure] = by
        self._solver.changeColCost(_columns(figure)[0], -REWARD)
        self._unbind(figure)

    def proven(self, figure: int) -> None:
        """No move needs to look after this figure any more."""
        if self._wanted.pop(figure, 0):
            self._solver.changeColCost(_columns(figure)[0], FREE)
            self._unbind(figure)

    def free(self, figure: int) -> None:
        """A figure is hidden from now on: moves may use it."""
        for column in _columns(figure):
            self._solver.changeColCost(column, FREE)

    def shifting(self, figure: int, by: int) -> Move:
        """The cheapest move, in whole numbers, that changes the figure by `by`. Raises NoMove."""
        up, down = _columns(figure)
        self._solver.changeColBounds(up, max(by, 0), max(by, 0))
        self._solver.changeColBounds(down, max(-by, 0), max(-by, 0))
        try:
            move = self._solved()
            return move if self._holds(move) else self._solved_whole()
        finally:
            self._unbind(figure)

    def _unbind(self, figure: int) -> None:
        """A wanted figure only rises: it would else rise and fall at once, for the reward."""
        up, down = _columns(figure)
        wanted = self._wanted.get(figure, 0)
        self._solver.changeColBounds(up, 0, wanted or highspy.kHighsInf)
        self._solver.changeColBounds(down, 0, 0 if wanted else self._values[figure])

    def _solved(self) -> Move:
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise NoMove
        found = np.asarray(self._solver.getSolution().col_value).reshape(-1, 2)
        steps = found[:, 0] - found[:, 1]
        return {int(n): round(float(steps[n])) for n in np.flatnonzero(np.abs(steps) > NEAR)}

    def _solved_whole(self) -> Move:
        """Ask again for whole numbers only: children are counted whole, and so does whoever attacks."""
        self._all_are(highspy.HighsVarType.kInteger)
        try:
            move = self._solved()
        finally:
            self._all_are(highspy.HighsVarType.kContinuous)
        if not self._holds(move):
            raise NoMove
        return move

    def _all_are(self, kind: highspy.HighsVarType) -> None:
        count = 2 * len(self._values)
        columns = np.arange(count, dtype=np.int32)
        self._solver.changeColsIntegrality(count, columns, np.full(count, int(kind), dtype=np.uint8))

    def _holds(self, move: Move) -> bool:
        """Whether the rounded move keeps every sum and no figure falls below 0: checked without the solver."""
        if any(self._values[figure] + step < 0 for figure, step in move.items()):
            return False
        touched = (row for figure in move for row in self._rows_of.get(figure, ()))
        return all(sum(sign * move.get(figure, 0) for figure, sign in row) == 0 for row in touched)


def _columns(figure: int) -> tuple[int, int]:
    """Up and down are a column each, so that the price of a move is the same both ways."""
    return 2 * figure, 2 * figure + 1


def _model(values: Sequence[int], rows: Sequence[Row], costs: Sequence[float]) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 2 * len(values), len(rows)
    model.col_cost_ = np.repeat(np.asarray(costs, dtype=float), 2)
    model.col_lower_ = np.zeros(2 * len(values))
    model.col_upper_ = np.ravel([(highspy.kHighsInf, value) for value in values]).astype(float)
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
