"""One entry as a page: what it says, who recorded it, how it was corrected, from whom it is withheld."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from auth.entries import Sight, may_change
from auth.permissions import Permission, Section
from auth.place import is_family, place_hidden
from auth.policy import may
from documents.classifiers import EventKind, FieldSpec, UnknownCode, classifiers
from documents.event import Event, Withholding
from documents.model import day_of
from portal.dossier.base_data import source_name
from portal.dossier.lines import SHAPES, Recorder, event_title, recorder_of
from portal.events.visibility import AUTOMATIC, OTHER_CHILDREN
from portal.formats import age_text, date_text
from portal.timeline.actions import Content, Record, Sibling
from portal.translations import N_, gettext, language, pgettext

# Why the portal itself withholds an entry from the family.
REASONS = {
    AUTOMATIC: N_("telling the family of such an event may endanger the child"),
    OTHER_CHILDREN: N_("the text may name a child of another family"),
}
# Answers that tell where a protected child lives, learns or is treated.
PLACE_FIELDS = {
    *("group_name", "from_institution", "to_institution", "department", "place", "found_place", "provider_name"),
    *("service_name", "activity", "court_name", "returns_to", "lives_with", "who_cares", "guardian_name"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A field with its name and its value in words."""

    name: str
    value: str
    long: bool


@dataclass(frozen=True, slots=True)
class FileLink:
    """An attachment."""

    name: str
    size: int
    href: str


@dataclass(frozen=True, slots=True)
class WithheldFrom:
    """From whom in the family the entry is withheld, why, until when."""

    audience: str
    reason: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Version:
    """What the entry said before a correction."""

    number: int
    changed_at: datetime
    by: str
    reason: str
    day: str
    summary: str
    detail: str
    answers: tuple[Answer, ...]
    readable: bool


@dataclass(frozen=True, slots=True)
class EventPage:
    """`sight` in one word decides what the template says: presence, record, line or full."""

    id: str
    title: str
    sight: str
    domain: str
    kind: str
    shape: str
    day: date
    to: date | None
    lasts: bool
    time: str
    age: str
    planned: bool
    confidentiality: str
    meaning: str
    detail: str
    readable: bool
    answers: tuple[Answer, ...]
    files: tuple[FileLink, ...]
    recorder: Recorder
    recorder_title: str
    recorded_at: datetime
    source: str
    legal_basis: tuple[str, ...]
    corrections: int
    versions: tuple[Version, ...]
    withdrawn: tuple[datetime, str, str] | None
    withheld: tuple[WithheldFrom, ...]
    named: tuple[str, ...]
    siblings: tuple[Sibling, ...]
    ask: Recorder | None
    may_change: bool
    may_ask: bool


def event_page(record: Record) -> EventPage:
    """Return the page as far as the reader's sight goes."""
    opened, event, seen = record.opened, record.event, record.sight
    dossier, today = opened.dossier, day_of(opened.now)
    hidden, family, full = place_hidden(opened.access, dossier), is_family(opened.access), seen is Sight.FULL
    told = seen > Sight.PRESENCE
    kind = classifiers().event_kinds[event.kind]
    content = record.content or Content()
    classes = classifiers().confidentiality_classes
    recorder = recorder_of(event, hidden=hidden)
    return EventPage(
        id=event.id,
        title=event_title(event, seen),
        sight=seen.name.lower(),
        domain=event.domain,
        kind=kind.label(language()) if told else "",
        shape=gettext(SHAPES[event.shape]) if told else "",
        day=event.day,
        to=event.to if told else None,
        lasts=told and event.shape == "span" and event.to is None and event.day <= today,
        time=event.time if told else "",
        age=age_text(dossier.child.birth_date, event.day) if opened.access.scopes(Section.BASE) else "",
        planned=event.day > today,
        confidentiality=event.confidentiality,
        meaning="" if family else classes[event.confidentiality].meaning(language()),
        detail=content.detail,
        readable=content.readable,
        answers=answers(kind, content.fields, without=PLACE_FIELDS if hidden else set()) if full else (),
        files=file_links(dossier.id, event, hidden=hidden) if full else (),
        recorder=recorder,
        recorder_title=_title(event) if not hidden else "",
        recorded_at=event.recorded_at,
        source=source_name(event.source) if event.source != "atbalsts" and not hidden else "",
        legal_basis=tuple(classifiers().cite(clause, language()) for clause in kind.legal_basis) if told else (),
        corrections=len(event.earlier),
        versions=_versions(record, kind) if full and not family else (),
        withdrawn=_withdrawn(event, family=family),
        withheld=_withheld(record, today) if full and not family else (),
        named=record.named if full and not family else (),
        siblings=record.siblings,
        ask=None if full else _whom_to_ask(record, recorder),
        may_ask=not full and may(opened.who, Permission.ACCESS_ASK).allowed,
        may_change=full and event.withdrawn is None and may_change(opened.who, opened.access, event),
    )


