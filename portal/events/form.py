"""What the page of an event form shows: choices, siblings, who will read it, and the words of every error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from auth.access import Opened
from auth.permissions import Permission
from auth.policy import decide, reach
from documents.classifiers import EventKind, classifiers
from documents.dossier import Dossier
from documents.event import Event, Withholding
from documents.model import day_of
from documents.store import Store
from portal.domains import BY_KEY
from portal.events.rules import Message, many, one
from portal.events.visibility import WillRead, as_correction, start_withheld_kind, who_will_read
from portal.formats import age_text
from portal.translations import N_, gettext, language

Values = Mapping[str, Sequence[str]]
# Entries the system writes itself.
NOT_BY_HAND = {"emergency_help", "need_identified", "level_changed"}
# What the fields are called in the list of errors.
LABELS = {
    "kind": N_("What was it?"),
    "day": N_("When?"),
    "time": N_("Time"),
    "to": N_("Until when?"),
    "summary": N_("In one sentence"),
    "detail": N_("In detail"),
    "confidentiality": N_("Who may see it?"),
    "named_people": N_("Name who may read it"),
    "withheld_reason": N_("Why not?"),
    "files": N_("Attachments"),
    "reason": N_("Why is it corrected?"),
}


@dataclass(frozen=True)
class Sibling:
    """A brother or sister the entry may be written for too."""

    dossier_id: str
    name: str
    age: str
    ticked: bool


@dataclass
class FormView:
    """Everything `events/form.html` needs beside the child's band."""

    values: dict[str, list[str]]
    errors: dict[str, str] = field(default_factory=dict)
    kinds: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    kind: EventKind | None = None
    fields: list[dict[str, Any]] = field(default_factory=list)
    classes: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    siblings: list[Sibling] = field(default_factory=list)
    readers: list[WillRead] = field(default_factory=list)
    family: list[WillRead] = field(default_factory=list)
    reason_asked: str = ""
    always_withheld: bool = False

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every error with the name of its field, and the field to go to."""
        named = LABELS | {f["name"]: f["label"] for f in self.fields}
        return [(_labelled(named.get(name, ""), text), name) for name, text in self.errors.items()]

    def one(self, name: str) -> str:
        """The value of a field as typed."""
        return one(self.values, name)

    def ticked(self, name: str, value: str) -> bool:
        """Whether a box or answer is chosen."""
        return value in self.values.get(name, [])


def _labelled(label: str, text: str) -> str:
    """What to put right, after the name of its field; a label that asks needs no colon."""
    name = gettext(label) if label else ""
    return f"{name}{'' if name.endswith('?') else ':'} {text}" if name else text


async def siblings_to_write_for(store: Store, opened: Opened) -> list[Dossier]:
    """Return the brothers and sisters whose dossiers the writer may write in: nobody else is even named."""
    ids = [r.dossier_id for r in opened.dossier.relationships if r.dossier_id]
    if not ids:
        return []
    query = {"_id": {"$in": ids}, **reach(opened.who, opened.now)}
    without_lives = {"events": 0, "base": 0}
    dossiers = [Dossier.model_validate(row) async for row in store.dossiers.find(query, without_lives)]
    return [d for d in dossiers if decide(opened.who, Permission.EVENT_ADD, d, opened.now).allowed]


def view(
    opened: Opened,
    siblings: list[Dossier],
    values: Mapping[str, Sequence[str]],
    errors: Mapping[str, Message],
    event: Event | None = None,
) -> FormView:
    """Put the form's page together from what was typed so far; `event` is the entry being corrected."""
    typed = {name: list(given) for name, given in values.items()}
    today, lang = day_of(opened.now), language()
    known = classifiers()
    kind = known.event_kinds.get(one(typed, "kind"))
    shown = FormView(values=typed, errors={name: say(message) for name, message in errors.items()})
    own_domain = known.institution_types[opened.who.role.institution_type].domain if opened.who.role else ""
    shown.kinds = kind_choices(own_domain, today, lang)
    shown.kind = kind
    shown.fields = _fields(kind, lang)
    least = known.confidentiality_classes[kind.confidentiality].order if kind else 1
    shown.classes = [
        {"code": c.code, "label": c.label(lang).capitalize(), "meaning": c.meaning(lang)}
        for c in known.confidentiality_classes.values()
        if c.order >= least
    ]
    if one(typed, "confidentiality") not in [c["code"] for c in shown.classes]:
        typed["confidentiality"] = [shown.classes[0]["code"]]
    shown.people = people_on_the_case(opened.dossier, opened.who.person_id)
    shown.siblings = [_sibling(d, typed, today) for d in siblings]
    shown.reason_asked = kind.reason_asked(lang) if kind else ""
    shown.always_withheld = bool(kind and kind.families == "withheld")
    shown.readers, shown.family = who_will_read(
        opened.dossier,
        provisional(opened, typed, kind, event),
        opened.now,
        but=opened.who.as_professional().role_id,
    )
    return shown


