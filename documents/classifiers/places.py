"""Municipalities, now and as they were, and the planning regions they lie in."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from documents.classifiers.cells import Codes
from documents.classifiers.row import Row


class PlanningRegion(Row):
    """One of the five planning regions."""


class Municipality(Row):
    """A municipality by its 7-character ATVK code.

    A former one names the `successor` that took its centre, and in `also_to` those that took
    parts of it. `tile_col` and `tile_row` place a present one in the tile map, counted from the north-west.
    """

    references: ClassVar[dict[str, str]] = {
        "planning_region": "planning_regions",
        "successor": "municipalities",
        "also_to": "municipalities",
    }

    code: Annotated[str, StringConstraints(pattern=r"^\d{7}$")]
    type: Literal["state_city", "municipality"]
    planning_region: str
    successor: str | None = None
    also_to: Codes = ()
    iso: Annotated[str, StringConstraints(pattern=r"^LV-[A-Z0-9]{3}$")] | None = None
    tile_col: Annotated[int, Field(ge=0)] | None = None
    tile_row: Annotated[int, Field(ge=0)] | None = None
