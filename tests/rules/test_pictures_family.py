"""Any family fits on the map: nobody's sign or words cover another's, and all is on the sheet."""

from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.pictures.family import (
    Descent,
    Family,
    Household,
    Person,
    Tie,
    Union,
    by_household,
    family_map,
    plan,
)
from portal.pictures.family.draw import view_of
from portal.pictures.family.geometry import Box

HOME = (Household("h", "Dzīvo kopā, Cēsis"),)


def child(name: str = "Marta", **more: object) -> Person:
    return Person("c", "MK", name, "female", 0, "12 g.", is_child=True, household="h", **more)  # type: ignore[arg-type]


MOTHER = Person("m", "IK", "Ilze Kalniņa", "female", 1, "mamma, 38 g.", household="h")
FATHER = Person("f", "AK", "Andris Kalniņš", "male", 1, "tēvs, 41 g.")
GRANNY = Person("g", "VK", "Velta Kalniņa", "female", 2, "vecmāmiņa, 63 g.")

FAMILIES = {
    "the child alone": Family((child(),), households=HOME),
    "a single parent": Family((MOTHER, child()), (), (Descent("c", ("m",)),), (), HOME),
    "an unknown father": Family(
        (MOTHER, Person("u", "?", "Nav zināms", "unknown", 1), child()),
        (Union("m", "u", "together", ended=True),),
        (Descent("c", ("m", "u")),),
        (),
        HOME,
    ),
    "half-siblings by three fathers": Family(
        (
            MOTHER,
            FATHER,
            Person("f2", "PK", "Pēteris Krūmiņš", "male", 1, "brāļa tēvs"),
            Person("f3", "RL", "Raivis Lūsis", "male", 1, "mammas vīrs", household="h"),
            child(),
            Person("b", "JK", "Jānis", "male", 0, "brālis, 9 g.", household="h"),
            Person("s", "LL", "Līva", "female", 0, "māsa, 2 g.", household="h"),
        ),
        (
            Union("m", "f", ended=True, caption="šķirti 2018."),
            Union("m", "f2", "together", ended=True, caption="līdz 2019."),
            Union("m", "f3", caption="no 2023."),
        ),
        (Descent("c", ("m", "f")), Descent("b", ("m", "f2")), Descent("s", ("m", "f3"))),
        (Tie("c", "f3", "tense", "saspringtas"), Tie("c", "s", "close", "ļoti tuvas")),
        HOME,
    ),
    "a guardian grandmother": Family(
        (GRANNY, MOTHER, child()),
        (),
        (Descent("m", ("g",)), Descent("c", ("m",)), Descent("c", ("g",), "care")),
        (Tie("g", "c", "close", "ļoti tuvas"),),
        HOME,
    ),
    "a foster family": Family(
        (
            FATHER,
            Person("m", "IK", "Ilze Kalniņa", "female", 1, "mamma"),
            Person("a", "LZ", "Līga Zemīte", "female", 1, "audžumamma", household="h"),
            Person("o", "MZ", "Māris Zemītis", "male", 1, "audžutēvs", household="h"),
            child(),
            Person("b", "JK", "Jānis", "male", 0, "brālis, 9 g.", household="h"),
        ),
        (Union("a", "o"), Union("m", "f")),
        (
            *(Descent(who, ("m", "f")) for who in "cb"),
            *(Descent(who, ("a", "o"), "care") for who in "cb"),
        ),
        (),
        HOME,
    ),
    "eight siblings": Family(
        (
            MOTHER,
            FATHER,
            child(),
            *(Person(f"s{n}", "XX", f"Bērns {n}", "male", 0, f"{n} g.", household="h") for n in range(8)),
        ),
        (Union("m", "f"),),
        (Descent("c", ("m", "f")), *(Descent(f"s{n}", ("m", "f")) for n in range(8))),
        (Tie("c", "s7", "close", "ļoti tuvas"),),
        HOME,
    ),
}


