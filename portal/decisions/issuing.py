"""Issuing a decision: the next number, the sealed file and all effects, in one transaction or not at all.

Rendering and sealing take time, and nothing slow belongs into a transaction: the counter is read first, the file is
made with the next number, and the transaction only goes through while the counter, the draft and the dossier still
stand as read. Otherwise the file is thrown away and made again: a number is never lost, given twice or skipped.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from auth.access import LONGEST_ID, Forbidden, Opened, dossier_for, dossier_to_change, entry_for, record_refusal
from auth.decisions import drafts_here
from auth.permissions import Permission, Section
from auth.policy import RESPONSIBLE
from auth.reasons import NOT_YOUR_SECTION
from auth.relations import derived
from auth.who import Who
from documents.acts import Act
from documents.child import BaseField
from documents.decision import (
    ISSUED,
    REPLACED,
    CourtDecision,
    as_draft,
    find_decision,
    hash_of_code,
    last_number,
    new_code,
    take_number,
)
from documents.dossier import Dossier, Reader
from documents.event import Attachment
from documents.files import discard_pending, keep_files, upload_pending
from documents.model import day_of, new_id, to_bson
from documents.secrecy import Unreadable
from documents.store import Changed, Store, Transaction
from fixtures.loaders.people.protection import sealed_address, take_addresses
from portal.attachments.actions import owner_key
from portal.decisions.actions import SECRECY, find_named, issued_about, person_of, words_of
from portal.decisions.document import document
from portal.decisions.effects import Named, carry_out
from portal.decisions.entry import entry_of
from portal.decisions.letter import Letter, letter_of
from portal.decisions.rules import Refused
from portal.decisions.seal import NoSeal, Seal
from portal.events.actions import put_event
from portal.events.rules import Message
from portal.notices import tell
from portal.pdf.making import made_aside
from portal.runtime import Runtime
from portal.translations import N_

ATTEMPTS = 40  # of one decision, while others of the same court are issued at the same time
_NO_SEAL = N_(
    "The decision cannot be sealed now: the seal's certificate is missing or no longer valid. "
    "Nothing was issued; the draft is kept. Tell the IT support of your institution."
)
_BUSY = N_("Many decisions are being issued at this moment. Nothing was issued; try again.")


class _MovedOn(Exception):
    """Counter, draft or dossier changed while the file was made: it has to be made again."""


@dataclass(frozen=True)
class _Prepared:
    """What was read, and the file made from it."""

    decision: CourtDecision
    revision: int
    named: Named
    year: int
    last: int
    sealed: bytes
    code: str
    file: Attachment


async def issue_decision(held: Runtime, who: Who, dossier_id: str, decision_id: str, version: int) -> None:
    """Issue a draft of the own court; one that is issued already stays as it is.

    Raises NotFound, Forbidden, Refused (also where it cannot be sealed), and Changed when the draft is no longer
    the one that was read.
    """
    store, now = held.store, held.now()
    seal = _valid(held.seal, now)
    async with held.turns.setdefault(who.institution_id or "", asyncio.Lock()):
        for _ in range(ATTEMPTS):
            opened = await dossier_for(
                store, who, dossier_id, Permission.DECISION_DRAFT, now, subject=decision_id[:LONGEST_ID], quiet=True
            )
            decision = await find_decision(store, dossier_id, decision_id)
            if decision is None or not drafts_here(who, opened.access, decision):
                act = Act.DECISION_ISSUED
                await record_refusal(store, opened, Permission.DECISION_DRAFT, NOT_YOUR_SECTION, act=act)
                raise Forbidden(NOT_YOUR_SECTION)
            if decision.issued:
                return
            if decision.version != version:
                raise Changed(decision)
            prepared = await _prepare(held, opened, decision, seal, now)
            try:
                await store.transact(lambda t, p=prepared: _issue(t, who, p, now))  # type: ignore[misc]
            except (_MovedOn, DuplicateKeyError):
                continue
            else:
                return
            finally:
                await discard_pending(store, owner_key(who), prepared.file.file_id)
    raise Refused("issue", Message(_BUSY))


def _valid(seal: Seal | None, now: datetime) -> Seal:
    try:
        if seal is None:
            raise NoSeal
        seal.check(now)
    except NoSeal as error:
        raise Refused("issue", Message(_NO_SEAL)) from error
    return seal


async def _prepare(held: Runtime, opened: Opened, decision: CourtDecision, seal: Seal, now: datetime) -> _Prepared:
    """Make the sealed file with the number that comes next, and take it in as a pending file."""
    store, today = held.store, day_of(now)
    named = await find_named(store, decision, lambda person_id: person_of(store, person_id))
    others = await issued_about(store, opened.dossier.id)
    carry_out(opened.dossier.model_copy(deep=True), decision.model_copy(), named, others, today)
    last, code = await last_number(store, decision.court_id, today.year), new_code()
    number = f"{last + 1}/{today.year}"
    words = await words_of(store, decision)
    said = (str(words["reasons"]), str(words["terms"]))
    letter = letter_of(opened.dossier, decision, named, said, number, today, opened.who.person.name)
    content = await made_aside(_sealed_file, letter, code, f"{held.settings.public_url}/verify/{code}", seal)
    kept = {**words, "letter": letter.model_dump(), "code": code}
    file = await upload_pending(
        store, owner_key(opened.who), _once(content), f"Lemums-{last + 1}-{today.year}.pdf", now
    )
    return _Prepared(
        decision=decision.model_copy(update={"certificate": seal.certificate}),
        revision=opened.dossier.revision,
        named=named,
        year=today.year,
        last=last,
        sealed=await store.secrets.seal(kept, SECRECY, now.year),
        code=code,
        file=file,
    )


def _sealed_file(letter: Letter, code: str, address: str, seal: Seal) -> bytes:
    return seal.seal(document(letter, code, address))


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _issue(transaction: Transaction, who: Who, prepared: _Prepared, now: datetime) -> None:
    """The transaction: number, decision, effects, entry, notices and file. Raises _MovedOn."""
    store, draft = transaction.store, prepared.decision
    opened = await dossier_to_change(transaction, who, draft.dossier_id, Permission.DECISION_DRAFT, now)
    dossier = opened.dossier
    if dossier.revision != prepared.revision:
        raise _MovedOn
    if not await take_number(store, draft.court_id, prepared.year, prepared.last, transaction.session):
        raise _MovedOn
    issued = draft.model_copy(
        update={
            "state": ISSUED,
            "version": draft.version + 1,
            "year": prepared.year,
            "number": prepared.last + 1,
            "issued_at": now,
            "issued_by": who.as_professional(),
            "file": prepared.file,
            "code_hash": hash_of_code(prepared.code),
            "sealed": prepared.sealed,
            "event_id": new_id(),
        }
    )
    before, was_protected = list(dossier.readers), dossier.child.protected
    others = await issued_about(store, dossier.id, transaction.session)
    changed = carry_out(dossier, issued, prepared.named, others, day_of(now))
    done = await store.decisions.replace_one(
        as_draft(draft.id, draft.version), to_bson(issued), session=transaction.session
    )
    if done.matched_count != 1:
        raise _MovedOn
    for each in changed:
        await _keep(transaction, each, now)
    await _change(transaction, dossier, issued, was_protected=was_protected)
    await put_event(transaction, who, dossier, await entry_of(store, who, dossier, issued, now), now)
    await _let_in(transaction, issued, prepared.named)
    await keep_files(transaction, owner_key(who), [prepared.file])
    about = {"dossier_id": dossier.id, "subject": issued.id, "sections": [Section.DECISIONS.value]}
    transaction.record(entry_for(who, Act.DECISION_ISSUED, now, **about))
    told = _told(who, issued, before, dossier.readers, now)
    tell(transaction, told, "decision_issued", now, dossier.id, issued.id)


async def _keep(transaction: Transaction, earlier: CourtDecision, now: datetime) -> None:
    """Write of an earlier decision which one took its place or ended it. Raises _MovedOn."""
    values = {"version": earlier.version + 1, "replaced_at": earlier.replaced_at}
    if earlier.state == REPLACED and earlier.replaced_at is None:
        values["replaced_at"] = now
    done = await transaction.store.decisions.replace_one(
        {"_id": earlier.id, "version": earlier.version},
        to_bson(earlier.model_copy(update=values)),
        session=transaction.session,
    )
    if done.matched_count != 1:
        raise _MovedOn


async def _change(transaction: Transaction, dossier: Dossier, issued: CourtDecision, *, was_protected: bool) -> None:
    """Write what the decision changed of the dossier; of a child that is protected now no address stays open."""
    values: dict[str, object] = {
        "relationships": [to_bson(each) for each in dossier.relationships],
        "involvements": [to_bson(each) for each in dossier.involvements],
        "addressees": dossier.addressees,
        "protected_from": dossier.protected_from,
    }
    if was_protected and not dossier.child.protected:  # addresses stay sealed until somebody tells them anew
        values["child.protected"] = False
    if issued.protect_from:
        told = take_addresses(dossier.base)
        values |= {
            "child.protected": True,
            "base": {name: to_bson(field) for name, field in dossier.base.items()},
        }
        if address := await _address(transaction.store, dossier, told):
            values["protected_address"] = address
    new = derived(dossier)
    dossier.readers = [Reader.model_validate(reader) for reader in new["readers"]]  # type: ignore[attr-defined]
    await transaction.change(dossier, {"$set": values | new}, worked=issued.issued_at)


async def _address(store: Store, dossier: Dossier, told: BaseField | None) -> bytes | None:
    try:
        return await sealed_address(store, dossier.protected_address, told)
    except Unreadable:  # its key is gone, as after an erasure: what is told now is all there is
        return await sealed_address(store, None, told)


async def _let_in(transaction: Transaction, issued: CourtDecision, named: Named) -> None:
    """A new foster parent finds the child among the own children."""
    for person in [await transaction.person(carer.id) for carer in named.carers]:
        if person is not None and issued.dossier_id not in person.children:
            await transaction.change_person(person, {"children": [*person.children, issued.dossier_id]})


def _told(who: Who, issued: CourtDecision, before: list[Reader], after: list[Reader], now: datetime) -> list[str]:
    """Parties who still read, those who work for the child, the institutions it is sent to, the head of the court."""
    parties = {f"p:{party.person_id}" for party in issued.parties}
    own = f"r:{who.role.id}" if who.role else ""
    at_work = [r.key for r in [*before, *after] if r.key.startswith("r:") and _works(r, now)]
    family = [r.key for r in after if r.key in parties and r.since <= now < r.until]
    told = {*at_work, *family, *(f"i:{each}" for each in issued.addressed_to), f"i:{issued.court_id}"}
    return sorted(told - {own})


def _works(reader: Reader, now: datetime) -> bool:
    return reader.relation in RESPONSIBLE and reader.since <= now < reader.until
