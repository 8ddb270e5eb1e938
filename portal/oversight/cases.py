"""My institution's cases: dates and names of staff, the child as a head may know it; no narrative."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from auth.access import entry_for
from auth.permissions import Section
from auth.who import Who
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.model import day_of
from documents.plan import OPEN, Task, in_force
from documents.report import RECEIVED
from documents.store import Row, Store
from documents.thread import QUESTION
from portal.access_requests.inbox import late_dossiers
from portal.naming.rules import below, current, in_time, own_involvements, staff_at_work, state_of_leading
from portal.oversight.filters import HINTS, ORDERS, PAGE, SHOWS, Filters, query_of
from portal.oversight.staff import left_leading, left_of
from portal.reports.inbox import inbox_of
from portal.translations import language

COUNTED = 100  # of each filter; what is more is told as "100+"
LATE_REQUESTS = 5000  # of the whole country at one moment: each is a decision somebody owes for days
FIELDS: Row = {
    **dict.fromkeys(("child.given_name", "child.family_name", "child.birth_date", "child.sex", "level", "opened"), 1),
    **dict.fromkeys(("involvements", "case_manager", "next_manager", "family_case_manager", "team"), 1),
    **dict.fromkeys(("plans.number", "plans.state", "plans.begun_at", "plans.by", "plans.tasks", "touched", "due"), 1),
    "readers": 1,
}


@dataclass(frozen=True, slots=True)
class Answers:
    """One of the own staff on a case: since when, until when, and as what."""

    name: str
    title: str
    since: date
    to: date | None
    stands_in: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What of one of the staff can be handed over: a place in an involvement, or the lead; `value` is for forms."""

    value: str
    leads: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case. `late` are days past `due`, `silent` days since anything was recorded."""

    id: str
    initials: str
    year: int
    level: int
    answers: tuple[Answers, ...]
    manager: str
    manager_place: str
    manager_left: bool
    asked: str  # who was asked to lead and has not answered
    due: date | None
    late: int
    due_who: str
    touched: datetime | None
    silent: int
    questions: int
    request_late: bool
    report_waits: bool
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Cases:
    """A page of cases with how many each filter finds."""

    rows: list[CaseRow]
    counts: dict[str, int]
    more: bool
    reports: int


async def cases_of(store: Store, who: Who, filters: Filters, now: datetime) -> Cases:
    """Return the page asked for, and record which children it shows before it is shown."""
    late = await late_dossiers(store, now, LATE_REQUESTS)
    left = await left_leading(store, who, now)
    counts, found, led = await asyncio.gather(
        _counts(store, who, filters, now, late, left),
        _page(store, who, filters, now, late, left),
        inbox_of(store, who, now, listed=False),
    )
    dossiers = [Dossier.model_validate(row) for row in found[:PAGE]]
    ids = [dossier.id for dossier in dossiers]
    marks = await _marks(store, who, ids)
    gone = await left_of(store, [each.case_manager.role_id for each in dossiers if each.case_manager], now)
    entry = entry_for(who, Act.OVERSIGHT_READ, now, count=len(ids), children=ids)
    sections = [Section.EXISTENCE.value, Section.TIMELINE.value, Section.PLAN.value] if ids else []
    await store.audit.record(entry.model_copy(update={"sections": sections}))
    rows = [_row(who, dossier, filters.staff, now, gone) for dossier in dossiers]
    rows = [
        replace(
            row,
            questions=marks[0].get(row.id, 0),
            report_waits=row.id in marks[1],
            request_late=row.id in late,
        )
        for row in rows
    ]
    waiting = sum(report.state == RECEIVED for report in led.led)
    return Cases(rows, counts, len(found) > PAGE, waiting)


async def _page(store: Store, who: Who, filters: Filters, now: datetime, late: list[str], left: list[str]) -> list[Row]:
    rows = store.dossiers.find(query_of(who, filters, now, late, left), FIELDS)
    rows = rows.sort([(ORDERS.get(filters.show, "touched"), 1), ("_id", 1)])
    if filters.show != "requests":
        rows = rows.hint(HINTS.get(filters.show, "silent"))
    return await rows.skip((filters.page - 1) * PAGE).limit(PAGE + 1).to_list()


async def _counts(
    store: Store, who: Who, filters: Filters, now: datetime, late: list[str], left: list[str]
) -> dict[str, int]:
    async def count(show: str) -> int:
        query = query_of(who, replace(filters, show=show), now, late, left)
        hint = "_id_" if show == "requests" else HINTS.get(show, "silent")
        return await store.dossiers.count_documents(query, limit=COUNTED + 1, hint=hint)

    shows = [show for show in SHOWS if show != "all"]
    return dict(zip(shows, await asyncio.gather(*map(count, shows)), strict=True))


async def _marks(store: Store, who: Who, ids: Sequence[str]) -> tuple[dict[str, int], set[str]]:
    """Open questions by case, as far as this head takes part; and the cases with a report nobody acknowledged."""
    query: Row = {"dossier_id": {"$in": list(ids)}, "kind": QUESTION, "closed_at": None}
    questions: dict[str, int] = {}
    async for row in store.threads.find(query, {"messages.sealed": 0}):
        to = row.get("to") or {}
        if to.get("institution_id") == who.institution_id and _below_row(who, to):
            questions[row["dossier_id"]] = questions.get(row["dossier_id"], 0) + 1
    reports: Row = {"dossier_id": {"$in": list(ids)}, "state": RECEIVED, "decides.institution_id": who.institution_id}
    return questions, {row["dossier_id"] async for row in store.reports.find(reports, {"dossier_id": 1})}


def _below_row(who: Who, to: Row) -> bool:
    return who.role is not None and (who.role.unit_id is None or to.get("unit_id") in who.subtree)


def _row(who: Who, dossier: Dossier, staff: str, now: datetime, gone: Collection[str]) -> CaseRow:
    today = day_of(now)
    plan = in_force(dossier.plans)
    waiting = [task for task in plan.tasks if task.state in OPEN] if plan else []
    next_task: Task | None = min(waiting, key=lambda task: task.due, default=None)
    manager = dossier.case_manager
    return CaseRow(
        id=dossier.id,
        initials=dossier.child.initials,
        year=dossier.child.birth_date.year,
        level=dossier.level,
        answers=tuple(_answers(who, dossier, now)),
        manager=manager.name if manager else "",
        manager_place=manager.institution_name if manager else "",
        manager_left=bool(manager and manager.role_id in gone),
        asked=dossier.next_manager.name if dossier.next_manager else "",
        due=next_task.due if next_task else None,
        late=max(0, (today - next_task.due).days) if next_task else 0,
        due_who=next_task.doer.name if next_task and next_task.doer.kind != "family" else "",
        touched=dossier.touched,
        silent=(today - day_of(dossier.touched)).days if dossier.touched else 0,
        questions=0,
        request_late=False,
        report_waits=False,
        places=tuple(places_of(who, dossier, staff, now)) if staff else (),
    )


def _answers(who: Who, dossier: Dossier, now: datetime) -> list[Answers]:
    """Who of the own staff works on the case, and since when."""
    today, found = day_of(now), []
    named = {
        person.role_id: person
        for involvement in dossier.involvements
        for person in involvement.responsible
        if in_time(person, today)
    }
    for person in staff_at_work(who, dossier, now):
        held = named.get(person.role_id)
        since = held.since if held else getattr(person, "since", now)
        title = classifiers().positions.get(person.title)
        found.append(
            Answers(
                person.name,
                title.label(language()) if title else "",
                day_of(since) if isinstance(since, datetime) else since,
                held.to if held else None,
                bool(held and held.substitute_for),
            )
        )
    return found


def places_of(who: Who, dossier: Dossier, staff: str, now: datetime) -> list[Place]:
    """What of this case one of the staff may hand over: each place held in the own institution, and the lead."""
    found = [
        Place(f"{dossier.id}.{involvement.id}.{involvement.version}", leads=False)
        for _, involvement in own_involvements(who, dossier, now)
        for person in current(involvement, day_of(now))
        if person.role_id == staff and below(who, person)
    ]
    manager = dossier.case_manager
    if manager and manager.role_id == staff and below(who, manager):
        asked = state_of_leading(dossier).partition("|")[2]
        found.append(Place(f"{dossier.id}.lead.{asked}", leads=True))
    return found
