"""Households as dashed boxes: one outline over several generations where it holds nobody else."""

from collections.abc import Mapping

from portal.pictures.family.geometry import Box, Point
from portal.pictures.family.order import Rows
from portal.pictures.family.people import Family, Household, Person
from portal.pictures.family.plan import RADIUS, Outline, Plan, runs
from portal.pictures.family.texts import HOME_SIZE, Label
from portal.pictures.widths import text_width

_PADDING = 16.0
_TOUCH = 60.0  # boxes of two rows are one where they share at least this much

Stretch = tuple[int, float, float]  # generation, left, right


def outlines(made: Plan) -> list[Outline]:
    """One outline per piece of a household of two or more; rows that lie under each other are joined."""
    order = {generation: row.people for generation, row in made.rows.items()}
    return [
        _outline(home, [_box(made, stretch) for stretch in piece])
        for home, piece in _pieces(made.family, order, made.people, made.labels, made.x)
    ]


def rows_with_home_label(
    family: Family,
    order: Rows,
    people: Mapping[str, Person],
    labels: Mapping[str, Label],
    x: Mapping[str, float],
) -> set[int]:
    """Generations in which an outline ends: there its label needs room."""
    return {piece[-1][0] for _, piece in _pieces(family, order, people, labels, x)}


def _pieces(
    family: Family,
    order: Rows,
    people: Mapping[str, Person],
    labels: Mapping[str, Label],
    x: Mapping[str, float],
) -> list[tuple[Household, list[Stretch]]]:
    found: list[tuple[Household, list[Stretch]]] = []
    for home in family.households:
        if sum(person.household == home.id for person in people.values()) < 2:
            continue
        above: list[Stretch] = []
        for generation, row in order.items():
            here = [
                _stretch(generation, run, home, labels, x)
                for run in runs(row, people)
                if people[run[0]].household == home.id
            ]
            if len(here) == 1 and len(above) == 1 and _follows(above[0], here[0]):
                found[-1][1].append(here[0])
            else:
                found += [(home, [stretch]) for stretch in here]
            above = here
    return found


def _stretch(
    generation: int, run: list[str], home: Household, labels: Mapping[str, Label], x: Mapping[str, float]
) -> Stretch:
    left = min(x[person] - max(RADIUS, labels[person].width / 2) for person in run)
    right = max(x[person] + max(RADIUS, labels[person].width / 2) for person in run)
    missing = max(0.0, text_width(home.label, HOME_SIZE, bold=True) - (right - left)) / 2
    return generation, left - _PADDING - missing, right + _PADDING + missing


def _follows(above: Stretch, below: Stretch) -> bool:
    shared = min(above[2], below[2]) - max(above[1], below[1])
    return above[0] == below[0] + 1 and shared >= _TOUCH


def _box(made: Plan, stretch: Stretch) -> Box:
    generation, left, right = stretch
    return Box(left, made.rows[generation].top, right, made.rows[generation].home_bottom)


def _outline(home: Household, boxes: list[Box]) -> Outline:
    """Down the right side and up the left, with a step where a lower row begins."""
    right: list[Point] = []
    left: list[Point] = []
    for index, box in enumerate(boxes):
        end = boxes[index + 1].top if index + 1 < len(boxes) else box.bottom
        right += [(box.right, box.top), (box.right, end)]
        left += [(box.left, box.top), (box.left, end)]
    last = boxes[-1]
    width = text_width(home.label, HOME_SIZE, bold=True)
    edge = last.right - 14
    place = Box(edge - width, last.bottom - 25, edge, last.bottom - 7)
    return Outline(home.id, tuple(right + left[::-1]), home.label, place)
