"""Published figures about a territory in a period."""

from pydantic import Field

from documents.model import Day, Model


class Statistic(Model):
    """One row of a published table. `period` is a year or a month (2026-06), `figures` whole numbers by name."""

    id: str = Field(alias="_id")  # "<kind>:<territory>:<period>"
    kind: str
    territory: str  # ATVK code; 0000000 is the whole country
    period: str
    figures: dict[str, int]
    as_of: Day
    revision: int
