"""Administrative territories: the 42 municipalities, and the towns and parishes in them."""

from typing import Literal

from pydantic import Field

from documents.model import Day, Model


class Territory(Model):
    """A territory by its ATVK code; `parent` is the municipality a town or parish lies in."""

    id: str = Field(alias="_id")
    name: str
    kind: Literal["municipality", "part"]
    parent: str | None = None
    former_code: str | None = None
    since: Day | None = None
    to: Day | None = None
    as_of: Day
    revision: int
