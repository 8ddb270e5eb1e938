"""Kinds of event in a child's life course, and the few fields each of them asks for."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import BeforeValidator

from documents.classifiers.cells import Domain, ShortLabel, Text, YesNo, words
from documents.classifiers.row import Row

Trigger = Literal["4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "4.10"]
FieldType = Literal["text", "long_text", "number", "yes_no", "date", "choice", "hours"]


@dataclass(frozen=True)
class FieldSpec:
    """One field of an event kind: `name:type!`, options of a choice after the type, `!` = required."""

    name: str
    type: FieldType
    options: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Clause:
    """A place in a law: the legal basis by code and its article or clause."""

    legal_basis: str
    clause: str


def _fields(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    specs = tuple(_field(part.strip()) for part in cell.split(";") if part.strip())
    if twice := {spec.name for spec in specs if [s.name for s in specs].count(spec.name) > 1}:
        raise ValueError(f"the field {', '.join(sorted(twice))} stands twice; keep one")
    return specs


def _field(text: str) -> FieldSpec:
    required = text.endswith("!")
    name, _, rest = text.removesuffix("!").partition(":")
    kind, _, options = rest.partition(":")
    if kind not in get_args(FieldType):
        raise ValueError(f"{text!r} has no known type; write name:type with {', '.join(get_args(FieldType))}")
    if (kind == "choice") != bool(options):
        raise ValueError(f"{text!r}: a choice, and only a choice, lists its options like name:choice:one|two")
    return FieldSpec(name, kind, tuple(options.split("|")) if options else (), required)  # type: ignore[arg-type]


def _clauses(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return tuple(Clause(*_clause(part.strip())) for part in cell.split(";") if part.strip())


def _clause(text: str) -> tuple[str, str]:
    basis, _, clause = text.partition(" ")
    return basis, clause.strip()


Clauses = Annotated[tuple[Clause, ...], BeforeValidator(_clauses)]
"""Places in laws: `law clause`, separated by semicolons."""


class EventKind(Row):
    """A kind of event: how it is drawn, who may read it, and what is asked about it.

    `families` = withheld: the entry starts withheld from the audience "family". `domain_open`: meant for
    every responsible person on the case. `triggers` are clauses 4.1-4.10 of Cabinet Regulation 157.
    """

    references: ClassVar[dict[str, str]] = {"domain": "domains", "confidentiality": "confidentiality_classes"}

    domain: Domain
    shape: Literal["event", "span", "assessment", "decision", "incident"]
    confidentiality: Literal["standard", "sensitive", "restricted"]
    families: Literal["shown", "withheld"]
    domain_open: YesNo
    early_signal: YesNo
    triggers: Annotated[tuple[Trigger, ...], BeforeValidator(words)] = ()
    reason_asked_lv: Text = ""
    reason_asked_en: Text = ""
    legal_basis: Clauses = ()
    fields: Annotated[tuple[FieldSpec, ...], BeforeValidator(_fields)] = ()
    short_lv: ShortLabel
    short_en: ShortLabel

    def short(self, language: str) -> str:
        """The name for the timeline picture, at most 22 characters."""
        return self.short_en if language == "en" else self.short_lv

    def reason_asked(self, language: str) -> str:
        """Why this is asked; empty where nobody would wonder."""
        return self.reason_asked_en if language == "en" else self.reason_asked_lv


class EventField(Row):
    """The name of a field of event kinds, with its unit and a hint for whoever fills it in."""

    unit_lv: str = ""
    unit_en: str = ""
    hint_lv: Text = ""
    hint_en: Text = ""

    def unit(self, language: str) -> str:
        """The unit that stands behind the value."""
        return self.unit_en if language == "en" else self.unit_lv

    def hint(self, language: str) -> str:
        """The hint that stands under the label."""
        return self.hint_en if language == "en" else self.hint_lv


class EventFieldOption(Row):
    """An answer that a field of type choice offers."""
