"""One row of a classifier: a code, its Latvian and English names, and the days it is in force."""

from datetime import date
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, model_validator

from documents.classifiers.cells import Code, Label


class Row(BaseModel):
    """What every classifier row has; `references` names the classifier each coded field points to."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    references: ClassVar[dict[str, str]] = {}

    code: Code
    lv: Label
    en: Label
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} is before valid_from {self.valid_from}; correct one of them")
        return self

    def label(self, language: str) -> str:
        """The name in `language`: English for "en", Latvian for everything else."""
        return self.en if language == "en" else self.lv

    def in_force(self, on: date) -> bool:
        """Whether the row may be used for a fact of the day `on`; both ends of its time count."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)
