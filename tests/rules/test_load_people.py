"""The people extract: both formats say the same, wrong records are named field by field, sources may disagree."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.child import BaseField, Mismatch
from documents.family import LegalRole, Period, Relationship
from documents.personal_code import invent
from fixtures.loaders.people import people_reading
from fixtures.loaders.people.context import Context, School
from fixtures.loaders.people.extract import ChildRecord, Relation
from fixtures.loaders.people.fields import merged, said
from fixtures.loaders.people.relations import Link, related
from fixtures.loaders.problems import Rejection
from fixtures.loaders.records import Record
from fixtures.loaders.source import Source
from tests.people_extract import adult, as_csv, as_jsonl, child

TODAY = date(2026, 11, 22)
DEMO = Context(TODAY, demo=True, schools={"12": School("school-12", "Dzirnavu skola")})
BORN = date(2015, 3, 1)


def read(folder: Path, text: str, suffix: str = "jsonl", context: Context = DEMO) -> list[Any]:
    path = folder / f"children.{suffix}"
    path.write_text(text)
    return list(people_reading(Source(str(path)), context).items)


def problems(items: list[Any]) -> list[tuple[int, str, str, str]]:
    found = [p for item in items if isinstance(item, Rejection) for p in item.problems]
    return [(p.line, p.field, p.value, p.reason) for p in found]


NAMES = st.sampled_from(["Anna", "Jānis", "Žanete Šķila", "Ķirsis-Ņēģis", "O'Nīls", "Ērika"])
TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=30).filter(
    lambda text: text.strip() == text and text not in ("-", "yes", "no")
)
DAYS = st.dates(date(2010, 1, 1), date(2026, 11, 20)).map(date.isoformat)
ADDRESSES = st.fixed_dictionaries({"atvk": st.sampled_from(["0001000", "0038231", "0055000"]), "text": TEXTS})


@st.composite
def relations(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(st.lists(st.integers(0, 900), unique=True, max_size=4))
    people = []
    for serial in chosen:
        kind = draw(st.sampled_from(["mother", "father", "guardian", "trusted_person"]))
        person = adult(kind, draw(NAMES), draw(NAMES), serial, phone="0000 0001")
        if kind in ("mother", "father"):
            roles = draw(st.lists(st.sampled_from(["custody", "custody_suspended"]), unique=True, max_size=2))
            if roles:
                person["legal_roles"] = [{"role": role, "since": draw(DAYS)} for role in roles]
        people.append(person)
    return people


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    record = child(
        draw(st.integers(0, 999)),
        citizenship=draw(st.sampled_from(["LV", "UA", "-"])),
        languages=draw(st.lists(st.sampled_from(["lv", "ru", "uk"]), min_size=1, unique=True)),
        address_protected=draw(st.booleans()),
        declared_address=draw(ADDRESSES),
        school={"viis_id": "12", "name": draw(TEXTS), "class": "5.b", "programme": "21011111"},
        doctor={"name": draw(TEXTS), "phone": "0000 0002"},
    )
    family = draw(relations())
    return record | ({"relations": family} if family else {})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records(), min_size=1, max_size=3, unique_by=lambda record: record["code"]))
def test_both_formats_say_the_same(tmp_path: Path, written: list[dict[str, Any]]) -> None:
    from_json = read(tmp_path, as_jsonl(*written))
    from_csv = read(tmp_path, as_csv(*written), "csv")
    assert problems(from_json) == []
    assert [item.value for item in from_json] == [item.value for item in from_csv]
    assert [item.key for item in from_json] == [record["code"] for record in written]


@pytest.mark.parametrize(
    ("change", "field", "value", "reason"),
    [
        ({"birth_date": "2015-02-30"}, "birth_date", "2015-02-30", "is no day of the calendar"),
        ({"birth_date": 20150301}, "birth_date", "20150301", "is no date; write it like 2015-03-01"),
        ({"as_of": "2026-11-23"}, "as_of", "2026-11-23", "is in the future"),
        ({"code": "010115-2345"}, "code", "000000-0000", "is refused: A personal code has eleven digits"),
        ({"code": invent(date(2014, 1, 2), 1)}, "code", "000000-00000", "tells another birth date than birth_date"),
        ({"given_name": "<b>"}, "given_name", "<x>", "is not in the form the format asks for"),
        ({"sex": "x"}, "sex", "x", "is not in the form the format asks for"),
        ({"languages": ["tlh"]}, "languages.0", "tlh", "is no code of the classifier languages"),
        ({"nickname": "Ann"}, "nickname", "", "is no field of the format"),
        (
            {"declared_address": {"atvk": "9999123", "text": "x"}},
            "declared_address.atvk",
            "9999123",
            "is no municipality's code on 2026-11-22",
        ),
        ({"school": {"viis_id": "99"}}, "school.viis_id", "99", "is no school that was loaded"),
        ({"birth_date": "1990-01-01", "code": None}, "record", "", "this is no child or young person"),
        ({"code": None}, "record", "", "a child needs a personal code, or a provisional_id"),
        ({"relations": [adult("mother", "Ilze", "Bērziņa", 1, sex="m")]}, "relations.0", "", "the sex m does not fit"),
        (
            {"relations": [adult("grandmother", "Ilze", "B", 1, legal_roles=[{"role": "custody"}])]},
            "relations.0",
            "",
            "a person of the kind grandmother cannot hold the legal role custody",
        ),
        (
            {"relations": [adult("mother", "Ilze", "B", 1), adult("mother", "Ilze", "B", 1)]},
            "record",
            "",
            "the same person stands twice",
        ),
        ({"relations": [adult("sister", "Anna", "B", 1, BORN)]}, "record", "", "the child stands among its own family"),
        (
            {"relations": [adult("mother", "Ilze", "B", 1, since="2020-01-02", to="2020-01-01")]},
            "relations.0",
            "",
            "ends before it begins",
        ),
    ],
)
def test_a_wrong_record_is_named_by_field_and_never_by_name_or_code(
    tmp_path: Path, change: dict[str, Any], field: str, value: str, reason: str
) -> None:
    items = read(tmp_path, as_jsonl(child(1, BORN, **change), child(2)))
    found = problems(items)
    assert [(line, name) for line, name, _, _ in found] == [(1, field)]
    assert found[0][2] == value
    assert found[0][3].startswith(reason)
    assert isinstance(items[1], Record)


@pytest.mark.parametrize("text", ["{", '{"a":' * 100_000, "[1]", "null", '{"as_of": NaN}', "1" * 5_000])
def test_what_is_no_object_is_refused_alone(tmp_path: Path, text: str) -> None:
    items = read(tmp_path, as_jsonl(child(1)) + text + "\n" + as_jsonl(child(2)))
    assert [isinstance(item, Record) for item in items] == [True, False, True]


def test_invented_codes_are_for_marked_databases_only(tmp_path: Path) -> None:
    [(_, field, value, reason)] = problems(read(tmp_path, as_jsonl(child(1)), context=Context(TODAY)))
    assert (field, value) == ("code", "000000-00000")
    assert "invented" in reason


def test_a_wrong_check_digit_is_a_warning(tmp_path: Path) -> None:
    code = invent(BORN, 1)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    [record] = read(tmp_path, as_jsonl(child(1, code=wrong)))
    assert record.warnings == ("personal code with a check digit that does not fit",)


def test_in_a_table_a_wrong_line_refuses_its_own_child_only(tmp_path: Path) -> None:
    family = [adult("mother", "Ilze", "Bērziņa", 1, legal_roles=[{"role": "custody"}])]
    lines = as_csv(child(1), child(2, relations=family), child(3)).splitlines(keepends=True)
    broken = [*lines[:3], lines[3].replace("mother", "moter"), *lines[4:]]
    items = read(tmp_path, "".join(broken), "csv")
    assert [isinstance(item, Record) for item in items] == [True, False, True]
    assert problems(items) == [(4, "kind", "moter", "is no code of the classifier relationship_kinds")]
    assert len(items[1].lines) == 2


def test_a_broken_line_of_a_table_spoils_the_child_it_belongs_to(tmp_path: Path) -> None:
    lines = as_csv(child(1), child(2), child(3)).splitlines(keepends=True)
    items = read(tmp_path, "".join([*lines[:2], '2,child,"Anna\n', *lines[3:]]), "csv")
    assert [isinstance(item, Record) for item in items] == [True, False, True]
    assert problems(items)[0][:2] == (3, "line")


@pytest.mark.parametrize(
    ("lines", "field", "reason"),
    [
        (["1,relation,Ilze,B,1988-05-06,mother,"], "child", "has no line of the type child before this one"),
        (["1,child,A,B,2015-03-01,,", "1,child,A,B,2015-03-01,,"], "child", "has a second line of the type child"),
        (["1,pet,A,B,2015-03-01,,"], "record_type", "is none of child, relation, household"),
        (["1,child,A,B,2015-03-01,mother,"], "kind", "stays empty in lines of the type child"),
        ([",child,A,B,2015-03-01,,"], "child", "is empty; all lines of a child name the same key"),
    ],
)
def test_lines_of_a_table_that_do_not_fit_together(tmp_path: Path, lines: list[str], field: str, reason: str) -> None:
    header = "child,record_type,given_name,family_name,birth_date,kind,code"
    [(_, name, _, said_reason)] = problems(read(tmp_path, "\n".join([header, *lines]), "csv"))
    assert (name, said_reason) == (field, reason)


def test_a_key_for_ever_is_no_child(tmp_path: Path) -> None:
    header = "child,record_type,given_name,family_name,birth_date,kind\n"
    items = read(tmp_path, header + "1,household,A,B,2015-03-01,\n" * 900, "csv")
    assert all(isinstance(item, Rejection) and len(item.lines) <= 300 for item in items)


# When sources disagree

NEW, OLD = date(2026, 11, 20), date(2026, 11, 1)


def field(value: str, source: str = "viis", as_of: date = NEW, **more: Any) -> BaseField:
    return BaseField(value=value, source=source, as_of=as_of, **more)


def test_a_source_changes_its_own_word_and_never_back_to_an_older_one() -> None:
    stands = field("5.a", as_of=OLD)
    after = merged(stands, field("5.b"))
    assert (after.value, after.as_of, after.version, after.mismatch) == ("5.b", NEW, 2, None)
    assert merged(after, stands) == after
    assert merged(after, field("5.b")) == after


def test_another_source_does_not_overwrite_but_is_shown() -> None:
    stands = field("Lapu iela 1", "atbalsts", OLD)
    after = merged(stands, field("Ozolu iela 2", "population_register"))
    assert after.value == "Lapu iela 1"
    assert after.mismatch == Mismatch(source="population_register", value="Ozolu iela 2", as_of=NEW)
    assert after.version == stands.version
    assert merged(after, field("Lapu iela 1", "population_register")).mismatch is None
    assert merged(after, field("Cita iela 3", "sopa", OLD)) == after


def test_the_own_source_settles_a_mismatch_by_saying_the_same() -> None:
    stands = field("5.a", mismatch=Mismatch(source="sopa", value="5.b", as_of=OLD))
    assert merged(stands, field("5.b")).mismatch is None
    assert merged(stands, field("5.c")).mismatch == stands.mismatch


def test_the_owner_by_law_overwrites_and_keeps_what_stood_as_a_mismatch() -> None:
    after = merged(field("Ana", "viis", OLD), field("Anna", "population_register"), owner="population_register")
    assert after.value == "Anna"
    assert after.mismatch == Mismatch(source="viis", value="Ana", as_of=OLD)


def test_silence_says_nothing_and_a_dash_says_there_is_none_any_more() -> None:
    record = ChildRecord.model_validate(child(1, school={"name": "-"}, citizenship="-"), context=DEMO)
    told = said(record, DEMO)
    assert {name: value.value for name, value in told.items()} == {
        "citizenship": "",
        "school": "",
        "programme": "",
        "class": "",
    }


def test_a_school_is_named_by_its_number_and_linked() -> None:
    record = ChildRecord.model_validate(child(1, school={"viis_id": "12", "class": "5.b"}), context=DEMO)
    school = said(record, DEMO)["school"]
    assert (school.value, school.reference, school.source) == ("Dzirnavu skola", "school-12", "viis")


MOTHER = {"_id": "p1", "given_name": "Ilze", "family_name": "Bērziņa", "phone": "0000 0001"}


def told(role: str | None, *, source: str | None = None, as_of: str = "2026-11-20") -> tuple[Relation, ChildRecord]:
    roles = [{"role": role, "since": "2020-01-01"}] if role else []
    relation = adult("mother", "Ilze", "Bērziņa", 1, legal_roles=roles)
    more = {"source": source} if source else {}
    record = ChildRecord.model_validate(child(1, relations=[relation], as_of=as_of, **more), context=DEMO)
    return record.relations[0], record


def related_after(stands: list[Relationship], who: Relation, record: ChildRecord) -> Relationship:
    [relationship] = related(stands, who, Link(person=MOTHER), record, b"key", "d1")
    return relationship


def test_a_new_relation_carries_a_copy_of_the_contacts() -> None:
    relationship = related_after([], *told("custody"))
    assert (relationship.name, relationship.phone, relationship.person_id) == ("Ilze Bērziņa", "0000 0001", "p1")
    assert relationship.legal_roles == [LegalRole(role="custody", since=date(2020, 1, 1), source="population_register")]
    assert related_after([relationship], *told("custody")) == relationship


def test_an_older_extract_changes_no_custody() -> None:
    stands = related_after([], *told("custody_suspended"))
    assert related_after([stands], *told("custody", as_of="2026-11-01")) == stands


def test_custody_given_by_another_source_is_a_mismatch_but_its_end_is_taken_at_once() -> None:
    here = Relationship(
        id="r1",
        kind="mother",
        name="Ilze Bērziņa",
        person_id="p1",
        legal_roles=[LegalRole(role="no_legal_role")],
        source="atbalsts",
    )
    after = related_after([here], *told("custody"))
    assert after.legal_roles == here.legal_roles
    assert after.mismatch
    assert after.mismatch.value == "mother; custody 2020-01-01/"
    ended = related_after([here], *told("custody_removed", source="tis"))
    assert [role.role for role in ended.legal_roles] == ["no_legal_role", "custody_removed"]


def test_living_together_is_told_beside_the_relation() -> None:
    relation = adult("mother", "Ilze", "Bērziņa", 1)
    member = {name: relation[name] for name in ("given_name", "family_name", "birth_date", "code")}
    both = child(1, relations=[relation], household=[member | {"since": "2020-01-01"}])
    record = ChildRecord.model_validate(both, context=DEMO)
    stands = related([], record.relations[0], Link(person=MOTHER), record, b"key", "d1")
    [after] = related(stands, record.household[0], Link(person=MOTHER), record, b"key", "d1")
    assert after.kind == "mother"
    assert after.household == [Period(since=date(2020, 1, 1))]


def test_the_example_of_the_documentation_can_be_loaded(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "people-extract.md").read_text()
    examples = [block.split("\n", 1) for block in page.split("```")[1::2]]
    kinds = [(language, text) for language, text in examples if language in ("csv", "jsonl")]
    assert sorted(language for language, _ in kinds) == ["csv", "jsonl"]
    loaded = [read(tmp_path, text, language, Context(TODAY, demo=True)) for language, text in kinds]
    assert [problems(items) for items in loaded] == [[], []]
    assert loaded[0][0].value == loaded[1][0].value
    assert json.loads(kinds[-1][1].splitlines()[0]) if kinds[-1][0] == "jsonl" else True
