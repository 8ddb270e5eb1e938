"""Whom of the family somebody may see, and how much of each (access.md, row "parent")."""

from dataclasses import dataclass
from enum import IntEnum

from auth.access import Opened
from auth.matrix import Scope
from auth.permissions import Section
from documents.family import Relationship

PARENT_KINDS = {"mother", "father", "adoptive_mother", "adoptive_father"}
FULL_SIBLINGS = {"brother", "sister"}
SIBLINGS = FULL_SIBLINGS | {"half_brother", "half_sister"}


class Shown(IntEnum):
    """How much of a person."""

    NAME_AND_ROLE = 1  # of the other parent: name and legal role
    OWN = 2  # of oneself and children in common: all but what professionals think
    ALL = 3


@dataclass(frozen=True)
class Visible:
    """A relationship and how much of it is shown."""

    relationship: Relationship
    shown: Shown


def visible_relationships(opened: Opened) -> list[Visible]:
    """Return the people of the family this reader sees: a parent oneself, the other parent, children in common."""
    relationships, scopes = opened.dossier.relationships, opened.access.scopes(Section.FAMILY)
    if Scope.ALL in scopes:
        return [Visible(r, Shown.ALL) for r in relationships]
    if Scope.FAMILY not in scopes:
        return []
    if "self" in opened.access.relations:
        return [Visible(r, Shown.OWN) for r in relationships]
    mine = [r for r in relationships if r.person_id == opened.who.person_id]
    visible = [Visible(r, Shown.OWN) for r in relationships if r in mine or _in_common(r, mine)]
    others = [r for r in relationships if r.kind in PARENT_KINDS and r not in mine]
    return visible + [Visible(r, Shown.NAME_AND_ROLE) for r in others]


def _in_common(relationship: Relationship, mine: list[Relationship]) -> bool:
    """Whether a sibling is a child of this parent too; where nobody wrote down its parents, only a full sibling is."""
    if relationship.kind not in SIBLINGS:
        return False
    own = {r.id for r in mine if r.kind in PARENT_KINDS}
    if relationship.parent_ids:
        return not own.isdisjoint(relationship.parent_ids)
    return bool(own) and relationship.kind in FULL_SIBLINGS
