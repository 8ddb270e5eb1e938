"""Reports: where each goes, what a form must say, and as what somebody sees one."""

import shutil
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from auth.permissions import Permission
from auth.policy import may
from auth.who import Who
from documents.classifiers import SHIPPED, ClassifierError, classifiers, load
from documents.classifiers.reports import Within
from documents.dossier import Dossier
from documents.report import Informed, Place, Report, Reporter
from portal.needs.tokens import need_token, read_need_token
from portal.reports.routing import manager_who_decides, presses
from portal.reports.rules import (
    DANGER,
    Side,
    heads,
    outcomes_for,
    place_of,
    read_concern,
    read_decided,
    route_for,
    side_of,
    urgency,
)
from tests.people import NOW, TODAY, dossier, family, who

VIOLENCE = ("violence_family", "violence_other", "sexual_violence")
GOOD = {
    "kind": ["neglect"],
    "day": ["20.11.2026."],
    "danger": ["no"],
    "family_knows": ["unknown"],
    "present": ["0026000"],
    "words": ["Bērns trīs dienas nav ēdis brokastis."],
}


def report(**changes: Any) -> Report:
    """From the school, to the social service, the police told."""
    values: dict[str, Any] = {
        "dossier_id": "d1",
        "by": Reporter.model_validate(who("aija").as_professional().model_dump()),
        "at": NOW,
        "kind": "neglect",
        "sealed": b"",
        "state": "received",
        "decides": Place(institution_id="service", name="Sociālais dienests", type="social_service"),
        "told": [Informed(institution_id="police", name="Policija", type="state_police")],
        "due": NOW + timedelta(hours=2),
    }
    return Report(**values | changes)


@pytest.mark.parametrize(("kind", "danger"), list(product(VIOLENCE, DANGER)))
def test_violence_goes_to_police_orphans_court_and_social_service_at_once(kind: str, danger: str) -> None:
    route = route_for(kind, danger, TODAY)
    assert {"state_police", "orphans_court", "social_service"} <= {*route.decides, *route.tells}
    assert route.acknowledge_within == Within(2, "h") and route.place == "present"


@pytest.mark.parametrize("kind", list(classifiers().concern_kinds))
def test_danger_now_is_told_to_the_police_whatever_the_kind(kind: str) -> None:
    assert "state_police" in route_for(kind, "yes", TODAY).tells


def test_no_school_ever_decides_or_is_told() -> None:
    known = classifiers()
    for row in known.report_routes.values():
        for kind in (*row.decides, *row.tells, *row.falls_back_to):
            assert not known.is_type(kind, "education_institution"), row.code


def test_a_report_is_routed_by_the_place_its_route_asks_for_else_by_the_other() -> None:
    present, declared = route_for("offence", "no", TODAY), route_for("neglect", "no", TODAY)
    assert (place_of(present, "A", "B"), place_of(present, "A", "")) == ("B", "A")
    assert (place_of(declared, "A", "B"), place_of(declared, "", "B")) == ("A", "B")


def test_the_case_manager_decides_what_is_neither_violent_nor_urgent() -> None:
    open_case = dossier()
    named = manager_who_decides(route_for("learning", "no", TODAY), open_case)
    assert named is not None and named.role_id == "role-inese"
    assert manager_who_decides(route_for("violence_family", "no", TODAY), open_case) is None
    assert manager_who_decides(route_for("learning", "yes", TODAY), open_case) is None
    assert (
        manager_who_decides(route_for("learning", "no", TODAY), Dossier(**vars(open_case) | {"opened": None})) is None
    )


def test_nobody_decides_the_own_report_so_a_managers_own_one_is_not_the_managers() -> None:
    learning = route_for("learning", "no", TODAY)
    assert manager_who_decides(learning, dossier(), reporter="inese") is None
    assert manager_who_decides(learning, dossier(), reporter="aija") is not None


@pytest.mark.parametrize(
    ("kind", "danger", "urgent"),
    [("violence_other", "no", True), ("self_harm", "no", True), ("custody", "yes", True), ("custody", "no", False)],
)
def test_danger_and_what_is_to_be_acknowledged_within_hours_cannot_wait(kind: str, danger: str, urgent: bool) -> None:
    route = route_for(kind, danger, TODAY).code
    assert presses(report(kind=kind, danger=danger, route=route)) is urgent


def test_times_are_hours_by_the_clock_or_whole_working_days() -> None:
    friday = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    assert Within(2, "h").after(friday) == friday + timedelta(hours=2)
    assert Within(1, "d").after(friday) == datetime(2026, 11, 23, 22, 0, tzinfo=UTC), "the end of Monday in Riga"


