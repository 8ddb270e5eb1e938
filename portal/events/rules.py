"""What somebody wrote about an event: read, checked, refused with a sentence that says what to do."""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from documents.classifiers import EventKind, FieldSpec, classifiers
from portal.translations import N_

SUMMARY_LETTERS = 160
DETAIL_LETTERS = 20_000
REASON_LETTERS = 500
_DAY = re.compile(r"(\d{1,2})[.\s/]+(\d{1,2})[.\s/]+(\d{4})\.?|(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)")
# What no typing makes: it would break lists, logs or the order of reading.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Message:
    """A sentence for one field: an English message id with its values, translated where it is shown."""

    text: str
    values: dict[str, str | int] = field(default_factory=dict)


class Cannot(Exception):
    """A step will not do: `message` says why and what to do, `field` where on the form."""

    where = ""

    def __init__(self, text: str, field: str = "", **values: str | int) -> None:
        super().__init__(text)
        self.message, self.field = Message(text, values), field or self.where


@dataclass(frozen=True)
class EventDraft:
    """An event as written, checked and ready to be saved."""

    kind: str
    day: date
    to: date | None
    ongoing: bool
    time: str
    summary: str
    detail: str
    fields: dict[str, str]
    confidentiality: str
    named_people: tuple[str, ...]
    siblings: tuple[str, ...]  # dossier ids it is written for too
    withheld: bool
    withheld_reason: str
    withheld_for: tuple[str, ...]  # dossier ids whose family does not see it
    names_no_other: bool  # the writer says that the text names no other child


def one(values: Values, name: str) -> str:
    """The value of a field as typed, without what no typing makes; empty where it is missing."""
    given = values.get(name) or [""]
    return _LINE_END.sub("\n", _CONTROL.sub("", str(given[0]))).strip()


def number_in(values: Values, name: str = "version", digits: int = 5) -> int:
    """The version (or revision) a form was made under; -1, which fits none, for nonsense."""
    return number_of(one(values, name), digits)


