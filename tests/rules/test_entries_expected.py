"""How much of an entry each relation shows, class by class: a table written by hand from access.md."""

from datetime import date, timedelta

import pytest

from auth.entries import Sight, sight
from auth.permissions import Permission as P
from auth.policy import access_now, decide
from auth.who import Who, who_is
from documents.dossier import Dossier, Emergency, Grant
from documents.event import Event
from documents.involvement import Assignment, CaseManager, GroupSeat, TeamMember
from documents.person import Person, Role
from tests.people import NOW, TODAY, dossier, event, rederive, role_of, staff, who

LATER = NOW + timedelta(days=30)
F, L, R, P_, N = Sight.FULL, Sight.LINE, Sight.RECORD, Sight.PRESENCE, Sight.NOTHING

# Entries: somebody else's, somebody else's of a kind open to all at work for the child, one's own institution's, one
# sent to it – each standard and sensitive.
COLUMNS = ("other", "open", "own", "addressed", "other sensitive", "own sensitive", "addressed sensitive")
EXPECTED: dict[str, tuple[Sight, ...]] = {
    "case_manager": (F, F, F, F, F, F, F),
    "family_case_manager": (F, F, F, F, F, F, F),
    "team": (F, F, F, F, P_, F, P_),
    "team named for sensitive": (F, F, F, F, F, F, F),
    "group": (L, F, F, F, P_, P_, P_),
    "responsible level 1": (L, F, F, F, P_, F, P_),
    "responsible level 2": (L, L, F, L, P_, F, P_),
    "supervises": (R, R, R, R, P_, P_, P_),
    "emergency": (F, F, F, F, F, F, F),
    "consented timeline": (L, L, L, L, P_, P_, P_),
    "consented detail": (F, F, F, F, P_, P_, P_),
    "consented detail with sensitive": (F, F, F, F, F, F, F),
    "recorded": (N, N, F, N, N, F, N),
    "addressed": (N, N, N, F, N, N, F),
    "assigned:need_assessment": (R, R, F, R, P_, F, P_),
    "assigned:case_audit": (F, F, F, F, P_, P_, P_),
    "assigned:crisis_support": (L, F, F, F, P_, F, P_),
    "assigned:courts_supervision": (R, R, R, R, P_, P_, P_),
    "assigned:court_case": (N, N, N, F, N, N, F),
    "assigned:prosecution_case": (N, N, N, F, N, N, F),
    "assigned:adoption_register": (N, N, N, N, N, N, N),
    "assigned:care_stay_supervision": (N, N, N, N, N, N, N),
    "assigned:money_follows_client": (N, N, N, N, N, N, N),
    "assigned:region_coordination": (N, N, N, N, N, N, N),
    "none": (N, N, N, N, N, N, N),
}
# What else the relations below open, beside the entries.
SECTIONS: dict[str, set[P]] = {
    "group": {P.BASE_READ, P.FAMILY_READ, P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ, P.ASSESSMENTS_READ},
    "recorded": {P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ, P.ASSESSMENTS_READ},
    "addressed": {P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ},
    "assigned:need_assessment": {
        *(P.BASE_READ, P.FAMILY_READ, P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ),
        *(P.ASSESSMENTS_READ, P.ASSESSMENT_ADD, P.ASSESSMENT_CHANGE),
    },
    "assigned:courts_supervision": {P.TIMELINE_READ, P.EVENT_READ, P.ASSESSMENTS_READ},
    "assigned:court_case": {P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ},
    "assigned:adoption_register": {P.BASE_READ, P.FAMILY_READ},
    "assigned:care_stay_supervision": {P.BASE_READ},
    "assigned:money_follows_client": {P.BASE_READ},
    "assigned:region_coordination": {P.BASE_READ, P.ASSESSMENTS_READ},
    "none": set(),
}
HOLDERS = {
    "assigned:need_assessment": "need_expert",
    "assigned:case_audit": "child_protection_inspector",
    "assigned:crisis_support": "crisis_team_member",
    "assigned:courts_supervision": "orphans_courts_supervisor",
    "assigned:court_case": "judge",
    "assigned:prosecution_case": "prosecutor",
    "assigned:adoption_register": "adoption_register_official",
    "assigned:care_stay_supervision": "care_stay_supervisor",
    "assigned:money_follows_client": "money_follows_client_official",
    "assigned:region_coordination": "planning_region_coordinator",
    "addressed": "administrative_commission_member",
    "responsible level 2": "family_doctor",
    "supervises": "social_service_head",
}
ON_A_DOSSIER = {
    *(P.BASE_READ, P.FAMILY_READ, P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ, P.ACCESS_LOG_READ),
    *(P.BASE_WRITE, P.CONTACTS_WRITE, P.EVENT_ADD, P.EVENT_CHANGE, P.LEVEL_CHANGE),
    *(P.ASSESSMENTS_READ, P.ASSESSMENT_ADD, P.ASSESSMENT_CHANGE),
}


def reader(relation: str) -> Who:
    """Somebody of the position that comes to a child in this way, in an institution of their own ("here")."""
    position = HOLDERS.get(relation, "social_worker")
    level = {"supervises": 3, "assigned:courts_supervision": 3}.get(relation, 1 if position == "social_worker" else 2)
    if position in ("child_protection_inspector", "crisis_team_member"):
        level = 1
    role = Role(
        id="role-zane",
        institution_id="here",
        institution_type="social_service",
        institution_name="Šeit",
        position=position,
        level=level,
        since=date(2020, 1, 1),
    )
    somebody = Person(id="zane", given_name="Zane", family_name="Tests", roles=[role])
    return who_is(somebody, "role-zane", None, NOW)


