"""Writing a draft of a decision, and writing it anew: sealed text, one transaction, nobody overwrites anybody."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from auth.access import Forbidden, NotFound, dossier_to_change, entry_for
from auth.decisions import drafts_here
from auth.permissions import Permission, Section
from auth.reasons import NOT_YOUR_SECTION
from auth.who import Who
from documents.acts import Act
from documents.decision import DRAFT, CourtDecision, Party, as_draft, decisions_about
from documents.dossier import Dossier
from documents.institution import Institution
from documents.model import day_of, new_id, to_bson
from documents.person import Person
from documents.personal_code import WrongCode, parse
from documents.rates import Limit, within_rates
from documents.store import Changed, Store, Transaction
from portal.decisions.effects import Named, carry_out
from portal.decisions.rules import CARER_CODES, DecisionDraft, Refused
from portal.events.rules import Message
from portal.translations import N_

SECRECY = "decision"
# Nobody writes of more foster families; whoever asks oftener is trying codes.
CODE_LIMITS: tuple[Limit, ...] = ((10, timedelta(minutes=10)), (40, timedelta(days=1)))


class SentTwice(Exception):
    """The same form came again: the draft is there."""


async def draft_decision(
    store: Store,
    who: Who,
    dossier_id: str,
    draft: DecisionDraft,
    carers: Sequence[Person],
    now: datetime,
    submission: str = "",
) -> str:
    """Write a draft. Returns its id; `submission` is the id the form was given, so that it is written once.

    `carers` are the foster parents found by the codes that were written.

    Raises NotFound, Forbidden, Refused.
    """
    decision_id = submission or new_id()
    sealed = await _seal(store, draft, now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.DECISION_DRAFT, now)
        if await store.decisions.find_one({"_id": decision_id}, {"_id": 1}, session=transaction.session):
            raise SentTwice
        decision = await _decision(transaction, who, opened.dossier, draft, carers, sealed, now)
        decision.id = decision_id
        await transaction.insert(store.decisions, decision)
        _record(transaction, who, Act.DECISION_DRAFTED, decision, now)

    with contextlib.suppress(SentTwice):
        await store.transact(work)
    return decision_id


async def change_draft(
    store: Store,
    who: Who,
    dossier_id: str,
    decision_id: str,
    version: int,
    draft: DecisionDraft,
    carers: Sequence[Person],
    now: datetime,
) -> None:
    """Write a draft anew. Raises NotFound, Forbidden, Refused, and Changed when somebody saved first or issued it."""
    sealed = await _seal(store, draft, now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.DECISION_DRAFT, now)
        before = await own_decision(transaction, dossier_id, decision_id)
        if not drafts_here(who, opened.access, before):
            raise Forbidden(NOT_YOUR_SECTION)
        if before.state != DRAFT or before.version != version:
            raise Changed(before)
        decision = await _decision(transaction, who, opened.dossier, draft, carers, sealed, now)
        kept = {"id": before.id, "by": before.by, "at": before.at, "version": version + 1}
        done = await store.decisions.replace_one(
            as_draft(decision_id, version),
            to_bson(decision.model_copy(update=kept)),
            session=transaction.session,
        )
        if done.matched_count != 1:
            raise Changed(before)
        _record(transaction, who, Act.DECISION_CHANGED, decision.model_copy(update=kept), now)

    await store.transact(work)


async def discard_draft(store: Store, who: Who, dossier_id: str, decision_id: str, version: int, now: datetime) -> None:
    """Delete a draft: it never was a decision, and nothing but the log keeps that it was there.

    Raises NotFound, Forbidden, and Changed when somebody changed or issued it.
    """

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.DECISION_DRAFT, now)
        draft = await own_decision(transaction, dossier_id, decision_id)
        if not drafts_here(who, opened.access, draft):
            raise Forbidden(NOT_YOUR_SECTION)
        done = await store.decisions.delete_one(as_draft(decision_id, version), session=transaction.session)
        if done.deleted_count != 1:
            raise Changed(draft)
        _record(transaction, who, Act.DECISION_DISCARDED, draft, now)

    await store.transact(work)


async def own_decision(transaction: Transaction, dossier_id: str, decision_id: str) -> CourtDecision:
    """Return a decision as it stands in this transaction. Raises NotFound."""
    query = {"_id": decision_id, "dossier_id": dossier_id}
    row = await transaction.store.decisions.find_one(query, session=transaction.session)
    if row is None:
        raise NotFound
    return CourtDecision.model_validate(row)


async def issued_about(store: Store, dossier_id: str, session: Any = None) -> list[CourtDecision]:
    """Return all decisions ever issued about a child; `session` is that of a transaction."""
    return [each for each in await decisions_about(store, [dossier_id], session) if each.issued]


async def words_of(store: Store, decision: CourtDecision) -> dict[str, object]:
    """What is sealed of a decision: `reasons` and `terms`; of an issued one also `letter` and `code`."""
    return dict(await store.secrets.open(decision.sealed))


async def find_named(store: Store, decision: CourtDecision, find: Callable[[str], Awaitable[Person | None]]) -> Named:
    """Return the foster parents and the centre that a decision names; `find` reads a person."""
    carers = [await find(each) for each in decision.carer_ids]
    row = await store.institutions.find_one({"_id": decision.centre_id}) if decision.centre_id else None
    return Named(tuple(filter(None, carers)), Institution.model_validate(row) if row else None)


async def person_of(store: Store, person_id: str) -> Person | None:
    """Return a person."""
    row = await store.people.find_one({"_id": person_id})
    return Person.model_validate(row) if row else None


async def find_carers(
    store: Store, who: Who, codes: Sequence[str], now: datetime, *, accept_invented: bool
) -> list[Person]:
    """Return the people of the codes that were written. Raises Refused, at the field of the code."""
    written = [(name, text) for name, text in zip(CARER_CODES, codes, strict=False) if text]
    return [await _find_carer(store, who, *each, now, accept_invented=accept_invented) for each in written]


async def _find_carer(store: Store, who: Who, name: str, text: str, now: datetime, *, accept_invented: bool) -> Person:
    if not await within_rates(store, f"decision.carer:{who.person_id}", CODE_LIMITS, now):
        raise Refused(name, Message(N_("You have tried many codes. Wait ten minutes and go on.")))
    try:
        code = parse(text, accept_invented=accept_invented)
    except WrongCode as error:
        raise Refused(name, Message(N_("That is no personal code. It has eleven digits."))) from error
    row = await store.people.find_one({"code_hash": code.hash(store.code_key)})
    if row is None:
        raise Refused(name, Message(N_("Nobody with that personal code is known here. Check the code.")))
    return Person.model_validate(row)


async def _seal(store: Store, draft: DecisionDraft, now: datetime) -> bytes:
    return await store.secrets.seal({"reasons": draft.reasons, "terms": draft.terms}, SECRECY, now.year)


async def _decision(
    transaction: Transaction,
    who: Who,
    dossier: Dossier,
    draft: DecisionDraft,
    carers: Sequence[Person],
    sealed: bytes,
    now: datetime,
) -> CourtDecision:
    """The draft as it is kept. What it would change is tried at once, so that it is not refused when it is issued."""
    writer, concerned, carer_ids = who.as_professional(), list(draft.concerned), list[str]()
    if draft.kind == "foster_placement":  # whom it names are people: a new carer has no relationship yet
        carer_ids, concerned = [*concerned, *(carer.id for carer in carers)], []
    if len(set(carer_ids)) != len(carer_ids):
        raise Refused("carer_code", Message(N_("The two foster parents are the same person. Leave one out.")))
    decision = CourtDecision(
        dossier_id=dossier.id,
        court_id=writer.institution_id,
        court_name=writer.institution_name,
        initials=dossier.child.initials,
        birth_year=dossier.child.birth_date.year,
        kind=draft.kind,
        state=DRAFT,
        by=writer,
        at=now,
        concerned=concerned,
        carer_ids=carer_ids,
        centre_id=draft.centre_id,
        contact=draft.contact,
        until=draft.until,
        heard=draft.heard,
        protect_from=list(draft.protect_from),
        parties=_parties(draft, carers),
        addressed_to=list(draft.addressed_to),
        legal_basis=draft.legal_basis,
        in_force_from=draft.in_force_from,
        sealed=sealed,
        replaces=draft.replaces,
    )
    named = await find_named(transaction.store, decision, transaction.person)
    others = await issued_about(transaction.store, dossier.id, transaction.session)
    carry_out(dossier.model_copy(deep=True), decision.model_copy(), named, others, day_of(now))
    return decision


def _parties(draft: DecisionDraft, carers: Sequence[Person]) -> list[Party]:
    """To whom it is issued: whoever was chosen, and new foster parents, who have to carry it out."""
    chosen = {party.person_id for party in draft.parties}
    new = [Party(person_id=c.id, name=c.name, kind="foster_carer") for c in carers if c.id not in chosen]
    return [*draft.parties, *new]


def _record(transaction: Transaction, who: Who, act: Act, decision: CourtDecision, now: datetime) -> None:
    about = {"dossier_id": decision.dossier_id, "subject": decision.id, "sections": [Section.DECISIONS.value]}
    transaction.record(entry_for(who, act, now, **about))
