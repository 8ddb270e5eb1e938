"""Correcting base data and contacts: each field is decided on what stands now; all of a form is saved or nothing."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from auth.access import Forbidden, NotFound, Opened, dossier_to_change, entry_for
from auth.permissions import Permission, Section
from auth.reasons import READ_ONLY
from auth.who import Who
from documents.acts import Act
from documents.audit import AuditEntry
from documents.copies import COPIES, copied
from documents.family import Relationship
from documents.model import day_of, to_bson
from documents.outbox import OutboxItem
from documents.person import Person
from documents.store import Changed, Store, Transaction
from portal.contacts.residence import read_residence, seal_residence
from portal.contacts.rules import CONTACTS, RESIDENCE, Edit, editable, same
from portal.contacts.words import contact_noted, contact_of, noted, stands

WRITE = Permission.CONTACTS_WRITE
Standing = Mapping[str, tuple[str, int]]  # field to its text and version


class NothingNew(Exception):
    """All of it stands already: the same form came twice, or two people wrote the same."""


async def change_base(store: Store, who: Who, dossier_id: str, edits: Sequence[Edit], now: datetime) -> None:
    """Write down fields of base data; what a register says stays, the word of people stands beside it.

    Raises Changed with the names of the fields somebody else changed since the form was made, NotFound, Forbidden.
    """
    sealed = {edit.name: await seal_residence(store, who, edit.text, now) for edit in edits if edit.name == RESIDENCE}

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, WRITE, now)
        if not {edit.name for edit in edits} <= set(editable(opened)):
            raise Forbidden(READ_ONLY)
        changes: dict[str, Any] = {}
        for edit in still_to_say(edits, await base_standing(store, opened)):
            if edit.name == RESIDENCE and opened.dossier.child.protected:
                changes["protected_residence"] = sealed[edit.name]
            else:
                field = noted(opened.dossier.base.get(edit.name), edit.text, who.signed, day_of(now))
                changes[f"base.{edit.name}"] = to_bson(field)
        await transaction.change(opened.dossier, {"$set": changes})
        written = ",".join(sorted(edit.name for edit in edits))
        transaction.record(_entry(opened, Act.BASE_CHANGED, Section.BASE, written))

    await _unless_it_stands(store, work)


async def change_contacts(
    store: Store, who: Who, dossier_id: str, relationship_id: str, edits: Sequence[Edit], now: datetime
) -> None:
    """Write down how somebody of the family is reached: once for the person; copies in other dossiers follow.

    Raises Changed as `change_base` does, NotFound (also when nobody of the family is meant), Forbidden.
    """

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, WRITE, now)
        index = _index(opened, relationship_id)
        relationship = opened.dossier.relationships[index]
        person = await transaction.person(relationship.person_id) if relationship.person_id else None
        values = _contacts_after(person or relationship, edits, who.signed, day_of(now))
        if person is None:
            relationship = relationship.model_copy(update=values)
        else:
            person = person.model_copy(update=values)
            await transaction.change_person(person, {name: _stored(value) for name, value in values.items()})
            relationship = copied(relationship, person)
            transaction.send(OutboxItem(kind=COPIES, at=now, subject=person.id))
        await transaction.change(opened.dossier, {"$set": {f"relationships.{index}": to_bson(relationship)}})
        transaction.record(_entry(opened, Act.CONTACTS_CHANGED, Section.FAMILY, relationship_id))

    await _unless_it_stands(store, work)


async def base_standing(store: Store, opened: Opened) -> dict[str, tuple[str, int]]:
    """Return the text and version of each field this person may write, as they stand now."""
    base = opened.dossier.base
    standing = {name: (stands(base.get(name)), base[name].version if name in base else 0) for name in editable(opened)}
    if opened.dossier.child.protected and RESIDENCE in standing:
        residence = await read_residence(store, opened)
        standing[RESIDENCE] = (residence.text, residence.version)
    return standing


def still_to_say(edits: Sequence[Edit], standing: Standing) -> list[Edit]:
    """Return the edits that change something.

    Raises Changed with the names of fields two people wrote differently, NothingNew.
    """
    new = [edit for edit in edits if not same(edit.text, standing[edit.name][0])]
    conflicts = [
        edit.name
        for edit in new
        if not same(edit.was, standing[edit.name][0]) or edit.version != standing[edit.name][1]
    ]
    if conflicts:
        raise Changed(conflicts)
    if not new:
        raise NothingNew
    return new


async def current_contacts(store: Store, relationship: Relationship) -> Relationship:
    """Return the relationship with the person's own contacts: the copy in a dossier may be a moment behind."""
    row = await store.people.find_one({"_id": relationship.person_id}) if relationship.person_id else None
    if row is None:
        return relationship
    person = Person.model_validate(row)
    return copied(relationship, person).model_copy(update={"source": person.source, "as_of": person.as_of})


def contact_standing(owner: Person | Relationship, today: date) -> dict[str, tuple[str, int]]:
    """Return telephone and e-mail of somebody with their versions."""
    words = {name: contact_of(owner, name, today) for name in CONTACTS}
    return {name: (word.value, word.version) for name, word in words.items()}


def _contacts_after(owner: Person | Relationship, edits: Sequence[Edit], by: str, today: date) -> dict[str, Any]:
    """What becomes of telephone, e-mail and their sources."""
    contacts = dict(owner.contacts)
    for edit in still_to_say(edits, contact_standing(owner, today)):
        contacts[edit.name] = contact_noted(contact_of(owner, edit.name, today), edit.text, by, today)
    plain: dict[str, Any] = {name: word.value for name, word in contacts.items()}
    return plain | {"contacts": contacts}


def _stored(value: Any) -> Any:
    return {name: to_bson(word) for name, word in value.items()} if isinstance(value, dict) else value


def _index(opened: Opened, relationship_id: str) -> int:
    for index, relationship in enumerate(opened.dossier.relationships):
        if relationship.id == relationship_id:
            return index
    raise NotFound


def _entry(opened: Opened, act: Act, section: Section, subject: str) -> AuditEntry:
    about = {"dossier_id": opened.dossier.id, "subject": subject, "sections": [section.value]}
    return entry_for(opened.who, act, opened.now, relation=opened.access.relation, **about)


async def _unless_it_stands(store: Store, work: Callable[[Transaction], Awaitable[None]]) -> None:
    with suppress(NothingNew):
        await store.transact(work)
