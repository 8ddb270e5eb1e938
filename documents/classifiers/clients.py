"""Machine clients (technical level): for which children, for what, and exactly which named fields each may read."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from documents.classifiers.cells import Codes, Text, YesNo, words
from documents.classifiers.row import Row

ClientField = Literal[
    "given_name", "family_name", "birth_date", "representatives", "custody_limits", "out_of_family_care"
]


class TechnicalClient(Row):
    """A client; its code is its name at the identity provider. `position` is what it acts as, always of level 5.

    `ground`: kinds of entry of which a child must have one in force; `sensitive`: entries of that class count too
    (restricted ones never do). `fields` is all it is ever told. `legal_basis` is written as one cites it.
    """

    references: ClassVar[dict[str, str]] = {"position": "positions", "purpose": "purposes", "ground": "event_kinds"}

    position: str
    purpose: str
    legal_basis: Text
    ground: Annotated[Codes, Field(min_length=1)]
    sensitive: YesNo
    fields: Annotated[tuple[ClientField, ...], BeforeValidator(words), Field(min_length=1)]
    per_minute: Annotated[int, Field(ge=1, le=600)]
    per_day: Annotated[int, Field(ge=1, le=100_000)]
