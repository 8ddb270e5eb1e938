"""What a client is told: the fields its row names and no other, of the present day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from documents.classifiers import TechnicalClient, classifiers
from documents.dossier import Dossier
from documents.family import LegalRole, Relationship

_CARE = ("guardianship", "foster_care", "specialised_foster_care", "pre_adoption_care")
_INSTITUTION = "placement"


class Question(BaseModel):
    """Which child is meant. The code travels in the body, never in an address."""

    model_config = ConfigDict(extra="forbid", strict=True)

    personal_code: str = Field(
        min_length=11, max_length=12, description="Personal code, eleven digits, with or without the hyphen."
    )


class Held(BaseModel):
    """A legal role that somebody holds now."""

    relationship: str = Field(description="What the person is to the child; a code of relationship_kinds.")
    role: str = Field(description="The legal role; a code of legal_roles.")
    since: date | None = Field(description="The day it began, where it is known.")


class Care(BaseModel):
    """Care out of the own family, without the place."""

    form: str = Field(
        description="guardianship, foster_care, specialised_foster_care, pre_adoption_care or institution"
    )
    since: date | None = Field(description="The day it began, where it is known.")


class ChildData(BaseModel):
    """What is known of the child today. A field that the client's row does not name is not there at all."""

    given_name: str | None = None
    family_name: str | None = None
    birth_date: date | None = None
    representatives: list[Held] | None = Field(None, description="Who may act for the child now.")
    custody_limits: list[Held] | None = Field(None, description="Whose custody is suspended or removed now.")
    out_of_family_care: list[Care] | None = Field(None, description="Empty: the child is in no such care.")


def answer_for(client: TechnicalClient, dossier: Dossier, today: date) -> ChildData:
    """Return the client's fields and no other."""
    every: dict[str, Any] = {
        "given_name": lambda: dossier.child.given_name,
        "family_name": lambda: dossier.child.family_name,
        "birth_date": lambda: dossier.child.birth_date,
        "representatives": lambda: list(_representatives(dossier, today)),
        "custody_limits": lambda: list(_limits(dossier, today)),
        "out_of_family_care": lambda: list(_care(dossier, client, today)),
    }
    return ChildData(**{name: every[name]() for name in client.fields})


def _representatives(dossier: Dossier, today: date) -> Iterator[Held]:
    """Who represents the child: a role that does so, with none that takes it away."""
    roles = classifiers().legal_roles
    for relationship, held in _in_force(dossier, today):
        ended = any(roles[other.role].ends_access for other in relationship.legal_roles if other.covers(today))
        if roles[held.role].represents and not ended:
            yield _held(relationship, held)


def _limits(dossier: Dossier, today: date) -> Iterator[Held]:
    for relationship, held in _in_force(dossier, today):
        if held.role in ("custody_suspended", "custody_removed"):
            yield _held(relationship, held)


def _care(dossier: Dossier, client: TechnicalClient, today: date) -> Iterator[Care]:
    for _, held in _in_force(dossier, today):
        if held.role in _CARE:
            yield Care(form=held.role, since=held.since)
    for event in dossier.events:
        lasts = event.day <= today and (event.to is None or today <= event.to)
        open_enough = event.confidentiality == "standard" or (event.confidentiality == "sensitive" and client.sensitive)
        if event.kind == _INSTITUTION and lasts and open_enough and event.withdrawn is None:
            yield Care(form="institution", since=event.day)


def _in_force(dossier: Dossier, today: date) -> Iterator[tuple[Relationship, LegalRole]]:
    for relationship in dossier.relationships:
        for held in relationship.legal_roles:
            if held.covers(today):
                yield relationship, held


def _held(relationship: Relationship, held: LegalRole) -> Held:
    return Held(relationship=relationship.kind, role=held.role, since=held.since)
