"""What the shipped classifiers hold, and what their finders answer."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from documents import classifiers as words
from documents.classifiers import UnknownCode, classifiers

TODAY = date(2026, 11, 22)
DOMAINS = {"education", "health", "welfare", "interior", "justice"}
# The data groups of Cabinet Regulation 157 that are events (5.1-5.3 and 5.14 are base data or not named).
DATA_GROUPS = [
    "5.2.4",
    "5.2.6",
    "5.4",
    "5.5",
    "5.6",
    "5.6.2",
    "5.6.3",
    "5.6.4",
    "5.7",
    "5.7.14",
    "5.7.16",
    "5.8",
    "5.8.2",
    "5.9",
    "5.10",
    "5.11",
    "5.12",
    "5.12.10",
    "5.13",
    "5.13.15",
    "5.13.16",
    "5.15",
    "5.15.6.1",
    "5.16",
    "5.16.7",
    "5.19",
    "5.19.6",
    "5.19.7",
    "5.19.9",
    "5.19.10",
    "5.19.11",
    "5.20",
    "5.21",
    "5.21.8",
    "5.22",
]


def test_there_are_at_least_sixty_kinds_of_event_in_all_five_domains() -> None:
    by_domain = Counter(kind.domain for kind in classifiers().event_kinds.values())
    assert sum(by_domain.values()) >= 60
    assert set(by_domain) == DOMAINS
    assert min(by_domain.values()) >= 12


@pytest.mark.parametrize("trigger", [f"4.{number}" for number in range(1, 11)])
def test_each_of_the_ten_triggers_is_a_kind_of_event_that_cites_its_clause(trigger: str) -> None:
    kinds = [kind for kind in classifiers().event_kinds.values() if trigger in kind.triggers]
    assert kinds
    for kind in kinds:
        assert words.Clause("mk_157", trigger) in kind.legal_basis, kind.code


@pytest.mark.parametrize("clause", DATA_GROUPS)
def test_each_data_group_of_regulation_157_has_a_kind_of_event(clause: str) -> None:
    cited = {basis.clause for kind in classifiers().event_kinds.values() for basis in kind.legal_basis}
    assert clause in cited


def test_early_signals_come_from_school_health_and_welfare() -> None:
    by_domain = Counter(kind.domain for kind in classifiers().event_kinds.values() if kind.early_signal)
    assert {"education", "health", "welfare"} <= set(by_domain)
    assert sum(by_domain.values()) >= 20


def test_suspected_violence_and_danger_at_home_start_withheld_from_the_family() -> None:
    for code in ("violence_physical", "violence_domestic", "violence_sexual", "suspicious_injury", "neglect"):
        assert classifiers().event_kind(code).families == "withheld", code


def test_what_every_responsible_person_may_read_is_never_sensitive_nor_withheld() -> None:
    for kind in classifiers().event_kinds.values():
        if kind.domain_open:
            assert (kind.confidentiality, kind.families) == ("standard", "shown"), kind.code


def test_short_names_are_told_apart() -> None:
    for language in ("lv", "en"):
        twice = [
            text
            for text, times in Counter(k.short(language) for k in classifiers().event_kinds.values()).items()
            if times > 1
        ]
        assert twice == []


def test_a_kind_says_why_it_is_asked_and_cites_the_law_in_both_languages() -> None:
    known = classifiers()
    kind = known.event_kind("violence_physical")
    assert kind.reason_asked("lv").startswith("Lai apdraudējumu")
    assert kind.reason_asked("en").startswith("So that the threat")
    assert known.cite(kind.legal_basis[0], "lv") == "MK noteikumi Nr. 157, 4.1. apakšpunkts"
    assert known.cite(kind.legal_basis[0], "en") == "Cabinet Regulation No. 157, clause 4.1"
    assert known.cite(words.Clause("gdpr", ""), "lv") == "Regula (ES) 2016/679"


def test_the_fields_of_a_kind_are_read_with_type_options_and_need() -> None:
    fields = {field.name: field for field in classifiers().event_kind("absence").fields}
    assert fields["lessons_missed"] == words.FieldSpec("lessons_missed", "number", (), True)
    assert fields["absence_reason"].options == ("health", "family", "refusal", "unknown", "other")
    assert not fields["absence_reason"].required


@pytest.mark.parametrize(
    ("day", "count"), [(date(2010, 1, 1), 118), (date(2020, 1, 1), 119), (date(2022, 1, 1), 43), (TODAY, 42)]
)
def test_municipalities_are_those_of_the_day(day: date, count: int) -> None:
    assert len(classifiers().current_municipalities(day)) == count


def test_the_present_municipalities_lie_on_the_tile_map_without_overlap() -> None:
    tiles = [(row.tile_col, row.tile_row) for row in classifiers().current_municipalities(TODAY)]
    assert len(set(tiles)) == 42
    assert all(col is not None and row is not None for col, row in tiles)


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("0427300", date(2015, 5, 1), "Priekuļu novads"),
        ("0427300", TODAY, "Cēsu novads"),
        ("0701800", date(2023, 1, 1), "Varakļānu novads"),
        ("0701800", TODAY, "Madonas novads"),
        ("0700200", date(2022, 1, 1), "Madonas novads"),
        ("0250000", TODAY, "Valmieras novads"),
    ],
)
def test_an_old_municipality_leads_to_the_one_that_holds_its_territory(code: str, day: date, name: str) -> None:
    assert classifiers().municipality(code, on=day).lv == name
    assert classifiers().municipality(code).code == code


def test_a_municipality_that_was_not_there_yet_is_unknown_on_that_day() -> None:
    with pytest.raises(UnknownCode, match="municipalities on 2020-01-01 has no code '0001000'"):
        classifiers().municipality("0001000", on=date(2020, 1, 1))


def test_every_former_municipality_has_a_present_successor() -> None:
    known = classifiers()
    for row in known.municipalities.values():
        assert known.municipality(row.code, on=TODAY).valid_to is None, row.code


def test_twenty_factors_stand_on_three_sides_in_order() -> None:
    factors = list(classifiers().factors.values())
    assert [factor.number for factor in factors] == list(range(1, 21))
    assert Counter(factor.side for factor in factors) == {
        "development_needs": 7,
        "parental_duties": 6,
        "family_environment": 7,
    }
    assert all(" ".join(factor.lines("lv")) == factor.lv for factor in factors)


def test_every_factor_has_a_need() -> None:
    known = classifiers()
    assert {need.factor for need in known.need_kinds.values()} == set(known.factors)


def test_who_represents_also_has_access_and_who_lost_custody_has_neither() -> None:
    for role in classifiers().legal_roles.values():
        assert role.gives_access or not role.represents, role.code
        assert not (role.gives_access and role.ends_access), role.code
    assert not classifiers().legal_roles["custody_suspended"].gives_access


def test_relations_read_from_the_other_side_lead_back() -> None:
    kinds = classifiers().relationship_kinds
    assert (kinds["mother"].inverse_f, kinds["mother"].inverse_m) == ("daughter", "son")
    for kind in kinds.values():
        for inverse in filter(None, (kind.inverse_f, kind.inverse_m)):
            other = kinds[inverse]
            assert (other.generation or 0) == -(kind.generation or 0), kind.code


def test_prevention_levels_are_found_by_number() -> None:
    assert classifiers().prevention_level(3).lv == "sekundārā prevencija"
    with pytest.raises(UnknownCode, match="prevention_levels has no code 5"):
        classifiers().prevention_level(5)


def test_names_are_found_by_table_code_and_language() -> None:
    known = classifiers()
    assert known.name("event_kinds", "school_change", "lv") == "Skolas maiņa"
    assert known.name("event_kinds", "school_change", "en") == "Change of school"
    with pytest.raises(UnknownCode, match="event_kinds has no code 'nonsense'"):
        known.name("event_kinds", "nonsense", "lv")
    with pytest.raises(UnknownCode, match="There is no classifier 'nonsense'"):
        known.name("nonsense", "school_change", "lv")


def test_choices_for_a_form_leave_out_what_is_no_longer_in_force() -> None:
    offered = dict(classifiers().institution_types.choices("lv", TODAY))
    assert offered["orphans_court"] == "bāriņtiesa"
    assert "child_protection_inspectorate" not in offered


def test_other_classifiers_may_be_taken_into_use(tmp_path: Path) -> None:
    shipped = classifiers()
    words.use(tmp_path)
    try:
        with pytest.raises(words.ClassifierError, match="is missing; put it into"):
            classifiers()
    finally:
        words.use(words.SHIPPED)
    assert classifiers().event_kinds.keys() == shipped.event_kinds.keys()
