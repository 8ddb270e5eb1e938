"""A table at a place as a page shows it: rows, columns, figures in words; what is hidden has one sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from documents.classifiers import RegisteredTable, classifiers
from portal.analytics.dimensions import ALL, Dimension, Node
from portal.formats import number_text
from portal.translations import language

HIDDEN = "…"
Figure = int | None
Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its name, how deep it lies below a total, and a figure for each column."""

    code: str
    name: str
    depth: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table at a place: headings and lines."""

    columns: tuple[tuple[str, str], ...]  # code, name; one without a code where the table has no second dimension
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """A line with those it sums up, to be unfolded."""

    line: Line
    parts: tuple["Fold", ...] = ()


def folded(lines: Sequence[Line]) -> tuple[Fold, ...]:
    """The lines as a tree; one that sums up all the others stands beside them, so that they are seen at once."""
    tree = _tree(lines)
    return (Fold(tree[0].line), *tree[0].parts) if len(tree) == 1 else tree


def _tree(lines: Sequence[Line]) -> tuple[Fold, ...]:
    starts = [n for n, line in enumerate(lines) if line.depth == lines[0].depth]
    return tuple(Fold(lines[n], _tree(lines[n + 1 : end])) for n, end in pairwise((*starts, len(lines))))


def shown(table: RegisteredTable, axes: Mapping[str, Dimension], figures: Figures, part: str = ALL) -> Shown:
    """The lines below `part` of the first dimension (all of them, or one total with its parts)."""
    rows = below(axes[table.dimensions[0]], part)
    columns = columns_of(table, axes)
    lines = tuple(
        Line(
            row.code,
            capital(row.label(language())),
            row.depth - rows[0].depth,
            tuple(figures.get(key_of(row.code, column)) for column, _ in columns),
        )
        for row in rows
    )
    return Shown(columns, lines)


def below(dimension: Dimension, part: str) -> Sequence[Node]:
    """A total and all its parts; all values where it is no total."""
    parts = dimension.parts
    if part not in parts:
        return dimension.nodes
    wanted = {part}
    for node in dimension.nodes:  # totals stand before their parts
        if node.parent in wanted:
            wanted.add(node.code)
    return [node for node in dimension.nodes if node.code in wanted]


def columns_of(table: RegisteredTable, axes: Mapping[str, Dimension]) -> tuple[tuple[str, str], ...]:
    """The columns of a table: the values of its second dimension, if it has one beside the place."""
    if len(table.dimensions) < 3:
        return (("", ""),)
    return tuple((node.code, capital(node.label(language()))) for node in axes[table.dimensions[1]].nodes)


def totals_of(dimension: Dimension) -> list[tuple[str, str]]:
    """What the rows may be narrowed to: every total below the whole, with its name."""
    parts = dimension.parts
    return [
        (node.code, capital(node.label(language())))
        for node in dimension.nodes
        if node.code in parts and node.code != ALL
    ]


def key_of(row: str, column: str) -> str:
    """How a figure is found in what is stored."""
    return f"{row}:{column}" if column else row


def places(axis: Dimension) -> list[tuple[str, list[tuple[str, str]]]]:
    """Places to choose from: the whole, then each region with its municipalities."""
    lang, parts = language(), axis.parts
    named = {node.code: capital(node.label(lang)) for node in axis.nodes}
    groups = [(named[ALL], [(ALL, named[ALL]), *((code, named[code]) for code in parts[ALL] if code not in parts)])]
    return groups + [
        (named[region], [(region, named[region]), *((code, named[code]) for code in parts[region])])
        for region in parts[ALL]
        if region in parts
    ]


def figure_text(figure: Figure) -> str:
    """A count as people read it; the sign of what is not shown."""
    return HIDDEN if figure is None else number_text(figure)


def table_named(code: str) -> RegisteredTable | None:
    """The registered table of a code."""
    return classifiers().registered_tables.get(code)


def capital(text: str) -> str:
    """The text with a capital first letter, as a heading has it."""
    return text[:1].upper() + text[1:]
