"""Rules of asking for access: three working days, ninety days, what the asker is told, who decides."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth import reasons
from auth.entries import Sight, sight
from auth.permissions import Permission as P
from auth.policy import decide, may, standing
from auth.supervision import supervises, supervisor_keys
from documents.access_request import AccessRequest, Decision, due_after, end_of
from documents.dossier import Dossier, Grant
from documents.working_days import after_working_days
from portal.access_requests.rules import authority, outcome_of, read_asked, read_decided, told
from portal.access_requests.view import for_asker
from tests.people import NOW, TODAY, dossier, event, who

GOOD = {
    "sections": ["timeline"],
    "purpose": ["assess_need"],
    "legal_basis": ["child_rights_law"],
    "until": ["22.12.2026."],
    "message": ["Vērtējam, kā bērnam palīdzēt skolā."],
}


def request(by: str = "olga", **changes: object) -> AccessRequest:
    values: dict[str, object] = {
        "id": "a1",
        "dossier_id": "d1",
        "initials": "MK",
        "birth_year": 2014,
        "by": who(by).as_professional(),
        "at": NOW,
        "due": due_after(NOW),
        "state": "waiting",
        "sections": ["base", "timeline", "event_detail"],
        "sensitive": True,
        "purpose": "assess_need",
        "legal_basis": "child_rights_law",
        "until": TODAY + timedelta(days=30),
        "sealed": b"x",
    }
    return AccessRequest.model_validate(values | changes)


# The calendar as published: Easter, Midsummer, moved days off, 18 November, Christmas.
@pytest.mark.parametrize(
    ("asked", "third"),
    [
        (date(2026, 11, 23), date(2026, 11, 26)),  # Monday
        (date(2026, 11, 20), date(2026, 11, 25)),  # Friday
        (date(2026, 11, 21), date(2026, 11, 25)),  # Saturday
        (date(2026, 11, 16), date(2026, 11, 20)),  # 18 November between
        (date(2026, 4, 2), date(2026, 4, 9)),  # Good Friday and Easter Monday
        (date(2026, 6, 19), date(2026, 6, 27)),  # Monday moved, Midsummer, and the Saturday worked for it
        (date(2026, 12, 22), date(2026, 12, 29)),
        (date(2026, 12, 30), date(2027, 1, 6)),
        (date(2029, 11, 16), date(2029, 11, 22)),  # 18 November on a Sunday: Monday is free
    ],
)
def test_the_third_working_day_leaves_weekends_and_holidays_out(asked: date, third: date) -> None:
    assert after_working_days(asked, 3) == third


def test_due_is_midnight_in_riga_whatever_the_hour_of_asking() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # Saturday already in Riga
    assert due_after(late) == datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
    assert due_after(datetime(2026, 6, 8, 9, tzinfo=UTC)) == datetime(2026, 6, 11, 21, 0, tzinfo=UTC)


def test_the_last_day_is_whole_also_when_clocks_change() -> None:
    assert end_of(date(2026, 10, 25)) - end_of(date(2026, 10, 24)) == timedelta(hours=25)
    assert end_of(date(2026, 3, 29)) - end_of(date(2026, 3, 28)) == timedelta(hours=23)


@given(st.dates(date(2024, 1, 1), date(2035, 1, 1)))
def test_the_third_working_day_is_never_sooner_than_three_days_nor_later_than_two_weeks(asked: date) -> None:
    assert timedelta(days=3) <= after_working_days(asked, 3) - asked <= timedelta(days=14)


def test_a_request_is_read() -> None:
    asked, errors = read_asked(GOOD | {"sensitive": ["yes"]}, TODAY)
    assert not errors and asked is not None
    assert (asked.sections, asked.sensitive, asked.until) == (("timeline",), True, date(2026, 12, 22))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sections": []}, "sections"),
        ({"sections": ["messages"]}, "sections"),
        ({"sections": ["access_log"]}, "sections"),
        ({"purpose": ["urgent_placement"]}, "purpose"),
        ({"purpose": ["$ne"]}, "purpose"),
        ({"legal_basis": ["mk_89"]}, "legal_basis"),
        ({"until": ["21.11.2026."]}, "until"),
        ({"until": ["21.02.2027."]}, "until"),
        ({"until": [""]}, "until"),
        ({"message": ["lūdzu"]}, "message"),
        ({"sections": ["base"], "only_entries": ["yes"]}, "sections"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(change: dict[str, list[str]], field: str) -> None:
    asked, errors = read_asked(GOOD | change, TODAY)
    assert asked is None and list(errors) == [field]


def test_ninety_days_are_allowed() -> None:
    assert read_asked(GOOD | {"until": ["20.02.2027."]}, TODAY)[0] is not None


def test_details_bring_the_lines_they_stand_in() -> None:
    asked, _ = read_asked(GOOD | {"sections": ["event_detail"]}, TODAY)
    assert asked is not None and asked.sections == ("timeline", "event_detail")


GRANT = {"outcome": ["grant"], "sections": ["base", "timeline", "event_detail"], "sensitive": ["yes"]}


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, "granted"),
        ({"sections": ["timeline"]}, "narrower"),
        ({"sensitive": []}, "narrower"),
        ({"until": ["30.11.2026."]}, "narrower"),
        ({"outcome": ["refuse"], "reason": ["Skola to redz jau tagad."]}, "refused"),
    ],
)
def test_a_decision_is_full_narrower_or_a_refusal(change: dict[str, list[str]], outcome: str) -> None:
    decided, errors = read_decided(GRANT | {"until": ["22.12.2026."]} | change, request(), TODAY)
    assert not errors and decided is not None
    assert outcome_of(decided, request()) == outcome


@given(
    st.lists(st.sampled_from(["base", "family", "timeline", "event_detail", "plan", "messages", "decisions"])),
    st.booleans(),
    st.integers(-3, 120),
)
def test_nobody_gives_more_or_longer_than_was_asked(sections: list[str], sensitive: bool, days: int) -> None:
    asked = request(sensitive=False, until=TODAY + timedelta(days=20))
    until = TODAY + timedelta(days=days)
    values = {"outcome": ["grant"], "sections": sections, "until": [f"{until:%d.%m.%Y}."]}
    decided, _ = read_decided(values | ({"sensitive": ["yes"]} if sensitive else {}), asked, TODAY)
    if decided is not None:
        assert set(decided.sections) <= set(asked.sections) and not decided.sensitive
        assert decided.until is not None and TODAY <= decided.until <= asked.until


def test_a_refusal_says_why() -> None:
    decided, errors = read_decided({"outcome": ["refuse"], "reason": ["nē"]}, request(), TODAY)
    assert decided is None and "reason" in errors


def test_only_others_than_the_asker_decide_and_only_with_the_right_to() -> None:
    marta = dossier()

    def by(name: str, asked: AccessRequest) -> P | None:
        return authority(standing(who(name), marta, NOW), who(name), asked)

    of_school = request(entries_of="school")
    assert by("inese", request()) is P.ACCESS_GRANT
    assert by("inese", of_school) is P.ACCESS_GRANT
    assert by("aija", of_school) is P.ACCESS_GRANT_OWN
    assert by("aija", request()) is None, "the team decides on entries of the own institution alone"
    assert by("aija", request(entries_of="service")) is None
    assert by("inese", request(by="inese")) is None, "four eyes"
    assert by("aija", request(by="aija", entries_of="school")) is None
    for name in ("martins", "ruta", "janis", "olga", "dace"):
        assert by(name, of_school) is None and by(name, request()) is None


def granted_dossier(**changes: object) -> Dossier:
    values: dict[str, object] = {
        "id": "g",
        "role_id": "role-olga",
        "person_id": "olga",
        "sections": ["timeline", "event_detail"],
        "sensitive": True,
        "purpose": "assess_need",
        "legal_basis": "child_rights_law",
        "since": NOW,
        "until": end_of(TODAY),
        "decided_by": who("inese").as_professional(),
    }
    return dossier(grants=[Grant.model_validate(values | changes)])


def test_a_grant_on_one_institutions_entries_shows_no_other() -> None:
    marta = granted_dossier(entries_of="school")
    access = standing(who("olga"), marta, NOW)
    assert sight(who("olga"), access, marta, event("aija", confidentiality="sensitive"), TODAY) is Sight.FULL
    assert sight(who("olga"), access, marta, event("inese"), TODAY) is Sight.NOTHING
    restricted = event("aija", confidentiality="restricted", named_people=["aija"])
    assert sight(who("olga"), access, marta, restricted, TODAY) is Sight.NOTHING


def test_a_grant_ends_with_the_last_second_of_its_last_day() -> None:
    marta, end = granted_dossier(), end_of(TODAY)
    last = end - timedelta(seconds=1)
    assert decide(who("olga", last), P.TIMELINE_READ, marta, last).allowed
    assert decide(who("olga", end), P.TIMELINE_READ, marta, end).reason is reasons.NO_RELATION


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_who_asked_by_a_code_sees_no_difference_between_refused_undecided_and_no_dossier(state: str) -> None:
    decision = Decision(outcome="refused", at=NOW, by=who("inese").as_professional()) if state == "refused" else None
    real = request(blind=True, asked_for="140314", state=state, decision=decision)
    none = request(blind=True, asked_for="140314", dossier_id=None, initials="", birth_year=0)
    for moment in (NOW, real.due - timedelta(seconds=1), real.due, real.due + timedelta(days=99)):
        assert for_asker(real, moment) == for_asker(none, moment)
        assert told(real, moment) == ("waiting" if moment < real.due else "silent")


def test_who_asked_by_a_code_learns_of_a_grant() -> None:
    assert told(request(blind=True, state="narrower"), NOW) == "narrower"
    assert told(request(state="refused"), NOW) == "refused"


def test_heads_above_the_case_manager_supervise_no_others() -> None:
    marta = dossier()
    assert supervisor_keys(marta, NOW) == ["i:service"]
    assert supervises(who("janis"), marta, NOW)
    assert not supervises(who("inese"), marta, NOW)
    assert set(supervisor_keys(dossier(case_manager=None), NOW)) == {"i:doctor", "i:police"}


@pytest.mark.parametrize(("name", "asks"), [("olga", True), ("ruta", True), ("janis", False)])
def test_levels_one_and_two_ask_and_heads_do_not(name: str, asks: bool) -> None:
    assert may(who(name), P.ACCESS_ASK).allowed is asks