def answers(kind: EventKind, fields: Mapping[str, str], *, without: set[str]) -> tuple[Answer, ...]:
    """The fields in the order the kind asks them; those of an earlier form of the kind after them."""
    specs = {spec.name: spec for spec in kind.fields}
    names = [name for name in specs if name in fields] + [name for name in fields if name not in specs]
    return tuple(_answer(name, specs.get(name), fields[name]) for name in names if name not in without)


def _answer(name: str, spec: FieldSpec | None, value: str) -> Answer:
    known = classifiers()
    field = known.event_fields.get(name)
    label = field.label(language()) if field else name
    unit = field.unit(language()) if field else ""
    kind = spec.type if spec else "text"
    return Answer(label, _value(kind, value) + (f" {unit}" if unit else ""), kind == "long_text")


def _value(kind: str, value: str) -> str:
    if kind == "choice":
        try:
            return classifiers().event_field_options[value].label(language())
        except UnknownCode:
            return value
    if kind == "yes_no" and value in ("yes", "no"):
        return pgettext("answer", "yes") if value == "yes" else pgettext("answer", "no")
    if kind == "date":
        try:
            return date_text(date.fromisoformat(value))
        except ValueError:
            return value
    return value.replace(".", ",") if kind in ("number", "hours") and language() == "lv" else value


def file_links(dossier_id: str, event: Event, *, hidden: bool) -> tuple[FileLink, ...]:
    """The attachments; a file's name may tell the place of a protected child, so its family sees a number."""
    return tuple(
        FileLink(
            gettext("Document %(number)s") % {"number": number} if hidden else file.name,
            file.size,
            f"/dossiers/{dossier_id}/events/{event.id}/files/{file.file_id}",
        )
        for number, file in enumerate(event.attachments, 1)
    )


def _title(event: Event) -> str:
    person = event.recorded_by
    return classifiers().positions[person.title].label(language()) if person and person.title else ""


def _versions(record: Record, kind: EventKind) -> tuple[Version, ...]:
    views = []
    for earlier, content in zip(record.event.earlier, record.earlier, strict=True):
        said = earlier.content
        day = date.fromisoformat(said["day"]) if "day" in said else None
        was = classifiers().event_kinds.get(said.get("kind", ""), kind)
        views.append(
            Version(
                earlier.version,
                earlier.changed_at,
                earlier.changed_by.name,
                earlier.reason,
                date_text(day) if day else "",
                said.get("summary", ""),
                content.detail,
                answers(was, content.fields, without=set()),
                content.readable,
            )
        )
    return tuple(reversed(views))


def _withdrawn(event: Event, *, family: bool) -> tuple[datetime, str, str] | None:
    gone = event.withdrawn
    return (gone.at, "" if family else gone.by.name, gone.reason) if gone else None


def _withheld(record: Record, today: date) -> tuple[WithheldFrom, ...]:
    return tuple(
        WithheldFrom(_audience(record, withholding), _reason(withholding.reason), withholding.until)
        for withholding in record.event.withheld
        if withholding.lifted_at is None and (withholding.until is None or today <= withholding.until)
    )


def _audience(record: Record, withholding: Withholding) -> str:
    if withholding.audience.startswith("person:"):
        person_id = withholding.audience.removeprefix("person:")
        relationships = record.opened.dossier.relationships
        return next((r.name for r in relationships if r.person_id == person_id), gettext("a named person"))
    return classifiers().withholding_audiences[withholding.audience].label(language())


def _reason(reason: str) -> str:
    return gettext(REASONS[reason]) if reason in REASONS else reason


def _whom_to_ask(record: Record, recorder: Recorder) -> Recorder | None:
    """The case manager decides on access; without one, whoever recorded the entry."""
    manager = record.opened.dossier.case_manager
    if manager is None or place_hidden(record.opened.access, record.opened.dossier):
        return recorder if recorder.email or recorder.phone else None
    return Recorder(manager.name, manager.institution_name, manager.phone, manager.email)
