"""Invented children, each counted in every registered table, so that the tables fit together; and the month after."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from documents.classifiers import classifiers
from portal.analytics.dimensions import UNKNOWN, dimensions
from portal.analytics.suppression import Figures
from portal.analytics.tables import Counts, Key, figures_of

DAY = date(2026, 11, 22)
LEVELS = {"2": 45, "3": 25, "4": 10}
RISKS = {"0": 40, "1": 25, "2": 20, "3": 10, "4": 5}
SERVICES = {"needed": 4, "received": 5, "not_available": 1}
Told = tuple[str, Key]  # a measure, a leaf of it


@dataclass(frozen=True)
class Child:
    """What the tables count of one child."""

    age: str
    level: str
    place: str
    told: tuple[Told, ...] = ()


@dataclass
class Nation:
    """So many children, a share of them with an identified need; places and kinds from very common to rare."""

    children: int
    share: float
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        self._axes = dimensions(DAY)
        self._groups = {node.code: node.parent or "" for node in self._axes["age"].nodes}
        self._places = [place for place in self._axes["place"].leaves if place != UNKNOWN]
        self._lives = [self._child() for _ in range(self.children)]

    def figures(self) -> Figures:
        """All registered tables of this month."""
        tables = classifiers().registered_tables.in_force(DAY)
        counted: dict[str, Counter[Key]] = {table.measure: Counter() for table in tables}
        for child in self._lives:
            counted["children"][child.age, child.level, child.place] += 1
            for measure, key in child.told:
                counted[measure][key] += 1
        fixed: dict[str, Counts] = dict(counted)
        return figures_of(tables, self._axes, fixed)

    def month_later(self, changes: int) -> None:
        """So many children, most of them known to the services, are another child now."""
        known = [n for n, child in enumerate(self._lives) if child.level != "1"]
        for _ in range(changes):
            self._lives[self.rng.choice(known)] = self._child(self.rng.random() < 0.1)

    def _child(self, known: bool | None = None) -> Child:
        place = _rare(self.rng, self._places, 0.9)
        age = str(self.rng.randrange(18))
        if not (self.rng.random() < self.share if known is None else known):
            return Child(age, "1", place)
        return Child(age, _one_of(self.rng, LEVELS), place, tuple(self._told(self._groups[age], place)))

    def _told(self, group: str, place: str) -> Iterator[Told]:
        rng = self.rng
        for need in {_rare(rng, self._axes["need"].leaves, 1) for _ in range(rng.randint(1, 3))}:
            yield "needs", (need, group, place)
        if rng.random() < 0.4:
            for factor in self._axes["factor"].leaves:
                if rng.random() < 0.5:
                    yield "risks", (factor, _one_of(rng, RISKS), place)
        for _ in range(rng.randrange(9)):
            yield "events", (_rare(rng, self._axes["event_kind"].leaves, 1.3), place)
        planned = rng.random() < 0.3
        for _ in range(rng.randrange(4) if planned else 0):
            yield "services", (_one_of(rng, SERVICES), group, place)
        yield "coverage", ("plan" if planned else rng.choice(("manager", "manager", "nobody")), place)
        if rng.random() < 0.03:
            yield "reports", (group, place)


def _one_of(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _rare(rng: random.Random, values: list[str] | tuple[str, ...], how: float) -> str:
    """The first of the values often, the last seldom."""
    return rng.choices(values, [(n + 1) ** -how for n in range(len(values))])[0]