def number_of(text: str, digits: int = 5) -> int:
    """A whole number of so many digits at most; -1 for nonsense."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else -1


def many(values: Values, name: str) -> tuple[str, ...]:
    """All values of a field that may be ticked several times."""
    return tuple(dict.fromkeys(_CONTROL.sub("", str(v)).strip() for v in values.get(name) or [] if str(v).strip()))


def read_draft(
    values: Values, *, born: date, today: date, may_name: set[str], siblings: set[str]
) -> tuple[EventDraft | None, dict[str, Message]]:
    """Read the form. Returns the draft, or none with one message for each field to put right.

    `born` is the child's birth date: nothing happened before it (but prenatal signals, a year earlier);
    `may_name` are the people a restricted entry may name, `siblings` the dossiers it may be written for.
    """
    errors: dict[str, Message] = {}
    kind = _kind(values, today, errors)
    day = _day(values, "day", errors, required=True)
    to = _day(values, "to", errors) if kind and kind.shape == "span" else None
    ongoing = bool(kind and kind.shape == "span" and one(values, "ongoing"))
    if day:
        _check_days(day, to, ongoing, born, today, errors)
    time = _time(values, errors)
    summary = one(values, "summary").replace("\n", " ")
    if not summary:
        errors["summary"] = Message(N_("Write in one sentence what happened."))
    elif len(summary) > SUMMARY_LETTERS:
        errors["summary"] = Message(
            N_("Shorten it to %(limit)s letters; it has %(count)s. More fits under “In detail”."),
            {"limit": SUMMARY_LETTERS, "count": len(summary)},
        )
    detail = one(values, "detail")
    if len(detail) > DETAIL_LETTERS:
        errors["detail"] = Message(
            N_("Shorten it to %(limit)s letters, or attach it as a file; it has %(count)s."),
            {"limit": DETAIL_LETTERS, "count": len(detail)},
        )
    fields = _fields(kind, values, errors) if kind else {}
    confidentiality = _confidentiality(values, kind, errors)
    named = tuple(person for person in many(values, "named_people") if person in may_name)
    if confidentiality == "restricted" and not named:
        errors["named_people"] = Message(N_("Name at least one person who may read it."))
    withheld = bool(one(values, "withheld")) or bool(kind and kind.families == "withheld")
    reason = one(values, "withheld_reason")[:REASON_LETTERS]
    if withheld and not reason and not (kind and kind.families == "withheld"):
        errors["withheld_reason"] = Message(N_("Write shortly why the family should not see it."))
    if errors or kind is None or day is None:
        return None, errors
    draft = EventDraft(
        kind=kind.code,
        day=day,
        to=to,
        ongoing=ongoing,
        time=time,
        summary=summary,
        detail=detail,
        fields=fields,
        confidentiality=confidentiality,
        named_people=named,
        siblings=tuple(s for s in many(values, "siblings") if s in siblings),
        withheld=withheld,
        withheld_reason=reason,
        withheld_for=many(values, "withheld_for"),
        names_no_other=bool(one(values, "names_no_other")),
    )
    return draft, {}


def read_reason(values: Values) -> tuple[str, dict[str, Message]]:
    """Read why an entry is corrected or withdrawn: always asked, always kept."""
    reason = one(values, "reason")
    if not reason:
        return "", {"reason": Message(N_("Write shortly why: the reason stays with the entry."))}
    return reason[:REASON_LETTERS], {}


def read_day(text: str) -> date | Message | None:
    """Read a day as people write it. Returns none for nothing, a message for what is no day."""
    if not text.strip():
        return None
    found = _DAY.fullmatch(text.strip())
    if not found:
        return Message(N_("Write the date like %(example)s."), {"example": "20.11.2026."})
    parts = [int(part) for part in found.groups() if part]
    day, month, year = parts if found.group(1) else parts[::-1]
    if not 1 <= month <= 12:
        return Message(N_("The second number is the month, from 1 to 12."))
    if not 1900 <= year <= 2200:
        return Message(N_("Check the year: %(year)s."), {"year": year})
    longest = calendar.monthrange(year, month)[1]
    if not 1 <= day <= longest:
        return Message(N_("That month has %(count)s days. Write a date that exists."), {"count": longest})
    return date(year, month, day)


def _kind(values: Values, today: date, errors: dict[str, Message]) -> EventKind | None:
    code = one(values, "kind")
    kinds = classifiers().event_kinds
    if code not in kinds or not kinds[code].in_force(today):
        errors["kind"] = Message(N_("Choose what kind of event it was."))
        return None
    return kinds[code]


def _day(values: Values, name: str, errors: dict[str, Message], *, required: bool = False) -> date | None:
    read = read_day(one(values, name))
    if isinstance(read, Message):
        errors[name] = read
        return None
    if read is None and required:
        errors[name] = Message(N_("Write when it happened."))
    return read


def _check_days(day: date, to: date | None, ongoing: bool, born: date, today: date, errors: dict[str, Message]) -> None:
    if day < born.replace(year=born.year - 1, day=min(born.day, 28)):
        errors["day"] = Message(N_("The child was born later. Check the year."))
    elif day > today.replace(year=today.year + 1, day=min(today.day, 28)):
        errors["day"] = Message(N_("Plan at most a year ahead."))
    if to and to < day:
        errors["to"] = Message(N_("The end is before the beginning."))
    elif to and ongoing:
        errors["to"] = Message(N_("Either it lasts, or it ended on this day: choose one."))


def _time(values: Values, errors: dict[str, Message]) -> str:
    text = one(values, "time")
    if not text:
        return ""
    found = _TIME.fullmatch(text)
    if not found:
        errors["time"] = Message(N_("Write the time like 16.20, or leave it empty."))
        return ""
    return f"{int(found.group(1))}.{found.group(2)}"


def _confidentiality(values: Values, kind: EventKind | None, errors: dict[str, Message]) -> str:
    """A writer may narrow the circle the kind sets, never widen it."""
    classes = classifiers().confidentiality_classes
    least = kind.confidentiality if kind else "standard"
    chosen = one(values, "confidentiality") or least
    if chosen not in classes:
        errors["confidentiality"] = Message(N_("Choose who may see it."))
        return least
    return chosen if classes[chosen].order >= classes[least].order else least


def _fields(kind: EventKind, values: Values, errors: dict[str, Message]) -> dict[str, str]:
    read = {}
    for spec in kind.fields:
        text = one(values, f"field_{spec.name}")
        if not text:
            if spec.required:
                errors[f"field_{spec.name}"] = Message(N_("Fill this in."))
            continue
        problem = _field_problem(spec, text)
        if problem:
            errors[f"field_{spec.name}"] = problem
        else:
            read[spec.name] = _field_value(spec, text)
    return read


def _field_problem(spec: FieldSpec, text: str) -> Message | None:
    if spec.type in ("number", "hours") and not re.fullmatch(r"\d{1,6}([.,]\d{1,2})?", text):
        return Message(N_("Write a number, for example 12."))
    if spec.type == "date" and not isinstance(read_day(text), date):
        return Message(N_("Write the date like %(example)s."), {"example": "20.11.2026."})
    if spec.type == "choice" and text not in spec.options:
        return Message(N_("Choose one of the answers."))
    if spec.type == "yes_no" and text not in ("yes", "no"):
        return Message(N_("Choose one of the answers."))
    if spec.type in ("text", "long_text") and len(text) > DETAIL_LETTERS:
        return Message(N_("This is too long; attach it as a file."))
    return None


def _field_value(spec: FieldSpec, text: str) -> str:
    if spec.type in ("number", "hours"):
        return text.replace(",", ".")
    if spec.type == "date":
        return str(read_day(text))
    return text
