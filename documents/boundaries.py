"""Boundaries of the municipalities as a map draws them: made once from a file, in small whole numbers."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from documents.model import Model

MUNICIPALITIES = "municipalities"  # the id of the only set of boundaries there is

# What `d` of an SVG path may hold here: moves, lines and ends of rings.
Path = Annotated[str, StringConstraints(pattern=r"^(M\d+ \d+l-?\d+([ -]\d+)*z)+$")]


class Outline(Model):
    """One municipality: its rings, and a place inside for its figure with `room` to the nearest border."""

    path: Path
    x: int
    y: int
    room: int


class Boundaries(Model):
    """All municipalities by ATVK code, on a sheet of `width` × `height`."""

    id: str = Field(alias="_id")
    width: int
    height: int
    outlines: dict[str, Outline]
    loaded_at: datetime
    revision: int = 1
