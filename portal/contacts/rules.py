"""What people who work with a child may correct of base data and contacts, and what they wrote: read and checked."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from auth.access import Opened
from auth.permissions import Permission
from auth.place import knows_place, reads_protected_address
from portal.dossier.base_data import PLACES
from portal.events.rules import Message, Values, number_in, one
from portal.translations import N_

# What people know better than a register, in the order it is asked; the rest only registers tell.
KNOWN_BY_PEOPLE = (
    *("contact_person", "actual_address", "language", "interests"),
    *("school", "class", "programme", "family_doctor", "family_doctor_practice", "family_doctor_phone"),
)
# Ways to reach somebody: also for whoever may write contacts only.
CONTACT_FIELDS = {"contact_person"}
PHONES = {"phone", "family_doctor_phone"}
CONTACTS = ("phone", "email")
RESIDENCE = "actual_address"  # of a protected child kept sealed
LINE_LETTERS, TEXT_LETTERS = 200, 2000
LONG = {"interests"}
_PHONE = re.compile(r"\+?[\d ()/.-]+")
_DIGITS_NEEDED, _DIGITS_TAKEN = 7, 15  # the longest number the world knows has fifteen
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(\.[\w-]+)+")
_EMAIL_LETTERS = 254


@dataclass(frozen=True)
class Edit:
    """One field as somebody changed it: the new text, and the text and version the form was made under."""

    name: str
    text: str
    was: str
    version: int


def editable(opened: Opened) -> tuple[str, ...]:
    """Return the fields of base data this person may write; of a protected child no place it does not know."""
    whole = opened.can(Permission.BASE_WRITE)
    names = [name for name in KNOWN_BY_PEOPLE if whole or name in CONTACT_FIELDS]
    if not knows_place(opened.access, opened.dossier):
        names = [name for name in names if name not in PLACES]
    if opened.dossier.child.protected and not reads_protected_address(opened.access):
        names = [name for name in names if name != RESIDENCE]
    return tuple(names)


def read_edits(
    values: Values, names: Sequence[str], told_by_registers: Collection[str] = ()
) -> tuple[list[Edit], dict[str, Message]]:
    """Read what was changed: a text as the form showed it was left alone, whatever stands there now.

    `told_by_registers`: fields that cannot be emptied, because only a register said something so far.
    """
    edits: list[Edit] = []
    errors: dict[str, Message] = {}
    for name in names:
        text, was = one(values, name), one(values, f"was_{name}")
        if name not in LONG:
            text = " ".join(text.split())
        if name not in values or same(text, was):
            continue
        if not text and name in told_by_registers:
            errors[name] = Message(N_("A register says this. Write what is right instead: it will stand beside it."))
        if message := _fault(name, text):
            errors[name] = message
        edits.append(Edit(name, text, was, version_in(values, name)))
    return edits, errors


def same(text: str, other: str) -> bool:
    """Whether two texts say the same; spaces and line ends do not count."""
    return text.split() == other.split()


def _fault(name: str, text: str) -> Message | None:
    if name in PHONES and text:
        digits = sum(letter.isdigit() for letter in text)
        if not _PHONE.fullmatch(text) or not text.isascii() or not _DIGITS_NEEDED <= digits <= _DIGITS_TAKEN:
            return Message(
                N_("This is no telephone number. Write at least seven digits, for example 0000 0000 or +371 0000 0000.")
            )
    if name == "email" and text and (len(text) > _EMAIL_LETTERS or not _EMAIL.fullmatch(text)):
        return Message(N_("This is no e-mail address. It looks like vards.uzvards@pasts.example."))
    limit = TEXT_LETTERS if name in LONG else LINE_LETTERS
    if len(text) > limit:
        return Message(N_("Shorten it to %(limit)s letters; it has %(count)s."), {"limit": limit, "count": len(text)})
    return None


def version_in(values: Values, name: str) -> int:
    """The version of the field the form was made under; one that fits none for nonsense."""
    return number_in(values, f"version_{name}")
