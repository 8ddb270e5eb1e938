"""Who may do what with one dossier, against expectations written by hand from access.md."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from auth import reasons
from auth.permissions import Permission as P
from auth.policy import decide, may
from auth.relations import answering_of, unanswered_of
from auth.who import who_is
from documents.dossier import Denial, Emergency, Grant
from documents.family import LegalRole, Relationship
from documents.institution import Institution, Unit
from documents.model import start_of
from tests.people import NOW, dossier, family, involvement, person, rederive, role_of, who

READ_ALL = {P.BASE_READ, P.FAMILY_READ, P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ}
WRITE_ALL = {P.EVENT_ADD, P.EVENT_CHANGE, P.LEVEL_CHANGE, P.CONTACTS_WRITE, P.BASE_WRITE}
ON_A_DOSSIER = READ_ALL | WRITE_ALL | {P.ACCESS_LOG_READ}

# access.md, "What a role may do by relation": who stands how to the child, and everything they may do.
EXPECTED = {
    "inese": READ_ALL | WRITE_ALL | {P.ACCESS_LOG_READ},  # case manager
    "aija": READ_ALL | WRITE_ALL | {P.ACCESS_LOG_READ},  # team
    "martins": READ_ALL | WRITE_ALL - {P.BASE_WRITE},  # responsible, level 1: of base data contacts only
    "ruta": READ_ALL | {P.EVENT_ADD, P.EVENT_CHANGE},  # responsible, level 2
    "janis": {P.TIMELINE_READ, P.EVENT_READ, P.ACCESS_LOG_READ},  # supervises
    "dace": set(),  # works in the case manager's institution: that gives nothing
    "olga": set(),  # works elsewhere
    "anda": set(),  # the court is not involved
}


@pytest.mark.asvs("8.2.1")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("permission", sorted(ON_A_DOSSIER))
@pytest.mark.parametrize("name", EXPECTED)
def test_a_role_may_by_its_relation_exactly_what_the_table_says(name: str, permission: P) -> None:
    assert decide(who(name), permission, dossier(), NOW).allowed is (permission in EXPECTED[name])


@pytest.mark.parametrize("permission", sorted(ON_A_DOSSIER))
@pytest.mark.parametrize("name", ["ilze", "andris"])
def test_a_parent_with_custody_reads_and_never_writes_in_the_dossier(name: str, permission: P) -> None:
    allowed = READ_ALL | {P.ACCESS_LOG_READ}
    assert decide(family(name), permission, dossier(), NOW).allowed is (permission in allowed)


def test_a_grandmother_without_a_legal_role_has_no_access() -> None:
    assert decide(family("velta"), P.BASE_READ, dossier(), NOW).reason is reasons.NO_RELATION


def test_a_dossier_of_level_one_can_be_opened_by_nobody() -> None:
    closed = dossier(opened=None)
    assert closed.readers == []
    for name in EXPECTED:
        assert not decide(who(name), P.BASE_READ, closed, NOW).allowed


def test_a_denial_beats_every_relation_and_emergency_access() -> None:
    denial = Denial(id="x", person_id="inese", reason="", since=NOW, decided_by=who("anda").as_professional())
    emergency = Emergency(
        id="y", role_id="role-inese", person_id="inese", reason="", since=NOW, until=NOW + timedelta(days=1)
    )
    assert (
        decide(who("inese"), P.BASE_READ, dossier(denials=[denial], emergencies=[emergency]), NOW).reason
        is reasons.DENIED
    )
    lifted = denial.model_copy(update={"lifted_at": NOW})
    assert decide(who("inese"), P.BASE_READ, dossier(denials=[lifted]), NOW).allowed


def test_nobody_acts_professionally_on_a_child_of_the_own_family() -> None:
    aunt = Relationship(id="r9", kind="aunt", name="Inese", person_id="inese")
    assert decide(who("inese"), P.BASE_READ, dossier(relationships=[aunt]), NOW).reason is reasons.OWN_FAMILY


@pytest.mark.asvs("8.2.3")
def test_suspended_custody_ends_a_parents_access_and_renewed_custody_gives_it_back() -> None:
    suspended = LegalRole(role="custody_suspended", since=date(2026, 11, 1), to=date(2026, 11, 30))
    father = Relationship(
        id="r2", kind="father", name="Andris", person_id="andris", legal_roles=[LegalRole(role="custody"), suspended]
    )
    marta = dossier(relationships=[father])
    assert decide(family("andris"), P.BASE_READ, marta, datetime(2026, 10, 31, 12, tzinfo=UTC)).allowed
    assert not decide(family("andris"), P.BASE_READ, marta, NOW).allowed
    assert decide(family("andris"), P.BASE_READ, marta, datetime(2026, 12, 1, 12, tzinfo=UTC)).allowed


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (start_of(date(2032, 3, 14)) - timedelta(seconds=1), True),
        (start_of(date(2032, 3, 14)), False),
    ],
)
def test_parents_access_ends_at_midnight_in_riga_of_the_eighteenth_birthday(at: datetime, *, allowed: bool) -> None:
    assert decide(family("ilze", at), P.BASE_READ, dossier(), at).allowed is allowed


def test_a_child_born_on_a_leap_day_has_its_birthdays_on_the_first_of_march() -> None:
    marta = dossier()
    marta.child.birth_date = date(2012, 2, 29)
    rederive(marta)
    own = [r for r in marta.readers if r.relation == "self"]
    assert [r.since for r in own] == [start_of(date(2026, 3, 1))]


def test_the_young_person_reads_from_fourteen_on() -> None:
    marta, birthday = dossier(), start_of(date(2028, 3, 14))
    assert not decide(
        family("marta", birthday - timedelta(seconds=1)), P.TIMELINE_READ, marta, birthday - timedelta(seconds=1)
    ).allowed
    assert decide(family("marta", birthday), P.TIMELINE_READ, marta, birthday).allowed


def test_naming_ends_with_the_involvement_at_midnight_in_riga_also_when_clocks_change() -> None:
    # On 25 October 2026 clocks go back: the day has 25 hours.
    ended = involvement("police", "police_matter", "martins", date(2024, 1, 1), to=date(2026, 10, 25))
    marta = dossier(involvements=[ended])
    end = datetime(2026, 10, 25, 22, 0, tzinfo=UTC)
    assert decide(who("martins"), P.BASE_READ, marta, end - timedelta(seconds=1)).allowed
    assert not decide(who("martins"), P.BASE_READ, marta, end).allowed


def test_a_grant_opens_exactly_its_sections_until_its_last_second() -> None:
    grant = Grant(
        id="g",
        role_id="role-olga",
        person_id="olga",
        sections=["timeline"],
        purpose="assess_need",
        legal_basis="child_rights_law",
        since=NOW,
        until=NOW + timedelta(hours=1),
        decided_by=who("inese").as_professional(),
    )
    marta = dossier(grants=[grant])
    assert decide(who("olga"), P.TIMELINE_READ, marta, NOW).allowed
    assert decide(who("olga"), P.BASE_READ, marta, NOW).reason is reasons.NOT_YOUR_SECTION
    assert not decide(who("olga"), P.TIMELINE_READ, marta, NOW + timedelta(hours=1)).allowed
    revoked = dossier(grants=[grant.model_copy(update={"revoked_at": NOW + timedelta(minutes=1)})])
    assert not decide(who("olga"), P.TIMELINE_READ, revoked, NOW + timedelta(minutes=2)).allowed


def test_a_head_reaches_the_own_unit_with_those_below_and_the_head_of_all_the_institution() -> None:
    units = [Unit(id="family", name="x"), Unit(id="crisis", name="x", parent="family"), Unit(id="other", name="x")]
    service = Institution(id="service", name="x", type="social_service", units=units)
    of_unit = person("janis", roles=[role_of("janis", unit_id="family")])
    assert who_is(of_unit, "role-janis", service, NOW).keys == ["r:role-janis", "u:family", "u:crisis", "a:service"]
    assert who_is(of_unit, "role-janis", None, NOW).keys == ["r:role-janis", "u:family", "a:service"]
    whole = who_is(person("janis"), "role-janis", service, NOW)
    assert (whole.keys, whole.subtree) == (["r:role-janis", "i:service", "a:service"], ())
    assert who("inese").keys == ["r:role-inese", "a:service"], "a specialist reaches nobody else's children"


def test_a_role_that_has_ended_gives_nothing() -> None:
    ended = person("inese", roles=[role_of("inese", to=date(2026, 11, 21))])
    gone = who_is(ended, "role-inese", None, NOW)
    assert gone.role is None
    assert decide(gone, P.BASE_READ, dossier(), NOW).reason is reasons.NO_ROLE


def test_a_deactivated_person_has_no_role_to_choose() -> None:
    assert who_is(person("inese", deactivated=True), "role-inese", None, NOW).roles == ()


@pytest.mark.parametrize(
    ("name", "permission", "allowed"),
    [
        ("inese", P.SEARCH_NATION, True),
        ("ruta", P.SEARCH_NATION, False),
        ("ruta", P.SEARCH_RELATED, True),
        ("janis", P.SEARCH_RELATED, False),
        ("inese", P.NEED_IDENTIFY, True),
        ("ruta", P.NEED_IDENTIFY, False),
        ("janis", P.DESK_READ, True),
    ],
)
def test_what_concerns_no_dossier_goes_by_level_and_position(name: str, permission: P, *, allowed: bool) -> None:
    assert may(who(name), permission).allowed is allowed


@pytest.mark.parametrize("permission", [P.PEOPLE_NAME, P.QUESTION_ASK])
def test_naming_people_and_asking_them_takes_the_cases_head_and_a_position_that_leads(permission: P) -> None:
    assert decide(who("janis"), permission, dossier(), NOW).allowed
    assert not decide(who("inese"), permission, dossier(), NOW).allowed
    without = replace(who("janis"), may=who("janis").may - {"supervises"})
    assert decide(without, permission, dossier(), NOW).reason is reasons.NOT_YOUR_POSITION


def test_a_heads_list_is_found_by_who_answers_and_the_heads_above_them() -> None:
    keys = answering_of(dossier().readers)
    assert {"r:role-inese", "r:role-aija", "r:role-ruta", "r:role-martins"} < set(keys)
    assert any(key.startswith("i:") for key in keys)
    assert not {key for key in keys if key.startswith("p:")}, "families answer for no case"


def test_an_institution_at_work_with_nobody_named_for_good_waits_for_a_name() -> None:
    since, to = date(2024, 1, 1), date(2026, 12, 1)
    named = involvement("doctor", "registered_with_doctor", "ruta", since)
    assert unanswered_of(dossier(involvements=[named])) == []
    for gap in ({"to": to}, {"substitute_for": "role-inese"}):
        for_days = named.model_copy(update={"responsible": [named.responsible[0].model_copy(update=gap)]})
        assert unanswered_of(dossier(involvements=[for_days])) == ["doctor"], gap
    nobody = named.model_copy(update={"responsible": []})
    assert unanswered_of(dossier(involvements=[nobody])) == ["doctor"]
    over = nobody.model_copy(update={"to": to})
    assert unanswered_of(dossier(involvements=[over])) == []
    beside = involvement("police", "police_matter", "martins", since)
    assert unanswered_of(dossier(involvements=[nobody, beside])) == ["doctor"]


def test_a_permission_without_a_rule_is_denied() -> None:
    assert not may(who("inese"), P.ACCESS_LOG_READ).allowed
