"""What a decision changes in the dossier: who is let in, who is let out, from which day, what is taken back."""

from datetime import date, timedelta

import pytest

from auth.permissions import Permission as P
from auth.policy import decide
from auth.relations import readers_of
from documents.decision import CODE_LETTERS, CourtDecision, Party, new_code, plain_code
from documents.dossier import Dossier
from documents.family import LegalRole, Relationship
from documents.institution import Institution
from documents.model import start_of
from documents.person import Person
from portal.decisions.effects import Named, apply, take_back
from portal.decisions.letter import letter_of
from portal.decisions.rules import Refused, party_choices
from tests.people import TODAY, dossier, family, who

NAMED = Named(
    Person(id="gunta", given_name="Gunta", family_name="Tests"),
    Institution(id="ligzda", type="care_support_centre", name="Ligzda"),
)


def decision(kind: str, *concerned: str, since: date = TODAY, **more: object) -> CourtDecision:
    by = who("anda").as_professional()
    values: dict[str, object] = {
        "id": f"decision-{kind}",
        "dossier_id": "d1",
        "court_id": "court",
        "court_name": by.institution_name,
        "initials": "MK",
        "birth_year": 2014,
        "kind": kind,
        "state": "draft",
        "by": by,
        "at": start_of(TODAY),
        "concerned": list(concerned),
        "in_force_from": since,
        "sealed": b"x",
    }
    return CourtDecision.model_validate(values | more)


def reads(made: Dossier, person: str, day: date) -> bool:
    made.readers = readers_of(made)
    return decide(family(person), P.BASE_READ, made, start_of(day) + timedelta(hours=12)).allowed


def test_suspended_custody_ends_access_from_its_day_and_of_nobody_else() -> None:
    made, later = dossier(), TODAY + timedelta(days=3)
    apply(made, decision("custody_suspended", "r2", since=later), Named(), TODAY)
    assert reads(made, "andris", later - timedelta(days=1)) and not reads(made, "andris", later)
    assert reads(made, "ilze", later)


def test_renewed_custody_gives_access_back() -> None:
    made = dossier()
    apply(made, decision("custody_suspended", "r2"), Named(), TODAY)
    later = TODAY + timedelta(days=10)
    apply(made, decision("custody_renewed", "r2", since=later), Named(), TODAY)
    assert not reads(made, "andris", later - timedelta(days=1)) and reads(made, "andris", later)


def test_on_the_same_day_the_later_word_counts() -> None:
    made = dossier()
    apply(made, decision("custody_suspended", "r2"), Named(), TODAY)
    apply(made, decision("custody_renewed", "r2"), Named(), TODAY)
    assert reads(made, "andris", TODAY)


@pytest.mark.parametrize(
    ("kind", "relationship", "roles"),
    [
        ("custody_suspended", "r3", []),  # no custody
        ("custody_suspended", "r2", [LegalRole(role="custody_suspended", since=date(2026, 1, 1))]),  # twice
        ("custody_renewed", "r2", []),  # not suspended
        ("custody_renewed", "r2", [LegalRole(role="custody_suspended"), LegalRole(role="custody_removed")]),
        ("contact_order", "gone", []),  # not in the family
    ],
)
def test_what_does_not_fit_is_refused(kind: str, relationship: str, roles: list[LegalRole]) -> None:
    made = dossier()
    for each in made.relationships:
        if each.id == relationship:
            each.legal_roles += roles
    with pytest.raises(Refused):
        apply(made, decision(kind, relationship, contact="limited"), Named(), TODAY)


def test_a_day_that_has_passed_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        apply(dossier(), decision("custody_suspended", "r2", since=TODAY - timedelta(days=1)), Named(), TODAY)
    assert refusal.value.field == "in_force_from"


def test_placement_lets_the_carer_in_and_the_earlier_family_out() -> None:
    earlier = Relationship(
        id="r9", kind="foster_carer", name="Jana", person_id="jana", legal_roles=[LegalRole(role="foster_care")]
    )
    made = dossier(relationships=[*dossier().relationships, earlier])
    assert reads(made, "jana", TODAY)
    apply(made, decision("foster_placement", carer_id="gunta", centre_id="ligzda"), NAMED, TODAY)
    assert reads(made, "gunta", TODAY) and not reads(made, "jana", TODAY)
    assert [i.institution_id for i in made.involvements if i.kind == "foster_care_supported"] == ["ligzda"]


def test_what_a_replaced_decision_gave_is_taken_back_and_nothing_else() -> None:
    made = dossier()
    first = decision("custody_suspended", "r1", "r2")
    apply(made, first, Named(), TODAY)
    assert not reads(made, "ilze", TODAY) and not reads(made, "andris", TODAY)
    take_back(made, first, TODAY)
    assert reads(made, "ilze", TODAY) and reads(made, "andris", TODAY)
    placed = decision("foster_placement", carer_id="gunta", centre_id="ligzda")
    apply(made, placed, NAMED, TODAY)
    take_back(made, placed, TODAY + timedelta(days=5))
    assert reads(made, "gunta", TODAY + timedelta(days=4)) and not reads(made, "gunta", TODAY + timedelta(days=5))


def test_the_letter_of_a_secret_place_names_neither_family_nor_centre() -> None:
    made, placed = dossier(), decision("foster_placement", carer_id="gunta", centre_id="ligzda")
    placed.parties = [Party(person_id="gunta", name="Gunta Tests", kind="foster_carer")]
    open_letter = letter_of(made, placed, NAMED, ("Konstatēts", ""), "1/2026", TODAY, "Anda")
    assert "Gunta Tests" in str(open_letter.orders) and "Ligzda" in str(open_letter.orders)
    secret = placed.model_copy(update={"protect_from": ["andris"]})
    hidden = letter_of(made, secret, NAMED, ("Konstatēts", ""), "1/2026", TODAY, "Anda")
    assert "Gunta" not in hidden.model_dump_json() and "Ligzda" not in hidden.model_dump_json()
    assert "Andris" in hidden.orders[-1]
    made.child.protected = True
    assert "Gunta" not in letter_of(made, placed, NAMED, ("", ""), "", TODAY, "").model_dump_json()


def test_it_is_issued_to_legal_roles_and_to_the_young_person_from_fourteen() -> None:
    made = dossier()
    assert set(party_choices(made, TODAY)) == {"ilze", "andris"}
    birthday = made.child.birth_date.replace(year=made.child.birth_date.year + 14)
    assert party_choices(made, birthday)["marta"] == Party(person_id="marta", name=made.child.name, kind="self")


def test_a_code_is_random_and_read_as_people_write_it() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200 and all(len(code) == CODE_LETTERS for code in codes)
    assert plain_code("O" * 25 + "l") == "0" * 25 + "1"
    for wrong in ("", "0" * 25, "0" * 27, "$ne" * 9, "ā" * 26, "u" * 26):
        assert plain_code(wrong) == ""
