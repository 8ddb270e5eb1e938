"""How dates, numbers and ages are written in both languages."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import formats


def test_a_date_is_written_as_latvians_write_it():
    assert formats.date_text(date(2026, 11, 2), "lv") == "02.11.2026."
    assert formats.date_text(date(2026, 11, 2), "en") == "2 November 2026"
    assert formats.day_text(date(2026, 11, 2), "lv") == "02.11."
    assert formats.month_text(date(2026, 5, 2), "lv") == "2026. gada maijs"


def test_a_moment_is_shown_by_the_clock_in_riga_in_winter_and_summer():
    winter = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    summer = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
    assert formats.datetime_text(winter, "lv") == "22.11.2026. plkst. 0.30"
    assert formats.time_text(summer, "lv") == "plkst. 15.05"
    assert formats.datetime_text(summer, "en") == "1 July 2026, 15:05"


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        formats.date_text(datetime(2026, 1, 1, 12, 0), "lv")  # noqa: DTZ001


def test_numbers_have_hard_spaces_and_a_decimal_comma():
    assert formats.number_text(360000, "lv") == "360\N{NO-BREAK SPACE}000"
    assert formats.number_text(6.94, "lv", 1) == "6,9"
    assert formats.number_text(360000, "en") == "360,000"


@pytest.mark.parametrize(
    ("birth", "text"),
    [
        (date(2014, 3, 14), "12 gadi"),
        (date(2005, 11, 22), "21 gads"),
        (date(2015, 11, 22), "11 gadi"),
        (date(2025, 11, 22), "1 gads"),
        (date(2025, 11, 23), "11 mēneši"),
        (date(2026, 10, 22), "1 mēnesis"),
        (date(2026, 11, 1), "21 diena"),
        (date(2026, 11, 22), "0 dienu"),
        (date(2026, 12, 1), "pirms dzimšanas"),
    ],
)
def test_an_age_has_the_right_word_and_unit(birth: date, text: str):
    assert formats.age_text(birth, date(2026, 11, 22), "lv") == text


def test_somebody_born_on_a_leap_day_turns_older_on_the_first_of_march():
    assert formats.age_on(date(2012, 2, 29), date(2025, 2, 28)) == 12
    assert formats.age_on(date(2012, 2, 29), date(2025, 3, 1)) == 13


@given(st.dates(date(1920, 1, 1), date(2030, 1, 1)), st.dates(date(1920, 1, 1), date(2030, 1, 1)))
def test_years_and_months_agree(birth: date, day: date):
    assert formats.months_on(birth, day) // 12 == formats.age_on(birth, day)
