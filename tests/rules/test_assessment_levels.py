"""The tools' data are whole; levels are combined by the one written rule; what was told in the story keeps to it."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from documents.assessment import Assessment
from documents.classifiers import classifiers
from documents.event import Withdrawal
from fixtures.story.building import build
from portal.assessments.combined import FactorState, factor_states
from portal.assessments.form import values_of
from portal.assessments.rules import read_assessment
from portal.assessments.tool import levels_of, own_tools, tool_of
from tests.people import NOW, TODAY, who
from tests.rules.test_assessments_expected import assessment

NUMBERS = count()


def told(tool: str, days_ago: int, **levels: int) -> Assessment:
    """An assessment with this tool so many days ago."""
    return assessment(id=f"a{next(NUMBERS)}", tool=tool, day=TODAY - timedelta(days=days_ago), levels=levels)


def factor(states: list[FactorState], code: str) -> FactorState:
    return next(state for state in states if state.factor.code == code)


def test_both_tools_are_whole() -> None:
    social, school = tool_of("social_risk_1"), tool_of("dropout_risk_1")
    factors = {each.risk.factor for each in social.risks}
    assert factors == set(classifiers().factors), "the social service looks at all twenty"
    assert social.parts[1].part.code == "social_danger", "danger first, then the rest"
    assert len(school.parts) == 5, "five categories"
    for tool in (social, school):
        assert tool.row.source("lv") and tool.row.source("en")
        for each in tool.risks:
            assert len(each.steps) in (3, 4, 5) and each.steps[0].level == 0
            assert [s.level for s in each.steps] == sorted(s.level for s in each.steps)
            assert each.questions, "every evaluation has facts to rest on"


def test_a_tool_belongs_to_the_institutions_that_assess_with_it() -> None:
    def codes(kind: str) -> list[str]:
        return [tool.code for tool in own_tools(kind, TODAY)]

    assert codes("social_service") == ["social_risk_1"]
    assert codes("preschool") == codes("vocational_school") == ["dropout_risk_1"]
    assert codes("state_police") == []


def test_steps_are_read_by_the_crosswalk_the_highest_of_a_factor() -> None:
    steps = {"social_life": "danger_possible", "social_safety": "social_low", "social_health": "social_very_high"}
    assert levels_of(steps) == {"safety": 3, "health": 4}


COMBINED = [
    ("one tool", [("social_risk_1", 10, 2)], 2, ""),
    ("its newest word, not its highest", [("social_risk_1", 200, 4), ("social_risk_1", 10, 1)], 1, "better"),
    ("the highest of two tools", [("social_risk_1", 10, 1), ("dropout_risk_1", 300, 3)], 3, ""),
    ("a trend against the own word only", [("social_risk_1", 30, 4), ("dropout_risk_1", 10, 2)], 4, ""),
    ("worse", [("dropout_risk_1", 90, 1), ("dropout_risk_1", 5, 3)], 3, "worse"),
    ("the same", [("dropout_risk_1", 90, 3), ("dropout_risk_1", 5, 3)], 3, "same"),
    ("a year long", [("social_risk_1", 365, 3)], 3, ""),
    ("and no longer", [("social_risk_1", 366, 3)], None, ""),
    ("an old word gives a trend still", [("social_risk_1", 900, 3), ("social_risk_1", 2, 0)], 0, "better"),
    ("nobody", [], None, ""),
]


@pytest.mark.parametrize(("name", "words", "level", "trend"), COMBINED, ids=[row[0] for row in COMBINED])
def test_levels_are_combined_by_the_written_rule(
    name: str, words: list[tuple[str, int, int]], level: int | None, trend: str
) -> None:
    states = factor_states([told(tool, ago, education=value) for tool, ago, value in words], TODAY)
    state = factor(states, "education")
    assert len(states) == 20
    assert state.level == level
    assert (state.counts.trend if state.counts else "") == trend
    assert (state.last is not None) is (level is None and bool(words)), "an old word is shown, but does not count"


def test_a_withdrawn_assessment_says_nothing_and_one_that_skips_a_factor_leaves_the_word_before() -> None:
    wrong = told("social_risk_1", 1, education=4)
    wrong.withdrawn = Withdrawal(at=NOW, by=who("inese").as_professional(), reason="x")
    states = factor_states([told("social_risk_1", 9, education=2), told("social_risk_1", 3, health=1), wrong], TODAY)
    assert factor(states, "education").level == 2 and factor(states, "health").level == 1


def test_every_assessment_of_the_story_could_have_been_written_in_its_form() -> None:
    today, now = date(2026, 11, 22), datetime(2026, 11, 22, 12, tzinfo=UTC)
    story = build(today, now)
    found = [(dossier, a) for dossier in story.dossiers.values() for a in dossier.assessments]
    assert len(found) >= 9
    for dossier, each in found:
        values = values_of(each, story.assessed[each.id])
        draft, errors = read_assessment(
            values, tool_of(each.tool), born=dossier.child.birth_date, today=today, may_name=set()
        )
        assert not errors, (dossier.child.name, each.day, errors)
        assert draft is not None and draft.levels == each.levels
        role = each.recorded_by.institution_type
        assert each.tool in [tool.code for tool in own_tools(role, today)]


WRONG = [
    ("day", "", "day"),
    ("day", "23.11.2026.", "day"),
    ("day", "1.1.2001.", "day"),
    ("fact_dropout_absences", "9,5", "fact_dropout_absences"),
    ("fact_dropout_marks", "varbūt", "fact_dropout_marks"),
    ("fact_dropout_learning_facts", "x" * 3001, "fact_dropout_learning_facts"),
    ("level_dropout_learning", "", "level_dropout_learning"),
    ("level_dropout_learning", "social_low", "level_dropout_learning"),
    ("fact_dropout_parents", "", "fact_dropout_parents"),
    ("conclusions", "", "conclusions"),
    ("confidentiality", "secret", "confidentiality"),
    ("confidentiality", "restricted", "named_people"),
]


@pytest.mark.parametrize(("field", "typed", "named"), WRONG)
def test_what_is_wrong_is_named_by_its_field(field: str, typed: str, named: str) -> None:
    story = build(TODAY, NOW)
    marta = story.dossiers["marta"]
    newest = next(a for a in reversed(marta.assessments) if a.tool == "dropout_risk_1")
    values = values_of(newest, story.assessed[newest.id]) | {field: [typed]}
    draft, errors = read_assessment(
        values, tool_of(newest.tool), born=marta.child.birth_date, today=TODAY, may_name=set()
    )
    assert draft is None and list(errors) == [named]


def test_what_is_not_clear_stays_unassessed() -> None:
    story = build(TODAY, NOW)
    marta = story.dossiers["marta"]
    newest = next(a for a in reversed(marta.assessments) if a.tool == "dropout_risk_1")
    values = values_of(newest, story.assessed[newest.id]) | {"level_dropout_wellbeing": [""]}
    draft, _ = read_assessment(values, tool_of(newest.tool), born=marta.child.birth_date, today=TODAY, may_name=set())
    assert draft is not None and "health" not in draft.levels and "dropout_wellbeing" not in draft.steps
