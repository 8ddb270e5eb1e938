"""Asking for access: from a dossier, from the search's answer, or by a personal code about which nothing is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.access import Denied, Forbidden, NotFound, entry_for
from auth.assessments import shower
from auth.entries import Sight, sight
from auth.permissions import Permission, Section
from auth.policy import decide_as, denied, standing
from auth.reasons import DECIDES_HERE, NO_RELATION, OWN_FAMILY, Reason
from auth.who import Who
from documents.access_request import WAITING, AccessRequest, due_after, from_row
from documents.acts import Act
from documents.archive import find_archived
from documents.assessment import Assessment
from documents.dossier import Dossier
from documents.event import Event
from documents.model import day_of, new_id
from documents.personal_code import PersonalCode
from documents.rates import Limit, within_rates
from documents.reading import find_by_code
from documents.store import Row, Store, Transaction
from portal.access_requests.rules import Asked
from portal.notices import tell
from portal.search.actions import TooMany

# Nobody needs access to more children in a day; whoever asks oftener is trying codes.
ASK_LIMITS: tuple[Limit, ...] = ((6, timedelta(minutes=10)), (20, timedelta(days=1)))


@dataclass(frozen=True)
class Target:
    """What a request is about: a dossier in hand (and an entry of it), or a code of which nothing is told."""

    dossier_id: str = ""
    code: PersonalCode | None = None
    event_id: str = ""
    renews: str = ""


class SentTwice(Exception):
    """The same form came again: the request is there."""


async def ask_for_access(
    store: Store, who: Who, target: Target, asked: Asked, now: datetime, submission: str = ""
) -> str:
    """Make a request and tell who decides. Returns its id; `submission` is the id the form was given.

    Asked by a code, it is taken whether or not there is a dossier, and whatever speaks against it. Else raises
    NotFound, Denied, Forbidden. Raises TooMany.
    """
    await _count(store, who, now)
    request_id = submission or new_id()
    sealed = await store.secrets.seal({"text": asked.message}, "access_request", now.year)
    dossier_id = await _named(store, target)

    async def work(transaction: Transaction) -> None:
        requests = store.access_requests
        if await requests.find_one({"_id": request_id}, {"_id": 1}, session=transaction.session):
            raise SentTwice
        dossier = await transaction.dossier(dossier_id)
        refusal = _refusal(who, dossier, now)
        if refusal is not None and target.code is None:
            raise refusal if dossier and dossier.opened else NotFound
        about = dossier if refusal is None else None
        entry = await _entry(store, who, about, target, now)
        request = AccessRequest(
            id=request_id,
            by=who.as_professional(),
            at=now,
            due=due_after(now),
            state=WAITING,
            sections=list(asked.sections),
            sensitive=asked.sensitive,
            entries_of=entry.institution_id if entry and asked.only_entries else None,
            entries_of_name=entry.institution_name if entry and asked.only_entries else "",
            purpose=asked.purpose,
            legal_basis=asked.legal_basis,
            until=asked.until,
            sealed=sealed,
            renews=await _own_earlier(transaction, who, target),
            blind=target.code is not None,
            asked_for=target.code.text[:6] if target.code else "",
        )
        if about is not None:
            await _route(transaction, about, request, now)
        await transaction.insert(requests, request)
        _record(transaction, who, request, dossier, refusal.reason if refusal else None, now)

    try:
        await store.transact(work)
    except SentTwice:
        return request_id
    except Forbidden as refusal:
        entry = entry_for(who, Act.ACCESS_ASKED, now, dossier_id=dossier_id)
        refused = {"outcome": "refused", "reason": refusal.reason.code}
        await store.audit.record(entry.model_copy(update=refused))
        raise
    return request_id


async def _named(store: Store, target: Target) -> str:
    if target.code is None:
        return target.dossier_id
    row = await find_by_code(store, target.code, {"_id": 1})
    return row["_id"] if row else ""


def _refusal(who: Who, dossier: Dossier | None, now: datetime) -> Forbidden | None:
    """Why no request can be made about this dossier, if anything speaks against it."""
    if dossier is None or dossier.opened is None:
        return Forbidden(NO_RELATION)
    if who.person_id in dossier.family_ids:
        return Forbidden(OWN_FAMILY)
    if denial := denied(who, dossier.denials, now):
        return Denied(denial.call)
    if decide_as(standing(who, dossier, now), who, Permission.ACCESS_GRANT).allowed:
        return Forbidden(DECIDES_HERE)
    return None


async def _entry(
    store: Store, who: Who, dossier: Dossier | None, target: Target, now: datetime
) -> Event | Assessment | None:
    """The entry or assessment asked from: only one whose presence this person sees. Raises NotFound."""
    if dossier is None or not target.event_id:
        return None
    assessment = next((each for each in dossier.assessments if each.id == target.event_id), None)
    if assessment is not None and shower(who, standing(who, dossier, now), dossier, day_of(now))(assessment):
        return assessment
    event = next((event for event in dossier.events if event.id == target.event_id), None)
    event = event or await find_archived(store, dossier.id, target.event_id)
    if event is None or sight(who, standing(who, dossier, now), dossier, event, day_of(now)) is Sight.NOTHING:
        raise NotFound
    return event


async def _own_earlier(transaction: Transaction, who: Who, target: Target) -> str | None:
    """The request it renews: the asker's own, about the same child."""
    if not target.renews:
        return None
    query = {"_id": target.renews, "by.role_id": who.role.id if who.role else "", "dossier_id": target.dossier_id}
    row = await transaction.store.access_requests.find_one(query, {"_id": 1}, session=transaction.session)
    if row is None:
        raise NotFound
    return target.renews


