"""Places across the map: nobody nearer than words and lines need, children under parents, parents over children."""

from collections import defaultdict
from itertools import pairwise
from typing import Final

from portal.pictures.family.order import Rows
from portal.pictures.family.people import Family, Person
from portal.pictures.family.plan import RADIUS, runs
from portal.pictures.family.spacing import spaced
from portal.pictures.family.texts import HOME_SIZE, WORD_SIZE, Label
from portal.pictures.widths import text_width

_GAP: Final = 30.0
_HOME_GAP: Final = 34.0
_COUPLE_GAP: Final = 150.0
_ROUNDS: Final = 15


def places_across(family: Family, order: Rows, people: dict[str, Person], labels: dict[str, Label]) -> dict[str, float]:
    """Centre of everybody, in turns downward and upward till it settles."""
    return _across(family, order, _gaps(family, order, people, labels))


def _across(family: Family, order: Rows, gaps: dict[int, list[float]]) -> dict[str, float]:
    """Places across: children under their parents and parents over their children, in turns, till it settles."""
    x: dict[str, float] = {}
    for generation, row in order.items():
        places = spaced([0.0] * len(row), gaps[generation])
        x |= dict(zip(row, places, strict=True))
    groups = family.groups()
    for turn in range(_ROUNDS):
        downward = turn % 2 == 0
        for generation in order if downward else reversed(list(order)):
            row = order[generation]
            wishes = _wishes(groups, x, downward=downward)
            wanted = [sum(wishes[p]) / len(wishes[p]) if wishes[p] else x[p] for p in row]
            x |= dict(zip(row, spaced(wanted, gaps[generation]), strict=True))
    return x


def _wishes(
    groups: list[tuple[tuple[str, ...], str, tuple[str, ...]]], x: dict[str, float], *, downward: bool
) -> dict[str, list[float]]:
    """Where people would like to stand because of the other generation."""
    wishes: dict[str, list[float]] = defaultdict(list)
    for parents, kind, children in groups:
        above = sum(x[parent] for parent in parents) / len(parents)
        below = sum(x[child] for child in children) / len(children)
        if downward:
            if kind == "birth":
                for child in children:
                    wishes[child].append(x[child] + above - below)
        else:
            for parent in parents:
                wishes[parent].append(x[parent] + below - above)
    return wishes


def _gaps(family: Family, order: Rows, people: dict[str, Person], labels: dict[str, Label]) -> dict[int, list[float]]:
    """Least distance between the centres of neighbours in each row."""
    couples = {frozenset((couple.a, couple.b)): couple for couple in family.couples()}
    widths = _widths(family, order, people, labels)
    gaps: dict[int, list[float]] = {}
    for generation, row in order.items():
        gaps[generation] = []
        for one, two in pairwise(row):
            gap = (widths[one] + widths[two]) / 2 + _GAP
            if people[one].household != people[two].household:
                gap += _HOME_GAP
            couple = couples.get(frozenset((one, two)))
            if couple is not None:
                caption = text_width(couple.caption, WORD_SIZE)
                gap = max(gap, _COUPLE_GAP, 2 * RADIUS + caption + 24)
            gaps[generation].append(gap)
    return gaps


def _widths(family: Family, order: Rows, people: dict[str, Person], labels: dict[str, Label]) -> dict[str, float]:
    """Width each person takes; a household's people in a row are together wide enough for its label."""
    widths = {person: max(2 * RADIUS, labels[person].width) for person in people}
    needed = {home.id: text_width(home.label, HOME_SIZE, bold=True) + 8 for home in family.households}
    for row in order.values():
        for run in runs(row, people):
            home = people[run[0]].household
            missing = needed.get(home or "", 0.0) - sum(widths[person] for person in run)
            for person in run:
                widths[person] += max(0.0, missing) / len(run)
    return widths
