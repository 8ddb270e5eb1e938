"""The family as lists by household: what a phone shows instead of the map, and the map's description."""

from dataclasses import dataclass

from markupsafe import Markup

from portal.pictures.family.people import Family, Person, TieKind
from portal.pictures.family.symbols import person_symbol
from portal.translations import Language, translations


@dataclass(frozen=True, slots=True)
class HomeTie:
    """A relationship in words: "saspringtas: Raivis Lūsis"."""

    kind: TieKind
    text: str


@dataclass(frozen=True, slots=True)
class HomePerson:
    """Somebody in the list, with the sign of the map."""

    name: str
    caption: str
    symbol: Markup
    ties: tuple[HomeTie, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """A household and its people."""

    label: str
    people: tuple[HomePerson, ...]


def by_household(family: Family, lang: Language) -> list[Home]:
    """The child's household first with the child at its head, then the others, then those who live elsewhere."""
    labels = {home.id: home.label for home in family.households}
    child = next((person for person in family.people if person.is_child), None)
    order = sorted(labels, key=lambda key: child is None or key != child.household)
    homes = [_home(labels[key], [p for p in family.people if p.household == key], family) for key in order]
    elsewhere = [person for person in family.people if person.household not in labels]
    homes.append(_home(translations(lang).gettext("Elsewhere"), elsewhere, family))
    return [home for home in homes if home.people]


def _home(label: str, people: list[Person], family: Family) -> Home:
    ordered = sorted(people, key=lambda person: not person.is_child)
    return Home(label, tuple(HomePerson(p.name, p.caption, person_symbol(p), _ties(p, family)) for p in ordered))


def _ties(person: Person, family: Family) -> tuple[HomeTie, ...]:
    names = {other.id: other.name for other in family.people}
    found = []
    for tie in family.ties:
        if person.id in (tie.a, tie.b):
            other = tie.b if tie.a == person.id else tie.a
            if other in names and tie.text:
                found.append(HomeTie(tie.kind, f"{tie.text}: {names[other]}"))
    return tuple(found)
