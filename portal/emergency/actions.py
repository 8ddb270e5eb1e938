"""Opening a dossier in an emergency, saying what was done, and reviewing it."""

from datetime import datetime

from auth.access import Denied, Forbidden, NotFound, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.policy import denied, may
from auth.reasons import NOT_YOUR_SECTION, OWN_FAMILY
from auth.relations import derived
from auth.supervision import supervisor_keys
from auth.who import Who
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier, Emergency, Review
from documents.event import Event, Withholding
from documents.model import day_of, new_id, to_bson
from documents.store import Changed, Store, Transaction
from portal.emergency.rules import LASTS, EmergencyDraft, reviews_as
from portal.events.actions import put_event
from portal.events.visibility import AUTOMATIC
from portal.notices import tell

KIND = "emergency_help"


class Already(Exception):
    """Access by emergency is in force, or the same form came twice: nothing new is opened."""


async def use_emergency(
    store: Store, who: Who, dossier_id: str, draft: EmergencyDraft, now: datetime, submission: str = ""
) -> None:
    """Open a dossier for 24 hours, and tell the case manager and those above at once.

    A denial beats it. Raises NotFound, Denied, Forbidden; what is refused is recorded.
    """
    permitted = may(who, Permission.EMERGENCY_USE)
    if not permitted.allowed:
        raise Forbidden(permitted.reason)

    async def work(transaction: Transaction) -> None:
        dossier = await transaction.dossier(dossier_id)
        if dossier is None or dossier.opened is None:
            raise NotFound
        if who.person_id in dossier.family_ids:
            raise Forbidden(OWN_FAMILY)
        if denial := denied(who, dossier.denials, now):
            raise Denied(denial.call)
        emergency = _emergency(who, draft, now, submission or new_id())
        if any(
            e.id == emergency.id or (e.role_id == emergency.role_id and e.in_force(now)) for e in dossier.emergencies
        ):
            raise Already
        dossier.emergencies.append(emergency)
        changes = {"$set": derived(dossier), "$push": {"emergencies": to_bson(emergency)}}
        await transaction.change(dossier, changes)
        entry = entry_for(who, Act.EMERGENCY_OPENED, now, dossier_id=dossier.id, subject=emergency.id)
        transaction.record(entry.model_copy(update={"purpose": draft.ground, "relation": "emergency"}))
        tell(transaction, _told(dossier, now), "emergency_opened", now, dossier.id, emergency.id)

    try:
        await store.transact(work)
    except Already:
        return
    except Forbidden as refusal:
        entry = entry_for(who, Act.EMERGENCY_OPENED, now, dossier_id=dossier_id)
        await store.audit.record(
            entry.model_copy(update={"outcome": "refused", "reason": refusal.reason.code, "purpose": draft.ground})
        )
        raise


async def explain_help(store: Store, who: Who, dossier_id: str, words: str, now: datetime) -> str:
    """Write the one entry an emergency access allows: what was found and done. Returns its id.

    Raises NotFound, Forbidden, Changed when it is written already.
    """
    sealed = await store.secrets.seal({"detail": "", "fields": {"help_given": words}}, "sensitive", now.year)

    async def work(transaction: Transaction) -> str:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.EMERGENCY_EXPLAIN, now)
        index = own_emergency(who, opened.dossier, now)
        emergency = opened.dossier.emergencies[index] if index is not None else None
        if emergency is None:
            raise Forbidden(NOT_YOUR_SECTION)
        if emergency.event_id:
            raise Changed(emergency)
        event = _entry(who, emergency, sealed, now)
        await transaction.change(opened.dossier, {"$set": {f"emergencies.{index}.event_id": event.id}})
        await put_event(transaction, who, opened.dossier, event, now)
        return event.id

    return await store.transact(work)


async def review_emergency(
    store: Store, who: Who, dossier_id: str, emergency_id: str, verdict: tuple[bool, str], now: datetime
) -> None:
    """Say whether it was justified; the first review ends the access.

    Raises NotFound, Forbidden, Changed when that side has reviewed it before.
    """
    justified, words = verdict

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.EMERGENCY_REVIEW, now)
        dossier = opened.dossier
        index = next((i for i, each in enumerate(dossier.emergencies) if each.id == emergency_id), None)
        if index is None:
            raise NotFound
        emergency = dossier.emergencies[index]
        side = reviews_as(who, dossier, emergency, now)
        if not side:
            raise Changed(emergency) if emergency.reviews else Forbidden(NOT_YOUR_SECTION)
        review = Review(at=now, by=who.as_professional(), as_head=side == "head", justified=justified, words=words)
        emergency.reviews.append(review)
        emergency.reviewed_at = emergency.reviewed_at or now
        changes = {"$set": {f"emergencies.{index}": to_bson(emergency), **derived(dossier)}}
        await transaction.change(dossier, changes)
        transaction.record(entry_for(who, Act.EMERGENCY_REVIEWED, now, dossier_id=dossier_id, subject=emergency.id))
        tell(transaction, [f"r:{emergency.role_id}"], "emergency_reviewed", now, dossier_id, emergency.id)

    await store.transact(work)


def own_emergency(who: Who, dossier: Dossier, now: datetime) -> int | None:
    """The place of this role's emergency access that is in force."""
    role = who.role.id if who.role else ""
    own = (i for i, e in enumerate(dossier.emergencies) if e.role_id == role and e.in_force(now))
    return next(own, None)


def _emergency(who: Who, draft: EmergencyDraft, now: datetime, emergency_id: str) -> Emergency:
    by = who.as_professional()
    return Emergency(
        id=emergency_id,
        role_id=by.role_id,
        person_id=by.person_id,
        by=by,
        ground=draft.ground,
        legal_basis=draft.legal_basis,
        reason=draft.reason,
        since=now,
        until=now + LASTS,
    )


def _told(dossier: Dossier, now: datetime) -> list[str]:
    manager = dossier.case_manager
    return [*supervisor_keys(dossier, now), *([f"r:{manager.role_id}"] if manager else [])]


def _entry(who: Who, emergency: Emergency, sealed: bytes, now: datetime) -> Event:
    writer, kind = who.as_professional(), classifiers().event_kinds[KIND]
    return Event(
        id=new_id(),
        kind=kind.code,
        domain=kind.domain,
        shape=kind.shape,
        day=day_of(now),
        summary=f"{kind.lv}: {classifiers().purposes[emergency.ground].lv}",
        sealed=sealed,
        confidentiality=kind.confidentiality,
        withheld=[Withholding(audience="family", reason=AUTOMATIC)],
        recorded_by=writer,
        institution_id=writer.institution_id,
        institution_name=writer.institution_name,
        recorded_at=now,
    )
