"""A report of a concern (ziņojums par bērnu): who worries about what, which institution decides, what it decided.

Its words, and who the child is where the register does not know it, are sealed. Families never learn of it.
"""

from datetime import datetime
from typing import Any

from pydantic import Field

from documents.involvement import Professional
from documents.model import Day, Model, Sealed, new_id

RECEIVED, ACKNOWLEDGED = "received", "acknowledged"
OPEN_STATES = (RECEIVED, ACKNOWLEDGED)
DECIDED = ("opened", "taken_up", "closed")


class Reporter(Model):
    """Who reports: a professional in one role, or (without one) a parent or the young person."""

    person_id: str
    name: str
    role_id: str | None = None
    title: str = ""  # position code
    institution_id: str | None = None
    institution_name: str = ""
    institution_type: str = ""
    unit_id: str | None = None
    phone: str = ""
    email: str = ""


class Place(Model):
    """An institution, or one unit of it, that a report goes to."""

    institution_id: str
    name: str
    type: str
    unit_id: str | None = None


class Informed(Place):
    """An institution that was told at once; somebody there says that it has been read."""

    acknowledged_at: datetime | None = None
    acknowledged_by: Professional | None = None


class Step(Model):
    """What happened to a report: acknowledged, handed_over, referred or decided; `sealed` is the reason."""

    what: str
    at: datetime
    by: Professional
    to: str = ""  # the institution or person it went to
    to_type: str = ""  # of an institution
    sealed: Sealed | None = None


class Report(Model):
    """One report. `dossier_id` is none until the deciding institution says who the child is.

    `blind`: made by a personal code, of which `asked_for` keeps the day of birth only; the reporter is not told
    whether there is such a child. `present` is the municipality where the child was said to be.
    """

    id: str = Field(default_factory=new_id, alias="_id")
    dossier_id: str | None = None
    initials: str = ""
    birth_year: int = 0
    blind: bool = False
    asked_for: str = ""
    protected: bool = False
    by: Reporter
    at: datetime
    kind: str  # classifier concern_kinds
    day: Day | None = None
    ongoing: bool = False
    danger: str = "unknown"  # yes, no, unknown
    family_knows: str = "unknown"  # knows, not_told, must_not, unknown
    siblings: list[str] = Field(default_factory=list)  # dossier ids it is about too
    present: str = ""
    need_kind: str | None = None  # of a need noticed where a dossier is open
    level: int | None = None
    legal_basis: str | None = None
    sealed: Sealed  # text, siblings in words, the child as typed
    route: str = ""  # classifier report_routes
    place: str = ""  # the municipality that was routed by
    fell_back: bool = False
    not_found: list[str] = Field(default_factory=list)  # types to be told that the place has no institution of
    decides: Place | None = None  # none where no institution could be found
    named: Professional | None = None  # the only one who may acknowledge: the case manager, or whom the head named
    told: list[Informed] = Field(default_factory=list)
    due: datetime  # to be acknowledged, then to be decided by
    state: str  # received, acknowledged, opened, taken_up, closed
    responsible: Professional | None = None
    decided_at: datetime | None = None
    steps: list[Step] = Field(default_factory=list)
    version: int = 1

    def overdue(self, now: datetime) -> bool:
        """Whether nobody acknowledged, or decided, in time."""
        return self.state in OPEN_STATES and self.due <= now


def from_row(row: dict[str, Any]) -> Report:
    """Return the report as stored."""
    return Report.model_validate(row)
