"""The nation in numbers: ages, places, families and open dossiers as published."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from fixtures.nation.families import BUNDLE, Family, family_of, sizes
from fixtures.nation.figures import OPEN_BY_AGE, OPEN_PERCENT_BY_AGE, PLACES, STATE_PERCENT, population_by_age
from fixtures.nation.institutions import found
from fixtures.nation.names import female_form
from fixtures.nation.opening import is_open
from fixtures.nation.staff import engage

CHILDREN = 20_000
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def families() -> list[Family]:
    return [family_of(1, number, size, TODAY) for number, size in enumerate(sizes(CHILDREN))]


@pytest.fixture(scope="module")
def opened(families: list[Family]) -> list[tuple[str, int]]:
    """Municipality and age of the children whose dossiers are open."""
    return [(family.town.code, kid.age) for family in families for kid in family.kids if is_open(family, kid)]


def test_there_are_exactly_as_many_children_as_asked_for(families: list[Family]) -> None:
    assert sum(len(family.kids) for family in families) == CHILDREN


def test_every_age_has_its_share_of_children(families: list[Family]) -> None:
    ages = Counter(kid.age for family in families for kid in family.kids)
    population = population_by_age()
    for age, count in enumerate(population):
        expected = CHILDREN * count / sum(population)
        assert ages[age] == pytest.approx(expected, rel=0.06), age


def test_a_child_of_an_age_has_completed_those_years_today(families: list[Family]) -> None:
    for family in families[:3000]:
        for kid in family.kids:
            assert 0 <= kid.age <= 17
            assert kid.age == TODAY.year - kid.born.year - ((TODAY.month, TODAY.day) < (kid.born.month, kid.born.day))


def test_every_municipality_has_its_share_of_children(families: list[Family]) -> None:
    whole = sum(place.children for place in PLACES)
    living = Counter(family.town.code for family in families for _ in family.kids)
    for place in PLACES:
        assert living[place.code] == pytest.approx(CHILDREN * place.children / whole, rel=0.08, abs=12), place.code


def test_as_many_dossiers_are_open_as_published_for_every_age(opened: list[tuple[str, int]]) -> None:
    assert len(opened) == pytest.approx(sum(OPEN_BY_AGE) * CHILDREN / 360_000, rel=0.06)
    ages = Counter(age for _, age in opened)
    for age, published in enumerate(OPEN_BY_AGE):
        expected = published * CHILDREN / 360_000
        assert abs(ages[age] - expected) < 4 * expected**0.5 + 2, age
    older = sum(count for age, count in ages.items() if age >= 12) / len(opened)
    assert older == pytest.approx(0.57, abs=0.04)


def test_municipalities_stand_to_each_other_as_published(families: list[Family], opened: list[tuple[str, int]]) -> None:
    living = Counter(family.town.code for family in families for _ in family.kids)
    found_open = Counter(code for code, _ in opened)
    share = len(opened) / CHILDREN
    for place in PLACES:
        expected = living[place.code] * share * place.open_percent / STATE_PERCENT
        assert abs(found_open[place.code] - expected) < 4.5 * expected**0.5 + 2, place.code


def test_the_shares_chosen_for_the_others_give_the_published_one_of_the_state() -> None:
    whole = sum(place.children for place in PLACES)
    weighted = sum(place.children * place.open_percent for place in PLACES) / whole
    assert weighted == pytest.approx(STATE_PERCENT, abs=0.1)
    assert min(p.open_percent for p in PLACES) == 3.0
    assert max(p.open_percent for p in PLACES) == 18.0
    assert len(OPEN_PERCENT_BY_AGE) == len(OPEN_BY_AGE) == 18


def test_siblings_dossiers_are_open_together_more_often_than_chance_has_it(families: list[Family]) -> None:
    pairs = [[is_open(family, kid) for kid in family.kids] for family in families if len(family.kids) == 2]
    either = [pair for pair in pairs if any(pair)]
    both = [pair for pair in pairs if all(pair)]
    assert len(both) / len(either) > 0.12


def test_mothers_are_neither_children_nor_old_at_a_birth(families: list[Family]) -> None:
    for family in families:
        for kid in family.kids:
            assert 17 <= (kid.born - family.mother.born).days / 365.25 <= 47


def test_brothers_and_sisters_are_born_a_year_apart_or_are_twins(families: list[Family]) -> None:
    for family in families:
        births = sorted(kid.born for kid in family.kids)
        for earlier, later in pairwise(births):
            assert later == earlier or (later - earlier).days > 280


def test_half_siblings_follow_a_separation(families: list[Family]) -> None:
    halves = 0
    for family in families:
        births = sorted(family.kids, key=lambda kid: kid.born)
        for earlier, later in pairwise(births):
            if later.father != earlier.father and earlier.father >= 0:
                halves += 1
                left = family.left[earlier.father]
                assert left is not None
                assert left < later.born
    assert halves > 100


def test_a_family_is_the_same_whatever_the_size_of_the_nation() -> None:
    few, many = list(sizes(3600)), list(sizes(36_000))
    assert few[:-1] == many[: len(few) - 1]


def test_a_full_nation_has_room_in_the_serials_of_its_personal_codes() -> None:
    from fixtures.nation.bundles import MOST_BUNDLES, MOST_CHILDREN

    assert sum(1 for _ in sizes(MOST_CHILDREN)) <= MOST_BUNDLES * BUNDLE


@pytest.mark.parametrize(
    ("male", "female"),
    [("Bērziņš", "Bērziņa"), ("Podnieks", "Podniece"), ("Lācis", "Lāce"), ("Celms", "Celma"), ("Kalējs", "Kalēja")],
)
def test_daughters_bear_the_female_form(male: str, female: str) -> None:
    assert female_form(male) == female


def test_users_are_as_many_as_published_and_everywhere_at_least_one() -> None:
    nation = found(1, 360_000)
    staff = engage(1, 360_000, nation, TODAY)
    types = Counter(person["roles"][0]["institution_type"] for person in staff.people)
    assert types["state_police"] == pytest.approx(4198, rel=0.02)
    assert types["social_service"] == pytest.approx(318, rel=0.06)
    assert types["orphans_court"] == pytest.approx(363, rel=0.06)
    assert types["school"] + types["preschool"] == pytest.approx(2 * 1370, rel=0.02)
    assert types["family_doctor_practice"] == pytest.approx(1370, rel=0.02)
    small = found(1, 300)
    staff = engage(1, 300, small, TODAY)
    for place in PLACES:
        assert staff.at(small.one(place.code, "social_service")["_id"], place.code)
    assert all(person["roles"][0]["phone"].startswith("0") for person in staff.people)
