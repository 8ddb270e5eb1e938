"""Names and contacts are copied into dossiers for the one read; a change reaches the copies through the outbox.

Of the family they stand in relationships, of professionals where somebody works for the child now: managers, team,
who is responsible. What somebody recorded, decided or identified keeps the name and number of its day.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from documents.acts import Act
from documents.audit import AuditEntry
from documents.dossier import Dossier
from documents.family import Relationship
from documents.involvement import Professional
from documents.model import day_of, to_bson
from documents.person import Person
from documents.store import Changed, Row, Store, Transaction

COPIES = "person.copies"
CLAIM = timedelta(minutes=1)
ATTEMPTS = 10
KEPT = timedelta(days=30)
BATCH = 50  # dossiers between two notes of how far a job came: a doctor may have two thousand patients
_HOLDING_COPIES = dict.fromkeys(
    ("child", "relationships", "case_manager", "family_case_manager", "team", "involvements"), 1
)


async def work_once(store: Store, worker: str, now: datetime) -> bool:
    """Take one waiting copy job, do it, and say whether there was one. Any number of workers may run.

    A job that was broken off goes on where it came to. What failed ten times is marked and stays to be looked at.
    """
    given_up = {"kind": COPIES, "state": "claimed", "attempts": {"$gte": ATTEMPTS}, "claimed_until": {"$lt": now}}
    await store.outbox.update_many(given_up, {"$set": {"state": "failed"}})
    row = await store.outbox.find_one_and_update(
        {
            "kind": COPIES,
            "attempts": {"$lt": ATTEMPTS},
            "$or": [{"state": "waiting"}, {"state": "claimed", "claimed_until": {"$lt": now}}],
        },
        {"$set": {"state": "claimed", "claimed_by": worker, "claimed_until": now + CLAIM}, "$inc": {"attempts": 1}},
        sort=[("at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    if row is None:
        return False
    job = _Job(store, row, now, time.monotonic())
    try:
        await _copy_person(store, job, now)
    except (Changed, _TakenOver):
        return True  # somebody wrote meanwhile: the claim runs out and it is tried again, or another worker goes on
    await job.note({"state": "done", "expires": now + KEPT})
    return True


def copied(relationship: Relationship, person: Person) -> Relationship:
    """Return the relationship with the person's name and contacts as they are now."""
    contacts = {"phone": person.phone, "email": person.email, "contacts": person.contacts}
    return relationship.model_copy(update={"name": person.name, **contacts})


class _TakenOver(Exception):
    """The claim ran out and another worker took the job."""


@dataclass
class _Job:
    """A claimed job; it knows how far it came."""

    store: Store
    row: Row
    now: datetime
    began: float

    @property
    def came_to(self) -> str:
        """The last dossier done, or nothing."""
        return str(self.row.get("content", {}).get("came_to", ""))

    async def came(self, dossier_id: str) -> None:
        """Note how far the job came, and hold the claim for another while."""
        until = self.now + timedelta(seconds=time.monotonic() - self.began) + CLAIM
        await self.note({"content.came_to": dossier_id, "claimed_until": until})

    async def note(self, values: Row) -> None:
        """Write down how the job stands. Raises _TakenOver when it is another worker's by now."""
        mine = {"_id": self.row["_id"], "claimed_by": self.row["claimed_by"], "attempts": self.row["attempts"]}
        done = await self.store.outbox.update_one(mine, {"$set": values})
        if not done.matched_count:
            raise _TakenOver


async def _copy_person(store: Store, job: _Job, now: datetime) -> None:
    person_id = job.row["subject"]
    row = await store.people.find_one({"_id": person_id}, {"children": 1, "roles.id": 1})
    holding = await _holding_copies(store, row, now) if row else []
    left = [each for each in holding if each > job.came_to]
    for start in range(0, len(left), BATCH):
        ids = left[start : start + BATCH]
        for dossier_id in await _out_of_date(store, person_id, ids, now):
            await _copy_into(store, person_id, dossier_id, now)
        await job.came(ids[-1])


async def _holding_copies(store: Store, row: Row, now: datetime) -> list[str]:
    """The dossiers of the person's family, and those that one of the person's roles works for, in order."""
    ids = set(row.get("children", ()))
    keys = [f"r:{role['id']}" for role in row.get("roles", ())]
    if keys:
        reader = {"key": {"$in": keys}, "until": {"$gt": now}}
        async for found in store.dossiers.find({"readers": {"$elemMatch": reader}, "erased": None}, {"_id": 1}):
            ids.add(found["_id"])
    return sorted(ids)


async def _out_of_date(store: Store, person_id: str, ids: Sequence[str], now: datetime) -> list[str]:
    """Those of the dossiers whose copies differ from the person."""
    row = await store.people.find_one({"_id": person_id})
    if row is None:
        return []
    person = Person.model_validate(row)
    found = store.dossiers.find({"_id": {"$in": list(ids)}, "erased": None}, _HOLDING_COPIES)
    dossiers = [Dossier.model_validate(each) async for each in found]
    return sorted(dossier.id for dossier in dossiers if _changes(dossier, person, day_of(now)))


async def _copy_into(store: Store, person_id: str, dossier_id: str, now: datetime) -> None:
    async def work(transaction: Transaction) -> None:
        # Read with the dossier: an older state must never overwrite a newer copy.
        person, dossier = await transaction.person(person_id), await transaction.dossier(dossier_id)
        changes = _changes(dossier, person, day_of(now)) if dossier and person else {}
        if dossier and changes:
            await transaction.change(dossier, {"$set": changes})
        transaction.record(AuditEntry(act=Act.PERSON_COPIED, at=now, dossier_id=dossier_id, subject=person_id))

    await store.transact(work)


def _changes(dossier: Dossier, person: Person, today: date) -> Row:
    """What to set where copies of this person are out of date."""
    changes: dict[str, Any] = {}
    for index, relationship in enumerate(dossier.relationships):
        if relationship.person_id == person.id and (fresh := copied(relationship, person)) != relationship:
            changes[f"relationships.{index}"] = to_bson(fresh)
    roles = {role.id: role for role in person.roles}
    for path, professional in _at_work(dossier, today):
        if professional.role_id in roles:
            fresh_words = person.contacts_in(roles[professional.role_id])
            changes |= {
                f"{path}.{name}": word for name, word in fresh_words.items() if getattr(professional, name) != word
            }
    return changes


def _at_work(dossier: Dossier, today: date) -> Iterator[tuple[str, Professional]]:
    """Everybody who works for the child now or soon, with the place of the copy; who has left stays as it was."""
    for path in ("case_manager", "family_case_manager"):
        if manager := getattr(dossier, path):
            yield path, manager
    for index, member in enumerate(dossier.team):
        if member.to is None or today <= member.to:
            yield f"team.{index}", member
    for number, involvement in enumerate(dossier.involvements):
        if involvement.to is None or today <= involvement.to:
            for index, person in enumerate(involvement.responsible):
                if person.to is None or today <= person.to:
                    yield f"involvements.{number}.responsible.{index}", person
