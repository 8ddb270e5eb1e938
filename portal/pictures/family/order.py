"""Who stands beside whom: couples together, siblings together, a household in one piece, few crossing lines."""

from collections.abc import Iterator
from itertools import combinations, pairwise, permutations
from typing import Final

from portal.pictures.family.people import Family

_ALL_ORDERS_TO: Final = 4
_ROUNDS: Final = 3

Rows = dict[int, list[str]]


def ordered_rows(family: Family) -> Rows:
    """Each generation's people from left to right; the given order decides where nothing else does."""
    rows = family.rows()
    best = _strain(family, rows)
    for _ in range(_ROUNDS):
        before = best
        for generation in rows:
            for candidate in list(_orders(rows[generation])):
                tried = rows | {generation: candidate}
                strain = _strain(family, tried)
                if strain < best - 1e-9:
                    rows, best = tried, strain
        if best == before:
            break
    return rows


def _orders(row: list[str]) -> Iterator[list[str]]:
    """All orders of a short row; of a long one, those with one person moved."""
    if len(row) <= _ALL_ORDERS_TO:
        yield from map(list, permutations(row))
        return
    for index, person in enumerate(row):
        rest = row[:index] + row[index + 1 :]
        for place in range(len(row)):
            yield [*rest[:place], person, *rest[place:]]


def _strain(family: Family, rows: Rows) -> float:
    """How bad an order is: the sum of what makes a map hard to read."""
    at = {person: index for row in rows.values() for index, person in enumerate(row)}
    x = {person: index - (len(row) - 1) / 2 for row in rows.values() for index, person in enumerate(row)}
    strain = 0.0
    for couple in family.couples():
        strain += 6.0 * (abs(at[couple.a] - at[couple.b]) - 1)
    groups = family.groups()
    middles = []
    for parents, kind, children in groups:
        middle = sum(x[parent] for parent in parents) / len(parents)
        below = sum(x[child] for child in children) / len(children)
        spread = max(at[child] for child in children) - min(at[child] for child in children)
        weight = 1.0 if kind == "birth" else 0.4
        strain += weight * (abs(middle - below) + 4.0 * (spread - len(children) + 1))
        middles.append((middle, below))
    for (upper, lower), (upper_2, lower_2) in combinations(middles, 2):
        strain += 3.0 * ((upper - upper_2) * (lower - lower_2) < 0)
    strain += _household_strain(family, rows, x)
    for tie in family.ties:
        if tie.a in x and tie.b in x:
            strain += 0.02 * abs(x[tie.a] - x[tie.b])
    given = {person.id: index for index, person in enumerate(family.people)}
    for row in rows.values():
        strain += sum(0.05 for one, two in combinations(row, 2) if given[one] > given[two])
    return strain


def _household_strain(family: Family, rows: Rows, x: dict[str, float]) -> float:
    home = {person.id: person.household for person in family.people}
    strain = 0.0
    for household in {key for key in home.values() if key is not None}:
        means = []
        for row in rows.values():
            inside = [home[person] == household for person in row]
            runs = sum(1 for index, here in enumerate(inside) if here and not (index and inside[index - 1]))
            strain += 5.0 * max(0, runs - 1)
            if runs:
                means.append(sum(x[person] for person in row if home[person] == household) / sum(inside))
        strain += 0.8 * sum(abs(one - two) for one, two in pairwise(means))
    return strain
