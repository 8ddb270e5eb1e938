"""Reading one classifier file: every wrong cell is named by file, line and field, with what to do."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from documents.classifiers.row import Row
from documents.classifiers.table import Table
from documents.trouble import Trouble

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place of a classifier file."""

    file: str
    line: int
    field: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.field}: {self.advice}"


class ClassifierError(Trouble, ValueError):
    """The classifiers cannot be used; the text lists every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def read(path: Path, model: type[R], problems: list[Problem]) -> Table[R]:
    """The rows of `path` that are right; what is wrong is added to `problems`."""
    rows: dict[str, R] = {}
    lines: dict[str, int] = {}
    for line, cells in _records(path, model, problems):
        try:
            row = model.model_validate({name: cell for name, cell in cells.items() if cell != ""})
        except ValidationError as error:
            problems += [Problem(path.name, line, *_said(detail)) for detail in error.errors(include_url=False)]
            continue
        if row.code in rows:
            text = f"{row.code!r} stands already in line {lines[row.code]}; give each row its own code"
            problems.append(Problem(path.name, line, "code", text))
            continue
        rows[row.code], lines[row.code] = row, line
    return Table(path.stem, rows, lines)


def _records(path: Path, model: type[Row], problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(path.name, 1, "file", f"is missing; put it into {path.parent}"))
        return
    except UnicodeDecodeError as error:
        problems.append(Problem(path.name, 1, "file", f"is not UTF-8 (byte {error.start}); save it as UTF-8"))
        return
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    header = [name.strip() for name in next(reader, [])]
    if wrong := _header_problems(path.name, header, model):
        problems += wrong
        return
    try:
        for cells in reader:
            if len(cells) == len(header):
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
            elif cells:
                advice = f"has {len(cells)} cells, the header {len(header)}; a text with a comma needs quotation marks"
                problems.append(Problem(path.name, reader.line_num, "row", advice))
    except csv.Error as error:
        problems.append(
            Problem(path.name, reader.line_num, "row", f"is not proper CSV ({error}); check the quotation marks")
        )


def _header_problems(file: str, header: list[str], model: type[Row]) -> list[Problem]:
    wanted = list(model.model_fields)
    missing = [
        Problem(file, 1, name, "the column is missing; add it to the header") for name in wanted if name not in header
    ]
    unknown = [
        Problem(file, 1, name or "(nameless)", f"the column is not known; the columns are {', '.join(wanted)}")
        for name in header
        if name not in wanted
    ]
    twice = [
        Problem(file, 1, name, "the column stands twice; keep one")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    return missing + unknown + twice


def _said(detail: Any) -> tuple[str, str]:
    """Field and advice of one of pydantic's findings, in words for whoever keeps the file."""
    field = str(detail["loc"][0]) if detail["loc"] else "valid_to"
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return field, "is empty; every row needs it"
    if kind == "literal_error":
        return field, f"{value!r} is not allowed; write {context['expected']}"
    if kind.startswith("date"):
        return field, f"{value!r} is not a date; write it like 2021-07-01"
    if kind == "string_too_long":
        return field, f"{value!r} has {len(value)} characters; shorten it to {context['max_length']}"
    if kind == "string_pattern_mismatch":
        return field, f"{value!r} is not a code; use small letters, digits and underscores"
    if kind == "value_error":
        return field, f"{value!r}: {context['error']}" if isinstance(value, str) else str(context["error"])
    return field, f"{value!r}: {detail['msg']}"
