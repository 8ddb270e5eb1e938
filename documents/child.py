"""The child: who it is, and base data (pamatdati), each with its source and freshness."""

from datetime import date

from pydantic import Field

from documents.model import Day, Model, Sealed


class Child(Model):
    """Identity. The personal code is kept as a keyed hash for lookup and sealed for those who may read it."""

    given_name: str
    family_name: str
    birth_date: Day
    birth_date_approximate: bool = False  # the first day it may have been: only month or year is known, or less
    sex: str = ""  # "f", "m" or "" when no source says
    code_hash: str | None = None
    former_code_hashes: list[str] = Field(default_factory=list)
    code: Sealed | None = None
    provisional: bool = False  # no Latvian code yet: newborn, foreign, unknown
    protected: bool = False  # a protected address: everything that tells the place is hidden
    person_id: str | None = None  # the young person as a user
    sort_name: str = ""  # "berzins kristaps", folded: order of lists, exact look-up with the birth date
    tokens: list[str] = Field(default_factory=list)  # the folded words of the name, for search by prefix in any order

    @property
    def name(self) -> str:
        """Given name first, as people say it."""
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        """Two letters for the portrait and for those who may know existence only."""
        return f"{self.given_name[:1]}{self.family_name[:1]}".upper()

    def age_on(self, day: date) -> int:
        """Completed years on `day`; a child of 29 February has its birthday on 1 March in other years."""
        birthday_passed = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not birthday_passed)


class Mismatch(Model):
    """What another source says about the same field: shown, never overwritten."""

    source: str
    value: str
    as_of: Day
    by: str = ""  # name and institution of whoever wrote it down here


class BaseField(Model):
    """One field of base data: its value, where it comes from and how fresh it is.

    Where a register gave it, the word of people who work with the child stands beside it in `said_here`.
    """

    value: str
    source: str  # classifier source_systems
    as_of: Day  # the date of the extract, not of its loading
    version: int = 1  # counts what registers changed and what people wrote
    by: str = ""  # name and institution of whoever wrote it down here; empty where a register told it
    reference: str | None = None  # institution, person or classifier code the value names
    mismatch: Mismatch | None = None
    said_here: Mismatch | None = None
