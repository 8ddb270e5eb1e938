"""The demo story is believable on any day: known words, full fields, ages that stay, nobody reachable."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest

from auth.entries import Sight, sight
from auth.permissions import Permission
from auth.policy import decide, relations_to
from auth.relations import family_ids_of, readers_of
from auth.who import FAMILY_ROLE, Who, who_is
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.event import Event
from documents.model import to_bson
from documents.personal_code import parse
from fixtures.story import Story, build, dossier_id

DAYS = [date(2026, 11, 22), date(2028, 2, 29), date(2027, 7, 1), date(2027, 1, 2), date(2026, 9, 1)]

# One person for each row of the access rules' table "Positions".
ROWS = {
    "education institution": {"social_pedagogue", "school_head"},
    "hobby education": {"hobby_educator"},
    "education board": {"education_board_specialist", "education_board_unit_head", "education_board_leader"},
    "doctors and psychologists": {"family_doctor", "psychologist", "midwife"},
    "support service": {"support_service_specialist", "support_service_head"},
    "child-rights specialist": {"child_rights_specialist"},
    "social service": {"social_worker", "social_service_unit_head", "social_service_head"},
    "child care institution": {"care_institution_specialist", "care_institution_head"},
    "state care centre": {"care_centre_mentor", "care_centre_head"},
    "care support centre": {"care_support_specialist", "care_support_head"},
    "providers": {"provider_specialist", "provider_head"},
    "social correction": {"social_correction_specialist"},
    "probation": {"probation_officer", "probation_head"},
    "State police": {"juvenile_inspector", "state_police_head"},
    "municipal police": {"municipal_police_specialist", "municipal_police_head"},
    "prison administration": {"prison_specialist"},
    "SIVA": {"siva_specialist"},
    "cooperation group": {"cooperation_group_lead", "cooperation_group_member"},
    "administrative commission": {"administrative_commission_member"},
    "orphan's court": {"orphans_court_member", "orphans_court_chair"},
    "child protection authority": {
        "child_protection_inspector",
        "crisis_team_member",
        "orphans_courts_supervisor",
        "child_protection_manager",
    },
    "courts, prosecutor": {"judge", "prosecutor"},
    "Ombudsman": {"ombudsman_official"},
    "ministries and others above": {"ministry_official", "state_chancellery_official", "childrens_hospital_manager"},
    "welfare ministry, single functions": {"care_stay_supervisor"},
    "planning regions": {"planning_region_coordinator", "need_expert"},
    "municipality leadership": {"municipality_leader"},
    "registers": {"population_register_client"},
    "steward": {"steward"},
}


def noon(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)


@cache
def told(day: date) -> Story:
    return build(day, noon(day))


def entries(story: Story) -> list[tuple[Dossier, Event]]:
    return [(dossier, event) for dossier in story.dossiers.values() for event in dossier.events]


def as_role(story: Story, person_id: str, day: date, role: str | None = None) -> Who:
    person = next(p for p in story.people if p.id == person_id)
    institutions = {institution.id: institution for institution in story.institutions}
    role = role or f"{person_id}-1"
    held = next((r for r in person.roles if r.id == role), None)
    return who_is(person, role, institutions[held.institution_id] if held else None, noon(day))


@pytest.fixture(params=DAYS, ids=str)
def day(request: pytest.FixtureRequest) -> date:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def story(day: date) -> Story:
    return told(day)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_positions_table_has_somebody(row: str) -> None:
    held = {role.position for person in told(DAYS[0]).people for role in person.roles}
    assert ROWS[row] <= held


def test_every_role_is_a_position_of_its_institution(story: Story, day: date) -> None:
    for person in story.people:
        for role in person.roles:
            positions = {p.code: p for p in classifiers().positions_of(role.institution_type, day)}
            assert role.position in positions, (person.id, role.position)
            assert role.level == positions[role.position].level
            assert role.held_on(day)


def test_machines_are_not_in_the_sign_in_list(story: Story) -> None:
    for person in story.people:
        machine = any(role.level == 5 for role in person.roles)
        assert not (machine and person.demo_note), person.id


def test_every_code_is_in_its_classifier(story: Story, day: date) -> None:
    known = classifiers()
    for institution in story.institutions:
        assert institution.type in known.institution_types
        assert known.municipalities[institution.municipality].in_force(max(day, date(2026, 1, 1)))
        if institution.to is None:
            assert known.institution_types[institution.type].in_force(day)
    for dossier in story.dossiers.values():
        assert known.municipalities[dossier.municipality].in_force(day)
        for name, field in dossier.base.items():
            assert field.source in known.source_systems, name
        for relationship in dossier.relationships:
            kind = known.relationship_kinds[relationship.kind]
            assert kind.sex in ("any", relationship.sex), (relationship.kind, relationship.name)
            assert {role.role for role in relationship.legal_roles} <= set(kind.legal_roles), relationship.name
            assert relationship.source in known.source_systems
        for involvement in dossier.involvements:
            kinds = known.involvement_kinds[involvement.kind].institution_types
            assert any(known.is_type(involvement.institution_type, wider) for wider in kinds), involvement
            assert involvement.source in known.source_systems
        for need in dossier.needs:
            assert need.kind in known.need_kinds
            assert "need" in known.legal_bases[need.legal_basis].asked_for
        for level in dossier.levels:
            assert known.level_change_reasons[level.reason].in_force(day)
        for grant in dossier.grants:
            assert "consent" in known.purposes[grant.purpose].asked_for
            assert all(known.sections[section].grantable for section in grant.sections)


def test_every_entry_fills_the_fields_of_its_kind(story: Story) -> None:
    for dossier, event in entries(story):
        kind = classifiers().event_kinds[event.kind]
        specs = {spec.name: spec for spec in kind.fields}
        about = (dossier.child.given_name, event.kind, event.summary)
        assert set(event.fields) <= set(specs), about
        assert {spec.name for spec in kind.fields if spec.required} <= set(event.fields), about
        for name, value in event.fields.items():
            spec = specs[name]
            if spec.type in ("number", "hours"):
                assert re.fullmatch(r"\d{1,6}([.]\d{1,2})?", value), (about, name)
            elif spec.type == "date":
                date.fromisoformat(value)
            elif spec.type == "choice":
                assert value in spec.options, (about, name, value)
            elif spec.type == "yes_no":
                assert value in ("yes", "no"), (about, name)
        assert (event.domain, event.shape) == (kind.domain, kind.shape)
        order = classifiers().confidentiality_classes
        assert order[event.confidentiality].order >= order[kind.confidentiality].order
        assert event.source in classifiers().source_systems
        assert bool(event.named_people) == (event.confidentiality == "restricted"), about
        assert (event.recorded_by is None) == (event.source != "atbalsts"), about


def test_entries_lie_in_the_childs_life_and_were_written_before_now(story: Story, day: date) -> None:
    for dossier, event in entries(story):
        about = (dossier.child.given_name, event.kind, event.day)
        assert event.day >= dossier.child.birth_date - timedelta(days=365), about
        assert event.day <= day + timedelta(days=365), about
        assert event.to is None or event.day <= event.to, about
        assert not (event.to and event.ongoing), about
        assert (event.to or event.ongoing) or event.shape != "span" or event.day > day, about
        assert event.recorded_at < noon(day), about
        assert len(event.summary) <= 160, about
        writer = event.recorded_by
        if writer:
            person = next(p for p in story.people if p.id == writer.person_id)
            assert person.birth_date
            assert event.recorded_at.date() > person.birth_date.replace(year=person.birth_date.year + 18, day=1), about


def test_who_wrote_an_entry_held_the_role_then(story: Story) -> None:
    roles = {role.id: role for person in story.people for role in person.roles}
    for dossier, event in entries(story):
        if event.recorded_by:
            assert roles[event.recorded_by.role_id].held_on(event.recorded_at.date()), (dossier.id, event.summary)


def test_ages_do_not_depend_on_the_day_of_loading(story: Story, day: date) -> None:
    ages = {label: dossier.child.age_on(day) for label, dossier in story.dossiers.items()}
    assert ages == {
        "marta": 12,
        "janis": 9,
        "liva": 2,
        "emilija": 0,
        "rihards": 16,
        "paula": 10,
        "tomass": 7,
        "alise": 8,
        "kate": 6,
        "olivers": 11,
        "elza": 6,
        "bohdan": 15,
        "kristaps": 18,
        "nikola": 8,
    }


def test_nobody_in_the_story_can_be_reached(story: Story) -> None:
    contacts = [(p.phone, p.email) for p in story.people] + [(i.phone, i.email) for i in story.institutions]
    contacts += [(role.phone, role.email) for person in story.people for role in person.roles]
    contacts += [(r.phone, r.email) for d in story.dossiers.values() for r in d.relationships]
    for phone, email in contacts:
        assert phone.startswith("0") or phone == ""
        assert email.endswith(".example") or email == ""
    for denial in (denial for dossier in story.dossiers.values() for denial in dossier.denials):
        assert re.search(r", 0\d{3} \d{4}$", denial.call)


def test_personal_codes_are_invented_right_and_nobodys_twice(story: Story) -> None:
    codes = set(story.codes.values())
    for text in codes:
        code = parse(text, accept_invented=True)
        assert code.invented
        assert not code.suspicious
    people = {p.id for p in story.people}
    own = [text for owner, text in story.codes.items() if owner in people]
    children = [text for owner, text in story.codes.items() if owner not in people]
    assert len(own) == len(set(own))
    assert len(children) == len(set(children))
    same = {d.child.person_id for d in story.dossiers.values() if d.child.person_id}
    assert all(story.codes[p] in children for p in same)
    assert len(codes) == len(own) + len(children) - len(same)


def test_dossiers_are_found_by_their_labels(story: Story) -> None:
    assert {label: dossier.id for label, dossier in story.dossiers.items()} == {
        label: dossier_id(label) for label in story.dossiers
    }
    assert len({event.id for _, event in entries(story)}) == len(entries(story))


def test_readers_and_family_are_derived_from_what_is_told(story: Story) -> None:
    for dossier in story.dossiers.values():
        assert dossier.readers == readers_of(dossier)
        assert dossier.family_ids == family_ids_of(dossier)
        assert Dossier.model_validate(to_bson(dossier)) == dossier


def test_the_first_entry_of_the_readers_is_the_one_who_manages(story: Story, day: date) -> None:
    managed = {"marta": "inese-liepina", "tomass": "anda-zagare", "rihards": "liga-purina", "kate": "santa-mezule"}
    for label, person in managed.items():
        relations = relations_to(as_role(story, person, day), story.dossiers[label].readers, noon(day))
        assert relations[0] == "case_manager", label


def test_levels_follow_the_needs(story: Story) -> None:
    for label, dossier in story.dossiers.items():
        assert (dossier.opened is None) == (label == "paula")
        assert dossier.level == (dossier.levels[-1].level if dossier.levels else 1)
    levels = {dossier.level for dossier in story.dossiers.values()}
    assert levels == {1, 2, 3, 4}


def test_a_father_whose_custody_is_suspended_reads_nothing(story: Story, day: date) -> None:
    father, mother = (as_role(story, p, day, FAMILY_ROLE) for p in ("gints-grinbergs", "ieva-grinberga"))
    assert relations_to(father, story.dossiers["tomass"].readers, noon(day)) == ()
    assert relations_to(mother, story.dossiers["tomass"].readers, noon(day)) == ("parent",)


def test_the_specialist_of_the_own_family_is_refused(story: Story, day: date) -> None:
    access = decide(as_role(story, "kristine-lapina", day), Permission.BASE_READ, story.dossiers["marta"], noon(day))
    assert access.reason.code == "own_family"


def test_the_outsider_has_two_roles_and_no_child(story: Story, day: date) -> None:
    for role in ("zane-kaulina-1", "zane-kaulina-2"):
        outsider = as_role(story, "zane-kaulina", day, role)
        assert outsider.role is not None
        assert all(relations_to(outsider, d.readers, noon(day)) == () for d in story.dossiers.values())


def test_no_entry_the_father_may_read_tells_where_alise_is(story: Story, day: date) -> None:
    alise = story.dossiers["alise"]
    father = as_role(story, "edijs-gulbis", day, FAMILY_ROLE)
    access = decide(father, Permission.TIMELINE_READ, alise, noon(day))
    seen = [event for event in alise.events if sight(father, access, alise, event, day) > Sight.NOTHING]
    assert [event.kind for event in seen] == ["birth", "school_attendance"]
    assert not any("almier" in str(to_bson(event)) for event in seen)
    assert not any("almier" in str(to_bson(field)) for field in alise.base.values())


def test_the_visit_to_the_siblings_was_written_once(story: Story) -> None:
    shared = [event for _, event in entries(story) if event.shared_id]
    assert len(shared) == 3
    assert len({event.shared_id for event in shared}) == 1
    assert len({event.detail for event in shared}) == 1


def test_the_story_holds_a_correction_a_withdrawal_a_grant_a_denial_and_an_emergency(story: Story) -> None:
    dossiers = list(story.dossiers.values())
    assert any(event.earlier for _, event in entries(story))
    assert any(event.withdrawn for _, event in entries(story))
    assert any(dossier.grants for dossier in dossiers)
    assert any(dossier.denials for dossier in dossiers)
    assert any(dossier.emergencies for dossier in dossiers)
    assert any(field.mismatch for dossier in dossiers for field in dossier.base.values())
    assert any(event.day > DAYS[0] for _, event in entries(told(DAYS[0])))


def test_the_log_remembers_only_the_past_and_known_people(story: Story, day: date) -> None:
    people = {person.id for person in story.people}
    assert {entry.person_id for entry in story.audit} <= people
    assert all(entry.at < noon(day) for entry in story.audit)
    assert {entry.act for entry in story.audit} >= {"dossier.read", "event.added", "event.corrected", "event.withdrawn"}
    assert {entry.reason for entry in story.audit if entry.outcome == "refused"} == {
        "own_family",
        "denied",
        "no_relation",
    }
