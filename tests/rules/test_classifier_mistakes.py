"""A mistake in a classifier file is named by file, line and field, with what to do about it."""

import shutil
from pathlib import Path

import pytest

from documents.classifiers import SHIPPED, ClassifierError, load

# File, what stands there, what somebody wrote instead, the field that is named, the advice given.
BROKEN = [
    ("domains", "code,lv,en", "code,latviski,en", "lv", "the column is missing"),
    ("domains", "code,lv,en", "code,latviski,en", "latviski", "the column is not known"),
    ("languages", "lv,latviešu", "lv,", "lv", "is empty; every row needs it"),
    ("languages", "ru,krievu", "lv,krievu", "code", "'lv' stands already in line 2"),
    ("languages", "ru,krievu", "RU,krievu", "code", "'RU' is not a code"),
    ("languages", "ru,krievu", "ru,krievu,", "row", "has 6 cells, the header 5"),
    ("domains", "order,icon", "icon,icon", "icon", "the column stands twice"),
    ("municipalities", "0026000", "26000", "code", "'26000' is not a code"),
    ("municipalities", "2025-07-01,", "01.07.2025,", "valid_from", "'01.07.2025' is not a date"),
    ("municipalities", "2021-07-01,2025-06-30", "2026-07-01,2025-06-30", "valid_to", "valid_to 2025-06-30 is before"),
    (
        "municipalities",
        "0038001,,LV-102",
        "0099000,,LV-102",
        "successor",
        "'0099000' is not a code of municipalities.csv",
    ),
    ("institution_types", "welfare,,,sopa", "welfare,,,soap", "systems", "'soap' is not a code of source_systems.csv"),
    ("institution_types", "welfare,,,sopa", "charity,,,sopa", "domain", "'charity' is not allowed; write 'education'"),
    (
        "institution_types",
        "institution,,,education,,,viis",
        "institution,,,education,education_institution,,viis",
        "part_of",
        "leads back to 'education_institution'",
    ),
    ("positions", "social_service,1,", "social_services,1,", "institution_type", "'social_services' is not a code"),
    ("positions", "social_service,1,", "social_service,7,", "level", "'7': Input should be less than or equal to 5"),
    ("positions", "cooperation_group,1,4,", "cooperation_group,1,3,", "second_level", "'3' is not allowed; write 4"),
    (
        "positions",
        "yes,yes,yes,yes,yes,no,no,no",
        "yes,yes,maybe,yes,yes,no,no,no",
        "decides_reports",
        "'maybe': write yes or no",
    ),
    (
        "event_kinds",
        "Pirmsskola,Preschool",
        "Pirmsskola,Preschool of the children",
        "short_en",
        "'Preschool of the children' has 25 characters; shorten it to 22",
    ),
    ("event_kinds", "group_name:text", "group_nam:text", "fields", "'group_nam' is not a code of event_fields.csv"),
    ("event_kinds", "group_name:text", "group_name:words", "fields", "'group_name:words'"),
    ("event_kinds", "group_name:text", "group_name:choice", "fields", "a choice, and only a choice, lists its options"),
    (
        "event_kinds",
        "group_name:text",
        "group_name:text;group_name:date",
        "fields",
        "the field group_name stands twice",
    ),
    (
        "event_kinds",
        "choice:moved_home|",
        "choice:moved_hom|",
        "fields",
        "'moved_hom' is not a code of event_field_options.csv",
    ),
    ("event_kinds", "mk_157 5.2,group", "mk_158 5.2,group", "legal_basis", "'mk_158' is not a code of legal_bases.csv"),
    ("event_kinds", ",4.3,", ",4.11,", "triggers", "'4.11' is not allowed"),
    (
        "relationship_kinds",
        "custody sole_custody",
        "custodi sole_custody",
        "legal_roles",
        "'custodi' is not a code of legal_roles.csv",
    ),
    ("log_exceptions", "concern.reported", "concern.report", "acts", "'concern.report' is no act of the audit log"),
    ("log_exceptions", "investigate_offence", "investigate", "purposes", "'investigate' is not a code of purposes.csv"),
    ("log_exceptions", ",,investigate_offence,", ",,,", "condition", "keeps back everything"),
    (
        "log_exceptions",
        "criminal_procedure_law 375\n",
        "law 375\n",
        "legal_basis",
        "'law' is not a code of legal_bases",
    ),
    (
        "factors",
        "health,Veselība,Health,,,development_needs",
        "health,Veselība,Health,,,needs",
        "side",
        "'needs' is not a code of factor_sides.csv",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "classifiers"))


@pytest.mark.parametrize(("file", "stands", "instead", "field", "advice"), BROKEN)
def test_a_mistake_is_named_by_file_line_and_field(
    folder: Path, file: str, stands: str, instead: str, field: str, advice: str
) -> None:
    path = folder / f"{file}.csv"
    text = path.read_text("utf-8")
    assert stands in text
    line = text[: text.index(stands)].count("\n") + 1
    path.write_text(text.replace(stands, instead, 1), "utf-8")
    with pytest.raises(ClassifierError) as error:
        load(folder)
    assert f"{file}.csv, line {line}, {field}: " in str(error.value)
    assert advice in str(error.value)


def test_a_sensitive_kind_must_say_why_it_is_asked(folder: Path) -> None:
    path = folder / "event_kinds.csv"
    reason = "Only those who help may read it."
    lines = path.read_text("utf-8").splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if line.startswith("diagnosis,"))
    cells = lines[number].split(",")
    assert reason in lines[number]
    lines[number] = ",".join("" if reason in cell or cell.startswith("So that") else cell for cell in cells)
    path.write_text("".join(lines), "utf-8")
    with pytest.raises(ClassifierError, match=f"event_kinds.csv, line {number + 1}, reason_asked_lv: say in both"):
        load(folder)


def test_all_mistakes_are_named_at_once(folder: Path) -> None:
    for name in ("languages", "domains"):
        (folder / f"{name}.csv").unlink()
    with pytest.raises(ClassifierError) as error:
        load(folder)
    assert [problem.file for problem in error.value.problems] == ["domains.csv", "languages.csv"]


def test_a_file_in_another_encoding_is_refused(folder: Path) -> None:
    path = folder / "languages.csv"
    path.write_bytes(path.read_text("utf-8").encode("cp1257"))
    with pytest.raises(
        ClassifierError, match=r"languages.csv, line 1, file: is not UTF-8 \(byte \d+\); save it as UTF-8"
    ):
        load(folder)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Path) -> None:
    path = folder / "languages.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(folder).languages["lv"].lv == "latviešu"


def test_an_unclosed_quotation_mark_is_named(folder: Path) -> None:
    path = folder / "languages.csv"
    path.write_text(path.read_text("utf-8") + 'xx,"neaizvērts,Unclosed,,\n', "utf-8")
    with pytest.raises(ClassifierError, match="row: is not proper CSV"):
        load(folder)
