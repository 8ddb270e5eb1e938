"""One line of a staff extract: what is refused and why, and what it does to the roles somebody has."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from documents.acts import Act
from documents.institution import Institution, Unit
from documents.person import Person, Role
from documents.personal_code import invent
from fixtures.loaders.problems import Problem, Rejection, Wrong
from fixtures.loaders.records import Record
from fixtures.loaders.source import Source
from fixtures.loaders.staff import staff_reading
from fixtures.loaders.staff.context import context_of
from fixtures.loaders.staff.record import SHAPE, StaffRecord
from fixtures.loaders.staff.roles import Told, told

TODAY = date(2026, 11, 22)
CODE = invent(date(1988, 5, 6), 1)
UNITS = [Unit(id="u1", name="Ģimenes"), Unit(id="u2", name="Vecie"), Unit(id="u3", name="Vecie")]
CONTEXT = context_of(
    [
        Institution(id="skola", type="school", name="Parauga pamatskola", source="viis", source_key="181"),
        Institution(id="csd", type="social_service", name="Sociālais dienests", units=UNITS, municipality="0026000"),
        Institution(id="grupa", type="cooperation_group", name="Sadarbības grupa"),
        Institution(id="pmlp", type="population_register", name="Reģistrs"),
        Institution(id="sistema", type="system_controller", name="Pārzinis"),
        Institution(id="vbtai", type="provider", name="Bijušais", to=date(2023, 12, 31)),
        Institution(id="p1", type="provider", name="Divi"),
        Institution(id="p2", type="provider", name="Divi"),
    ],
    TODAY,
    demo=True,
)
LINE = {
    "code": CODE,
    "given_name": "Ilze",
    "family_name": "Parauga",
    "institution": "Sociālais dienests",
    "position": "social_worker",
    "since": "2024-09-01",
}


def as_csv(*lines: dict[str, str]) -> str:
    columns = (*SHAPE.columns, *SHAPE.optional)
    return "\n".join([",".join(columns), *(",".join(line.get(name, "") for name in columns) for line in lines)])


def read(folder: Path, text: str) -> list[Record[StaffRecord] | Rejection]:
    path = folder / "staff.csv"
    path.write_text(text)
    return list(staff_reading(Source(str(path)), CONTEXT).items)


def line(folder: Path, **changes: str) -> StaffRecord:
    (item,) = read(folder, as_csv(LINE | changes))
    assert isinstance(item, Record), item
    return item.value


def apply(folder: Path, person: Person, **changes: str) -> Told:
    return told(person, line(folder, **changes), "new", None, TODAY)


def ilze(*roles: Role, **more: Any) -> Person:
    return Person(**{"id": "ilze", "given_name": "Ilze", "family_name": "Cita", "roles": list(roles)} | more)


def role(**changes: Any) -> Role:
    values: dict[str, Any] = {
        "id": "by-hand",
        "institution_id": "csd",
        "institution_type": "social_service",
        "institution_name": "Sociālais dienests",
        "position": "social_worker",
        "level": 1,
        "since": date(2024, 9, 1),
    }
    return Role(**values | changes)


@pytest.mark.parametrize(
    ("changes", "field", "value", "reason"),
    [
        ({"code": "060588-9001"}, "code", "000000-0000", "is refused: A personal code has eleven digits"),
        ({"given_name": "Il2e"}, "given_name", "Xx0x", "is no name"),
        ({"family_name": ""}, "family_name", "", "is empty"),
        ({"institution": "Nekas"}, "institution", "Nekas", "is no institution here"),
        ({"institution": "Divi"}, "institution", "Divi", "is the name of several"),
        ({"institution": "vbtai", "position": "provider_head"}, "institution", "Bijušais", "has ended on 2023-12-31"),
        ({"position": "family_doctor"}, "position", "family_doctor", "is no position there; it is one of social"),
        ({"institution": "pmlp", "position": "population_register_client"}, "position", "population_register_client",
         "is no position there; it is one of none"),
        ({"institution": "sistema", "position": "steward"}, "position", "steward", "that takes two stewards"),
        ({"level": "4"}, "level", "4", "is no level of this position; write 1"),
        ({"unit": "Vecie"}, "unit", "Vecie", "is the name of several units"),
        ({"unit": "Citi"}, "unit", "Citi", "is no unit of this institution"),
        ({"since": "01.09.2024."}, "since", "01.09.2024.", "write it like 2026-09-01"),
        ({"since": "2024-09-31"}, "since", "2024-09-31", "is no day of the calendar"),
        ({"to": "2024-08-31"}, "to", "2024-08-31", "is before the first day"),
        ({"substitute_for": CODE}, "to", "", "who stands in for somebody does so until a day"),
        ({"email": "ilze@"}, "email", "xxxx@", "is no e-mail address"),
        ({"phone": "zvani"}, "phone", "xxxxx", "is no telephone number"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_refused_by_field_value_and_reason(
    tmp_path: Path, changes: dict[str, str], field: str, value: str, reason: str
) -> None:
    (item,) = read(tmp_path, as_csv(LINE | changes))
    assert isinstance(item, Rejection)
    (problem,) = item.problems
    assert problem == Problem(2, field, value, problem.reason)
    assert reason in problem.reason


@pytest.mark.parametrize("written", ["skola", "viis:181", "parauga PAMATSKOLA"])
def test_an_institution_is_named_by_id_register_number_or_name(tmp_path: Path, written: str) -> None:
    assert line(tmp_path, institution=written, position="social_pedagogue").institution.id == "skola"


def test_the_level_is_the_positions_own_or_its_second(tmp_path: Path) -> None:
    lead = {"institution": "grupa", "position": "cooperation_group_lead"}
    assert [line(tmp_path, **lead, level=level).level for level in ("", "1", "4")] == [1, 1, 4]


def test_a_new_role_stands_beside_every_other(tmp_path: Path) -> None:
    other = role(id="other", position="social_service_unit_head", level=3)
    done = apply(tmp_path, ilze(other), unit="Ģimenes", phone="0000 0001")
    assert done.acts == (Act.ROLE_GIVEN,)
    assert done.roles[0] == other
    given = done.roles[1]
    assert (given.id, given.unit_id, given.unit_name, given.municipality) == ("new", "u1", "Ģimenes", "0026000")
    assert (given.level, given.since, given.to, given.phone) == (1, date(2024, 9, 1), None, "0000 0001")


def test_a_role_given_by_hand_is_touched_by_the_line_that_names_it_and_by_no_other(tmp_path: Path) -> None:
    by_hand = role(phone="0000 0005")
    assert apply(tmp_path, ilze(by_hand)).acts == ()
    ended = apply(tmp_path, ilze(by_hand), to="2026-12-31", email="i@dienests.example")
    assert ended.acts == (Act.ROLE_ENDED, Act.ACCOUNT_CONTACTS)
    (after,) = ended.roles
    assert after == by_hand.model_copy(update={"to": date(2026, 12, 31), "email": "i@dienests.example"})
    with pytest.raises(Wrong, match="meets the same role from 2024-09-01"):
        apply(tmp_path, ilze(by_hand), since="2025-01-01")
    later = apply(tmp_path, ilze(role(to=date(2024, 12, 31))), since="2025-01-01")
    assert later.acts == (Act.ROLE_GIVEN,)
    assert len(later.roles) == 2


def test_what_ended_stays_ended(tmp_path: Path) -> None:
    ended = ilze(role(to=date(2026, 11, 21)))
    assert apply(tmp_path, ended).acts == ()
    with pytest.raises(Wrong, match="this role ended on 2026-11-21"):
        apply(tmp_path, ended, to="2027-01-01")


def test_a_closed_account_and_another_persons_code_get_no_role(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match="account is closed"):
        apply(tmp_path, ilze(deactivated=True))
    with pytest.raises(Wrong, match="under another name"):
        apply(tmp_path, ilze(given_name="Zane"))


def test_the_example_of_the_documentation_can_be_loaded(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "staff-extract.md").read_text()
    items = read(tmp_path, page.split("```csv\n")[1].split("```")[0])
    assert [type(item) for item in items] == [Record, Record]
    assert not [item for item in items if isinstance(item, Record) and item.warnings]
