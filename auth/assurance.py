"""How surely a sign-in tells who somebody is, and whether that is enough for the role (access rules, "Always")."""

from __future__ import annotations

from auth.who import FAMILY_ROLE
from documents.classifiers import classifiers


def level(acr: str | None) -> str | None:
    """Return our code for what a provider asserts, by the code or as providers write it; None for anything else."""
    return next(
        (one.code for one in classifiers().assurance_levels.values() if acr in (one.code, *one.asserted_as)), None
    )


def rank(acr: str | None) -> int:
    """Return the rank of a level; what is unknown or missing counts as the lowest."""
    levels, known = classifiers().assurance_levels, level(acr)
    return levels[known].rank if known else min(one.rank for one in levels.values())


def needed(role_id: str) -> str:
    """Return the code of the least level for a role: staff by any of their roles, families by `FAMILY_ROLE`."""
    wanted = "families" if role_id == FAMILY_ROLE else "staff"
    return next(level.code for level in classifiers().assurance_levels.values() if level.least_for == wanted)


def suffices(acr: str | None, role_id: str) -> bool:
    """Whether somebody who signed in with `acr` may act in the role."""
    return rank(acr) >= classifiers().assurance_levels[needed(role_id)].rank
