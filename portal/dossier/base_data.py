"""Base data (pamatdati): every field with its source and freshness, and what another source says beside it."""

from dataclasses import dataclass
from datetime import date

from auth.access import Opened
from auth.permissions import Section
from auth.place import knows_place
from documents.child import BaseField
from documents.classifiers import classifiers
from portal.translations import N_, gettext, language

# In the order people ask; further fields follow under their own name.
LABELS = {
    "declared_address": N_("Declared residence"),
    "actual_address": N_("Actual residence"),
    "school": N_("Education institution"),
    "class": N_("Class"),
    "programme": N_("Programme"),
    "family_doctor": N_("Family doctor"),
    "family_doctor_practice": N_("Family doctor's practice"),
    "language": N_("Language of communication"),
    "citizenship": N_("Citizenship"),
    "disability": N_("Disability"),
    "household_income": N_("Household income"),
    "contact_person": N_("Contact person"),
    "interests": N_("Interests and habits"),
}
# What tells where the child lives, learns or is treated.
PLACES = {
    *("declared_address", "actual_address", "school", "class", "programme"),
    *("family_doctor", "family_doctor_practice", "contact_person"),
}
# Not something a family reads about itself from here.
FOR_PROFESSIONALS = {"household_income"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says, and how fresh it is."""

    value: str
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class BaseRow:
    """A field; `other` is what another source says of the same."""

    name: str
    said: Statement
    other: Statement | None = None


def base_rows(opened: Opened, *, family: bool) -> list[BaseRow]:
    """Return the fields the reader may see, places of a protected child only for who works with it."""
    if not opened.access.scopes(Section.BASE):
        return []
    base = opened.dossier.base
    order = [name for name in LABELS if name in base] + sorted(name for name in base if name not in LABELS)
    if not knows_place(opened.access, opened.dossier):
        order = [name for name in order if name not in PLACES and name in LABELS]
    if family:
        order = [name for name in order if name not in FOR_PROFESSIONALS]
    return [_row(name, base[name]) for name in order]


def source_name(code: str) -> str:
    """A register as people call it."""
    sources = classifiers().source_systems
    return sources[code].label(language()) if code in sources else code


def _row(name: str, field: BaseField) -> BaseRow:
    label = gettext(LABELS[name]) if name in LABELS else name.replace("_", " ").capitalize()
    other = field.mismatch
    return BaseRow(
        label,
        Statement(field.value, source_name(field.source), field.as_of),
        Statement(other.value, source_name(other.source), other.as_of) if other else None,
    )
