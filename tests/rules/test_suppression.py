"""Small counts stay hidden from somebody with every table, every release and a linear program."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.analytics.suppression import SMALL, WIDTH, Cell, Figures, Release, Sum, small, suppress
from tests.attacker import NEAR, narrowed
from tests.counted import Nation

PLACES = {"A": ("a1", "a2", "a3"), "B": ("b1", "b2")}
AGES = ("0", "1", "2")
LEVELS = ("1", "2", "3")
NEEDS = ("x", "y")
TREES = {
    "place": {"all": tuple(PLACES), **PLACES},
    "age": {"all": AGES},
    "level": {"all": LEVELS},
}
Leaves = dict[tuple[str, str, str], int]


def leaves(rng: random.Random, most: int = 7) -> Leaves:
    """Children by level, age and place: many, with many small counts among them."""
    places = [place for towns in PLACES.values() for place in towns]
    return {key: rng.choice((0, 0, 1, 1, 2, 3, rng.randint(0, most))) for key in product(LEVELS, AGES, places)}


def figures(children: Leaves, needs: dict[tuple[str, str], int] | None = None) -> Figures:
    """Two tables that share margins: children by level, age and place; by need and place, never more than children."""
    counts: dict[Cell, int] = {("children", *key): count for key, count in children.items()}
    sums: list[Sum] = []
    for axis, dimension in enumerate(("level", "age", "place")):
        for total, parts in reversed(TREES[dimension].items()):
            for key in {cell[1:] for cell in counts}:
                if key[axis] == parts[0]:
                    at = lambda node, key=key, axis=axis: ("children", *key[:axis], node, *key[axis + 1 :])  # noqa: E731
                    counts[at(total)] = sum(counts[at(part)] for part in parts)
                    sums.append(Sum(at(total), tuple(at(part) for part in parts)))
    empty = {cell for cell in counts if counts["children", "all", *cell[2:]] == 0}
    internal = set()
    for (need, place), count in (needs or {}).items():
        most: Cell = ("children", "all", "all", place)
        less, rest = ("needs", need, place), ("without", need, place)
        counts[less], counts[rest] = count, counts[most] - count
        sums.append(Sum(most, (less, rest)))
        internal.add(rest)
        if counts[most] == 0:
            empty.add(less)
    return Figures(counts, sums, frozenset(empty), frozenset(internal))


def with_needs(rng: random.Random, children: Leaves) -> dict[tuple[str, str], int]:
    """How many children of each place have each need."""
    most: dict[str, int] = {}
    for (_, _, place), count in children.items():
        most[place] = most.get(place, 0) + count
    return {(need, place): rng.randint(0, min(5, count)) for need in NEEDS for place, count in most.items()}


def changed(rng: random.Random, children: Leaves, moves: int) -> Leaves:
    """The month after: a few children came, went or moved."""
    after = dict(children)
    for _ in range(moves):
        key = rng.choice(list(after))
        after[key] = max(0, after[key] + rng.choice((-2, -1, 1, 1, 2)))
    return after


def released(figures_now: Figures, earlier: list[Release]) -> Release:
    return Release(figures_now, suppress(figures_now, earlier))


def assert_safe(releases: list[Release]) -> None:
    for release in releases:
        assert small(release.figures) <= release.hidden
    widths = narrowed(releases)
    assert all(width >= WIDTH - NEAR for width in widths.values()), [k for k, w in widths.items() if w < WIDTH - NEAR]


def test_a_count_alone_in_its_row_takes_others_with_it() -> None:
    row = {("n", "a"): 1, ("n", "b"): 9, ("n", "c"): 20, ("n", "all"): 30}
    table = Figures(row, [Sum(("n", "all"), (("n", "a"), ("n", "b"), ("n", "c")))])
    hidden = suppress(table)
    assert ("n", "a") in hidden and ("n", "all") not in hidden and len(hidden) == 2


def test_the_zero_of_nobody_is_shown_and_every_other_is_hidden() -> None:
    counts = {("n", "a"): 0, ("n", "b"): 0, ("n", "c"): 20, ("n", "d"): 9, ("n", "all"): 29}
    parts = (("n", "a"), ("n", "b"), ("n", "c"), ("n", "d"))
    hidden = suppress(Figures(counts, [Sum(("n", "all"), parts)], empty=frozenset({("n", "a")})))
    assert ("n", "a") not in hidden and ("n", "b") in hidden


def test_two_tables_with_a_common_margin_are_protected_together() -> None:
    """Each alone could show the margin that betrays the other."""
    rng = random.Random(3)
    children = leaves(rng)
    assert_safe([released(figures(children, with_needs(rng, children)), [])])


def test_without_further_hiding_the_attacker_reads_small_counts() -> None:
    """The control: small counts hidden and nothing else, and some are known to the child."""
    table = figures(leaves(random.Random(5), most=40))
    widths = narrowed([Release(table, small(table))])
    assert any(width < NEAR for width in widths.values())


def test_releases_made_apart_betray_by_what_changed() -> None:
    """The control for time: the second release made as if there were no first; then made with it."""
    rng = random.Random(1)
    for _ in range(20):
        children = leaves(rng, most=12)
        first = released(figures(children), [])
        after = figures(changed(rng, children, 3))
        apart = [first, released(after, [])]
        if min(narrowed(apart).values()) < WIDTH - NEAR:
            break
    else:
        pytest.fail("No pair of releases betrayed anything: the control shows nothing.")
    assert_safe([first, released(after, [first])])


def test_a_release_of_unchanged_figures_hides_the_same() -> None:
    first = released(figures(leaves(random.Random(2))), [])
    assert suppress(first.figures, [first]) == first.hidden


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), months=st.integers(1, 3))
def test_no_figure_of_any_release_is_narrowed(seed: int, months: int) -> None:
    assert_safe(history(seed, months))


@pytest.mark.prove
@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), months=st.integers(1, 6))
def test_no_figure_of_many_releases_is_narrowed(seed: int, months: int) -> None:
    assert_safe(history(seed, months))


def history(seed: int, months: int) -> list[Release]:
    """Releases month after month, of tables that share margins."""
    rng = random.Random(seed)
    children = leaves(rng, most=rng.choice((3, 8, 40)))
    releases: list[Release] = []
    for _ in range(months):
        releases.append(released(figures(children, with_needs(rng, children)), releases))
        children = changed(rng, children, rng.randint(0, 4))
    return releases


def test_small_is_what_the_rule_says() -> None:
    assert SMALL == 2 and WIDTH == 3


def test_a_figure_that_another_table_bounds_is_protected_by_moving_both() -> None:
    """One child of a place has an identified need, and that need: alone, the need could only be 0 or 1."""
    places = {"a": (1, 1), "b": (30, 12), "c": (25, 9)}
    counts: dict[Cell, int] = {("children", "all"): 56, ("need", "all"): 22}
    sums = [Sum((name, "all"), tuple((name, place) for place in places)) for name in ("children", "need")]
    for place, (children, need) in places.items():
        counts |= {("children", place): children, ("need", place): need, ("without", place): children - need}
        sums.append(Sum(("children", place), (("need", place), ("without", place))))
    table = Figures(counts, sums, internal=frozenset(("without", place) for place in places))
    release = released(table, [])
    assert {("children", "a"), ("need", "a")} < release.hidden
    assert_safe([release])


@pytest.mark.prove
def test_two_releases_of_a_whole_nation_are_made_and_safe() -> None:
    """As many children as Latvia has, with as many known as today."""
    nation = Nation(360_000, 0.08)
    first = released(nation.figures(), [])
    nation.month_later(500)
    second = released(nation.figures(), [first])
    for release in (first, second):
        assert small(release.figures) <= release.hidden
    places = [(n, cell) for n, release in enumerate((first, second)) for cell in sorted(release.hidden)]
    widths = narrowed([first, second], random.Random(1).sample(places, 25))
    assert all(width >= WIDTH - NEAR for width in widths.values()), widths
