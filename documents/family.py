"""The family: relationships typed and dated, with legal role; who lives together; how to reach them."""

from datetime import date

from pydantic import Field

from documents.child import BaseField, Mismatch
from documents.model import Day, Model


class Period(Model):
    """From a day, to a day inclusive; open when `to` is absent."""

    since: Day | None = None
    to: Day | None = None

    def covers(self, day: date) -> bool:
        """Whether `day` lies in it."""
        return (self.since is None or self.since <= day) and (self.to is None or day <= self.to)


class LegalRole(Period):
    """Custody, guardianship, foster care … held for a time (classifier legal_roles)."""

    role: str
    source: str = "atbalsts"
    decision_id: str | None = None  # the court's decision that gave it, issued here


class Relationship(Period):
    """Somebody in the child's life. `kind` says what the person is to the child (relationship_kinds)."""

    id: str
    kind: str
    name: str
    sex: str = ""
    birth_date: Day | None = None
    person_id: str | None = None  # an adult in `people`
    dossier_id: str | None = None  # a child with a dossier of its own
    legal_roles: list[LegalRole] = Field(default_factory=list)
    household: list[Period] = Field(default_factory=list)  # when this person lived in the child's household
    partner_of: str | None = None  # id of the relationship this person is or was a partner of
    partner_ended: bool = False
    parent_ids: list[str] = Field(default_factory=list)  # relationships that are its parents, for the map
    closeness: str = ""  # "close", "tense" or "" when nobody has said
    phone: str = ""
    email: str = ""
    contacts: dict[str, BaseField] = Field(default_factory=dict)  # as in `Person.contacts`, copied with them
    note: str = ""
    mismatch: Mismatch | None = None  # another source's word, in codes: "mother; custody 2015-03-01/"
    source: str = "atbalsts"
    as_of: Day | None = None
    version: int = 1
