"""What waits for whom: requests to decide, what is late under a head, what somebody asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auth.access import entry_for
from auth.permissions import Section
from auth.policy import reach
from auth.supervision import supervises
from auth.who import Who
from documents.access_request import WAITING, AccessRequest, from_row
from documents.acts import Act
from documents.dossier import Denial, Dossier, Emergency
from documents.store import NOT_FOR_RIGHTS, Row, Store
from portal.emergency.rules import reviews_as

SHOWN = 100
_DECIDERS = ("case_manager", "team")
# A head answers for people: whose case it is, and who is responsible where nobody leads it.
_FOR_HEADS: Row = {name: 0 for name in NOT_FOR_RIGHTS if name != "involvements"}
_UNREVIEWED: Row = {"denials": {"$elemMatch": {"reviewed_at": None}}}


@dataclass(frozen=True)
class Waiting:
    """Requests that wait: `to_decide` by this person; for a head `late` ones below, and those of `unled` cases."""

    to_decide: list[AccessRequest] = field(default_factory=list)
    late: list[AccessRequest] = field(default_factory=list)
    unled: list[AccessRequest] = field(default_factory=list)
    denials: list[tuple[str, Denial]] = field(default_factory=list)  # a head has not reviewed, with their dossiers
    emergencies: list[tuple[str, Emergency]] = field(default_factory=list)  # to review, with their dossiers
    dossiers: Mapping[str, Dossier] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many things wait for this person."""
        requests = len(self.to_decide) + len(self.late) + len(self.unled)
        return requests + len(self.denials) + len(self.emergencies)

    def overdue(self, now: datetime) -> int:
        """How many nobody decided in time."""
        return sum(request.overdue(now) for request in (*self.to_decide, *self.late, *self.unled))


async def waiting_for(store: Store, who: Who, now: datetime) -> Waiting:
    """Return what waits for this person, the nearest due first."""
    if who.level == 1:
        return await _for_decider(store, who, now)
    return await _for_head(store, who, now) if who.level == 3 else Waiting()


async def asked_by(store: Store, who: Who) -> list[AccessRequest]:
    """Return what this role asked for, the newest first."""
    rows = store.access_requests.find({"by.role_id": who.role.id if who.role else ""}).sort("at", -1).limit(SHOWN)
    return [from_row(row) async for row in rows]


async def late_dossiers(store: Store, now: datetime, limit: int = 0) -> list[str]:
    """Dossiers with a request nobody decided in time, of the whole country; the policy filters the head's own.

    `limit`: how many requests are read, the longest overdue first; all of them without it.
    """
    query: Row = {"state": WAITING, "due": {"$lte": now}, "dossier_id": {"$gt": ""}}
    rows = store.access_requests.find(query, {"_id": 0, "dossier_id": 1}).sort("due", 1).limit(limit)
    return sorted({row["dossier_id"] async for row in rows})


async def record_inbox(
    store: Store, who: Who, requests: list[AccessRequest], now: datetime, reviews: Sequence[tuple[str, object]] = ()
) -> None:
    """Record before it is shown which children the page names."""
    named = {request.dossier_id for request in requests if request.dossier_id}
    children = sorted(named | {dossier_id for dossier_id, _ in reviews})
    entry = entry_for(who, Act.ACCESS_REQUESTS_READ, now, count=len(requests), children=children)
    await store.audit.record(entry.model_copy(update={"sections": [Section.EXISTENCE.value]}))


async def _for_decider(store: Store, who: Who, now: datetime) -> Waiting:
    """The case manager's requests, and those about entries of the own institution for a member of the team."""
    mine = reach(who, now, _DECIDERS)
    fields: Row = {"case_manager.role_id": 1, "emergencies.id": 1}
    rows = {row["_id"]: row async for row in store.dossiers.find(mine, fields)}
    role_id = who.role.id if who.role else ""
    led = sorted(i for i, row in rows.items() if row.get("case_manager", {}).get("role_id") == role_id)
    others = sorted(rows.keys() - set(led))
    branches: list[dict[str, Any]] = [{"dossier_id": {"$in": led}, "state": WAITING}]
    if others:
        branches.append({"dossier_id": {"$in": others}, "state": WAITING, "entries_of": who.institution_id})
    requests = await _requests(store, {"$or": branches} if others else branches[0]) if rows else []
    to_decide = [request for request in requests if request.by.person_id != who.person_id]
    named = {i for i, row in rows.items() if row.get("emergencies")}
    named |= {request.dossier_id for request in to_decide if request.dossier_id}
    dossiers = await _dossiers(store, mine | {"_id": {"$in": sorted(named)}}) if named else {}
    return Waiting(to_decide=to_decide, emergencies=_to_review(who, dossiers.values(), now), dossiers=dossiers)


async def _dossiers(store: Store, query: Row) -> dict[str, Dossier]:
    """Those children whose name the page tells, and whose emergency accesses wait for a review."""
    found = store.dossiers.find(query, {"case_manager": 1, "child": 1, "emergencies": 1})
    return {row["_id"]: Dossier.model_validate(row) async for row in found}


async def _for_head(store: Store, who: Who, now: datetime) -> Waiting:
    unled: list[AccessRequest] = []
    if who.role is not None and who.role.unit_id is None:
        unled = await _requests(store, {"routed_to": who.institution_id, "state": WAITING})
    named = {*await late_dossiers(store, now), *(request.dossier_id for request in unled if request.dossier_id)}
    # Of thousands of children below only those something may wait for are read.
    waits: list[Row] = [{"_id": {"$in": sorted(named)}}, _UNREVIEWED, {"emergencies.0": {"$exists": True}}]
    found = store.dossiers.find(reach(who, now, ("supervises",)) | {"$or": waits}, _FOR_HEADS)
    dossiers = {row["_id"]: Dossier.model_validate(row) async for row in found}
    below = sorted(d.id for d in dossiers.values() if d.case_manager and supervises(who, d, now))
    late = await _requests(store, {"dossier_id": {"$in": below}, "state": WAITING, "due": {"$lte": now}})
    denials = [
        (dossier.id, denial)
        for dossier in dossiers.values()
        if supervises(who, dossier, now)
        for denial in dossier.denials
        if denial.in_force(now) and denial.reviewed_at is None
    ]
    unled = [request for request in unled if request.id not in {other.id for other in late}]
    emergencies = _to_review(who, dossiers.values(), now)
    return Waiting(late=late, unled=unled, denials=denials, emergencies=emergencies, dossiers=dossiers)


def _to_review(who: Who, dossiers: Iterable[Dossier], now: datetime) -> list[tuple[str, Emergency]]:
    """Emergency accesses this person has not reviewed yet, the oldest first."""
    found = [(d.id, e) for d in dossiers for e in d.emergencies if reviews_as(who, d, e, now)]
    return sorted(found, key=lambda pair: pair[1].since)


async def _requests(store: Store, query: Row) -> list[AccessRequest]:
    rows = store.access_requests.find(query).sort("due", 1).limit(SHOWN)
    return [from_row(row) async for row in rows]