def say(message: Message) -> str:
    """A message in the language spoken now."""
    return gettext(message.text) % message.values if message.values else gettext(message.text)


def kind_choices(own_domain: str, today: date, lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds of event in groups by domain, the own domain first, each in the order of the classifier."""
    kinds = [k for k in classifiers().event_kinds.in_force(today) if k.code not in NOT_BY_HAND]
    order = list(BY_KEY)
    kinds.sort(key=lambda k: (k.domain != own_domain, order.index(k.domain) if k.domain in order else 9))
    return [
        (gettext(BY_KEY[domain].name) if domain in BY_KEY else domain, [(k.code, k.label(lang)) for k in members])
        for domain, members in groupby(kinds, key=lambda k: k.domain)
    ]


def people_on_the_case(dossier: Dossier, but: str) -> list[dict[str, Any]]:
    """Those a restricted entry may name: specialists at work for the child now."""
    people: dict[str, dict[str, Any]] = {}
    managers = [m for m in (dossier.case_manager, dossier.family_case_manager) if m]
    involved = [p for involvement in dossier.involvements if involvement.to is None for p in involvement.responsible]
    for person in [*managers, *dossier.team, *involved]:
        if person.person_id != but:
            people.setdefault(
                person.person_id, {"id": person.person_id, "name": person.name, "place": person.institution_name}
            )
    return list(people.values())


def provisional(opened: Opened, values: Values, kind: EventKind | None, corrected: Event | None = None) -> Event:
    """The entry as it would be saved now: asked of the same policy that will judge it afterwards."""
    writer = opened.who.as_professional()
    withheld = start_withheld_kind(kind, bool(one(values, "withheld")), one(values, "withheld_reason"))
    started = [Withholding(audience="family", reason=withheld)] if withheld else []
    entry = Event(
        id="",
        kind=kind.code if kind else "home_visit",
        domain=kind.domain if kind else "",
        shape=kind.shape if kind else "event",
        day=day_of(opened.now),
        summary="",
        confidentiality=one(values, "confidentiality") or "standard",
        named_people=sorted({*many(values, "named_people"), writer.person_id}),
        withheld=started,
        recorded_by=writer,
        institution_id=writer.institution_id,
        institution_name=writer.institution_name,
        recorded_at=opened.now,
    )
    return as_correction(corrected, entry, started) if corrected else entry


def values_of(event: Event, content: Mapping[str, Any]) -> dict[str, list[str]]:
    """An entry as the form shows it for correcting; `content` is its opened narrative."""
    # What is withheld from single adults because of other children is no wish of the writer.
    by_the_writer = [w.reason for w in event.withheld if w.lifted_at is None and w.audience == "family"]
    values = {
        "kind": [event.kind],
        "day": [_written(event.day)],
        "to": [_written(event.to) if event.to else ""],
        "ongoing": ["yes"] if event.ongoing else [],
        "time": [event.time],
        "summary": [event.summary],
        "detail": [str(content.get("detail", ""))],
        "confidentiality": [event.confidentiality],
        "named_people": list(event.named_people),
        "withheld": ["yes"] if by_the_writer else [],
        "withheld_reason": [by_the_writer[0]] if by_the_writer else [""],
        "version": [str(event.version)],
    }
    types = {spec.name: spec.type for spec in classifiers().event_kinds[event.kind].fields}
    for name, value in dict(content.get("fields", {})).items():
        values[f"field_{name}"] = [_written(date.fromisoformat(value)) if types.get(name) == "date" else value]
    return values


def _written(day: date) -> str:
    return f"{day:%d.%m.%Y}."


def _fields(kind: EventKind | None, lang: str) -> list[dict[str, Any]]:
    if kind is None:
        return []
    known = classifiers()
    return [
        {
            "name": f"field_{spec.name}",
            "type": spec.type,
            "label": known.event_fields[spec.name].label(lang).capitalize(),
            "hint": known.event_fields[spec.name].hint(lang),
            "unit": known.event_fields[spec.name].unit(lang),
            "required": spec.required,
            "options": [(o, known.event_field_options[o].label(lang)) for o in spec.options],
        }
        for spec in kind.fields
    ]


def _sibling(other: Dossier, values: Values, today: date) -> Sibling:
    """Never ticked beforehand: an entry goes into another child's dossier only where the writer means it to."""
    return Sibling(
        other.id, other.child.name, age_text(other.child.birth_date, today), other.id in many(values, "siblings")
    )