BROKEN = [
    ("neglect abandonment", "neglekt abandonment", "kinds", "'neglekt' is not a code of concern_kinds.csv"),
    ("centre,2h", "centre,2", "acknowledge_within", "write hours or working days"),
    (",yes,present", ",maybe,present", "danger", "'maybe' is not allowed"),
    ("need,,declared,social_service", "need,,declared,school", "decides", "nobody in 'school' decides reports"),
    ("Violence,,,violence_family violence_other sexual_violence", "Violence,,,", "kinds", "takes every report"),
    ("Everything else,,,", "Everything else,,,other", "kinds", "the last route must take every report"),
    ("declared,orphans_court,", "declared,,", "decides", "is empty"),
]


@pytest.mark.parametrize(("stands", "instead", "field", "advice"), BROKEN)
def test_a_mistake_in_the_routes_stops_the_start_and_is_named(
    tmp_path: Path, stands: str, instead: str, field: str, advice: str
) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "classifiers"))
    path = folder / "report_routes.csv"
    text = path.read_text("utf-8")
    assert stands in text
    path.write_text(text.replace(stands, instead, 1), "utf-8")
    with pytest.raises(ClassifierError) as error:
        load(folder)
    line = text[: text.index(stands)].count("\n") + 1
    assert f"report_routes.csv, line {line}, {field}: " in str(error.value) and advice in str(error.value)


