"""The finished geometry of a family map: who stands where, what words cover which place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.pictures.family.geometry import Box, Point
from portal.pictures.family.people import Family, Person, Tie
from portal.pictures.family.texts import Label

RADIUS: Final = 33.0  # the child's outer ring; other symbols are smaller
BRACKET: Final = 26.0  # height between lines over a row


@dataclass(slots=True)
class Row:
    """A generation's stripe: `y` is the centre of its symbols, `bottom` the end of its labels."""

    people: list[str]
    top: float
    y: float
    bottom: float
    home_bottom: float
    bars: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A household's dashed box, as its corners; the label stands in its lower right corner."""

    household: str
    corners: tuple[Point, ...]
    label: str
    label_box: Box


@dataclass(slots=True)
class Plan:
    """The finished geometry; coordinates may be negative until drawn, `view` says what must be seen."""

    family: Family
    people: dict[str, Person]
    labels: dict[str, Label]
    rows: dict[int, Row]
    x: dict[str, float]
    brackets: dict[frozenset[str], int]
    words: list[tuple[Box, str, str]] = field(default_factory=list)  # place, text, kind
    homes: list[Outline] = field(default_factory=list)
    ties: list[tuple[Tie, list[Point]]] = field(default_factory=list)

    def centre(self, person: str) -> Point:
        """Centre of somebody's symbol."""
        return self.x[person], self.rows[self.people[person].generation].y

    def symbol_box(self, person: str) -> Box:
        """What somebody's symbol covers."""
        x, y = self.centre(person)
        return Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)

    def label_box(self, person: str) -> Box:
        """What the words under the symbol cover."""
        x, y = self.centre(person)
        label = self.labels[person]
        top = y + RADIUS + 3
        return Box(x - label.width / 2, top, x + label.width / 2, top + label.height)

    def neighbours(self, one: str, two: str) -> bool:
        """Whether nobody stands between two people of a row."""
        row = self.rows[self.people[one].generation].people
        return two in row and abs(row.index(one) - row.index(two)) == 1


def runs(row: list[str], people: Mapping[str, Person]) -> list[list[str]]:
    """The row cut where the household changes."""
    found: list[list[str]] = []
    for person in row:
        if found and people[found[-1][-1]].household == people[person].household:
            found[-1].append(person)
        else:
            found.append([person])
    return found


def bracket_y(made: Plan, person: str, level: int) -> float:
    """Height of the line over a row that joins a couple standing apart."""
    return made.centre(person)[1] - RADIUS - 8 - BRACKET * level
