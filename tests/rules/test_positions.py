"""Every row of the access rules' table "Positions" is among the classifiers, and none besides."""

from datetime import date

import pytest

from documents.classifiers import UnknownCode, classifiers

TODAY = date(2026, 11, 22)

# The table "Positions" of the access rules: institution type, positions by level, its systems.
POSITIONS: list[tuple[str, dict[int, str], str]] = [
    (
        "preschool",
        {
            1: "social_pedagogue school_psychologist special_pedagogue speech_therapist teacher_assistant "
            "school_nurse career_consultant",
            3: "school_head",
        },
        "viis",
    ),
    ("hobby_education", {2: "hobby_educator"}, "viis"),
    (
        "education_board",
        {1: "education_board_specialist", 3: "education_board_unit_head", 4: "education_board_leader"},
        "viis",
    ),
    ("family_doctor_practice", {2: "family_doctor practice_nurse"}, "e_health"),
    ("medical_institution", {2: "medical_person midwife gynaecologist paediatrician psychologist"}, "e_health"),
    ("support_service", {1: "support_service_specialist", 3: "support_service_head"}, ""),
    ("child_rights_office", {1: "child_rights_specialist"}, ""),
    ("social_service", {1: "social_worker", 3: "social_service_unit_head social_service_head"}, "sopa"),
    ("child_care_institution", {1: "care_institution_specialist", 3: "care_institution_head"}, "spolis"),
    ("youth_centre", {1: "care_institution_specialist", 3: "care_institution_head"}, "spolis"),
    ("crisis_centre", {1: "care_institution_specialist", 3: "care_institution_head"}, "spolis"),
    ("state_care_centre", {1: "care_centre_worker care_centre_mentor", 3: "care_centre_head"}, "spolis"),
    ("care_support_centre", {1: "care_support_specialist", 3: "care_support_head"}, "agis"),
    ("foster_family", {}, "agis"),
    ("specialised_foster_family", {}, "agis"),
    ("provider", {2: "provider_specialist", 3: "provider_head"}, "spolis"),
    ("day_centre", {2: "provider_specialist", 3: "provider_head"}, "spolis"),
    ("social_correction_school", {1: "social_correction_specialist", 3: "social_correction_head"}, "viis"),
    ("probation", {1: "probation_officer", 3: "probation_head"}, "plus e_lieta"),
    (
        "state_police",
        {1: "juvenile_inspector state_police_specialist", 3: "state_police_unit_head state_police_head"},
        "iis2 apas e_lieta",
    ),
    ("municipal_police", {1: "municipal_police_specialist", 3: "municipal_police_head"}, "apas e_lieta"),
    ("prison_administration", {1: "prison_specialist", 3: "prison_head"}, "prisoners_is e_lieta"),
    ("siva", {2: "siva_specialist"}, "sris"),
    ("cooperation_group", {1: "cooperation_group_lead cooperation_group_member"}, ""),
    ("administrative_commission", {2: "administrative_commission_member"}, "apas"),
    ("orphans_court", {1: "orphans_court_member", 3: "orphans_court_chair"}, "baris agis aizis"),
    (
        "child_protection_centre",
        {1: "child_protection_inspector crisis_team_member", 3: "orphans_courts_supervisor child_protection_manager"},
        "",
    ),
    ("court", {2: "judge"}, "tis"),
    ("prosecution", {2: "prosecutor"}, "prois"),
    ("ombudsman", {4: "ombudsman_official"}, ""),
    (
        "welfare_ministry",
        {
            2: "adoption_register_official care_stay_supervisor money_follows_client_official",
            4: "ministry_official",
        },
        "labis spolis adoption_register",
    ),
    *[
        (f"{name}_ministry", {4: "ministry_official"}, "labis")
        for name in ("education", "health", "interior", "justice")
    ],
    ("state_chancellery", {4: "state_chancellery_official"}, ""),
    (
        "planning_region",
        {2: "planning_region_coordinator need_interviewer need_expert"},
        "nauris",
    ),
    ("municipality", {4: "municipality_leader municipality_executive"}, ""),
    ("population_register", {5: "population_register_client"}, "population_register"),
    ("social_insurance", {5: "social_insurance_client"}, "sais"),
    ("maintenance_fund", {5: "maintenance_fund_client"}, "ugf_ipr"),
    ("disability_commission", {5: "disability_commission_client"}, "disability_is"),
    ("border_guard", {5: "border_guard_client"}, "vreis"),
    ("health_service", {5: "health_service_client"}, "e_health"),
    ("penalty_register", {5: "penalty_register_client"}, "penalty_register"),
    ("system_controller", {0: "steward"}, "atbalsts"),
]


@pytest.mark.parametrize(("institution_type", "by_level", "systems"), POSITIONS, ids=[row[0] for row in POSITIONS])
def test_an_institution_type_has_its_positions_and_systems(
    institution_type: str, by_level: dict[int, str], systems: str
) -> None:
    known = classifiers()
    found: dict[int, set[str]] = {}
    for position in known.positions_of(institution_type, TODAY):
        found.setdefault(position.level, set()).add(position.code)
    assert found == {level: set(codes.split()) for level, codes in by_level.items()}
    assert known.institution_types[institution_type].systems == tuple(systems.split())


def test_no_position_stands_outside_the_table() -> None:
    expected = {code for _, by_level, _ in POSITIONS for codes in by_level.values() for code in codes.split()}
    assert set(classifiers().positions) == expected | {"childrens_hospital_manager"}


def test_leads_of_cooperation_groups_and_managers_have_a_second_level() -> None:
    second = {row.code: row.second_level for row in classifiers().positions.values() if row.second_level}
    assert second == {"cooperation_group_lead": 4, "child_protection_manager": 4, "planning_region_coordinator": 4}


def test_emergency_access_is_for_police_orphans_court_social_service_and_child_protection_only() -> None:
    entitled = {row.institution_type for row in classifiers().positions.values() if row.emergency_access}
    assert entitled == {
        "state_police",
        "municipal_police",
        "orphans_court",
        "social_service",
        "child_protection_centre",
    }


def test_levels_one_and_two_report_and_no_other() -> None:
    for row in classifiers().positions.values():
        assert row.report == (row.level in (1, 2)), row.code


def test_only_level_one_identifies_needs_and_only_heads_supervise() -> None:
    for row in classifiers().positions.values():
        assert row.level == 1 or not (row.identify_need or row.emergency_access or row.leads_cases), row.code
        assert row.supervises == ("supervises" in row.relations), row.code
        assert row.level == 3 or not row.supervises, row.code


def test_governance_technical_clients_and_the_steward_have_no_way_to_a_child() -> None:
    ways = {
        row.code: row.relations for row in classifiers().positions.values() if row.level in (0, 4, 5) and row.relations
    }
    assert ways == {"ombudsman_official": ("consented",)}


def test_the_inspectorate_became_the_child_protection_centre_in_2024() -> None:
    known = classifiers()
    before, after = (
        [row.code for row in known.institution_types.in_force(day) if row.code.startswith("child_protection")]
        for day in (date(2023, 12, 31), date(2024, 1, 1))
    )
    assert (before, after) == (["child_protection_inspectorate"], ["child_protection_centre"])
    assert known.is_type("child_protection_inspectorate", "child_protection_centre")


def test_a_preschool_is_an_education_institution_and_a_day_centre_is_not() -> None:
    known = classifiers()
    assert known.is_type("preschool", "education_institution")
    assert not known.is_type("day_centre", "education_institution")
    with pytest.raises(UnknownCode, match="institution_types has no code 'kindergarten'"):
        known.is_type("kindergarten", "education_institution")
