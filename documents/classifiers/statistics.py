"""Registered tables: the only figures that are counted, released and shown to governance; each has its definition."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints, model_validator

from documents.classifiers.cells import Codes
from documents.classifiers.row import Row

Measure = Literal["children", "needs", "risks", "events", "services", "reports", "coverage"]
Definition = Annotated[str, StringConstraints(min_length=1, max_length=600)]


class TableCategory(Row):
    """One value of a dimension that no other classifier names; `parent` is the value it is a part of."""

    dimensions: Codes
    node: str
    parent: str = ""


class RegisteredTable(Row):
    """A list of counts by at most three dimensions, the last of them the place.

    `total_of`, `at_most` and `population` name figures of another table: a measure and, in its order, either one of
    this table's dimensions or a fixed value. This table's total is that figure; none of its counts is above that
    figure; its 0 is shown only where that figure is 0.
    """

    MOST: ClassVar[int] = 3

    measure: Measure
    dimensions: Codes
    total_of: Codes = ()
    at_most: Codes = ()
    population: Codes
    definition_lv: Definition
    definition_en: Definition

    def definition(self, language: str) -> str:
        """What exactly is counted."""
        return self.definition_en if language == "en" else self.definition_lv

    @model_validator(mode="after")
    def _is_small_and_has_a_place(self) -> "RegisteredTable":
        if not 2 <= len(self.dimensions) <= self.MOST:
            raise ValueError(f"{len(self.dimensions)} dimensions; a table has two or three, or it cannot be protected")
        if self.dimensions[-1] != "place":
            raise ValueError(f"{self.dimensions[-1]!r} stands last; the last dimension is the place")
        return self
