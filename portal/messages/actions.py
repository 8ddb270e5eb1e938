"""Asking, answering, writing, closing: one transaction with its record and the notice to the other side."""

from datetime import datetime

from auth.access import NotFound, Opened, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.place import is_family
from auth.who import Who
from documents.acts import Act
from documents.model import new_id, to_bson
from documents.store import AlreadySo, Changed, Store, Transaction
from documents.thread import FAMILY, FULL, QUESTION, SECRECY, Message, Thread, from_row
from portal.messages.rules import CannotSay, Side, askable, family_to_write, managers_of, side_of
from portal.notices import tell
from portal.translations import N_


async def ask(store: Store, who: Who, dossier_id: str, role_id: str, text: str, submission: str, now: datetime) -> str:
    """Ask one of the own staff about the case; returns the thread. The same form (`submission`) sent twice asks once.

    Raises NotFound, Forbidden, CannotSay.
    """
    thread_id, sealed = submission or new_id(), await _seal(store, text, now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.QUESTION_ASK, now)
        if await _found(transaction, thread_id):
            raise AlreadySo
        to = next((person for person in askable(opened) if person.role_id == role_id), None)
        if to is None:
            raise CannotSay(N_("Choose somebody of your staff who works on this case."), "person")
        thread = Thread(
            id=thread_id,
            dossier_id=dossier_id,
            kind=QUESTION,
            by=who.as_professional(),
            to=to,
            begun_at=now,
            last_at=now,
            messages=[_message(who, thread_id, sealed, now)],
        )
        await transaction.insert(store.threads, thread)
        transaction.record(entry_for(who, Act.QUESTION_ASKED, now, dossier_id=dossier_id, subject=thread_id))
        tell(transaction, [f"r:{to.role_id}"], "question_asked", now, dossier_id, thread_id)

    await _once(store, work)
    return thread_id


async def write(
    store: Store, who: Who, dossier_id: str, person_id: str, text: str, submission: str, now: datetime
) -> None:
    """Write to whoever leads the case, as one of the family; or, leading it, to one of the family.

    Raises NotFound, Forbidden, CannotSay.
    """
    message_id, sealed = submission or new_id(), await _seal(store, text, now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.MESSAGE_WRITE, now)
        about, name = _whom(opened, person_id)
        query = {"dossier_id": {"$in": ids_of(opened)}, "kind": FAMILY, "person_id": about}
        rows = store.threads.find(query, session=transaction.session).sort("last_at", -1).limit(2)
        threads = [from_row(row) async for row in rows]
        message = _message(who, message_id, sealed, now)
        if any(each.id == message_id for thread in threads for each in thread.messages):
            raise AlreadySo
        if threads and len(threads[0].messages) < FULL:
            thread_id = threads[0].id
            await _push(transaction, threads[0], message)
        else:
            thread_id = new_id()
            fields = {"dossier_id": dossier_id, "kind": FAMILY, "person_id": about, "name": name}
            thread = Thread(id=thread_id, **fields, begun_at=now, last_at=now, messages=[message])
            await transaction.insert(store.threads, thread)
        await _told(transaction, opened, thread_id, about)

    await _once(store, work)


async def reply(
    store: Store, who: Who, dossier_id: str, thread_id: str, text: str, submission: str, now: datetime
) -> None:
    """Go on with a thread. Raises NotFound, Forbidden, CannotSay."""
    message_id, sealed = submission or new_id(), await _seal(store, text, now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.MESSAGE_WRITE, now)
        thread = await _found(transaction, thread_id)
        side = side_of(opened, thread) if thread and thread.dossier_id in ids_of(opened) else None
        if thread is None or side is None:
            raise NotFound
        if any(each.id == message_id for each in thread.messages):
            raise AlreadySo
        if thread.closed_at:
            raise CannotSay(N_("This question is closed. Ask anew."))
        if len(thread.messages) >= FULL:
            raise CannotSay(N_("This thread is full. Begin another one."))
        await _push(transaction, thread, _message(who, message_id, sealed, now))
        if thread.kind == FAMILY:
            await _told(transaction, opened, thread_id, thread.person_id)
            return
        transaction.record(entry_for(who, Act.MESSAGE_SENT, now, dossier_id=dossier_id, subject=thread_id))
        other = thread.to if side is Side.HEAD else thread.by
        if other:
            change = "question_asked" if side is Side.HEAD else "question_answered"
            tell(transaction, [f"r:{other.role_id}"], change, now, dossier_id, thread_id)

    await _once(store, work)


