"""Lives of the nation make sense, and are stored exactly as the models store them."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from bson.binary import Binary

from auth.relations import derived
from documents.assessment import Assessment, AssessmentContent
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.model import to_bson
from documents.person import Person
from documents.personal_code import parse
from documents.plan import waiting
from documents.report import Report
from documents.thread import Thread
from fixtures.nation.base import World
from fixtures.nation.bundles import Bundle, bundle, bundled
from fixtures.nation.families import sizes
from fixtures.nation.institutions import found, stored
from fixtures.nation.phrases import phrases, phrases_for
from fixtures.nation.plan_lines import plan_lines
from fixtures.nation.schooling import first_school_day
from fixtures.nation.staff import engage
from fixtures.nation.themes import THEMES
from portal.assessments.form import values_of
from portal.assessments.rules import read_assessment
from portal.assessments.tool import levels_of, own_tools, tool_of
from portal.plans.people import answerers, possible_doers

Row = dict[str, Any]
CHILDREN = 3600
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NOT_SCHOOL_AGE = 500  # days
SEALED: dict[bytes, Any] = {}


def remember(value: Any, secrecy: str, year: int) -> bytes:
    """Instead of a ciphertext: what would be sealed, findable by the test."""
    text = json.dumps([value, secrecy, year], ensure_ascii=False, sort_keys=True)
    token = Binary(hashlib.sha256(text.encode()).digest(), 6)
    SEALED[token] = value
    return token


def world(seed: int, seal: Callable[[Any, str, int], bytes] = remember) -> World:
    nation = found(seed, CHILDREN)
    return World(seed, TODAY, nation, engage(seed, CHILDREN, nation, TODAY), seal, b"k" * 32)


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    whole = world(1)
    return [bundle(whole, number, families) for number, families in enumerate(bundled(list(sizes(CHILDREN))))]


@pytest.fixture(scope="module")
def dossiers(bundles: list[Bundle]) -> list[Row]:
    return [row for made in bundles for row in made.dossiers]


@pytest.fixture(scope="module")
def opened(dossiers: list[Row]) -> list[Row]:
    return [row for row in dossiers if "opened" in row]


def test_rows_are_what_the_models_store(dossiers: list[Row], bundles: list[Bundle]) -> None:
    for row in dossiers[::7] + [row for row in dossiers if "opened" in row][::5]:
        assert to_bson(Dossier.model_validate(row)) == row
    for made in bundles:
        for row in made.people[::11]:
            assert to_bson(Person.model_validate(row)) == row
    whole = world(1)
    for row in whole.staff.people[::9]:
        assert to_bson(Person.model_validate(row)) == row
    assert all("_doctor" not in stored(row) for row in whole.nation.rows)


def test_readers_are_those_the_policy_derives(dossiers: list[Row], opened: list[Row]) -> None:
    for row in opened[::3] + dossiers[::50]:
        expected = derived(Dossier.model_validate(row))
        assert row.get("readers", []) == expected["readers"]
        assert row["family_ids"] == expected["family_ids"]


def test_nobody_can_open_a_base_profile(dossiers: list[Row]) -> None:
    closed = [row for row in dossiers if "opened" not in row]
    assert len(closed) > 0.9 * len(dossiers)
    for row in closed:
        assert not {"readers", "events", "level", "levels", "case_manager", "needs"} & row.keys()


def test_every_open_dossier_has_what_a_case_needs(opened: list[Row]) -> None:
    for row in opened:
        assert row["case_manager"]["person_id"]
        assert row["levels"][0]["at"] == row["opened"] == row["needs"][0]["identified_at"]
        assert row["level"] == row["levels"][-1]["level"] in (2, 3, 4)
        assert [change["at"] for change in row["levels"]] == sorted(change["at"] for change in row["levels"])
        assert row["needs"][0]["kind"] in classifiers().need_kinds
        assert row["child"]["code"]
        leads = classifiers().positions[row["case_manager"]["title"]]
        assert leads.leads_cases
        for member in row.get("team", []):
            assert "team" in classifiers().positions[member["title"]].relations


def test_lives_are_as_rich_as_the_prototypes(opened: list[Row]) -> None:
    entries = [len(row["events"]) + row.get("archived", 0) for row in opened]
    assert 50 <= median(entries) <= 70
    assert max(entries) >= 500


def test_long_lives_lie_in_the_archive_oldest_first(bundles: list[Bundle]) -> None:
    long = [row for made in bundles for row in made.dossiers if row.get("archived")]
    assert long
    for row in long:
        buckets = [b for made in bundles for b in made.archive if b["dossier_id"] == row["_id"]]
        assert sum(len(b["events"]) for b in buckets) == row["archived"]
        assert len(row["events"]) == 500
        assert buckets[-1]["newest"] <= min(event["day"] for event in row["events"])


def test_nothing_happens_before_birth_or_after_today(opened: list[Row]) -> None:
    for row in opened:
        for event in row["events"]:
            if event["kind"] == "prenatal_risk":
                assert event["day"] < row["child"]["birth_date"]
            else:
                assert row["child"]["birth_date"] <= event["day"]
            assert event["day"] < TODAY.isoformat()
            assert event.get("to", event["day"]) >= event["day"]
            assert event["recorded_at"].date() < TODAY
        assert [e["recorded_at"] for e in row["events"]] == sorted(e["recorded_at"] for e in row["events"])


def test_no_school_before_its_time_and_a_change_of_school_moves_the_school(opened: list[Row]) -> None:
    changes = 0
    for row in opened:
        born = date.fromisoformat(row["child"]["birth_date"])
        for event in row["events"]:
            day = date.fromisoformat(event["day"])
            if event["kind"] == "preschool_attendance":
                assert (day - born).days > NOT_SCHOOL_AGE
                assert day < first_school_day(born)
            if event["kind"] == "school_attendance":
                assert day >= first_school_day(born)
            if event["kind"] == "school_change":
                changes += 1
                arrived = [e for e in row["events"] if e["kind"] == "school_attendance" and e["day"] == event["day"]]
                assert arrived[0]["institution_id"] == event["institution_id"]
        schools = [i for i in row["involvements"] if i["kind"] == "attends_school" and "to" not in i]
        if schools:
            assert row["base"]["school"]["reference"] == schools[0]["institution_id"]
    assert changes > 10


def test_who_writes_at_school_works_at_the_childs_school_of_that_day(opened: list[Row]) -> None:
    for row in opened:
        stays = [i for i in row["involvements"] if i["kind"] == "attends_school"]
        for event in row["events"]:
            writer = event.get("recorded_by")
            if writer and writer["institution_type"] in ("school", "preschool"):
                assert any(
                    stay["institution_id"] == writer["institution_id"]
                    and stay["since"] <= event["day"] <= stay.get("to", "9999")
                    for stay in stays
                )


def test_offices_and_schools_keep_their_days(opened: list[Row]) -> None:
    any_day = {"birth", "injury", "achievement"}
    for row in opened:
        for event in row["events"]:
            if event["shape"] in ("incident", "span") or event["kind"] in any_day or "recorded_by" not in event:
                continue
            day = date.fromisoformat(event["day"])
            assert day.weekday() < 5 or day < date.fromisoformat(row["child"]["birth_date"]) + timedelta(days=3)
            if event["recorded_by"]["institution_type"] in ("school", "preschool"):
                assert not 6 <= day.month <= 8 or day.isoformat() == row["opened"].date().isoformat()


def test_entries_have_the_fields_of_their_kind_and_sensitive_ones_are_sealed(opened: list[Row]) -> None:
    kinds = set()
    for row in opened:
        for event in row["events"]:
            known = classifiers().event_kinds[event["kind"]]
            kinds.add(known.code)
            assert event.get("confidentiality", "standard") == known.confidentiality
            if known.confidentiality == "standard":
                content = {"detail": event.get("detail", ""), "fields": event.get("fields", {})}
                assert "sealed" not in event
            else:
                assert not {"detail", "fields"} & event.keys()
                content = SEALED[event["sealed"]]
            missing = {f.name for f in known.fields if f.required} - content["fields"].keys()
            assert not missing, (known.code, missing)
            assert bool(event.get("withheld")) == (known.families == "withheld")
            assert bool(event.get("named_people")) == (known.confidentiality == "restricted")
    assert len(kinds) > 70


def test_every_phrase_fits_its_kind() -> None:
    for kind, ways in phrases().items():
        known = classifiers().event_kinds[kind]
        fields = {field.name: field for field in known.fields}
        for way in ways:
            names = {name for name, _ in way.fields}
            assert names <= fields.keys(), (kind, names - fields.keys())
            assert {f.name for f in known.fields if f.required} <= names, kind


def test_choices_are_options_of_their_fields(opened: list[Row]) -> None:
    for row in opened:
        for event in row["events"]:
            fields = event.get("fields") or (SEALED[event["sealed"]]["fields"] if "sealed" in event else {})
            for spec in classifiers().event_kinds[event["kind"]].fields:
                value = fields.get(spec.name)
                if value is None:
                    continue
                if spec.type == "choice":
                    assert value in spec.options, (event["kind"], spec.name, value)
                elif spec.type == "yes_no":
                    assert value in ("yes", "no")
                elif spec.type in ("number", "hours"):
                    float(value)
                elif spec.type == "date":
                    date.fromisoformat(value)


def test_every_step_of_a_theme_can_be_told() -> None:
    for theme in THEMES:
        for step in theme.steps:
            oldest = [age for age in range(-1, 18) if phrases_for(step.kind, age)]
            assert oldest, step.kind
        assert set(theme.needs) <= classifiers().need_kinds.keys()


def test_assessments_are_what_the_tools_own_forms_take(opened: list[Row]) -> None:
    tools = set()
    for row in opened:
        for stored_one in row.get("assessments", ()):
            each, said = Assessment.model_validate(stored_one), SEALED[stored_one["sealed"]]
            values = values_of(each, AssessmentContent.model_validate(said))
            born = date.fromisoformat(row["child"]["birth_date"])
            draft, errors = read_assessment(values, tool_of(each.tool), born=born, today=TODAY, may_name=set())
            assert not errors, (each.tool, errors)
            assert draft is not None
            assert (draft.steps, draft.levels) == (each.steps, levels_of(each.steps)) == (each.steps, each.levels)
            assert each.tool in {tool.code for tool in own_tools(each.recorded_by.institution_type, each.day)}
            assert row["opened"].date() <= each.day < TODAY
            assert each.recorded_by.role_id in row["writers"]
            assert row["touched"] >= each.recorded_at
            tools.add(each.tool)
    assert tools == set(classifiers().assessment_tools)
    assert sum(bool(row.get("assessments")) for row in opened) > 0.9 * len(opened)


def test_plans_are_agreed_with_the_family_and_done_by_people_at_work(opened: list[Row]) -> None:
    states, late = Counter[str](), 0
    for row in opened:
        dossier = Dossier.model_validate(row)
        doers = {doer.key for doer in possible_doers(dossier, NOW)}
        family = {person.person_id for person in answerers(dossier, NOW)}
        for number, plan in enumerate(dossier.plans, 1):
            states[plan.state] += 1
            assert plan.number == number
            assert {task.doer.key for task in plan.tasks} <= doers
            assert {task.goal_id for task in plan.tasks} <= {goal.id for goal in plan.goals}
            assert {factor for goal in plan.goals for factor in goal.factors} <= set(classifiers().factors)
            assert set(plan.answers) <= family
            if plan.state in ("in_force", "replaced"):
                assert set(plan.answers) == family, "a plan in force has everybody's word"
        assert [plan.state for plan in dossier.plans].count("in_force") <= 1
        assert waiting(dossier.plans) == {"doers": row.get("doers", []), "due": row.get("due")}
        late += row.get("due", "9999") < TODAY.isoformat()
    assert set(states) == {"draft", "proposed", "in_force", "replaced"}
    assert states["in_force"] > 0.6 * len(opened)
    assert 0.05 < late / len(opened) < 0.3


def test_every_theme_has_lines_of_a_plan() -> None:
    assert set(plan_lines()) == {theme.name for theme in THEMES}
    for lines in plan_lines().values():
        assert {line.goal for line in lines if line.what == "task"} == {
            line.goal for line in lines if line.what == "goal"
        }
        assert any(line.what == "service" for line in lines)


def test_what_waits_is_what_the_models_store(bundles: list[Bundle], opened: list[Row]) -> None:
    reports = [row for made in bundles for row in made.reports]
    threads = [row for made in bundles for row in made.threads]
    for row in reports:
        assert to_bson(Report.model_validate(row)) == row
    for row in threads:
        assert to_bson(Thread.model_validate(row)) == row
    assert {row["dossier_id"] for row in reports + threads} <= {row["_id"] for row in opened}
    assert {row["state"] for row in reports} <= {"received", "acknowledged"}
    assert reports
    assert threads


def test_families_know_each_other(dossiers: list[Row], bundles: list[Bundle]) -> None:
    by_id = {row["_id"]: row for row in dossiers}
    people = {row["_id"]: row for made in bundles for row in made.people}
    for row in dossiers:
        for relationship in row["relationships"]:
            if "dossier_id" in relationship:
                other = by_id[relationship["dossier_id"]]
                assert any(r.get("dossier_id") == row["_id"] for r in other["relationships"])
                assert relationship["birth_date"] == other["child"]["birth_date"]
            else:
                assert row["_id"] in people[relationship["person_id"]]["children"]


def test_nobody_has_somebody_elses_code(bundles: list[Bundle], dossiers: list[Row], opened: list[Row]) -> None:
    hashes = [row["child"]["code_hash"] for row in dossiers]
    assert len(set(hashes)) == len(hashes)
    for row in opened:
        code = parse(SEALED[row["child"]["code"]], accept_invented=True)
        assert code.invented
        assert not code.suspicious
        assert code.birth_date is not None
        assert code.birth_date.isoformat() == row["child"]["birth_date"]
        assert int(code.text[8:11]) < 900, "the story's serials"


def test_a_child_in_care_does_not_live_with_a_mother_whose_custody_is_suspended(opened: list[Row]) -> None:
    taken = [row for row in opened if any(e["kind"] == "custody_suspended" for e in row["events"])]
    assert taken
    for row in taken:
        mother = next(r for r in row["relationships"] if r["kind"] == "mother")
        assert mother["legal_roles"][-1]["role"] == "custody_suspended"
        assert all("to" in period for period in mother["household"])
        assert not any(reader["relation"] == "parent" and reader["until"].year == 9999 for reader in row["readers"])


def test_the_same_seed_gives_the_same_nation_and_another_seed_another() -> None:
    def fingerprint(seed: int) -> str:
        made = bundle(world(seed), 0, list(sizes(CHILDREN))[:200])
        rows = [made.dossiers, made.people, made.archive, made.reports, made.threads]
        return hashlib.sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest()

    assert fingerprint(1) == fingerprint(1)
    assert fingerprint(1) != fingerprint(2)
