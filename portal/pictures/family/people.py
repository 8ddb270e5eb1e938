"""The people of a family map and what binds them. All texts come ready in the reader's language."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

Sex = Literal["female", "male", "unknown"]
TieKind = Literal["close", "tense", "cares"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the map. `generation` counts up from the child's own (0): parents 1, grandparents 2."""

    id: str
    initials: str
    name: str
    sex: Sex
    generation: int
    caption: str = ""
    is_child: bool = False
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Union:
    """A couple of one generation: a marriage is a solid line, being together a dashed one, an end two slashes."""

    a: str
    b: str
    kind: Literal["married", "together"] = "married"
    ended: bool = False
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Descent:
    """Whose child somebody is: by birth or adoption, or only in care (foster family: dashed)."""

    child: str
    parents: tuple[str, ...]
    kind: Literal["birth", "care"] = "birth"


@dataclass(frozen=True, slots=True)
class Tie:
    """A relationship worth drawing, with its word."""

    a: str
    b: str
    kind: TieKind
    text: str


@dataclass(frozen=True, slots=True)
class Household:
    """Who lives together; `label` stands in the box ("Dzīvo kopā, Cēsis")."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Family:
    """All that is drawn. Links to people who are not on the map are left out."""

    people: tuple[Person, ...]
    unions: tuple[Union, ...] = ()
    descents: tuple[Descent, ...] = ()
    ties: tuple[Tie, ...] = ()
    households: tuple[Household, ...] = ()

    def rows(self) -> dict[int, list[str]]:
        """Ids by generation, the oldest first, in the given order."""
        rows: dict[int, list[str]] = defaultdict(list)
        for person in self.people:
            rows[person.generation].append(person.id)
        return {generation: rows[generation] for generation in sorted(rows, reverse=True)}

    def generations(self) -> dict[str, int]:
        """Generation of each person."""
        return {person.id: person.generation for person in self.people}

    def couples(self) -> list[Union]:
        """Couples within a generation, also parents of a common child of whom no union is known."""
        generation = self.generations()
        found = {
            frozenset((union.a, union.b)): union
            for union in self.unions
            if union.a != union.b and generation.get(union.a, -99) == generation.get(union.b, -98)
        }
        for parents, _kind, _children in self.groups():
            if len(parents) == 2 and frozenset(parents) not in found:
                found[frozenset(parents)] = Union(parents[0], parents[1], "together")
        return list(found.values())

    def groups(self) -> list[tuple[tuple[str, ...], str, tuple[str, ...]]]:
        """Siblings by their parents of the next generation: (one or two parents, kind, children)."""
        generation = self.generations()
        grouped: dict[tuple[tuple[str, ...], str], list[str]] = {}
        for descent in self.descents:
            if descent.child not in generation:
                continue
            above = generation[descent.child] + 1
            known = sorted({parent for parent in descent.parents if generation.get(parent) == above})[:2]
            children = grouped.setdefault((tuple(known), descent.kind), [])
            if known and descent.child not in children:
                children.append(descent.child)
        return [(parents, kind, tuple(children)) for (parents, kind), children in grouped.items() if children]

    def far_descents(self) -> list[tuple[str, str, str]]:
        """(carer or ancestor, child, kind) where a generation lies between them: a guardian grandmother."""
        generation = self.generations()
        return [
            (parent, descent.child, descent.kind)
            for descent in self.descents
            for parent in dict.fromkeys(descent.parents)
            if parent in generation
            and descent.child in generation
            and parent != descent.child
            and generation[parent] != generation[descent.child] + 1
        ]
