"""Somebody who has every release and every table, and a linear program: how far can a hidden figure be narrowed?

Written apart from the product's own proof: it asks for the least and the greatest each hidden figure can be, given
all that is published, all sums, that nothing is below 0, and in which smallest cells nobody came or went between two
releases.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import highspy
import numpy as np

from portal.analytics.suppression import Cell, Figures, Release

NEAR = 1e-6
Place = tuple[int, Cell]  # number of the release, cell
NOTHING = np.array([], dtype=np.int32), np.array([], dtype=float)


def narrowed(releases: Sequence[Release], places: Sequence[Place] | None = None) -> dict[Place, float]:
    """Of each hidden cell (or of `places` only): how wide the interval is that the attacker is left with."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    column: dict[Place, int] = {}
    for n, release in enumerate(releases):
        for cell, count in release.figures.counts.items():
            shown = cell not in release.hidden and cell not in release.figures.internal
            column[n, cell] = len(column)
            solver.addCol(0.0, count if shown else 0.0, count if shown else highspy.kHighsInf, 0, *NOTHING)
        for equation in release.figures.sums:
            parts = [column[n, part] for part in equation.parts]
            zero(solver, [column[n, equation.total], *parts], [-1.0] + [1.0] * len(parts))
    for n, (before, after) in enumerate(pairwise(releases)):
        for cell in nobody_came_or_went(before.figures, after.figures):
            zero(solver, [column[n, cell], column[n + 1, cell]], [1.0, -1.0])
    if places is None:
        places = [(n, cell) for n, release in enumerate(releases) for cell in release.hidden]
    return {place: best(solver, column[place], -1) - best(solver, column[place], 1) for place in places}


def nobody_came_or_went(before: Figures, after: Figures) -> Iterator[Cell]:
    """The smallest cells that count the same of the same people."""
    totals = {each.total for each in after.sums if not after.internal.intersection(each.parts)}
    for cell, count in before.counts.items():
        smallest = cell not in totals and cell not in after.internal
        same_people = (cell in before.empty) == (cell in after.empty)
        if smallest and same_people and after.counts.get(cell) == count:
            yield cell


def zero(solver: highspy.Highs, index: list[int], value: list[float]) -> None:
    """These figures, taken so often, make 0."""
    solver.addRow(0.0, 0.0, len(index), np.array(index, dtype=np.int32), np.array(value))


def best(solver: highspy.Highs, column: int, sign: int) -> float:
    """The least (sign 1) or greatest (-1) the figure can be."""
    solver.changeColCost(column, float(sign))
    solver.run()
    status = solver.getModelStatus()
    found = solver.getInfo().objective_function_value * sign
    solver.changeColCost(column, 0.0)
    if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return -sign * float("inf")
    assert status == highspy.HighsModelStatus.kOptimal, status
    return float(found)
