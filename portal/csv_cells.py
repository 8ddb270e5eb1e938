"""Cells of a table for spreadsheets: quoted, and never read as a formula."""

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """Return the text as a cell shows it: what a spreadsheet would calculate gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else text


def csv_line(cells: Iterable[str]) -> bytes:
    """Return one line of a table, in UTF-8."""
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(cell) for cell in cells])
    return line.getvalue().encode()
