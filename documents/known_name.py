"""Names in use in Latvia: given names with their bearers, surnames with both their forms."""

from typing import Literal

from pydantic import Field

from documents.model import Day, Model


class KnownName(Model):
    """A name. A surname is kept under its male form; `confirmed` says that a source gave the female form."""

    id: str = Field(alias="_id")  # "<kind>:<name>"
    kind: Literal["given", "family"]
    name: str
    sex: str = ""
    bearers: int = 0
    female_form: str = ""
    confirmed: bool = True
    folded: str
    as_of: Day
    revision: int