WRONG: list[tuple[dict[str, list[str]], str]] = [
    ({"kind": ["need"]}, "kind"),  # comes about by itself, is not chosen
    ({"kind": []}, "kind"),
    ({"day": [""]}, "day"),
    ({"day": ["31.11.2026."]}, "day"),
    ({"day": ["23.11.2026."]}, "day"),
    ({"day": ["01.01.1999."]}, "day"),
    ({"danger": ["maybe"]}, "danger"),
    ({"family_knows": []}, "family_knows"),
    ({"present": ["0000000"]}, "present"),
    ({"words": ["īss"]}, "words"),
    ({"words": ["x" * 4001]}, "words"),
    ({"siblings_words": ["x" * 2001]}, "siblings_words"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_each_wrong_answer_gets_one_sentence_at_its_field(change: dict[str, list[str]], field: str) -> None:
    concern, errors = read_concern(GOOD | change, TODAY)
    assert concern is None and list(errors) == [field] and errors[field].text.endswith(".")


def test_siblings_are_those_offered_and_ticked_and_no_others() -> None:
    concern, _ = read_concern(GOOD | {"siblings": ["d2", "d9"]}, TODAY, siblings=("d2", "d3"))
    assert concern is not None and concern.siblings == ("d2",)
    concern, _ = read_concern(GOOD, TODAY, siblings=("d2", "d3"))
    assert concern is not None and concern.siblings == ()


def test_a_child_nobody_knows_needs_a_name_or_a_place_to_be_found() -> None:
    assert list(read_concern(GOOD, TODAY, unknown=True)[1]) == ["given_name"]
    concern, _ = read_concern(GOOD | {"lives": ["Pagalms Gaujas ielā"]}, TODAY, unknown=True)
    assert concern is not None and concern.child is not None and concern.child.lives == "Pagalms Gaujas ielā"


def test_a_decision_says_why_unless_it_opens() -> None:
    every = ("open", "refer", "close")
    assert read_decided({}, TODAY, every)[1].keys() == {"outcome"}
    assert read_decided({"outcome": ["take_up"]}, TODAY, every)[1].keys() == {"outcome"}
    assert read_decided({"outcome": ["close"]}, TODAY, every)[1].keys() == {"reason"}
    assert read_decided({"outcome": ["refer"]}, TODAY, every)[1].keys() == {"reason", "to_type", "to_place"}
    assert read_decided({"outcome": ["open"]}, TODAY, every)[0] is not None
    to_school = {
        "outcome": ["refer"],
        "reason": ["Jālemj skolai pašai."],
        "to_type": ["school"],
        "to_place": ["0026000"],
    }
    assert read_decided(to_school, TODAY, every)[1].keys() == {"to_type"}


SIDES: list[tuple[str, dict[str, Any], Side | None]] = [
    ("aija", {}, Side.REPORTER),
    ("inese", {}, Side.MAY_TAKE),
    ("inese", {"named": who("dace").as_professional()}, Side.COLLEAGUE),
    ("dace", {"named": who("dace").as_professional()}, Side.MAY_TAKE),
    ("inese", {"state": "acknowledged", "responsible": who("inese").as_professional()}, Side.RESPONSIBLE),
    ("dace", {"state": "acknowledged", "responsible": who("inese").as_professional()}, Side.COLLEAGUE),
    ("martins", {}, Side.TOLD),
    ("janis", {}, Side.HEAD),
    ("olga", {}, None),
    ("ruta", {}, None),
    ("anda", {}, None),
    ("inese", {"by": Reporter.model_validate(who("inese").as_professional().model_dump())}, Side.REPORTER),
    ("inese", {"by": Reporter(person_id="inese", name="Inese")}, None),  # as a parent: nothing in the other role
]


@pytest.mark.parametrize(("name", "changes", "side"), SIDES)
def test_one_sees_a_report_as_what_one_is_to_it(name: str, changes: dict[str, Any], side: Side | None) -> None:
    assert side_of(who(name), report(**changes)) is side


def test_who_took_note_for_an_institution_reads_and_a_colleague_does_not() -> None:
    noted = Informed(
        institution_id="police",
        name="P",
        type="state_police",
        acknowledged_at=NOW,
        acknowledged_by=who("martins").as_professional(),
    )
    assert side_of(who("martins"), report(told=[noted])) is Side.TOLD_READS
    other = noted.model_copy(update={"acknowledged_by": who("olga").as_professional()})
    assert side_of(who("martins"), report(told=[other])) is Side.TOLD


def test_a_parent_sees_only_the_own_report_and_only_as_parent() -> None:
    made = report(by=Reporter(person_id="ilze", name="Ilze"))
    assert side_of(family("ilze"), made) is Side.REPORTER
    assert side_of(family("andris"), made) is None
    assert side_of(family("ilze"), report()) is None


def test_the_head_of_whoever_reported_is_nobody_to_the_report() -> None:
    school = Reporter.model_validate(who("dace").as_professional().model_dump())
    elsewhere = report(by=school, decides=Place(institution_id="other", name="V", type="social_service"))
    assert not heads(who("janis"), elsewhere)


def test_what_may_be_decided_depends_on_whether_a_dossier_is_open() -> None:
    taken = report(state="acknowledged")
    assert outcomes_for(report(), dossier_open=False, identifies=True) == ()
    assert outcomes_for(taken, dossier_open=True, identifies=True) == ("take_up", "refer", "close")
    assert outcomes_for(taken, dossier_open=False, identifies=True) == ("open", "refer", "close")
    assert outcomes_for(taken, dossier_open=False, identifies=False) == ("refer", "close")


def test_danger_comes_first_then_the_oldest() -> None:
    old, danger, young = (
        report(id="old", danger="no", at=NOW - timedelta(days=9)),
        report(id="danger", danger="yes"),
        report(id="young", danger="no"),
    )
    assert [r.id for r in sorted((young, old, danger), key=urgency)] == ["danger", "old", "young"]


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("aija", {Permission.REPORT, Permission.REPORTS_READ}),
        ("ruta", {Permission.REPORT, Permission.REPORTS_READ}),
        ("inese", {Permission.REPORT, Permission.REPORTS_READ, Permission.REPORT_DECIDE}),
        ("martins", {Permission.REPORT, Permission.REPORTS_READ, Permission.REPORT_DECIDE}),
        ("janis", {Permission.REPORTS_READ, Permission.REPORT_HAND_OVER}),
    ],
)
def test_levels_one_and_two_report_and_entitled_positions_decide(name: str, allowed: set[Permission]) -> None:
    asked = {Permission.REPORT, Permission.REPORTS_READ, Permission.REPORT_DECIDE, Permission.REPORT_HAND_OVER}
    assert {permission for permission in asked if may(who(name), permission).allowed} == allowed


def test_families_report_and_see_their_own_reports() -> None:
    mother: Who = family("ilze")
    assert may(mother, Permission.REPORT).allowed and may(mother, Permission.REPORTS_READ).allowed
    assert not may(mother, Permission.REPORT_DECIDE).allowed


def test_a_sealed_reference_is_of_one_parent_alone() -> None:
    token = need_token(b"k" * 32, family("ilze"), "d1", NOW, b"report")
    assert read_need_token(b"k" * 32, family("ilze"), token, NOW, b"report") == "d1"
    assert read_need_token(b"k" * 32, family("andris"), token, NOW, b"report") is None
    assert read_need_token(b"k" * 32, family("ilze"), token, NOW) is None


def test_a_late_report_is_seen_to_be_late_until_it_is_decided() -> None:
    late = NOW + timedelta(hours=3)
    assert report().overdue(late) and not report().overdue(NOW)
    assert not report(state="closed").overdue(late)
