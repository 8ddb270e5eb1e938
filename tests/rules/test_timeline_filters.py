"""What an address asks of the life course, and what of it a person may see."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from auth.entries import Sight
from documents.audit import AuditEntry
from portal.access_log.cursor import cursor_after, read_cursor
from portal.dossier.seen import Seen
from portal.timeline.filters import Filters, read_filters
from portal.timeline.keyword import open_keyword, seal_keyword
from portal.timeline.rules import asked_words, found_in, holds, texts_of
from tests.people import TODAY, event

KEY = b"k" * 32


def asked(**parameters: str) -> Filters:
    return read_filters({name.rstrip("_"): [value] for name, value in parameters.items()}, TODAY)


def test_a_period_reaches_back_from_today_and_own_dates_win() -> None:
    assert asked(period="12m").since == date(2025, 11, 22)
    assert read_filters({"period": ["2y"]}, date(2024, 2, 29)).since == date(2022, 2, 28)
    own = asked(period="2y", from_="2020-01-01", to="31.12.2020.")
    assert (own.period, own.since, own.until) == ("own", date(2020, 1, 1), date(2020, 12, 31))


def test_the_address_of_filters_asks_for_the_same_again() -> None:
    filters = read_filters({"domain": ["health", "magic", "justice"], "only": ["opinions"], "period": ["2y"]}, TODAY)
    assert filters.query() == "?period=2y&domain=health&domain=justice&only=opinions"
    assert Filters().query() == "" and not Filters().narrowed


def test_of_a_sensitive_entry_without_right_neither_kind_nor_opinion_nor_words_are_found() -> None:
    hidden = Seen(
        event(kind="home_visit", shape="assessment", summary="zxcanary", confidentiality="sensitive"), Sight.PRESENCE
    )
    assert found_in([hidden], asked(), None).entries == [hidden]
    assert not found_in([hidden], asked(kind="home_visit"), None).entries
    only = found_in([hidden], asked(only="opinions"), None)
    assert not only.entries and only.opinions == 0
    assert not holds(texts_of(hidden), asked_words("zxcanary"))


def test_what_lies_outside_a_right_is_not_searched() -> None:
    entry = event(summary="Skola zvana", detail="zxcanary")
    for sight, heard in ((Sight.RECORD, False), (Sight.LINE, False), (Sight.FULL, True)):
        assert holds(texts_of(Seen(entry, sight)), asked_words("zxcanary")) is heard
    assert not holds(texts_of(Seen(entry, Sight.RECORD)), asked_words("zvana"))


def test_a_period_that_lasts_into_the_time_asked_for_belongs_to_it() -> None:
    school = event(kind="school_attendance", shape="span", day=date(2019, 9, 1))
    ended = event(kind="school_attendance", shape="span", day=date(2016, 9, 1), to=date(2019, 6, 1))
    seen = [Seen(school, Sight.FULL), Seen(ended, Sight.FULL)]
    assert found_in(seen, asked(from_="2025-01-01"), None).entries == [seen[0]]
    assert found_in(seen, asked(to="2019-01-01"), None).entries == [seen[1]]


@given(st.text(max_size=100))
def test_a_sealed_word_opens_for_the_same_person_and_dossier_only(word: str) -> None:
    sealed = seal_keyword(KEY, "inese", "d1", word)
    assert open_keyword(KEY, "inese", "d1", sealed) == word
    assert open_keyword(KEY, "aija", "d1", sealed) == open_keyword(KEY, "inese", "d2", sealed) == ""


@given(st.text(max_size=80))
def test_anything_else_opens_to_nothing(text: str) -> None:
    assert open_keyword(KEY, "inese", "d1", text) == ""
    assert read_cursor(text) is None or isinstance(read_cursor(text), tuple)


def test_a_cursor_remembers_how_many_of_one_moment_were_shown() -> None:
    at = datetime(2026, 11, 22, 9, 0, 0, 123000, tzinfo=UTC)
    entries = [AuditEntry(act="dossier.read", at=at + timedelta(seconds=s)) for s in (2, 1, 0, 0)]
    first = cursor_after(entries, None)
    assert read_cursor(first) == (at, 2)
    assert read_cursor(cursor_after(entries[2:], read_cursor(first))) == (at, 4)
