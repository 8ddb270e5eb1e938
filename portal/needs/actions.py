"""Identifying a need: what opens a dossier. Where one is open already, the same words become a report."""

from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Forbidden, NotFound, entry_for, refused
from auth.permissions import Permission
from auth.policy import may
from auth.reasons import OWN_FAMILY
from auth.relations import derived
from auth.who import Who
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier, LevelChange, Need
from documents.event import Event
from documents.involvement import Involvement, Responsible
from documents.model import day_of, new_id, to_bson
from documents.store import Store, Transaction
from portal.reports.actions import NoticedNeed, report_need
from portal.reports.actions import SentTwice as ReportedBefore

NEED_EVENT = "need_identified"


@dataclass(frozen=True)
class NeedDraft:
    """A need as written: kind, words, level 2–4 and legal basis."""

    kind: str
    description: str
    level: int
    legal_basis: str


class SentTwice(Exception):
    """The same form came again; its outcome stands."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


async def identify_need(
    store: Store, who: Who, dossier_id: str, draft: NeedDraft, now: datetime, submission: str = ""
) -> str:
    """Open the child's dossier for a need; returns "opened", or "reported" where it was open already.

    The identifier becomes responsible until the deciding institution takes over. A report gives nobody
    access. `submission` is the id the form was given: the same form sent twice is one need, or one report.
    Raises Forbidden, NotFound.
    """
    permitted = may(who, Permission.NEED_IDENTIFY)
    if not permitted.allowed:
        raise Forbidden(permitted.reason)
    new_one = submission or new_id()
    sealed = await store.secrets.seal({"text": draft.description}, "report", now.year)

    async def work(transaction: Transaction) -> str:
        dossier = await transaction.dossier(dossier_id)
        if dossier is None or dossier.joined_into:
            raise NotFound
        if who.person_id in dossier.family_ids:
            raise Forbidden(OWN_FAMILY)
        if any(need.id == new_one for need in dossier.needs):
            raise SentTwice("opened")
        if dossier.opened is not None:
            await _report(transaction, who, dossier, draft, sealed, now, new_one)
            return "reported"
        await open_for_need(transaction, who, dossier, draft, now, new_one)
        return "opened"

    try:
        return await store.transact(work)
    except SentTwice as again:
        return again.outcome
    except Forbidden as refusal:
        entry = entry_for(who, Act.NEED_IDENTIFIED, now, dossier_id=dossier_id)
        await store.audit.record(refused(entry, Permission.NEED_IDENTIFY, refusal.reason))
        raise


async def open_for_need(
    transaction: Transaction, who: Who, dossier: Dossier, draft: NeedDraft, now: datetime, need_id: str
) -> None:
    """Open a dossier that nobody has opened yet; the identifier becomes responsible."""
    writer = who.as_professional()
    today = day_of(now)
    need = Need(
        id=need_id,
        kind=draft.kind,
        description=draft.description,
        level=draft.level,
        legal_basis=draft.legal_basis,
        identified_at=now,
        by=writer,
    )
    level = LevelChange(level=draft.level, at=now, by=writer, reason="need_identified", legal_basis=draft.legal_basis)
    dossier.opened, dossier.level = now, draft.level
    dossier.needs.append(need)
    dossier.levels.append(level)
    _make_responsible(who, dossier, today)
    dossier.writers.append(writer.role_id)
    kind = classifiers().event_kinds[NEED_EVENT]
    event = Event(
        id=new_id(),
        kind=kind.code,
        domain=kind.domain,
        shape=kind.shape,
        day=today,
        summary=classifiers().need_kinds[draft.kind].lv,
        confidentiality=kind.confidentiality,
        recorded_by=writer,
        institution_id=writer.institution_id,
        institution_name=writer.institution_name,
        recorded_at=now,
    )
    await transaction.change(
        dossier,
        {
            "$set": {
                "opened": now,
                "level": draft.level,
                "involvements": [to_bson(involvement) for involvement in dossier.involvements],
                "writers": dossier.writers,
                **derived(dossier),
            },
            "$push": {"needs": to_bson(need), "levels": to_bson(level), "events": to_bson(event)},
        },
        worked=now,
    )
    transaction.record(entry_for(who, Act.NEED_IDENTIFIED, now, dossier_id=dossier.id, subject=need.id))


def _make_responsible(who: Who, dossier: Dossier, today: date) -> None:
    """The identifier is responsible in an involvement of the own institution, the one there or a new one."""
    responsible = Responsible(**who.as_professional().model_dump(), since=today)
    for involvement in dossier.involvements:
        if involvement.institution_id == who.institution_id and involvement.to is None:
            if all(r.role_id != responsible.role_id for r in involvement.responsible):
                involvement.responsible.append(responsible)
            return
    dossier.involvements.append(
        Involvement(
            id=new_id(),
            kind=involvement_kind(responsible.institution_type),
            institution_id=responsible.institution_id,
            institution_name=responsible.institution_name,
            institution_type=responsible.institution_type,
            since=today,
            responsible=[responsible],
        )
    )


def involvement_kind(institution_type: str) -> str:
    """Return why an institution of this type is at work for a child: the first kind made for its type."""
    known = classifiers()
    for kind in known.involvement_kinds.values():
        if any(known.is_type(institution_type, wider) for wider in kind.institution_types):
            return kind.code
    raise LookupError(f"No involvement kind fits {institution_type}; add one to involvement_kinds.csv.")


async def _report(
    transaction: Transaction, who: Who, dossier: Dossier, draft: NeedDraft, sealed: bytes, now: datetime, report_id: str
) -> None:
    need = NoticedNeed(draft.kind, draft.level, draft.legal_basis)
    try:
        await report_need(transaction, who, dossier, need, sealed, now, report_id)
    except ReportedBefore:
        raise SentTwice("reported") from None
