"""Reading files from outside: what is wrong is named with what to do, and nothing is taken for what it is not."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from fixtures.loaders import KINDS
from fixtures.loaders.errors import LoadError
from fixtures.loaders.freshness import day_in_name, needed_as_of
from fixtures.loaders.problems import Rejection, shape_of
from fixtures.loaders.records import Record
from fixtures.loaders.seen import Seen
from fixtures.loaders.source import LONGEST, Source

DAY = date(2026, 1, 11)
ATVK = "Kods,Nosaukums,Spēkā no,Spēkā līdz,Veiktās izmaiņas,Kods pirms izmaiņām,Kods pēc izmaiņām,Līmenis,Saistītās"
RIGA = "0001000,Rīga,01.07.2021,,,,,1,"


def written(folder: Path, text: str | bytes, name: str = "atvk_2026-01-11.csv") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def read(path: str, kind: str = "territories") -> list[Record[object] | Rejection]:
    return list(KINDS[kind].read(Source(path), DAY).items)


def reasons(items: list[Record[object] | Rejection]) -> list[tuple[int, str, str]]:
    return [(p.line, p.field, p.reason) for item in items if isinstance(item, Rejection) for p in item.problems]


def test_a_byte_order_mark_and_quotation_marks_are_read(tmp_path: Path) -> None:
    text = f"\ufeff{ATVK}\r\n" + '0001000,"Rīga",01.07.2021,,,,,1,"a, b"\r\n'
    [record] = read(written(tmp_path, text))
    assert isinstance(record, Record)
    assert record.key == "0001000"


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("000100,Rīga,01.07.2021,,,,,1,", "Kods", "is no ATVK code; it has seven digits, leading zeros too"),
        ("9991000,Atlantīda,01.07.2021,,,,,1,", "Kods", "is no municipality's code on 2026-01-11"),
        ("0001000,Rīga,31.02.2021,,,,,1,", "Spēkā no", "is no day of the calendar"),
        ("0001000,Rīga,2021-07-01,,,,,1,", "Spēkā no", "is no date; write it like 01.07.2021"),
        ("0001000,Rīga,01.07.2021,01.07.2020,,,,1,", "Spēkā līdz", "is before the first day"),
        ("0001000,Rīga,01.07.2021,,,,,3,", "Līmenis", "is neither 1 (municipality) nor 2 (town or parish)"),
        ("0001000,Pļavas,01.07.2021,,,,,1,", "Nosaukums", "the classifier calls 0001000 Rīga"),
        ("0001000,,01.07.2021,,,,,1,", "Nosaukums", "is empty"),
        (
            "0001000,Rīga,01.07.2021,,1",
            "line",
            "has 5 cells, the header 9; a text with a comma needs quotation marks",
        ),
        ('0001000,"Rīga,01.07.2021,,,,,1,', "line", "its quotation marks do not fit; a record stands in one line"),
        ("0001000,Rī\x00ga,01.07.2021,,,,,1,", "line", "holds control characters"),
    ],
)
def test_a_wrong_line_is_named_and_the_next_is_read(tmp_path: Path, line: str, field: str, reason: str) -> None:
    items = read(written(tmp_path, f"{ATVK}\n{line}\n{RIGA}\n"))
    assert reasons(items) == [(2, field, reason)]
    assert isinstance(items[1], Record)


def test_a_line_of_another_encoding_in_a_file_of_utf8_is_refused_alone(tmp_path: Path) -> None:
    data = f"{ATVK}\n".encode() + "0002000,Daugavpilsā".encode("cp1257") + f",01.07.2021,,,,,1,\n{RIGA}\n".encode()
    items = read(written(tmp_path, data))
    assert reasons(items) == [(2, "line", "is not UTF-8")]
    assert isinstance(items[1], Record)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"{ATVK}\n{RIGA}\n".encode("cp1257"), "line 1: the text is not UTF-8"),
        (f"{ATVK}\n{RIGA}\n".encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (f"{ATVK}\n{RIGA}\n".replace(",", ";").encode(), "the columns are separated by semicolons"),
        (f"{ATVK}\n{RIGA}\n".replace(",", "\t").encode(), "the columns are separated by tabs"),
        (f"{ATVK}\n".replace("Nosaukums,", "").encode(), "lacks the column Nosaukums"),
        (f"{ATVK},Kods\n".encode(), "the column Kods stands twice in the header"),
        (b"what,is,this\n1,2,3\n", "its header is not known; this loads ATVK export (Kods,"),
        (b"", "is empty"),
        (b"\n" * 10_000, "its header is not known"),
        (b"x" * (LONGEST + 1), "line 1 is longer than 1 MB"),
        (f"{ATVK}\n".encode() + b"y\n" * 2_000, "the first 1000 lines hold no right record"),
        (f"{ATVK}\n".encode() + b"\n" * 2_000, "the first 1000 lines hold no right record"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_not_the_file_is_one_clear_error(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(LoadError) as error:
        read(written(tmp_path, data))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_absent_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"is not there: check the name"):
        Source(str(tmp_path / "absent.csv"))
    with pytest.raises(LoadError, match="is a folder: name one file in it"):
        Source(str(tmp_path))


def test_endless_garbage_from_a_pipe_ends(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe_2026-01-11"
    os.mkfifo(pipe)

    def pour() -> None:
        with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as stream:
            while True:
                stream.write(b"\x00\x01garbage" * 10_000)

    thread = threading.Thread(target=pour)
    thread.start()
    with pytest.raises(LoadError, match="longer than 1 MB"):
        read(str(pipe))
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("ATVK2021_11012026_015924", date(2026, 1, 11)),
        ("vardi_pmlp_2025-07-01", date(2025, 7, 1)),
        ("CSP_IRS031_20251113_population_municipalities_2012-2025", date(2025, 11, 13)),
        ("gimenes-valsts-pabalsts-2026-06", date(2026, 6, 1)),
        ("skolas_2018_viis", date(2018, 1, 1)),
        ("children", None),
        ("2026-02-31", date(2026, 2, 1)),
    ],
)
def test_the_name_of_a_file_tells_the_date_of_the_extract(name: str, day: date | None) -> None:
    assert day_in_name(name) == day


def test_a_date_is_asked_for_where_nothing_tells_it_and_may_not_lie_ahead(tmp_path: Path) -> None:
    source = Source(written(tmp_path, "x", "names.csv"))
    with pytest.raises(LoadError, match="give the extract's with --as-of"):
        needed_as_of(source, None, DAY)
    with pytest.raises(LoadError, match="is in the future"):
        needed_as_of(source, date(2026, 1, 12), DAY)
    assert needed_as_of(source, DAY, DAY) == DAY


def test_personal_values_are_shown_by_their_shape() -> None:
    assert shape_of("010115-2345") == "000000-0000"
    assert shape_of("Jānis Bērziņš 2") == "Xxxxx Xxxxxxx 0"
    assert shape_of("a\x00b") == "x?x"


def test_what_stood_in_a_file_is_remembered_by_its_first_line() -> None:
    seen = Seen()
    assert [seen.first_line("a", 1), seen.first_line("b", 2), seen.first_line("a", 3)] == [1, 2, 1]
    seen.close()


def test_the_population_table_is_read_in_the_borders_of_its_series(tmp_path: Path) -> None:
    text = (
        '\ufeff"Population and so on"\r\n\r\n"Indicator","Territorial unit","2012","2025"\r\n'
        '"Annual average population","Madona municipality",34240,27306\r\n'
        '"Annual average population","Varakļāni municipality",3675,…\r\n'
        '"Annual average population","Atlantis municipality",1,2\r\n'
    )
    madona, varaklani, atlantis = read(written(tmp_path, text, "population_20251113.csv"), "statistics")
    assert isinstance(madona, Record)
    assert isinstance(varaklani, Record)
    assert isinstance(atlantis, Rejection)
    assert [s.id for s in madona.value] == ["population:0038000:2012", "population:0038000:2025"]  # type: ignore[attr-defined]
    assert [s.id for s in varaklani.value] == ["population:0055000:2012"]  # type: ignore[attr-defined]
    assert atlantis.problems[0].line == 6
