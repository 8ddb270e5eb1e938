"""Personal codes: old and new, the check digit, invented ones only where marked."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.personal_code import WrongCode, check_digit, invent, parse

SHARED = Path(os.environ.get("ATBALSTS_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


@given(st.dates(date(2001, 1, 1), date(2026, 11, 22)), st.integers(0, 999))
def test_an_invented_code_tells_its_true_birth_date_and_has_a_right_check_digit(born: date, serial: int) -> None:
    code = parse(invent(born, serial), accept_invented=True)
    assert code.invented and not code.suspicious
    assert code.birth_date == born


@given(st.dates(date(2001, 1, 1), date(2026, 11, 22)), st.integers(0, 999))
def test_a_real_register_refuses_invented_codes(born: date, serial: int) -> None:
    with pytest.raises(WrongCode):
        parse(invent(born, serial))


def test_a_new_code_carries_no_birth_date() -> None:
    code = parse("32345678901")
    assert code.text == "323456-78901" and code.birth_date is None and not code.suspicious


def test_a_wrong_check_digit_is_a_warning_not_a_refusal() -> None:
    right = check_digit("1403142123")
    code = parse(f"140314-2123{(right + 1) % 10}")
    assert code.suspicious and code.birth_date == date(2014, 3, 14)


@pytest.mark.parametrize("text", ["", "1234", "140314-2123", "310214-21234", "000000-20000", "140314-71234"])
def test_what_is_no_code_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(WrongCode, match=r"\.$"):
        parse(text)


def test_the_keyed_hash_depends_on_the_key_and_hides_the_code() -> None:
    code = parse("140314-21230")
    assert code.hash(b"a" * 32) != code.hash(b"b" * 32)
    assert "140314" not in code.hash(b"a" * 32)


def test_the_published_vectors_hold() -> None:
    path = SHARED / "standards" / "personas_kods_test_vectors.json"
    if not path.exists():
        pytest.skip(f"The shared data are not here: {path}")
    vectors = json.loads(path.read_text("utf-8"))
    assert not any(parse(code).suspicious for code in vectors["legacy_valid"])
    assert all(parse(code).suspicious for code in vectors["legacy_bad_checksum"])
    assert all(parse(code).birth_date is None for code in vectors["new_valid_by_law_any_digits"])
    for code in vectors["legacy_bad_date"] + vectors["never_valid"]:
        with pytest.raises(WrongCode):
            parse(code)
