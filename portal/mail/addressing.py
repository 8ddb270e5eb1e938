"""Whom a notice is for now: a mail for each, to be sent."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from auth.who import FAMILY_ROLE, Who, who_is
from documents.institution import Institution
from documents.jobs import TakenOver, add_once, claim
from documents.outbox import OutboxItem
from documents.person import Person
from documents.store import Row, Store

NOTICE, MAIL = "notice", "mail"


@dataclass(frozen=True)
class Receiver:
    """Somebody a notice is for, in a role or, without one, in the family."""

    person: Person
    role_id: str

    @property
    def reader(self) -> str:
        """By whom the notice would be marked as read."""
        return self.role_id or self.person.id

    @property
    def address(self) -> str:
        """The e-mail address of the role, else the person's own; of the family the person's."""
        role = next((role for role in self.person.roles if role.id == self.role_id), None)
        return self.person.contacts_in(role)["email"] if role else self.person.email


async def address_next(store: Store, worker: str, now: datetime) -> bool:
    """See to the mails of one notice, and say whether there was one to see to.

    A mail's id is made of the notice's and the receiver's: nobody gets a second one, however often a worker dies.
    """
    job = await claim(store, NOTICE, worker, now)
    if job is None:
        return False
    notice = job.item
    mails = [_mail(notice, each) async for each in receivers(store, notice, now) if each.reader not in notice.read_by]
    await add_once(store, mails)
    try:
        await job.done(now, "addressed")
    except TakenOver:  # the other worker finds the same mails there
        return True
    return True


async def receivers(store: Store, notice: OutboxItem, now: datetime) -> AsyncIterator[Receiver]:
    """Whoever would see the notice now: the role's holder, the person of the family, all who head it."""
    if notice.to_role:
        if receiver := await receiver_now(store, await _holder(store, notice.to_role), notice.to_role, now):
            yield receiver
        return
    kind, _, name = (notice.to_key or "").partition(":")
    if kind == "p":
        if receiver := await receiver_now(store, name, "", now):
            yield receiver
        return
    institution = await _institution(store, {"_id": name} if kind == "i" else {"units.id": name})
    if institution is None:
        return
    async for row in store.people.find({"roles.institution_id": institution.id, "roles.level": 3}):
        person = Person.model_validate(row)
        for role in person.roles:
            who = who_is(person, role.id, institution, now)
            if role.institution_id == institution.id and heads_it(who, notice.to_key or ""):
                yield Receiver(person, role.id)
                break  # one mail to one person


async def receiver_now(store: Store, person_id: str, role_id: str, now: datetime) -> Receiver | None:
    """The person, if there still is one who holds the role, or belongs to a family."""
    row = await store.people.find_one({"_id": person_id})
    if row is None:
        return None
    person = Person.model_validate(row)
    who = who_is(person, role_id or FAMILY_ROLE, None, now)
    return Receiver(person, role_id) if who.role or who.in_family_role else None


def heads_it(who: Who, key: str) -> bool:
    """Whether somebody reads the notices of this institution or unit."""
    return key in who.keys and "supervises" in who.may


async def _holder(store: Store, role_id: str) -> str:
    row = await store.people.find_one({"roles.id": role_id}, {"_id": 1})
    return str(row["_id"]) if row else ""


async def _institution(store: Store, which: Row) -> Institution | None:
    row = await store.institutions.find_one(which)
    return Institution.model_validate(row) if row else None


def _mail(notice: OutboxItem, receiver: Receiver) -> OutboxItem:
    """No address, no name: who it is for is looked up when it is sent, and may have moved by then."""
    # Its id goes out as Message-ID, so it tells neither the notice nor the receiver.
    made_of = hashlib.blake2s(f"{notice.id} {receiver.reader}".encode(), digest_size=16)
    return OutboxItem(
        _id=made_of.hexdigest(),
        kind=MAIL,
        at=notice.at,
        due=notice.at,
        subject=notice.id,
        content={
            "change": notice.content["change"],
            "person_id": receiver.person.id,
            "role_id": receiver.role_id,
        },
    )
