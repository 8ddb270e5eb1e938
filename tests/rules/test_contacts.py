"""Whose word stands first where a register and people differ; what counts as a telephone number and an address."""

from datetime import date

import pytest

from documents.child import BaseField, Mismatch
from portal.contacts.rules import read_edits
from portal.contacts.words import contact_noted, noted, only_told, stands

TODAY, BEFORE = date(2026, 11, 22), date(2026, 11, 1)
INESE = "Inese Tests, Cēsu novada Sociālais dienests"
REGISTER = BaseField(value="6.a", source="viis", as_of=BEFORE, version=3)


def test_what_a_register_said_stays_and_the_word_of_people_stands_beside_it() -> None:
    after = noted(REGISTER, "6.b", INESE, TODAY)
    assert (after.value, after.source, after.as_of, after.version) == ("6.a", "viis", BEFORE, 4)
    assert after.said_here == Mismatch(source="atbalsts", value="6.b", as_of=TODAY, by=INESE)
    assert stands(after) == "6.b"


@pytest.mark.parametrize("text", ["", "6.a"])
def test_ones_own_word_is_taken_back_by_emptying_it_or_by_saying_what_the_register_says(text: str) -> None:
    after = noted(noted(REGISTER, "6.b", INESE, TODAY), text, INESE, TODAY)
    assert after.said_here is None and (after.value, after.version) == ("6.a", 5)


def test_the_word_of_people_never_takes_the_place_of_another_register() -> None:
    other = Mismatch(source="sopa", value="5.c", as_of=BEFORE)
    after = noted(REGISTER.model_copy(update={"mismatch": other}), "6.b", INESE, TODAY)
    assert after.mismatch == other and after.said_here and after.said_here.value == "6.b"


def test_where_no_register_spoke_the_word_of_people_is_the_value() -> None:
    first = noted(None, "dambrete", INESE, TODAY)
    assert (first.value, first.source, first.version, first.by) == ("dambrete", "atbalsts", 1, INESE)
    again = noted(first, "šahs", "Aija", TODAY)
    assert (again.value, again.version, again.by) == ("šahs", 2, "Aija") and again.said_here is None


def test_of_ways_to_reach_somebody_the_word_of_people_comes_first() -> None:
    told = BaseField(value="0000 0001", source="population_register", as_of=BEFORE, version=0)
    after = contact_noted(told, "0000 0002", INESE, TODAY)
    assert (after.value, after.source, after.version) == ("0000 0002", "atbalsts", 1)
    assert after.mismatch == Mismatch(source="population_register", value="0000 0001", as_of=BEFORE)
    once_more = contact_noted(after, "0000 0003", INESE, TODAY)
    assert once_more.mismatch == after.mismatch and once_more.version == 2
    back = contact_noted(once_more, "0000 0001", INESE, TODAY)
    assert back.mismatch is None and back.value == "0000 0001"


def test_a_field_of_a_register_alone_cannot_be_emptied() -> None:
    told = only_told({"class": REGISTER, "interests": noted(None, "šahs", INESE, TODAY)})
    values = {"class": [""], "was_class": ["6.a"], "interests": [""], "was_interests": ["šahs"]}
    edits, errors = read_edits(values, ("class", "interests"), told)
    assert list(errors) == ["class"] and [edit.name for edit in edits] == ["class", "interests"]


def one_edit(name: str, text: str) -> tuple[int, bool]:
    edits, errors = read_edits({name: [text], f"was_{name}": ["-"]}, (name,))
    return len(edits), name in errors


@pytest.mark.parametrize("text", ["0000 0001", "+371 0000 0001", "(0) 000-0001", "", "00000001"])
def test_a_telephone_number_may_be_written_in_many_ways(text: str) -> None:
    assert one_edit("phone", text) == (1, False)


@pytest.mark.parametrize(
    "text", ["12", "zvanīt vakarā", "0000 0001 mamma", "٠٠٠٠٠٠٠١", "+" * 9, "0" * 16, "0000001;0000002"]
)
def test_what_cannot_be_called_is_refused(text: str) -> None:
    assert one_edit("phone", text) == (1, True)
    assert one_edit("family_doctor_phone", text) == (1, True)


@pytest.mark.parametrize("text", ["ilze@pasts.example", "i.k+m@a-b.example", "ilze@ķepa.example", ""])
def test_an_address_one_can_write_to_is_taken(text: str) -> None:
    assert one_edit("email", text) == (1, False)


@pytest.mark.parametrize(
    "text",
    [
        "ilze",
        "ilze@",
        "@pasts.example",
        "a b@pasts.example",
        "a@b",
        "a@b..example",
        "a@b.example,c@d.example",
        "a<b@c.lv>",
        "ilze@pasts.example?subject=x",
        f"{'a' * 250}@b.example",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert one_edit("email", text) == (1, True)


def test_a_text_the_form_showed_is_left_alone_and_nonsense_for_a_version_fits_none() -> None:
    values = {"class": ["6.a "], "was_class": ["6.a"], "school": ["Cita"], "was_school": ["x"], "version_school": ["٣"]}
    edits, _ = read_edits(values, ("class", "school", "interests"))
    assert [(edit.name, edit.version) for edit in edits] == [("school", -1)]