async def _route(transaction: Transaction, dossier: Dossier, request: AccessRequest, now: datetime) -> None:
    """At once to the case manager; without one to the head of the institution that decides, who names one."""
    request.dossier_id = dossier.id
    request.initials, request.birth_year = dossier.child.initials, dossier.child.birth_date.year
    keys = [
        f"r:{member.role_id}"
        for member in dossier.team
        if member.institution_id == request.entries_of and (member.to is None or day_of(now) <= member.to)
    ]
    manager = dossier.case_manager
    if manager is not None and manager.accepted:
        keys.append(f"r:{manager.role_id}")
    else:
        request.routed_to = await _institution_that_decides(transaction, dossier)
        keys += [f"i:{request.routed_to}"] if request.routed_to else []
    tell(transaction, keys, "access_asked", now, dossier.id, request.id)


async def _institution_that_decides(transaction: Transaction, dossier: Dossier) -> str | None:
    """Where the municipality's work is open, else its social service, else whoever is at work for the child."""
    active = [involvement for involvement in dossier.involvements if involvement.to is None]
    for involvement in active:
        if involvement.kind == "municipality_work_opened":
            return involvement.institution_id
    query: Row = {"type": "social_service", "municipality": dossier.municipality, "to": None}
    row = await transaction.store.institutions.find_one(query, {"_id": 1}, session=transaction.session)
    if row is not None:
        return str(row["_id"])
    return active[0].institution_id if active else None


def _record(
    transaction: Transaction,
    who: Who,
    request: AccessRequest,
    dossier: Dossier | None,
    refusal: Reason | None,
    now: datetime,
) -> None:
    entry = entry_for(
        who,
        Act.ACCESS_ASKED,
        now,
        dossier_id=dossier.id if dossier and dossier.opened else None,
        subject=request.id,
        sections=[Section.EXISTENCE.value],
        purpose=request.purpose,
    )
    if refusal is not None:
        entry = entry.model_copy(update={"outcome": "refused", "reason": refusal.code})
    transaction.record(entry)


async def _count(store: Store, who: Who, now: datetime) -> None:
    if not await within_rates(store, f"{Act.ACCESS_ASKED}:{who.person_id}", ASK_LIMITS, now):
        await store.audit.record(entry_for(who, Act.ACCESS_ASKED, now, outcome="refused", reason="too_many"))
        raise TooMany


async def find_request(store: Store, request_id: str) -> AccessRequest:
    """Return a request. Raises NotFound."""
    row = await store.access_requests.find_one({"_id": request_id})
    if row is None:
        raise NotFound
    return from_row(row)


async def words_of(store: Store, sealed: bytes | None) -> str:
    """The sealed message or reason; empty where there is none or its key is gone."""
    if sealed is None:
        return ""
    return str((await store.secrets.open(sealed)).get("text", ""))
