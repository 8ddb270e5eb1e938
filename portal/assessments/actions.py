"""Completing, correcting and withdrawing an assessment: one transaction each, nothing deleted."""

import contextlib
from datetime import datetime

from auth.access import Forbidden, Opened, dossier_to_change, entry_for
from auth.assessments import may_change
from auth.permissions import Permission, Section
from auth.policy import RESPONSIBLE
from auth.reasons import NOT_YOUR_ENTRY
from auth.relations import recorder
from auth.who import Who
from documents.acts import Act
from documents.assessment import Assessment
from documents.dossier import ASSESSMENTS_KEPT, Dossier
from documents.event import Earlier, Withdrawal
from documents.model import new_id, to_bson
from documents.store import Changed, Store, Transaction
from portal.assessments.rules import AssessmentDraft
from portal.events.actions import SentTwice
from portal.notices import tell

SECTIONS = [Section.ASSESSMENTS_OVERVIEW, Section.ASSESSMENTS_SUMMARY, Section.ASSESSMENTS_CONTENT]
CHANGES = {
    Act.ASSESSMENT_ADDED: "assessed",
    Act.ASSESSMENT_CORRECTED: "assessment_corrected",
    Act.ASSESSMENT_WITHDRAWN: "assessment_withdrawn",
}
_SAID = ("tool", "day", "steps", "levels", "sealed", "confidentiality")


class Full(Exception):
    """The dossier holds as many assessments as it may (docs/decisions/0070)."""


async def add_assessment(
    store: Store, who: Who, dossier_id: str, draft: AssessmentDraft, now: datetime, submission: str = ""
) -> str:
    """Complete an assessment; return its id. The same form (`submission`) sent twice makes one.

    Raises NotFound, Forbidden, Full.
    """
    assessment_id = submission or new_id()
    assessment = _assessment(who, draft, assessment_id, await _seal(store, draft, now), now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.ASSESSMENT_ADD, now, lean=True)
        room = {f"assessments.{ASSESSMENTS_KEPT - 1}": {"$exists": False}, "assessments.id": {"$ne": assessment_id}}
        role_id = who.as_professional().role_id
        operations = {
            "$push": {"assessments": to_bson(assessment)},
            "$addToSet": {"writers": role_id, "readers": recorder(role_id).model_dump()},
        }
        if not await transaction.change_if(opened.dossier, operations, room, worked=now):
            await _why_no_room(transaction, dossier_id, assessment_id)
        _tell(transaction, who, opened.dossier, assessment, Act.ASSESSMENT_ADDED, now)

    with contextlib.suppress(SentTwice):
        await store.transact(work)
    return assessment_id


async def correct_assessment(
    store: Store,
    who: Who,
    dossier_id: str,
    assessment_id: str,
    version: int,
    draft: AssessmentDraft,
    reason: str,
    now: datetime,
) -> None:
    """Correct an assessment; what it said before is kept with the reason.

    Raises Changed (with the assessment as it stands) when somebody corrected it since `version` was read.
    """
    sealed = await _seal(store, draft, now)

    async def work(transaction: Transaction) -> None:
        opened, index, before = await _own(transaction, who, dossier_id, assessment_id, version, now)
        said = to_bson(before)
        earlier = Earlier(
            version=before.version,
            changed_at=now,
            changed_by=who.as_professional(),
            reason=reason,
            content={name: said[name] for name in _SAID if name in said},
        )
        again = _assessment(who, draft, before.id, sealed, now).model_copy(
            update={
                "recorded_by": before.recorded_by,
                "recorded_at": before.recorded_at,
                "version": before.version + 1,
                "earlier": [*before.earlier, earlier],
            }
        )
        await transaction.change(opened.dossier, {"$set": {f"assessments.{index}": to_bson(again)}}, worked=now)
        _tell(transaction, who, opened.dossier, again, Act.ASSESSMENT_CORRECTED, now)

    await store.transact(work)


async def withdraw_assessment(
    store: Store, who: Who, dossier_id: str, assessment_id: str, version: int, reason: str, now: datetime
) -> None:
    """Withdraw an assessment: it stays, marked, and speaks no more in the triangle. Raises Changed."""

    async def work(transaction: Transaction) -> None:
        opened, index, assessment = await _own(transaction, who, dossier_id, assessment_id, version, now)
        assessment.withdrawn = Withdrawal(at=now, by=who.as_professional(), reason=reason)
        assessment.version += 1
        await transaction.change(opened.dossier, {"$set": {f"assessments.{index}": to_bson(assessment)}}, worked=now)
        _tell(transaction, who, opened.dossier, assessment, Act.ASSESSMENT_WITHDRAWN, now)

    await store.transact(work)


async def _seal(store: Store, draft: AssessmentDraft, now: datetime) -> bytes:
    return await store.secrets.seal(to_bson(draft.content), Assessment.SECRECY, now.year)


def _assessment(who: Who, draft: AssessmentDraft, assessment_id: str, sealed: bytes, now: datetime) -> Assessment:
    writer = who.as_professional()
    return Assessment(
        id=assessment_id,
        tool=draft.tool,
        domain=draft.domain,
        day=draft.day,
        steps=draft.steps,
        levels=draft.levels,
        sealed=sealed,
        confidentiality=draft.confidentiality,
        named_people=sorted({*draft.named_people, writer.person_id}) if draft.named_people else [],
        recorded_by=writer,
        institution_id=writer.institution_id,
        institution_name=writer.institution_name,
        recorded_at=now,
    )


async def _why_no_room(transaction: Transaction, dossier_id: str, assessment_id: str) -> None:
    """Raises SentTwice, Full, or Changed where another write came between."""
    whole = await transaction.dossier(dossier_id)
    if whole is None:
        raise Changed
    if any(each.id == assessment_id for each in whole.assessments):
        raise SentTwice
    if len(whole.assessments) >= ASSESSMENTS_KEPT:
        raise Full
    raise Changed


async def _own(
    transaction: Transaction, who: Who, dossier_id: str, assessment_id: str, version: int, now: datetime
) -> tuple[Opened, int, Assessment]:
    opened = await dossier_to_change(transaction, who, dossier_id, Permission.ASSESSMENT_CHANGE, now)
    found = next(((n, a) for n, a in enumerate(opened.dossier.assessments) if a.id == assessment_id), None)
    if found is None or not may_change(who, opened.access, found[1]):
        raise Forbidden(NOT_YOUR_ENTRY)
    index, assessment = found
    if assessment.version != version or assessment.withdrawn is not None:
        raise Changed(assessment)
    return opened, index, assessment


def _tell(
    transaction: Transaction, who: Who, dossier: Dossier, assessment: Assessment, act: Act, now: datetime
) -> None:
    """Record the change, and put a notice for each specialist on the case into the outbox: ids only, no text."""
    transaction.record(
        entry_for(who, act, now, dossier_id=dossier.id, subject=assessment.id, sections=[s.value for s in SECTIONS])
    )
    if assessment.confidentiality == "restricted":
        return  # that such an assessment exists is known only to those it names
    own = f"r:{who.role.id}" if who.role else ""
    at_work = [r.key for r in dossier.readers if r.relation in RESPONSIBLE and r.since <= now < r.until]
    tell(transaction, [key for key in at_work if key != own], CHANGES[act], now, dossier.id, assessment.id)
