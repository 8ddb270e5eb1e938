"""The words of access: sections of a dossier, purposes, legal bases, confidentiality, withholding."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from documents.classifiers.cells import Codes, Text, YesNo
from documents.classifiers.row import Row


class AssuranceLevel(Row):
    """How surely a sign-in tells who somebody is (eIDAS): `rank` orders, `least_for` whom it is the least for.

    `asserted_as` are the ways in which providers write it, beside the code itself.
    """

    rank: Annotated[int, Field(ge=1)]
    least_for: Literal["", "families", "staff"] = ""
    asserted_as: Codes = ()


class Section(Row):
    """A section of a dossier, in the order of the page; `grantable`: access to it can be asked for."""

    order: Annotated[int, Field(ge=1)]
    grantable: YesNo


class Purpose(Row):
    """What data are wanted for; `asked_for` are the occasions on which it may be chosen."""

    asked_for: Codes


class LegalBasis(Row):
    """A law or regulation; `citation_lv` is how it is written before an article or clause."""

    type: Literal["law", "regulation", "eu"]
    asked_for: Codes = ()
    citation_lv: str
    citation_en: str
    clause_lv: str
    clause_en: str

    def cite(self, clause: str, language: str) -> str:
        """The law with its clause, e.g. "MK noteikumi Nr. 157, 4.1. apakšpunkts"."""
        name, part = (self.citation_en, self.clause_en) if language == "en" else (self.citation_lv, self.clause_lv)
        return f"{name}, {part.format(clause=clause)}" if clause else name


class ConfidentialityClass(Row):
    """How narrow the circle of readers of an entry is; a higher `order` is narrower."""

    order: Annotated[int, Field(ge=1)]
    meaning_lv: Text
    meaning_en: Text

    def meaning(self, language: str) -> str:
        """Who may read such an entry."""
        return self.meaning_en if language == "en" else self.meaning_lv


class WithholdingAudience(Row):
    """From whom in the family an entry is withheld; the relationship kinds it covers, none named = by other rule."""

    references: ClassVar[dict[str, str]] = {"relationship_kinds": "relationship_kinds"}

    relationship_kinds: Codes = ()
