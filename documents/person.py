"""Every person once: users with their dated roles, parents, carers, relatives, household members."""

from datetime import date, datetime

from beanie import Document
from pydantic import Field

from documents.child import BaseField
from documents.involvement import Professional
from documents.model import Day, Model, Sealed


class Role(Model):
    """A position in one institution or unit, with dates; never self-granted."""

    id: str
    institution_id: str
    institution_type: str
    institution_name: str
    municipality: str = ""
    unit_id: str | None = None
    unit_name: str = ""
    position: str  # classifier positions
    level: int
    since: Day
    to: Day | None = None
    phone: str = ""
    email: str = ""
    substitute_for: str | None = None  # the role of whom this person stands in for

    def held_on(self, day: date) -> bool:
        """Whether the role is in force on `day` (both ends included)."""
        return self.since <= day and (self.to is None or day <= self.to)


class LinkedIdentity(Model):
    """What an identity provider calls a person: a subject of an issuer, by which broker and since when."""

    issuer: str
    subject: str
    provider: str = ""
    since: datetime


class Person(Model):
    """A person. `children` lists the dossiers in which the person holds a family relation."""

    id: str = Field(alias="_id")
    given_name: str
    family_name: str
    sex: str = ""
    birth_date: Day | None = None
    code_hash: str | None = None
    former_code_hashes: list[str] = Field(default_factory=list)
    code: Sealed | None = None
    provisional: bool = False
    phone: str = ""
    email: str = ""
    contacts: dict[str, BaseField] = Field(default_factory=dict)  # of those written down here: whose word, how fresh
    language: str = ""
    roles: list[Role] = Field(default_factory=list)
    identities: list[LinkedIdentity] = Field(default_factory=list)
    children: list[str] = Field(default_factory=list)
    source: str = "atbalsts"
    as_of: Day | None = None
    demo_note: str = ""  # the cast's line on the sign-in page of the demo
    deactivated: bool = False
    revision: int = 1

    @property
    def name(self) -> str:
        """Given name first."""
        return f"{self.given_name} {self.family_name}"

    def as_professional(self, role: Role) -> Professional:
        """The copy of this person, in this role, that entries, involvements and decisions carry."""
        return Professional(
            role_id=role.id,
            person_id=self.id,
            title=role.position,
            institution_id=role.institution_id,
            institution_name=role.institution_name,
            institution_type=role.institution_type,
            unit_id=role.unit_id,
            **self.contacts_in(role),
        )

    def contacts_in(self, role: Role) -> dict[str, str]:
        """Name, telephone and e-mail as professionals are reached in this role; the own ones where it has none."""
        return {"name": self.name, "phone": role.phone or self.phone, "email": role.email or self.email}


class PersonDocument(Document, Person):
    """The person as Beanie stores it."""

    id: str  # type: ignore[assignment]

    class Settings:
        """Collection."""

        name = "people"
        keep_nulls = False
