"""Who a child without a code is: names as far as known, a birth date as far as known, no adults, nobody unborn."""

from datetime import date

import pytest

from portal.identities.rules import provisional_child, read_newcomer

TODAY = date(2026, 11, 22)
GOOD = {"given_name": ["Amir"], "family_name": ["Haddad"], "born": ["14.03.2019."], "sex": ["m"]}


def errors(**changes: str) -> list[str]:
    return sorted(read_newcomer(GOOD | {name: [text] for name, text in changes.items()}, TODAY)[1])


def test_a_child_with_name_and_day_is_provisional_and_found_by_its_name() -> None:
    newcomer, faults = read_newcomer(GOOD, TODAY)
    assert newcomer and not faults
    child = provisional_child(newcomer)
    assert (child.name, child.birth_date, child.sex) == ("Amir Haddad", date(2019, 3, 14), "m")
    assert child.provisional and not child.birth_date_approximate and child.code_hash is None
    assert (child.sort_name, child.tokens) == ("haddad amir", ["amir", "haddad"])


@pytest.mark.parametrize(
    ("given", "family", "sex", "called"),
    [
        ("", "", "f", "Meitene Nezināma"),
        ("", "Kalniņš", "m", "Zēns Kalniņš"),
        ("Amir", "", "m", "Amir Nezināms"),
        ("", "", "unknown", "Bērns Nezināms"),
    ],
)
def test_what_nobody_knows_of_a_name_has_a_word_that_says_so(given: str, family: str, sex: str, called: str) -> None:
    form = GOOD | {"given_name": [given], "family_name": [family], "sex": [sex]}
    assert read_newcomer(form, TODAY)[0] is None, "a name is not left out by oversight"
    newcomer, _ = read_newcomer(form | {"name_unknown": ["yes"]}, TODAY)
    assert newcomer and provisional_child(newcomer).name == called


@pytest.mark.parametrize(
    ("born", "day", "approximate"),
    [
        ("2019", date(2019, 1, 1), True),
        ("03.2019", date(2019, 3, 1), True),
        ("3.2019.", date(2019, 3, 1), True),
        ("2008", date(2008, 1, 1), True),  # may still be seventeen
        ("2019-03-14", date(2019, 3, 14), False),
        ("22.11.2026.", TODAY, False),  # born today
    ],
)
def test_about_when_is_enough(born: str, day: date, *, approximate: bool) -> None:
    newcomer, _ = read_newcomer(GOOD | {"born": [born]}, TODAY)
    assert newcomer and (newcomer.birth_date, newcomer.approximate) == (day, approximate)


def test_a_day_somebody_guessed_is_marked() -> None:
    newcomer, _ = read_newcomer(GOOD | {"approximate": ["yes"]}, TODAY)
    assert newcomer and newcomer.approximate


@pytest.mark.parametrize(
    "born", ["", "pavasarī", "31.02.2019.", "13.2019", "0.2019", "0000", "23.11.2026.", "2027", "2007"]
)
def test_no_day_the_future_and_adults_are_refused(born: str) -> None:
    assert errors(born=born) == ["born"]


@pytest.mark.parametrize("name", ["Амир", "R2D2", "---", "A" * 81])
def test_a_name_is_written_in_letters_the_register_can_find(name: str) -> None:
    assert errors(given_name=name) == ["given_name"]


def test_the_sex_is_said_or_said_to_be_unknown() -> None:
    assert errors(sex="") == errors(sex="x") == ["sex"]
