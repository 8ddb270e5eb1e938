"""Which reports are whose: to decide, told for information, under a head, made by oneself.

The database chooses by unit, by who holds a report and by who took note: a limit cuts only what is the person's own,
and says so. `side_of` has the last word on each report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from auth.access import entry_for
from auth.permissions import Permission
from auth.policy import may
from auth.who import Who
from documents.acts import Act
from documents.person import Role
from documents.report import ACKNOWLEDGED, OPEN_STATES, RECEIVED, Report, from_row
from documents.store import Row, Store
from portal.reports.rules import side_of

SHOWN = 100
STAYS = timedelta(days=30)  # a decided report in the list of who decided it
# As `rules.urgency`: danger first, then the oldest. What is not known is the default, which takes no room.
URGENT: list[Row] = [
    {"$set": {"rank": {"$indexOfArray": [["yes", "unknown", "no"], {"$ifNull": ["$danger", "unknown"]}]}}},
    {"$sort": {"rank": 1, "at": 1, "_id": 1}},
]
NEWEST: list[Row] = [{"$sort": {"at": -1, "_id": 1}}]


@dataclass(frozen=True)
class Inbox:
    """Reports by what the person has to do with them, at most `SHOWN` of each, the most urgent first."""

    to_decide: list[Report] = field(default_factory=list)  # open; the own and the free ones before colleagues'
    told: list[Report] = field(default_factory=list)  # those nobody took note of first
    decided: list[Report] = field(default_factory=list)  # by this person, lately
    led: list[Report] = field(default_factory=list)  # under a head
    own: list[Report] = field(default_factory=list)  # reported by this person in this role
    cut: dict[str, int] = field(default_factory=dict)  # how many there are in all, of lists that do not show all


@dataclass(frozen=True)
class Waiting:
    """How many reports wait for a person, and how many of those are late."""

    count: int = 0
    late: int = 0


@dataclass(frozen=True)
class _Found:
    reports: list[Report]
    count: int


async def inbox_of(store: Store, who: Who, now: datetime, *, listed: bool = True) -> Inbox:
    """Return everything this person sees of reports; unless `listed`, only what may still wait for the person."""
    found: dict[str, _Found] = {}
    if listed:
        made: Row = {"by.person_id": who.person_id, "by.role_id": who.role.id if who.role else None}
        found["own"] = await _find(store, who, [made], NEWEST, family=True)
    if who.role is not None and may(who, Permission.REPORT_HAND_OVER).allowed:
        found["led"] = await _find(store, who, [_led(who)])
    elif who.role is not None and may(who, Permission.REPORT_DECIDE).allowed:
        mine, others = _to_decide(who)
        new, noted_ones = _told(who, now - STAYS)
        found["to_decide"] = await _find(store, who, [mine, others] if listed else [mine])
        found["told"] = await _find(store, who, [new, noted_ones] if listed else [new])
        if listed:
            found["decided"] = await _find(store, who, [_decided(who, now - STAYS)], NEWEST)
    cut = {name: each.count for name, each in found.items() if each.count > len(each.reports)}
    return Inbox(cut=cut, **{name: each.reports for name, each in found.items()})


async def waiting_reports(store: Store, who: Who, now: datetime) -> Waiting:
    """What this person can do something about now: to take, to decide, to take note of; for a head what is late."""
    if who.role is None or who.level not in (1, 3) or not may(who, Permission.REPORTS_READ).allowed:
        return Waiting()
    if may(who, Permission.REPORT_HAND_OVER).allowed:
        led = await _find(store, who, [_led(who) | {"due": {"$lte": now}}])
        return Waiting(led.count, led.count)
    found = await inbox_of(store, who, now, listed=False)
    lists = {"to_decide": found.to_decide, "told": found.told}
    return Waiting(
        sum(found.cut.get(name, len(reports)) for name, reports in lists.items()),
        sum(report.overdue(now) for reports in lists.values() for report in reports),
    )


def noted(who: Who, report: Report) -> bool:
    """Whether somebody of the own institution took note of it."""
    return any(p.institution_id == who.institution_id and p.acknowledged_at is not None for p in report.told)


async def record_inbox(store: Store, who: Who, shown: int, now: datetime) -> None:
    """Record before it is shown that the list was read; it names no child."""
    await store.audit.record(entry_for(who, Act.REPORTS_READ, now, count=shown))


def _to_decide(who: Who) -> tuple[Row, Row]:
    """Open reports of the own institution (of the own unit): those this role may take or has; those of colleagues."""
    role_id = _role(who).id
    open_here: Row = {
        "decides.institution_id": who.institution_id,
        "state": {"$in": list(OPEN_STATES)},
        "by.person_id": {"$ne": who.person_id},
    }
    unit = _of_unit(who, "decides.unit_id")
    free = unit | {"state": RECEIVED, "named.role_id": {"$in": [None, role_id]}}
    taken: list[Row] = [{"state": ACKNOWLEDGED}, {"named.role_id": {"$nin": [None, role_id]}}]
    others = unit | {"responsible.role_id": {"$ne": role_id}, "$or": taken}
    return open_here | {"$or": [{"responsible.role_id": role_id}, free]}, open_here | others


def _told(who: Who, since: datetime) -> tuple[Row, Row]:
    """What the own institution (the own unit) was told and another one decides: not noted yet, and noted."""
    place: Row = {"institution_id": who.institution_id} | _of_unit(who, "unit_id")
    told: Row = {
        "told.institution_id": who.institution_id,
        "at": {"$gt": since},
        "by.person_id": {"$ne": who.person_id},
        "responsible.role_id": {"$ne": _role(who).id},
        "$nor": [{"decides.institution_id": who.institution_id} | _of_unit(who, "decides.unit_id")],
    }
    return (
        told | {"told": {"$elemMatch": place | {"acknowledged_at": None}}},
        told | {"told": {"$elemMatch": place | {"acknowledged_at": {"$ne": None}}}},
    )


def _decided(who: Who, since: datetime) -> Row:
    return {
        "decides.institution_id": who.institution_id,
        "state": {"$nin": list(OPEN_STATES)},
        "responsible.role_id": _role(who).id,
        "decided_at": {"$gt": since},
        "by.person_id": {"$ne": who.person_id},
    }


def _led(who: Who) -> Row:
    """Open reports under a head: of the institution, or held in the units below (as `rules.heads`)."""
    led: Row = {
        "decides.institution_id": who.institution_id,
        "state": {"$in": list(OPEN_STATES)},
        "by.person_id": {"$ne": who.person_id},
    }
    if _role(who).unit_id is None:
        return led
    below = {"$in": list(who.subtree)}
    held: list[Row] = [
        {"responsible.unit_id": below},
        {"responsible.role_id": None, "named.unit_id": below},
        {"responsible.role_id": None, "named.role_id": None, "decides.unit_id": below},
    ]
    return led | {"$or": held}


def _of_unit(who: Who, name: str) -> Row:
    """As `rules.works_at`: a report for a unit is for those of the unit and those of no unit."""
    unit = _role(who).unit_id
    return {name: {"$in": [None, unit]}} if unit else {}


def _role(who: Who) -> Role:
    if who.role is None:
        raise ValueError("Only a role has an inbox.")
    return who.role


async def _find(
    store: Store, who: Who, queries: Sequence[Row], order: Sequence[Row] = URGENT, *, family: bool = False
) -> _Found:
    """The first of several queries in turn, and how many they find; unless `family`, none about the own family."""
    kin: set[str] = set()
    while True:
        wanted: list[Row] = [query | ({"dossier_id": {"$nin": sorted(kin)}} if kin else {}) for query in queries]
        rows: list[Row] = []
        for query in wanted:
            if len(rows) < SHOWN:
                pipeline = [{"$match": query}, *order, {"$limit": SHOWN - len(rows)}, {"$unset": "rank"}]
                rows += await (await store.reports.aggregate(pipeline)).to_list()
        reports = [from_row(row) for row in rows]
        more = set() if family else await _own_family(store, who, reports)
        if not more:
            break
        kin |= more
    count = len(reports)
    if count >= SHOWN:
        count = sum([await store.reports.count_documents(query) for query in wanted])
    return _Found([report for report in reports if side_of(who, report) is not None], count)


async def _own_family(store: Store, who: Who, reports: list[Report]) -> set[str]:
    """The children of the person's own family: in a professional role their reports do not exist."""
    ids = sorted({report.dossier_id for report in reports if report.dossier_id})
    if not ids:
        return set()
    rows = store.dossiers.find({"_id": {"$in": ids}, "family_ids": who.person_id}, {"_id": 1})
    return {row["_id"] async for row in rows}
