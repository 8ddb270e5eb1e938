"""The forms of base data and contacts: each field with what registers say of it, and what somebody saved meanwhile."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from auth.access import Opened
from documents.child import BaseField
from documents.classifiers import classifiers
from documents.family import Relationship
from documents.model import day_of
from portal.contacts.actions import Standing
from portal.contacts.rules import CONTACTS, LONG, PHONES, RESIDENCE, same, version_in
from portal.contacts.words import HERE, contact_of
from portal.dossier.base_data import Statement, label_of, other_words, statement
from portal.events.form import say
from portal.events.rules import Message, Values, one
from portal.translations import N_, gettext, language

CONTACT_LABELS = {"phone": N_("Telephone"), "email": N_("E-mail")}
HINTS = {
    "contact_person": N_("Who is reached first, and how."),
    "language": N_("For example: Latvian, Ukrainian."),
    "interests": N_("What the child likes, is good at and is used to."),
}
SEALED = N_("Of a protected child it is kept sealed: only the case manager, the team and emergency help read it.")


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as typed, with the text and version it began with; `theirs` is what stands now after a conflict."""

    name: str
    label: str
    text: str
    was: str
    version: int
    hint: str
    error: str
    type: str
    long: bool
    told: tuple[Statement, ...]  # what registers say of the same
    theirs: str | None


@dataclass(frozen=True)
class Form:
    """What was typed, what is to be put right, and the fields others changed meanwhile."""

    standing: Standing
    values: Values
    errors: Mapping[str, Message]
    conflicts: Collection[str] = ()


def base_fields(opened: Opened, form: Form) -> list[FieldView]:
    """Return the fields of the base data this person may write."""
    base, protected = opened.dossier.base, opened.dossier.child.protected
    hints = HINTS | ({RESIDENCE: SEALED} if protected else {})
    return [_view(form, name, label_of(name), hints.get(name, ""), _told(base.get(name))) for name in form.standing]


def contact_fields(opened: Opened, relationship: Relationship, form: Form) -> list[FieldView]:
    """Return telephone and e-mail of somebody of the family."""
    words = {name: contact_of(relationship, name, day_of(opened.now)) for name in CONTACTS}
    return [_view(form, name, gettext(CONTACT_LABELS[name]), "", _told(word)) for name, word in words.items()]


def person_title(relationship: Relationship) -> str:
    """Who it is: name, and what to the child."""
    kind = classifiers().relationship_kinds[relationship.kind].label(language())
    return f"{relationship.name or gettext('not known')}, {kind}"


def _view(form: Form, name: str, label: str, hint: str, told: tuple[Statement, ...]) -> FieldView:
    standing, values = form.standing[name], form.values
    text = one(values, name) if name in values else standing[0]
    began = (one(values, f"was_{name}"), version_in(values, name)) if name in values else standing
    if same(text, began[0]) and name not in form.errors:
        text, began = standing[0], standing  # left alone: it shows what stands now
    conflict = name in form.conflicts
    if conflict:
        began = standing  # saving once more is a decision made in sight of both
    return FieldView(
        name=name,
        label=label,
        text=text,
        was=began[0],
        version=began[1],
        hint=gettext(hint) if hint else "",
        error=say(form.errors[name]) if name in form.errors else "",
        type="tel" if name in PHONES else "email" if name == "email" else "text",
        long=name in LONG,
        told=told,
        theirs=standing[0] if conflict else None,
    )


def _told(field: BaseField | None) -> tuple[Statement, ...]:
    """The words of registers."""
    if field is None:
        return ()
    own = (statement(field),) if field.source != HERE and field.value else ()
    others = other_words(field.model_copy(update={"said_here": None}))
    return own + others
