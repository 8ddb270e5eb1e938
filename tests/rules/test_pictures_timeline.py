"""The life course stays readable from no event to five hundred, for a newborn and for a young person."""

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domains import DOMAINS
from portal.pictures.timeline import Axis, LevelSince, Mark, timeline, year_matrix
from portal.pictures.timeline.axis import GUTTER, WIDTH
from portal.pictures.timeline.lanes import ROWS_FEW, Lane, pack

TODAY = date(2026, 11, 22)
BIRTH = date(2014, 3, 14)


def life(count: int, birth: date = BIRTH) -> list[Mark]:
    """Events spread evenly over a life, of all kinds."""
    days = (TODAY - birth).days
    shapes = ("event", "assessment", "event", "decision", "event", "incident", "span", "event")
    return [
        Mark(
            f"e{index}",
            DOMAINS[index * 7 % 5].key,
            shapes[index % 8],
            birth + timedelta(days=days * index // count),
            birth + timedelta(days=days * index // count + 60) if shapes[index % 8] == "span" else None,
            f"Mājas apmeklējums {index}",
            important=index % 11 == 0,
            href=f"#e{index}",
        )
        for index in range(count)
    ]


def assert_apart(lane: Lane) -> None:
    boxes = [(item.row, item.left, item.right) for item in lane.placed]
    boxes += [(bubble.row, bubble.x - 14, bubble.x + 14) for bubble in lane.bubbles]
    for (row, _, right), (row_2, left, _) in pairwise(sorted(boxes)):
        assert row != row_2 or right <= left + 1e-6


@pytest.mark.parametrize("count", [0, 1, 5, 50, 60, 61, 120, 500])
def test_each_event_is_drawn_once_or_counted(count: int):
    marks = life(max(count, 1))[:count]
    drawn = timeline(marks, BIRTH, TODAY, [LevelSince(BIRTH, 1), LevelSince(date(2023, 1, 1), 3)], "lv")
    ElementTree.fromstring(drawn)
    counted = sum(map(int, re.findall(r">\+(\d+)<", drawn)))
    assert len(re.findall(r'href="#e\d+"', drawn)) + counted == count
    assert drawn.count('tabindex="-1"') == count - counted


def test_with_few_events_all_are_labelled_and_with_many_those_that_matter():
    few = timeline(life(44), BIRTH, TODAY, [], "lv")
    assert few.count("life-label") + few.count("life-in") == 44
    many = timeline(life(500), BIRTH, TODAY, [], "lv")
    assert 0 < many.count("life-label key") < 60


@pytest.mark.parametrize("birth", [date(2026, 11, 22), date(2026, 8, 3), date(2025, 12, 31), date(2002, 1, 5)])
def test_any_age_has_a_picture_in_both_languages(birth: date):
    for lang in ("lv", "en"):
        ElementTree.fromstring(timeline(life(30, birth), birth, TODAY, [LevelSince(birth, 2)], lang))


def test_names_cannot_break_out_of_the_picture():
    evil = '<script>alert(1)</script>"&'
    drawn = timeline([Mark("x", "health", "event", TODAY, None, evil, True, '#"><b>')], BIRTH, TODAY, [], "lv")
    ElementTree.fromstring(drawn)
    assert "<script" not in drawn
    assert "<b>" not in drawn


def test_the_picture_holds_to_the_content_policy():
    drawn = timeline(life(50), BIRTH, TODAY, [], "lv")
    assert "style" not in drawn
    assert 'aria-hidden="true"' in drawn


def test_the_axis_runs_forward_and_ends_at_today():
    axis = Axis.for_life(BIRTH, TODAY, planned=True)
    days = [axis.start + timedelta(days=step) for step in range(0, (TODAY - axis.start).days, 30)]
    places = [axis.x(day) for day in days]
    assert places == sorted(places)
    assert axis.x(axis.start) == GUTTER
    assert axis.x(TODAY) == pytest.approx(axis.today_x)
    assert axis.today_x < axis.x(TODAY + timedelta(days=1)) < axis.x(TODAY + timedelta(days=60)) < WIDTH


def test_an_event_before_birth_stands_on_the_axis():
    early = Mark("s", "health", "assessment", date(2013, 10, 1), None, "Signāls pirms dzimšanas")
    assert "’13" in timeline([early], BIRTH, TODAY, [], "lv")


def test_the_table_counts_each_event_in_its_year_and_domain():
    marks = life(100)
    rows = year_matrix(marks, BIRTH, TODAY)
    assert [row.year for row in rows] == list(range(2026, 2013, -1))
    assert rows[0].age == 12
    assert rows[-1].age is None
    assert sum(sum(row.counts) for row in rows) == 100


some_marks = st.lists(
    st.builds(
        lambda number, shape, start, length, label, important: Mark(
            f"e{number}",
            "welfare",
            shape,
            start,
            start + timedelta(days=length) if shape == "span" and length else None,
            label,
            important,
        ),
        st.integers(0, 10_000),
        st.sampled_from(["event", "span", "assessment", "decision", "incident", "planned"]),
        st.dates(date(2013, 1, 1), date(2027, 6, 1)),
        st.integers(0, 2000),
        st.text("aāmžW ", max_size=60),
        st.booleans(),
    ),
    max_size=150,
)


@settings(max_examples=60, deadline=None)
@given(some_marks, st.booleans())
def test_nothing_covers_anything_else_and_all_stays_inside(marks: list[Mark], crowded: bool):
    axis = Axis.for_life(min([BIRTH, *(mark.start for mark in marks)]), TODAY, planned=True)
    lane = pack(marks, axis, crowded=crowded)
    assert_apart(lane)
    assert lane.rows <= ROWS_FEW
    assert len(lane.placed) + sum(bubble.count for bubble in lane.bubbles) == len(marks)
    for item in lane.placed:
        assert item.left >= GUTTER - 13
        assert item.right <= WIDTH + 1e-6