def related(relation: str) -> Dossier:
    """A dossier to which that person has this relation and no other."""
    me = reader(relation).as_professional().model_dump()
    plain = dossier()
    match relation.partition(":")[0].partition(" ")[0]:
        case "case_manager":
            plain.case_manager = CaseManager(**me, since=NOW - timedelta(days=1))
        case "family_case_manager":
            plain.family_case_manager = CaseManager(**me, since=NOW - timedelta(days=1))
        case "team":
            plain.team = [TeamMember(**me, function="x", since=TODAY, sees_sensitive="named" in relation)]
        case "group":
            plain.group = [GroupSeat(**me, meeting_id="m", since=NOW, until=LATER)]
        case "responsible" | "supervises":
            colleague = me | {"role_id": "role-other", "person_id": "other"} if relation == "supervises" else me
            plain.involvements[0].responsible[0] = plain.involvements[0].responsible[0].model_copy(update=colleague)
        case "emergency":
            plain.emergencies = [
                Emergency(id="e", role_id="role-zane", person_id="zane", reason="", since=NOW, until=LATER)
            ]
        case "consented":
            plain.grants = [
                Grant(
                    id="g",
                    role_id="role-zane",
                    person_id="zane",
                    sections=["timeline"] if "timeline" in relation else ["timeline", "event_detail"],
                    sensitive="sensitive" in relation,
                    purpose="assess_need",
                    legal_basis="child_rights_law",
                    since=NOW,
                    until=LATER,
                    decided_by=who("inese").as_professional(),
                )
            ]
        case "assigned":
            function = relation.partition(":")[2]
            plain.assignments = [Assignment(**me, id="a", function=function, since=NOW, until=LATER)]
        case "recorded":
            plain.writers = ["role-zane"]
        case "addressed":
            plain.addressees = ["here"]
    return rederive(plain)


def entry(column: str) -> Event:
    """An entry of that column of the table."""
    kind, _, _ = column.partition(" ")
    changes: dict[str, object] = {"confidentiality": "sensitive" if "sensitive" in column else "standard"}
    if kind == "own":
        changes["institution_id"] = "here"
    if kind == "addressed":
        changes["addressed_to"] = ["here"]
    if kind == "open":
        changes["kind"] = "school_attendance"
    return event("aija", **changes)


@pytest.mark.asvs("8.2.2")
@pytest.mark.asvs("8.2.3")
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("relation", EXPECTED)
def test_a_relation_shows_of_an_entry_exactly_what_the_table_says(relation: str, column: str) -> None:
    viewer, made = reader(relation), related(relation)
    shown = sight(viewer, access_now(viewer, made, NOW), made, entry(column), TODAY)
    assert shown is EXPECTED[relation][COLUMNS.index(column)]


@pytest.mark.parametrize("relation", EXPECTED)
def test_a_restricted_entry_is_for_those_it_names_and_for_nobody_by_relation(relation: str) -> None:
    viewer, made = reader(relation), related(relation)
    access = access_now(viewer, made, NOW)
    hidden = event("aija", confidentiality="restricted", institution_id="here", named_people=["aija"])
    assert sight(viewer, access, made, hidden, TODAY) is N
    named = hidden.model_copy(update={"named_people": ["aija", "zane"]})
    assert sight(viewer, access, made, named, TODAY) is F
    assert access.allowed or not decide(viewer, P.EVENT_READ, made, NOW).allowed  # named alone opens no dossier


@pytest.mark.parametrize("permission", sorted(ON_A_DOSSIER))
@pytest.mark.parametrize("relation", SECTIONS)
def test_a_relation_opens_exactly_its_sections(relation: str, permission: P) -> None:
    allowed = decide(reader(relation), permission, related(relation), NOW).allowed
    assert allowed is (permission in SECTIONS[relation])


@pytest.mark.parametrize(("ends", "at"), [("until", LATER), ("done_at", NOW + timedelta(hours=1))])
def test_an_assignment_ends_with_its_day_or_with_its_task(ends: str, at: object) -> None:
    made = related("assigned:need_assessment")
    made.assignments[0] = made.assignments[0].model_copy(update={ends: at})
    rederive(made)
    viewer = reader("assigned:need_assessment")
    assert decide(viewer, P.BASE_READ, made, at - timedelta(seconds=1)).allowed  # type: ignore[operator]
    assert not decide(viewer, P.BASE_READ, made, at).allowed  # type: ignore[arg-type]


def test_a_seat_in_the_cooperation_group_ends_to_the_second() -> None:
    made, viewer = related("group"), reader("group")
    assert decide(viewer, P.BASE_READ, made, LATER - timedelta(seconds=1)).allowed
    assert not decide(viewer, P.BASE_READ, made, LATER).allowed


def test_a_position_comes_to_a_child_only_in_its_own_ways() -> None:
    # Named responsible by mistake: a judge, a ministry official and a group member stay outside.
    for position, level in (("judge", 2), ("ministry_official", 4), ("cooperation_group_member", 1), ("steward", 0)):
        role = role_of("inese", position=position, level=level)
        viewer = who_is(Person(id="inese", given_name="I", family_name="T", roles=[role]), "role-inese", None, NOW)
        made = dossier(team=[staff(TeamMember, "inese", function="x", since=TODAY)])
        assert not decide(viewer, P.BASE_READ, made, NOW).relations, position


def test_who_holds_the_second_level_sees_no_child_in_it() -> None:
    role = role_of("inese", position="cooperation_group_lead", level=4)
    viewer = who_is(Person(id="inese", given_name="I", family_name="T", roles=[role]), "role-inese", None, NOW)
    seat = GroupSeat(**viewer.as_professional().model_dump(), meeting_id="m", since=NOW, until=LATER)
    assert not decide(viewer, P.BASE_READ, dossier(group=[seat]), NOW).relations
