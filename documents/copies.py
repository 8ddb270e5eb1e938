"""Contacts are copied into dossiers for the one read; a change reaches the copies through the outbox."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from documents.acts import Act
from documents.audit import AuditEntry
from documents.dossier import Dossier
from documents.family import Relationship
from documents.model import to_bson
from documents.person import Person
from documents.store import Changed, Store, Transaction

COPIES = "person.copies"
CLAIM = timedelta(minutes=1)
ATTEMPTS = 10
KEPT = timedelta(days=30)


async def work_once(store: Store, worker: str, now: datetime) -> bool:
    """Take one waiting copy job, do it, and say whether there was one. Any number of workers may run.

    What failed ten times is marked and stays to be looked at.
    """
    given_up = {"kind": COPIES, "state": "claimed", "attempts": {"$gte": ATTEMPTS}, "claimed_until": {"$lt": now}}
    await store.outbox.update_many(given_up, {"$set": {"state": "failed"}})
    job = await store.outbox.find_one_and_update(
        {
            "kind": COPIES,
            "attempts": {"$lt": ATTEMPTS},
            "$or": [{"state": "waiting"}, {"state": "claimed", "claimed_until": {"$lt": now}}],
        },
        {"$set": {"state": "claimed", "claimed_by": worker, "claimed_until": now + CLAIM}, "$inc": {"attempts": 1}},
        sort=[("at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    if job is None:
        return False
    try:
        await _copy_person(store, job["subject"], now)
    except Changed:
        return True  # somebody wrote meanwhile: the claim runs out and it is tried again
    await store.outbox.update_one({"_id": job["_id"]}, {"$set": {"state": "done", "expires": now + KEPT}})
    return True


async def _copy_person(store: Store, person_id: str, now: datetime) -> None:
    row = await store.people.find_one({"_id": person_id}, {"children": 1})
    for dossier_id in row.get("children", []) if row else []:

        async def work(transaction: Transaction, dossier_id: str = dossier_id) -> None:
            # Read with the dossier: an older state must never overwrite a newer copy.
            person, dossier = await transaction.person(person_id), await transaction.dossier(dossier_id)
            changes = _contact_changes(dossier, person) if dossier and person else {}
            if dossier and changes:
                await transaction.change(dossier, {"$set": changes})
            transaction.record(AuditEntry(act=Act.PERSON_COPIED, at=now, dossier_id=dossier_id, subject=person_id))

        await store.transact(work)


def copied(relationship: Relationship, person: Person) -> Relationship:
    """Return the relationship with the person's name and contacts as they are now."""
    contacts = {"phone": person.phone, "email": person.email, "contacts": person.contacts}
    return relationship.model_copy(update={"name": person.name, **contacts})


def _contact_changes(dossier: Dossier, person: Person) -> dict[str, Any]:
    """The copies of this person's name and contacts that are out of date."""
    changes = {}
    for index, relationship in enumerate(dossier.relationships):
        if relationship.person_id == person.id:
            fresh = copied(relationship, person)
            if fresh != relationship:
                changes[f"relationships.{index}"] = to_bson(fresh)
    return changes