def assert_readable(family: Family) -> None:
    made = plan(family)
    signs = [made.symbol_box(person) for person in made.people]
    words = [made.label_box(person) for person in made.people]
    said = [box for box, _, _ in made.words] + [outline.label_box for outline in made.homes]
    for one, two in combinations([*signs, *words, *said], 2):
        assert not one.overlaps(two)
    view = view_of(made)
    for box in [*signs, *words, *said, *(Box(x, y, x, y) for home in made.homes for x, y in home.corners)]:
        assert view.left <= box.left
        assert view.top <= box.top
        assert box.right <= view.right
        assert box.bottom <= view.bottom


def assert_homes_hold_their_people(family: Family) -> None:
    made = plan(family)
    for person in family.people:
        x, y = made.centre(person.id)
        for outline in made.homes:
            if outline.household != person.household:
                assert not _inside(outline.corners, x, y)


def _inside(corners: tuple[tuple[float, float], ...], x: float, y: float) -> bool:
    odd = False
    for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_the_map_is_readable(family: Family):
    assert_readable(family)
    assert_homes_hold_their_people(family)
    drawn = family_map(family, "lv")
    ElementTree.fromstring(drawn)
    assert "style" not in drawn


def test_the_order_keeps_a_couple_side_by_side_and_the_two_fathers_apart():
    made = plan(FAMILIES["half-siblings by three fathers"])
    assert made.neighbours("m", "f3")
    assert len(made.brackets) == 1


def test_a_family_without_people_has_no_map():
    assert family_map(Family(()), "lv") == ""


def test_names_cannot_break_out_of_the_map():
    evil = '<script>"&'
    family = Family(
        (child(evil), Person("m", "<>", evil, "male", 1, evil, household="h")),
        (),
        (Descent("c", ("m",)),),
        (Tie("c", "m", "tense", evil),),
        (Household("h", evil),),
    )
    drawn = family_map(family, "lv")
    ElementTree.fromstring(drawn)
    assert "<script" not in drawn


def test_links_to_people_who_are_not_on_the_map_are_left_out():
    family = Family(
        (child(),),
        (Union("c", "x"), Union("c", "c")),
        (Descent("c", ("x", "y")), Descent("z", ("c",)), Descent("c", ("c",))),
        (Tie("c", "x", "close", "tuvas"), Tie("c", "c", "close", "tuvas")),
        HOME,
    )
    ElementTree.fromstring(family_map(family, "lv"))


def test_the_list_begins_with_the_childs_home_and_ends_with_those_elsewhere():
    homes = by_household(FAMILIES["half-siblings by three fathers"], "lv")
    assert [home.label for home in homes] == ["Dzīvo kopā, Cēsis", "Citur"]
    assert homes[0].people[0].name == "Marta"
    assert homes[0].people[0].ties[0].text == "saspringtas: Raivis Lūsis"
    assert {person.name for person in homes[1].people} == {"Andris Kalniņš", "Pēteris Krūmiņš"}


@st.composite
def families(draw: st.DrawFn) -> Family:
    """Families of up to fourteen with any unions, descents and households between them."""
    count = draw(st.integers(1, 14))
    names = st.text("AĀĒžmwi ", min_size=1, max_size=40)
    people = tuple(
        Person(
            f"p{n}",
            "AB",
            draw(names),
            draw(st.sampled_from(["female", "male", "unknown"])),
            0 if n == 0 else draw(st.integers(-1, 3)),
            draw(names),
            is_child=n == 0,
            household=draw(st.sampled_from([None, "h", "k"])),
        )
        for n in range(count)
    )
    who = st.sampled_from([person.id for person in people])
    couples = draw(st.lists(st.tuples(who, who, st.booleans()), max_size=5))
    descents = draw(st.lists(st.tuples(who, st.lists(who, min_size=1, max_size=2)), max_size=10))
    ties = draw(st.lists(st.tuples(who, who), max_size=4))
    return Family(
        people,
        tuple(Union(a, b, "married" if wed else "together", not wed, "no 2019.") for a, b, wed in couples),
        tuple(Descent(one, tuple(parents)) for one, parents in descents),
        tuple(Tie(a, b, "tense", "saspringtas") for a, b in ties),
        (Household("h", "Dzīvo kopā, Rēzeknes novads"), Household("k", "Cēsis")),
    )


@settings(max_examples=60, deadline=None)
@given(families())
def test_no_family_whatever_breaks_the_map(family: Family):
    assert_readable(family)
    ElementTree.fromstring(family_map(family, "en"))
