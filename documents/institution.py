"""Institutions, their units (a tree), territory, contacts; dated names and successors."""

from datetime import date

from beanie import Document
from pydantic import Field

from documents.model import Day, Model


class Unit(Model):
    """A unit; `parent` is another unit of the same institution, or none at the top."""

    id: str
    name: str
    parent: str | None = None
    municipality: str = ""


class DatedName(Model):
    """A name the institution had for a time."""

    name: str
    since: Day | None = None
    to: Day | None = None


class Institution(Model):
    """An institution. A successor takes over what was addressed to one that has ended."""

    id: str = Field(alias="_id")
    type: str  # classifier institution_types
    name: str
    names: list[DatedName] = Field(default_factory=list)
    municipality: str = ""
    territory: list[str] = Field(default_factory=list)  # ATVK codes it serves, where not only its own
    address: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    units: list[Unit] = Field(default_factory=list)
    since: Day | None = None
    to: Day | None = None
    successor: str | None = None
    source: str = "atbalsts"
    source_key: str | None = None
    as_of: Day | None = None
    revision: int = 1

    def subtree(self, unit_id: str | None) -> list[str]:
        """Return the ids of `unit_id` and all units below it; of all units when `unit_id` is none."""
        if unit_id is None:
            return [unit.id for unit in self.units]
        below = [unit_id]
        for unit in below:
            below.extend(child.id for child in self.units if child.parent == unit)
        return below

    def name_on(self, day: date) -> str:
        """Return the name in force on `day`, so that an old record keeps the name of its time."""
        for dated in self.names:
            if (dated.since is None or dated.since <= day) and (dated.to is None or day <= dated.to):
                return dated.name
        return self.name


class InstitutionDocument(Document, Institution):
    """The institution as Beanie stores it."""

    id: str  # type: ignore[assignment]

    class Settings:
        """Collection."""

        name = "institutions"
        keep_nulls = False
