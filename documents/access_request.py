"""A request for access (piekļuves pieprasījums): who asks for which sections of a dossier, why, until when.

One made by a personal code alone may be about no dossier at all: who asked is not told which it is.
"""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from documents.involvement import Professional
from documents.model import Day, Model, Sealed, day_of, new_id, start_of
from documents.working_days import after_working_days

DECIDE_WITHIN = 3  # working days
LONGEST = 90  # days of access at a time
WAITING = "waiting"


class Decision(Model):
    """What was decided, by whom; `sealed` is the reason of a refusal or of a narrower grant."""

    outcome: str  # granted, narrower, refused
    at: datetime
    by: Professional
    grant_id: str | None = None
    sections: list[str] = Field(default_factory=list)
    sensitive: bool = False
    until: Day | None = None
    sealed: Sealed | None = None
    revoked_at: datetime | None = None

    @property
    def ends(self) -> datetime | None:
        """The midnight in Riga that ends the last day of access."""
        return end_of(self.until) if self.until else None


class AccessRequest(Model):
    """One request. `blind`: made by a personal code, of which `asked_for` keeps the day of birth only."""

    id: str = Field(default_factory=new_id, alias="_id")
    dossier_id: str | None = None
    initials: str = ""
    birth_year: int = 0
    blind: bool = False
    asked_for: str = ""
    by: Professional
    at: datetime
    due: datetime
    sections: list[str]
    sensitive: bool = False
    entries_of: str | None = None  # the institution whose entries alone are asked for
    entries_of_name: str = ""
    purpose: str
    legal_basis: str
    until: Day  # the last day of access
    sealed: Sealed  # the message
    renews: str | None = None  # the request whose grant it prolongs
    routed_to: str | None = None  # without a case manager: the institution whose head names one
    state: str  # waiting, granted, narrower, refused
    decision: Decision | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether nobody decided in time."""
        return self.state == WAITING and self.due <= now


def due_after(asked: datetime) -> datetime:
    """Return the midnight in Riga that ends the third working day after the day of asking."""
    return end_of(after_working_days(day_of(asked), DECIDE_WITHIN))


def end_of(day: date) -> datetime:
    """Return the midnight in Riga that ends `day`; days of 23 and 25 hours included."""
    return start_of(date.fromordinal(day.toordinal() + 1))


def from_row(row: dict[str, Any]) -> AccessRequest:
    """Return the request as stored."""
    return AccessRequest.model_validate(row)
