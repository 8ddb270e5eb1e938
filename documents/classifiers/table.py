"""One classifier: its rows by code, in the order of its file."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Generic, TypeVar

from documents.classifiers.row import Row

R = TypeVar("R", bound=Row)


class UnknownCode(KeyError):
    """A code that its classifier does not have."""

    def __init__(self, table: str, code: object) -> None:
        super().__init__(code)
        self.table, self.unknown = table, code

    def __str__(self) -> str:
        return f"The classifier {self.table} has no code {self.unknown!r}"


class UnknownTable(UnknownCode):
    """A classifier that does not exist."""

    def __init__(self, table: str) -> None:
        super().__init__("classifiers", table)

    def __str__(self) -> str:
        return f"There is no classifier {self.unknown!r}"


class Table(Mapping[str, R], Generic[R]):
    """A read-only mapping from code to row; `lines` remembers where in the file each row stands."""

    def __init__(self, name: str, rows: Mapping[str, R], lines: Mapping[str, int]) -> None:
        self.name = name
        self._rows = dict(rows)
        self.lines = dict(lines)

    def __getitem__(self, code: str) -> R:
        try:
            return self._rows[code]
        except KeyError:
            raise UnknownCode(self.name, code) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def in_force(self, on: date) -> list[R]:
        """The rows that may be chosen for a fact of the day `on`."""
        return [row for row in self._rows.values() if row.in_force(on)]

    def choices(self, language: str, on: date) -> list[tuple[str, str]]:
        """Code and name of every row in force, as a form's list of choices needs them."""
        return [(row.code, row.label(language)) for row in self.in_force(on)]
