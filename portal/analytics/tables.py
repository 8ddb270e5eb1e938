"""From counts to tables: every total filled in, what ties them, and where nobody is; all tables in one system."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from documents.classifiers import RegisteredTable
from documents.trouble import Trouble
from portal.analytics.dimensions import ALL, Dimension
from portal.analytics.suppression import Cell, Figures, Sum

Key = tuple[str, ...]  # a value per dimension of a table
Counts = Mapping[Key, int]  # of leaves; what is absent is 0
Dimensions = Mapping[str, Dimension]
REST = "rest"


class TablesDisagree(Trouble):
    """Two tables tell different numbers of the same thing: the classifier or the counting is wrong."""

    def __init__(self, cell: Cell, one: int, other: int) -> None:
        super().__init__(
            f"The tables disagree about {' '.join(cell)}: {one} or {other}. Correct registered_tables.csv."
        )


def cell_of(table: RegisteredTable, key: Key) -> Cell:
    """The figure of a table; its total may be a figure of another table."""
    if table.total_of and key[0] == ALL:
        return _filled(table.total_of, table, key)
    return (table.measure, *key)


def keys_of(table: RegisteredTable, dimensions: Dimensions) -> Iterator[Key]:
    """Every key of a table, totals before parts."""
    return product(*([node.code for node in dimensions[name].nodes] for name in table.dimensions))


def figures_of(tables: Iterable[RegisteredTable], dimensions: Dimensions, counted: Mapping[str, Counts]) -> Figures:
    """Put all tables together. Raises TablesDisagree."""
    chosen = sorted(tables, key=lambda table: (bool(table.total_of), bool(table.at_most)))
    counts: dict[Cell, int] = {}
    sums: list[Sum] = []
    for table in chosen:
        for key, count in _with_totals(table, dimensions, counted[table.measure]).items():
            cell = cell_of(table, key)
            if counts.setdefault(cell, count) != count:
                raise TablesDisagree(cell, counts[cell], count)
        sums += _sums(table, dimensions)
    bounds = [bound for table in chosen if table.at_most for bound in _bounds(table, dimensions)]
    for most, (less, rest) in bounds:
        counts[rest] = counts[most] - counts[less]
        if counts[rest] < 0:
            raise TablesDisagree(less, counts[less], counts[most])
        sums.append(Sum(most, (less, rest)))
    internal = frozenset(rest for _, (_, rest) in bounds)
    return Figures(counts, sums, frozenset(_empty(chosen, dimensions, counts)), internal)


def _with_totals(table: RegisteredTable, dimensions: Dimensions, counted: Counts) -> dict[Key, int]:
    axes = [dimensions[name] for name in table.dimensions]
    filled = {key: counted.get(key, 0) for key in product(*(axis.leaves for axis in axes))}
    for place, axis in enumerate(axes):
        for total, parts in reversed(axis.parts.items()):
            for key in [key for key in filled if key[place] == parts[0]]:
                filled[_with(key, place, total)] = sum(filled[_with(key, place, part)] for part in parts)
    return filled


def _sums(table: RegisteredTable, dimensions: Dimensions) -> Iterator[Sum]:
    axes = [dimensions[name] for name in table.dimensions]
    for place, axis in enumerate(axes):
        others = [[node.code for node in other.nodes] for n, other in enumerate(axes) if n != place]
        for total, parts in axis.parts.items():
            for rest in product(*others):
                cells = [cell_of(table, (*rest[:place], value, *rest[place:])) for value in (total, *parts)]
                yield Sum(cells[0], tuple(cells[1:]))


def _bounds(table: RegisteredTable, dimensions: Dimensions) -> Iterator[tuple[Cell, tuple[Cell, Cell]]]:
    """Each figure that is at most another one, with the cell that stands for the rest."""
    free = [place for place, name in enumerate(table.dimensions) if name not in table.at_most]
    for key in keys_of(table, dimensions):
        if all(key[place] == ALL or ALL not in dimensions[table.dimensions[place]].parts for place in free):
            less = cell_of(table, key)
            yield _filled(table.at_most, table, key), (less, (REST, *less))


def _empty(tables: Sequence[RegisteredTable], dimensions: Dimensions, counts: Mapping[Cell, int]) -> Iterator[Cell]:
    """The cells that are 0 because nobody lives there; an age that is not known is anybody's of the place."""
    for table in tables:
        for key in keys_of(table, dimensions):
            people = _filled(table.population, table, key)
            if people not in counts:
                people = _filled(table.population, table, (*(ALL for _ in key[1:]), key[-1]))
            cell = cell_of(table, key)
            if counts[people] == 0 and counts[cell] == 0:
                yield cell


def _filled(pattern: Sequence[str], table: RegisteredTable, key: Key) -> Cell:
    """The figure a pattern names for this key: dimensions of the table give way to their values."""
    values = dict(zip(table.dimensions, key, strict=True))
    return tuple(values.get(word, word) for word in pattern)


def _with(key: Key, place: int, value: str) -> Key:
    return (*key[:place], value, *key[place + 1 :])
