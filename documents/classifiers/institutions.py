"""Types of institution, the positions people hold in them, and the systems they keep."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from documents.classifiers.cells import Codes, Domain, YesNo
from documents.classifiers.row import Row


def _second(cell: object) -> object:
    return 4 if cell == "4" else cell


class SourceSystem(Row):
    """A register or system that data come from; `short` is the name people use for it."""

    short: str
    domain: Domain


class InstitutionType(Row):
    """A type of institution; `part_of` is the wider type whose positions it shares.

    `statewide`: one institution of the type serves every place.
    """

    references: ClassVar[dict[str, str]] = {
        "part_of": "institution_types",
        "successor": "institution_types",
        "systems": "source_systems",
    }

    domain: Domain
    part_of: str | None = None
    successor: str | None = None
    systems: Codes = ()
    statewide: YesNo = False


class Position(Row):
    """A position in a type of institution: its level (0: none, never a dossier) and what it may do.

    `relations` are the ways in which its holder can come to a child at all. `second_level` opens the figures beside
    what the first level gives; it may be nothing but 4, so that no second level ever brings anybody to a child.
    Table "Positions" and list "Actions" of the access rules.
    """

    references: ClassVar[dict[str, str]] = {"institution_type": "institution_types", "relations": "relations"}

    institution_type: str
    level: Annotated[int, Field(ge=0, le=5)]
    second_level: Annotated[Literal[4], BeforeValidator(_second)] | None = None
    relations: Codes = ()
    report: YesNo
    identify_need: YesNo
    decides_reports: YesNo
    leads_cases: YesNo
    emergency_access: YesNo
    supervises: YesNo
    drafts_decisions: YesNo
    administers: YesNo

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels a role in this position may have, its own first."""
        return (self.level,) if self.second_level is None else (self.level, self.second_level)


class Relation(Row):
    """A way of standing to a child from which rights follow."""


class AssignedFunction(Row):
    """What somebody may be assigned to do for one child, and the positions that may be; rights: `auth.matrix`."""

    references: ClassVar[dict[str, str]] = {"positions": "positions"}

    positions: Codes


class InvolvementKind(Row):
    """Why an institution is involved with a child, and how many people it may name as responsible."""

    references: ClassVar[dict[str, str]] = {"institution_types": "institution_types"}

    institution_types: Codes
    max_responsible: Annotated[int, Field(ge=1, le=2)]
