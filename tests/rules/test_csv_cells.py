"""Cells for spreadsheets: nothing anybody typed is calculated."""

import csv
import io

import pytest

from portal.csv_cells import csv_line, safe_cell


@pytest.mark.asvs("1.2.10")
@pytest.mark.parametrize("text", ["=1+1", "+371", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\n=1"])
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Cēsis", "a=b", "2026-11-22T10:00", 'say "yes", or no', "two\nlines"])
def test_other_words_stay_and_come_back_from_the_table(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_line([text, "x"]).decode(), newline=""))
    assert row == [text, "x"]
