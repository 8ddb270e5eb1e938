"""A release of the registered tables (laidiens): frozen figures of one month, with what may not be shown left out.

What pages read is one row per table and place. The true counts lie sealed with the release: the next one has to be
protected against everything that was published before.
"""

from datetime import datetime

from pydantic import Field

from documents.model import Day, Model, Sealed, new_id

SECRECY = "statistics"  # the class of the data keys of the true counts


class Released(Model):
    """One release. `rows` names the rows that belong to it: those of a making that broke off belong to nothing."""

    id: str = Field(alias="_id")  # the month, as 2026-11
    day: Day  # what the figures are of
    made_at: datetime
    rows: str = Field(default_factory=new_id)
    tables: list[str] = Field(default_factory=list)
    figures: int = 0
    hidden: int = 0
    sealed: Sealed


class ReleasedRow(Model):
    """The figures of a table at a place: the values of the other dimensions, joined by a colon → count.

    A figure that may not be shown is None, whatever the reason.
    """

    id: str = Field(alias="_id")
    rows: str
    table: str
    place: str
    figures: dict[str, int | None]
    made_at: datetime