async def close(store: Store, who: Who, dossier_id: str, thread_id: str, version: int, now: datetime) -> None:
    """Close a question: nobody has to answer any more. Raises NotFound, Forbidden, Changed when more was said since."""

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.QUESTION_ASK, now)
        thread = await _found(transaction, thread_id)
        if thread is None or thread.dossier_id not in ids_of(opened) or side_of(opened, thread) is not Side.HEAD:
            raise NotFound
        if thread.closed_at:
            raise AlreadySo
        if thread.version != version:
            raise Changed(thread)
        values = {"closed_at": now, "closed_by": to_bson(who.as_professional()), "version": version + 1}
        await store.threads.update_one({"_id": thread_id}, {"$set": values}, session=transaction.session)
        transaction.record(entry_for(who, Act.QUESTION_CLOSED, now, dossier_id=dossier_id, subject=thread_id))

    await _once(store, work)


def ids_of(opened: Opened) -> list[str]:
    """Under which dossiers its threads lie: its own, and those joined with it."""
    return [opened.dossier.id, *opened.dossier.joined_ids]


def _whom(opened: Opened, person_id: str) -> tuple[str, str]:
    """Of whom of the family the thread is: id and name."""
    if is_family(opened.access):
        if not managers_of(opened):
            raise CannotSay(N_("Nobody leads the case yet, so nobody would read it. Call 116 111."))
        return opened.who.person_id, opened.who.person.name
    person = next((each for each in family_to_write(opened) if each.person_id == person_id), None)
    if person is None:
        raise CannotSay(N_("Choose to whom of the family you write."), "person")
    return person.person_id, person.name


async def _told(transaction: Transaction, opened: Opened, thread_id: str, person_id: str) -> None:
    """Record a message of the family's thread, and tell the other side; the case is not silent when staff writes."""
    who, now, dossier = opened.who, opened.now, opened.dossier
    transaction.record(entry_for(who, Act.MESSAGE_SENT, now, dossier_id=dossier.id, subject=thread_id))
    if is_family(opened.access):
        tell(transaction, managers_of(opened), "message_from_family", now, dossier.id, thread_id)
        return
    await transaction.change(dossier, {}, worked=now)
    tell(transaction, [f"p:{person_id}"], "message_to_family", now, dossier.id, thread_id)


async def _found(transaction: Transaction, thread_id: str) -> Thread | None:
    row = await transaction.store.threads.find_one({"_id": thread_id}, session=transaction.session)
    return from_row(row) if row else None


async def _push(transaction: Transaction, thread: Thread, message: Message) -> None:
    await transaction.store.threads.update_one(
        {"_id": thread.id},
        {"$push": {"messages": to_bson(message)}, "$set": {"last_at": message.at, "version": thread.version + 1}},
        session=transaction.session,
    )


def _message(who: Who, message_id: str, sealed: bytes, now: datetime) -> Message:
    by = who.as_professional() if who.role else None
    return Message(id=message_id, at=now, person_id=who.person_id, name=who.person.name, by=by, sealed=sealed)


async def _seal(store: Store, text: str, now: datetime) -> bytes:
    return await store.secrets.seal({"text": text}, SECRECY, now.year)


async def _once(store: Store, work: object) -> None:
    try:
        await store.transact(work)  # type: ignore[arg-type]
    except AlreadySo:
        return
