"""Whom a head may name: own staff in force, in a fitting position, neither family nor denied; in whose place."""

from datetime import date, timedelta

import pytest

from documents.dossier import Denial
from documents.person import Person
from portal.naming.rules import CannotName, named_as, names_manager, room_in
from tests.people import NOW, TODAY, dossier, person, role_of, who

HEAD = who("janis")


def test_somebody_of_the_own_staff_is_named_with_the_contacts_of_the_role():
    named, role = named_as(HEAD, person("dace"), "role-dace", dossier(), NOW, TODAY)
    assert (named.person_id, named.institution_id, role.id) == ("dace", "service", "role-dace")


@pytest.mark.parametrize(
    ("whom", "word"),
    [
        (None, "account or role"),
        (person("olga"), "account or role"),
        (person("dace", deactivated=True), "not held then"),
        (person("dace", roles=[role_of("dace", to=TODAY - timedelta(days=1))]), "not held then"),
        (person("dace", roles=[role_of("dace", since=date(2027, 1, 1))]), "not held then"),
        (person("janis"), "position cannot"),
        (person("ilze", roles=[role_of("dace")]), "own family"),
        (person("barred", roles=[role_of("dace")]), "denied"),
    ],
)
def test_others_are_refused_with_what_to_do(whom: Person | None, word: str):
    child = dossier()
    by = who("inese").as_professional()
    child.denials = [Denial(id="n1", person_id="barred", reason="-", since=NOW, decided_by=by)]
    role_id = whom.roles[0].id if whom and whom.roles else "none"
    for leads in (False, True):
        with pytest.raises(CannotName, match=word):
            named_as(HEAD, whom, role_id, child, NOW, TODAY, leads=leads)


def test_a_case_manager_is_replaced_by_the_head_above_and_named_where_there_is_none():
    assert names_manager(HEAD, dossier())
    assert not names_manager(who("anda"), dossier())
    assert names_manager(who("anda"), dossier(case_manager=None))


def test_a_doctor_is_one_and_a_school_has_two():
    doctor, police = dossier().involvements
    assert (room_in(doctor, TODAY), room_in(police, TODAY)) == (0, 0)
    doctor.kind = "attends_school"
    assert room_in(doctor, TODAY) == 1
