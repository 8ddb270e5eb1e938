"""The family as a map (genogram): generations down, couples side by side, the child in the sun.

Squares are men, circles women, diamonds people whose sex is not known; dashed boxes are households; lines with a
word say who is close, who is tense, who cares. Any family: half-siblings, guardians, foster families, unknowns.
"""

from portal.pictures.family.draw import family_map
from portal.pictures.family.households import Home, HomePerson, HomeTie, by_household
from portal.pictures.family.layout import plan
from portal.pictures.family.people import Descent, Family, Household, Person, Tie, Union
from portal.pictures.family.plan import Plan
from portal.pictures.family.symbols import person_symbol

__all__ = [
    "Descent",
    "Family",
    "Home",
    "HomePerson",
    "HomeTie",
    "Household",
    "Person",
    "Plan",
    "Tie",
    "Union",
    "by_household",
    "family_map",
    "person_symbol",
    "plan",
]
