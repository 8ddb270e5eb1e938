"""Prevention levels, the needs that raise them, and the twenty factors of the needs triangle."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from documents.classifiers.cells import Domain, Text
from documents.classifiers.row import Row


def _lines(cell: object) -> object:
    return tuple(cell.split("|")) if isinstance(cell, str) else cell


Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]
"""A name broken into the lines of a drawing."""


class DomainName(Row):
    """One of the five domains of a child's life, and governance for institutions above them."""

    order: Annotated[int, Field(ge=1)]
    icon: str


class PreventionLevel(Row):
    """A level of prevention: `level` 1-4 and what it means."""

    level: Annotated[int, Field(ge=1, le=4)]
    meaning_lv: Text
    meaning_en: Text

    def meaning(self, language: str) -> str:
        """What the level says about the child."""
        return self.meaning_en if language == "en" else self.meaning_lv


class LevelChangeReason(Row):
    """Why a level is raised, lowered or closed."""

    direction: Literal["raise", "lower", "either"]


class FactorSide(Row):
    """A side of the needs triangle."""

    order: Annotated[int, Field(ge=1, le=3)]


class Factor(Row):
    """One of the twenty factors: its side, its place there, its number in all, its name in lines."""

    references: ClassVar[dict[str, str]] = {"side": "factor_sides"}

    side: str
    order: Annotated[int, Field(ge=1)]
    number: Annotated[int, Field(ge=1)]
    lines_lv: Lines
    lines_en: Lines

    def lines(self, language: str) -> tuple[str, ...]:
        """The name in the lines it is drawn in."""
        return self.lines_en if language == "en" else self.lines_lv


class NeedKind(Row):
    """What a child may need, with the factor it belongs to and the domain that usually answers."""

    references: ClassVar[dict[str, str]] = {"factor": "factors", "domain": "domains"}

    factor: str
    domain: Domain
