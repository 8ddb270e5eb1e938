"""Whose word counts where a register and people who work with the child say different things.

In base data the register's word stays first and the people's stands beside it. Of ways to reach somebody the
people's word comes first – an old number reaches nobody – and the register's stands beside it.
"""

from collections.abc import Mapping
from datetime import date

from documents.child import BaseField, Mismatch
from documents.family import Relationship
from documents.person import Person

HERE = "atbalsts"  # the source of what is written down here


def stands(field: BaseField | None) -> str:
    """What people who work with the child say now: the text their form begins with."""
    if field is None:
        return ""
    return field.said_here.value if field.said_here else field.value


def only_told(base: Mapping[str, BaseField]) -> set[str]:
    """Return the fields of which a register alone says something: there is no word of people to take back."""
    return {name for name, field in base.items() if field.source != HERE and field.value and field.said_here is None}


def noted(field: BaseField | None, text: str, by: str, today: date) -> BaseField:
    """Return the field after somebody wrote `text`. What a register said stays; no text takes one's own word back."""
    if field is None:
        return BaseField(value=text, source=HERE, as_of=today, by=by)
    word = Mismatch(source=HERE, value=text, as_of=today, by=by)
    if field.source != HERE:
        beside = word if text and text != field.value else None
        return field.model_copy(update={"said_here": beside, "version": field.version + 1})
    return _own_word(field, word)


def contact_noted(field: BaseField, text: str, by: str, today: date) -> BaseField:
    """Return the contact after somebody wrote `text`: it comes first, a register's earlier word stands beside it."""
    word = Mismatch(source=HERE, value=text, as_of=today, by=by)
    if field.source == HERE:
        return _own_word(field, word)
    told = Mismatch(source=field.source, value=field.value, as_of=field.as_of)
    other = told if field.value and field.value != text else None
    return BaseField(value=text, source=HERE, as_of=today, version=field.version + 1, by=by, mismatch=other)


def contact_of(owner: Person | Relationship, name: str, today: date) -> BaseField:
    """Return a way to reach somebody as it stands; version 0 where nobody wrote it down here yet."""
    if name in owner.contacts:
        return owner.contacts[name]
    return BaseField(value=getattr(owner, name), source=owner.source, as_of=owner.as_of or today, version=0)


def _own_word(field: BaseField, word: Mismatch) -> BaseField:
    other = field.mismatch if field.mismatch and field.mismatch.value != word.value else None
    update = {"value": word.value, "as_of": word.as_of, "by": word.by, "mismatch": other}
    return field.model_copy(update=update | {"reference": None, "version": field.version + 1})
