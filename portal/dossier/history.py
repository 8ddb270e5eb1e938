"""Needs somebody identified, and how the prevention level went up and down."""

from dataclasses import dataclass
from datetime import date

from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.model import day_of
from portal.translations import language


@dataclass(frozen=True, slots=True)
class NeedView:
    """A need: what, why, at which level, by whom; `met` when it no longer is one."""

    kind: str
    description: str
    level: int
    day: date
    by: str
    met: date | None


@dataclass(frozen=True, slots=True)
class LevelView:
    """A level from a day on, with its reason."""

    level: int
    day: date
    by: str
    reason: str
    words: str


def needs_of(dossier: Dossier) -> list[NeedView]:
    """Open needs first, the newest first."""
    views = [
        NeedView(
            classifiers().need_kinds[need.kind].label(language()),
            need.description,
            need.level,
            day_of(need.identified_at),
            need.by.name,
            day_of(need.met_at) if need.met_at else None,
        )
        for need in sorted(dossier.needs, key=lambda need: need.identified_at, reverse=True)
    ]
    return sorted(views, key=lambda view: view.met is not None)


def levels_of(dossier: Dossier) -> list[LevelView]:
    """The newest first."""
    reasons = classifiers().level_change_reasons
    return [
        LevelView(
            change.level,
            day_of(change.at),
            change.by.name if change.by else "",
            reasons[change.reason].label(language()) if change.reason in reasons else "",
            change.words,
        )
        for change in reversed(dossier.levels)
    ]
