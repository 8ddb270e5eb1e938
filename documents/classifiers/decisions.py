"""Kinds of decision of the orphan's court: what each asks for, and the words of its order."""

from typing import ClassVar, Literal

from documents.classifiers.cells import Codes, Text
from documents.classifiers.row import Row


class DecisionKind(Row):
    """A kind of decision. `concerned`: whom it may be about; `asks`: which further fields it has.

    `subject_lv` and `order_lv` stand in the letter, which is written in Latvian; `event_kind` is what the life
    course calls it; `legal_basis` is what is proposed as such.
    """

    references: ClassVar[dict[str, str]] = {"event_kind": "event_kinds"}

    concerned: Literal["with_custody", "suspended", "carer", "relative"]
    asks: Codes = ()
    event_kind: str
    subject_lv: Text
    order_lv: Text
    legal_basis: Text
    explained_lv: Text
    explained_en: Text

    def explained(self, language: str) -> str:
        """What the decision does, for whoever chooses its kind."""
        return self.explained_en if language == "en" else self.explained_lv


class ContactRule(Row):
    """How contact with a child may take place; `event_kind` is what the life course calls it."""

    references: ClassVar[dict[str, str]] = {"event_kind": "event_kinds"}

    event_kind: str
    order_lv: Text
