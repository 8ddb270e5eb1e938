"""Base data (pamatdati): every field with its source and freshness, and what another source says beside it."""

import re
from dataclasses import dataclass, replace
from datetime import date

from auth.access import Opened
from auth.permissions import Section
from auth.place import knows_place
from documents.child import BaseField, Mismatch
from documents.classifiers import classifiers
from portal.formats import date_text
from portal.translations import N_, gettext, language

# In the order people ask; further fields follow under their own name.
LABELS = {
    "name": N_("Name"),
    "birth_date": N_("Birth date"),
    "sex": N_("Sex"),
    "status": N_("Status"),
    "declared_address": N_("Declared residence"),
    "actual_address": N_("Actual residence"),
    "school": N_("Education institution"),
    "class": N_("Class"),
    "programme": N_("Programme"),
    "family_doctor": N_("Family doctor"),
    "family_doctor_practice": N_("Family doctor's practice"),
    "family_doctor_phone": N_("Family doctor's phone"),
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
    *("family_doctor", "family_doctor_practice", "family_doctor_phone", "contact_person"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {
    "f": N_("girl"),
    "m": N_("boy"),
    "resident": N_("lives in Latvia"),
    "abroad": N_("lives abroad"),
    "deceased": N_("deceased"),
}
# Not something a family reads about itself from here.
FOR_PROFESSIONALS = {"household_income"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says, and how fresh it is; `by` names who wrote it down here, for professionals."""

    value: str
    source: str
    as_of: date
    by: str = ""


@dataclass(frozen=True, slots=True)
class BaseRow:
    """A field; `others` are what other sources, and people who work with the child, say of the same."""

    name: str
    said: Statement
    others: tuple[Statement, ...] = ()


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
    return [_row(name, base[name], named=not family) for name in order if not _taken_back(base[name])]


def source_name(code: str) -> str:
    """A register as people call it."""
    sources = classifiers().source_systems
    return sources[code].label(language()) if code in sources else code


def _taken_back(field: BaseField) -> bool:
    """A word of people that they took back; that a register knows of none any more is told."""
    return not field.value and field.source == "atbalsts" and not field.mismatch


def label_of(name: str) -> str:
    """A field as people call it."""
    return gettext(LABELS[name]) if name in LABELS else name.replace("_", " ").capitalize()


def statement(word: BaseField | Mismatch, *, named: bool = True) -> Statement:
    """What a source says; `named`: with who wrote it down here."""
    return Statement(word.value, source_name(word.source), word.as_of, word.by if named else "")


def other_words(field: BaseField, *, named: bool = True) -> tuple[Statement, ...]:
    """What else is said of the same: by people who work with the child first, then by another register."""
    return tuple(statement(word, named=named) for word in (field.said_here, field.mismatch) if word)


def _row(name: str, field: BaseField, *, named: bool) -> BaseRow:
    said, *others = (
        _in_words(name, word) for word in (statement(field, named=named), *other_words(field, named=named))
    )
    return BaseRow(label_of(name), said, tuple(others))


def _in_words(name: str, word: Statement) -> Statement:
    """What is kept in codes – days, sex, status – as people say it."""
    if name == "birth_date" and _DAY.fullmatch(word.value):
        return replace(word, value=date_text(date.fromisoformat(word.value)))
    return (
        replace(word, value=gettext(_WORDS[word.value])) if name in ("sex", "status") and word.value in _WORDS else word
    )
