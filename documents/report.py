"""A report of a concern (ziņojums par bērnu): its words are sealed, for the case manager and the reporter."""

from datetime import datetime

from pydantic import Field

from documents.involvement import Professional
from documents.model import Model, Sealed, new_id


class Report(Model):
    """One report, waiting until it is acknowledged."""

    id: str = Field(default_factory=new_id, alias="_id")
    dossier_id: str
    by: Professional
    at: datetime
    need_kind: str
    level: int
    legal_basis: str
    sealed: Sealed
    state: str = "received"
