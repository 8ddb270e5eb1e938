"""Windows on a system of figures: some move while all else is held as it is, so that questions stay small.

A block is what proper sums tie together: one table, or one need of a table. Ties of "at most" only bound it from
outside. Most hidden figures can be protected by others of their block; where not, the blocks that bound it may move
too, and at last everything.
"""

from collections.abc import Collection, Iterator, Sequence

from portal.analytics.moves import FREE, Move, Moves, NoMove, Row


class Windows:
    """Finds moves, as `Moves` does, of figures as near to the one asked for as will do.

    An `internal` figure stands in one row and says only that it is not below 0.
    """

    def __init__(
        self, counts: Sequence[int], rows: Sequence[Row], internal: Collection[int], costs: Sequence[float]
    ) -> None:
        self._counts, self._costs, self._internal = counts, list(costs), internal
        self._rows_of: dict[int, list[Row]] = {}
        for row in rows:
            for figure, _ in row:
                self._rows_of.setdefault(figure, []).append(row)
        self._block_of: dict[int, int] = {}
        self._blocks: list[list[int]] = []
        for figure in range(len(counts)):
            if figure not in self._block_of and figure not in internal:
                self._blocks.append(self._tied_to(figure))
        self._rings: dict[int, list[frozenset[int]]] = {}
        self._windows: dict[frozenset[int], _Window] = {}

    def shifting(self, figure: int, by: int) -> Move:
        """A cheap move that changes the figure by `by`. Raises NoMove if none does, of whatever figures."""
        block = self._block_of[figure]
        if block not in self._rings:
            self._rings[block] = list(self._wider(block))
        for blocks in self._rings[block]:
            try:
                return self._window(blocks).shifting(figure, by)
            except NoMove:
                continue
        raise NoMove

    def free(self, figure: int) -> None:
        """A figure is hidden from now on: moves may use it."""
        self._costs[figure] = FREE
        for window in self._windows.values():
            window.free(figure)

    def _tied_to(self, figure: int) -> list[int]:
        """The block of a figure: all that proper sums tie it to."""
        number, block = len(self._blocks), [figure]
        self._block_of[figure] = number
        for each in block:
            for row in self._rows_of.get(each, ()):
                if self._rest(row) is None:
                    new = [other for other, _ in row if other not in self._block_of]
                    self._block_of.update((other, number) for other in new)
                    block += new
        return block

    def _rest(self, row: Row) -> int | None:
        """The internal figure of a row, if it only says "at most"."""
        return next((figure for figure, _ in row if figure in self._internal), None)

    def _wider(self, block: int) -> Iterator[frozenset[int]]:
        """The block, it and those that bound it, everything."""
        tied = {other for figure in self._blocks[block] for row in self._rows_of.get(figure, ()) for other, _ in row}
        bounding = {self._block_of[other] for other in tied if other not in self._internal} | {block}
        yield from dict.fromkeys(map(frozenset, ({block}, bounding, range(len(self._blocks)))))

    def _window(self, blocks: frozenset[int]) -> "_Window":
        if blocks not in self._windows:
            figures = [figure for block in sorted(blocks) for figure in self._blocks[block]]
            self._windows[blocks] = self._opened(figures)
        return self._windows[blocks]

    def _opened(self, figures: list[int]) -> "_Window":
        """A window: the sums within it, and how far figures go that an "at most" ties to one without."""
        inside = set(figures)
        fall = {figure: self._counts[figure] for figure in figures}
        rise: dict[int, int] = {}
        rows: dict[tuple[tuple[int, int], ...], None] = {}
        for row in (row for figure in figures for row in self._rows_of.get(figure, ())):
            rest = self._rest(row)
            within = [term for term in row if term[0] in inside]
            if rest is None or len(within) > 1:
                rows[tuple(row)] = None
                if rest is not None:
                    fall[rest] = self._counts[rest]
            else:
                (figure, sign), most = within[0], self._counts[rest]
                limits = rise if sign == dict(row)[rest] else fall
                limits[figure] = min(limits.get(figure, most), most)
        return _Window(fall, rise, list(rows), self._costs)


class _Window:
    """Moves among a few figures, by the numbers they have outside."""

    def __init__(self, fall: dict[int, int], rise: dict[int, int], rows: Sequence[Row], costs: Sequence[float]) -> None:
        self._figures = list(fall)
        self._number = {figure: n for n, figure in enumerate(self._figures)}
        self._moves = Moves(
            [(fall[figure], rise.get(figure)) for figure in self._figures],
            [[(self._number[figure], sign) for figure, sign in row] for row in rows],
            [costs[figure] for figure in self._figures],
        )

    def shifting(self, figure: int, by: int) -> Move:
        move = self._moves.shifting(self._number[figure], by)
        return {self._figures[n]: step for n, step in move.items()}

    def free(self, figure: int) -> None:
        if figure in self._number:
            self._moves.free(self._number[figure])
