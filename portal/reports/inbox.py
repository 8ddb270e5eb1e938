"""Which reports are whose: to decide, told for information, under a head, made by oneself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from auth.access import entry_for
from auth.permissions import Permission
from auth.policy import may
from auth.who import Who
from documents.acts import Act
from documents.report import OPEN_STATES, Report, from_row
from documents.store import Row, Store
from portal.reports.rules import Side, side_of, urgency

SHOWN = 100
STAYS = timedelta(days=30)  # a decided report in the list of who decided it


@dataclass(frozen=True)
class Inbox:
    """Reports by what the person has to do with them."""

    to_decide: list[Report] = field(default_factory=list)  # open, of the own institution; danger first, then the oldest
    told: list[Report] = field(default_factory=list)
    decided: list[Report] = field(default_factory=list)  # by this person, lately
    led: list[Report] = field(default_factory=list)  # under a head
    own: list[Report] = field(default_factory=list)  # reported by this person in this role


async def inbox_of(store: Store, who: Who, now: datetime, *, listed: bool = True) -> Inbox:
    """Return everything this person sees of reports; unless `listed`, only what may still wait for the person."""
    made = await _made_by(store, who) if listed else []
    if who.role is None:
        return Inbox(own=made)
    if may(who, Permission.REPORT_HAND_OVER).allowed:
        led = await _find(store, {"decides.institution_id": who.institution_id, "state": {"$in": list(OPEN_STATES)}})
        return Inbox(led=[report for report in led if side_of(who, report) is Side.HEAD])
    if not may(who, Permission.REPORT_DECIDE).allowed:
        return Inbox(own=made)
    here: Row = {"decides.institution_id": who.institution_id}
    to_decide = await _find(store, here | {"state": {"$in": list(OPEN_STATES)}})
    lately = now - STAYS
    mine = {"state": {"$nin": list(OPEN_STATES)}, "responsible.role_id": who.role.id, "decided_at": {"$gt": lately}}
    decided = await _find(store, here | mine) if listed else []
    told = await _find(store, {"told.institution_id": who.institution_id, "at": {"$gt": lately}})
    kin = await _of_own_family(store, who, [*to_decide, *told, *decided])
    sides = (Side.MAY_TAKE, Side.RESPONSIBLE, Side.COLLEAGUE)
    return Inbox(
        to_decide=sorted((r for r in to_decide if r.id not in kin and side_of(who, r) in sides), key=urgency),
        told=sorted(
            (r for r in told if r.id not in kin and side_of(who, r) in (Side.TOLD, Side.TOLD_READS)),
            key=lambda r: (noted(who, r), urgency(r)),
        ),
        decided=sorted((r for r in decided if r.id not in kin), key=lambda r: r.at, reverse=True),
        own=made,
    )


async def waiting_reports(store: Store, who: Who, now: datetime) -> list[Report]:
    """What this person can do something about now: to take, to decide, to take note of; for a head what is late."""
    if who.level not in (1, 3) or not may(who, Permission.REPORTS_READ).allowed:
        return []
    found = await inbox_of(store, who, now, listed=False)
    mine = (Side.MAY_TAKE, Side.RESPONSIBLE)
    return [
        *(report for report in found.to_decide if side_of(who, report) in mine),
        *(report for report in found.told if side_of(who, report) is Side.TOLD and not noted(who, report)),
        *(report for report in found.led if report.overdue(now)),
    ]


def noted(who: Who, report: Report) -> bool:
    """Whether somebody of the own institution took note of it."""
    return any(p.institution_id == who.institution_id and p.acknowledged_at is not None for p in report.told)


async def record_inbox(store: Store, who: Who, shown: int, now: datetime) -> None:
    """Record before it is shown that the list was read; it names no child."""
    await store.audit.record(entry_for(who, Act.REPORTS_READ, now, count=shown))


async def _made_by(store: Store, who: Who) -> list[Report]:
    query: Row = {"by.person_id": who.person_id, "by.role_id": who.role.id if who.role else None}
    rows = store.reports.find(query).sort("at", -1).limit(SHOWN)
    return [from_row(row) async for row in rows]


async def _find(store: Store, query: Row) -> list[Report]:
    rows = store.reports.find(query).sort("due", 1).limit(SHOWN)
    return [from_row(row) async for row in rows]


async def _of_own_family(store: Store, who: Who, reports: list[Report]) -> set[str]:
    """Those about a child of the person's own family: in a professional role they do not exist."""
    ids = sorted({report.dossier_id for report in reports if report.dossier_id})
    if not ids:
        return set()
    rows = store.dossiers.find({"_id": {"$in": ids}, "family_ids": who.person_id}, {"_id": 1})
    own = {row["_id"] async for row in rows}
    return {report.id for report in reports if report.dossier_id in own}
