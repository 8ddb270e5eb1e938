"""What the floor reads for each page: the page's queries, made beforehand, with the raw driver and no models."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from auth.policy import RESPONSIBLE, reach
from auth.who import Who, who_is
from documents.access_request import WAITING
from documents.classifiers import classifiers
from documents.draft import draft_id
from documents.looks import find_with_last_look
from documents.model import day_of
from documents.person import Person
from documents.personal_code import parse
from documents.reading import FIELDS, NO_NARRATIVE, changes_by_others, place_fields
from documents.report import OPEN_STATES, RECEIVED
from documents.store import Row, Store
from documents.thread import QUESTION
from portal.analytics.dimensions import dimensions
from portal.analytics.view import columns_of, key_of
from portal.desk.actions import PAGE as DESK_PAGE
from portal.desk.actions import SHOWN as DESK_SHOWN
from portal.naming.rules import positions_for
from portal.naming.staff import STAFF_SHOWN, held_in, left_from, units_of
from portal.notices.actions import NEWEST
from portal.oversight.cases import COUNTED, LATE_REQUESTS
from portal.oversight.cases import FIELDS as CASE_FIELDS
from portal.oversight.filters import HINTS, ORDERS, PAGE, SHOWS, Filters, query_of, read_filters
from portal.oversight.staff import FIELDS as STAFF_FIELDS
from portal.oversight.staff import LEFT
from portal.plans.answering import PAGE as PLAN_PAGE
from portal.plans.tasks import tasks_pipeline
from portal.reports.inbox import SHOWN as REPORTS_SHOWN
from portal.reports.inbox import STAYS
from portal.search.actions import SHOWN as FOUND_SHOWN

Read = Callable[[], Awaitable[object]]

_EXISTENCE = {"child.given_name": 1, "child.family_name": 1, "child.birth_date": 1, "case_manager": 1, "opened": 1}


async def read_for(store: Store, kind: str, about: Mapping[str, str]) -> Read:
    """Return the reading a page needs."""
    now = datetime.now(UTC)
    if kind == "overview":  # what is new there is what came since the last look
        this = {"_id": about["dossier"]}
        return lambda: find_with_last_look(store, this, about["person"], about["dossier"], now)
    if kind == "timeline":
        return lambda: store.dossiers.find_one({"_id": about["dossier"]})
    if kind == "triangle":
        return lambda: store.dossiers.find_one({"_id": about["dossier"]}, NO_NARRATIVE)
    if kind == "plan":
        return lambda: _plan(store, about["dossier"], about["role"])
    if kind == "code":
        code_hash = parse(about["code"], accept_invented=True).hash(store.code_key)
        return lambda: store.dossiers.find_one({"child.code_hash": code_hash, "erased": None}, _EXISTENCE)
    if kind == "analytics":
        key = _first_figure(about["table"], now)
        return lambda: _figures(store, about["table"], about["place"], key)
    who = await _who(store, about, now)
    if kind == "oversight":
        filters = read_filters({"show": about["show"]})
        return lambda: _oversight(store, who, filters, now)
    if kind == "desk":
        return lambda: _desk(store, who, about["role"], now)
    named = reach(who, now) | {"$and": [{"child.tokens": {"$regex": f"^{about['word']}"}}]}
    return lambda: _lines(store, named, FOUND_SHOWN + 1)


async def _plan(store: Store, dossier_id: str, role_id: str) -> None:
    """The dossier, and what the person typed into the plan's forms before: the page shows both."""
    await store.dossiers.find_one({"_id": dossier_id}, NO_NARRATIVE)
    await store.drafts.find_one({"_id": draft_id(role_id, PLAN_PAGE.format(dossier_id=dossier_id))})


async def _desk(store: Store, who: Who, role_id: str, now: datetime) -> None:
    """The own children's places, when each was looked at, a page of them, and all that waits for the person."""
    mine = reach(who, now, (*RESPONSIBLE, "emergency"))
    places = store.dossiers.find(mine, place_fields(mine, role_id)).sort("child.sort_name", 1).limit(DESK_SHOWN)
    ids = [row["_id"] async for row in places]
    looked: list[Row] = [
        {"$match": {"person_id": who.person_id, "act": "dossier.read", "dossier_id": {"$in": ids}}},
        {"$sort": {"person_id": -1, "act": -1, "dossier_id": -1, "at": -1}},
        {"$group": {"_id": "$dossier_id", "at": {"$first": "$at"}}},
    ]
    await (await store.audit_entries.aggregate(looked)).to_list()
    await _lines(store, mine | {"_id": {"$in": ids[:DESK_PAGE]}}, DESK_PAGE, changes_by_others(role_id))
    await (await store.dossiers.aggregate(tasks_pipeline(who, role_id, now))).to_list()
    await store.outbox.find({"kind": "notice", "to_role": role_id}).sort("at", -1).limit(NEWEST).to_list()
    await store.access_requests.find({"dossier_id": {"$in": ids}, "state": WAITING}).sort("due", 1).to_list()
    here, told = {"decides.institution_id": who.institution_id}, {"told.institution_id": who.institution_id}
    open_here: Row = here | {"state": {"$in": list(OPEN_STATES)}}
    for query in (open_here, told | {"at": {"$gt": now - STAYS}}):
        await store.reports.find(query).sort("due", 1).limit(REPORTS_SHOWN).to_list()


async def _lines(store: Store, query: Row, limit: int, recent: Row | None = None) -> list[Row]:
    fields = FIELDS | {"readers": {"$elemMatch": query["readers"]["$elemMatch"]}}
    fields |= {"recent": recent} if recent else {}
    return await store.dossiers.find(query, fields).sort("child.sort_name", 1).limit(limit).to_list()


async def _oversight(store: Store, who: Who, filters: Filters, now: datetime) -> None:
    """A head's cases: the staff, how many each filter finds, a page of cases with what is open about each."""
    waiting: Row = {"state": WAITING, "due": {"$lte": now}, "dossier_id": {"$gt": ""}}
    requests = store.access_requests.find(waiting, {"_id": 0, "dossier_id": 1}).sort("due", 1).limit(LATE_REQUESTS)
    late = sorted({row["dossier_id"] async for row in requests})

    today, units = day_of(now), units_of(who)
    leaders = left_from(who.institution_id, positions_for(leads=True), today, units)
    left = [
        role["id"]
        for row in await store.people.find(leaders, STAFF_FIELDS).limit(LEFT).to_list()
        for role in row["roles"]
        if role["institution_id"] == who.institution_id
    ]

    async def count(show: str) -> int:
        query = query_of(who, replace(filters, show=show), now, late, left)
        hint = "_id_" if show == "requests" else HINTS.get(show, "silent")
        return await store.dossiers.count_documents(query, limit=COUNTED + 1, hint=hint)

    cases = store.dossiers.find(query_of(who, filters, now, late, left), CASE_FIELDS)
    cases = cases.sort([(ORDERS.get(filters.show, "touched"), 1), ("_id", 1)])
    positions = positions_for(leads=False) | positions_for(leads=True)
    staff = [
        store.people.find(chosen(who.institution_id, positions, today, units), STAFF_FIELDS)
        for chosen in (held_in, left_from)
    ]
    led: Row = {"decides.institution_id": who.institution_id, "state": {"$in": list(OPEN_STATES)}}
    found, *_ = await asyncio.gather(
        cases.hint(HINTS.get(filters.show, "silent")).limit(PAGE + 1).to_list(),
        asyncio.gather(*(count(show) for show in SHOWS if show != "all")),
        asyncio.gather(*(each.sort("family_name", 1).limit(STAFF_SHOWN).to_list() for each in staff)),
        store.reports.find(led, {"sealed": 0}).sort("due", 1).limit(REPORTS_SHOWN).to_list(),
    )
    ids = [row["_id"] for row in found[:PAGE]]
    leading = [row["case_manager"]["role_id"] for row in found[:PAGE] if row.get("case_manager")]
    asked: Row = {"dossier_id": {"$in": ids}, "kind": QUESTION, "closed_at": None}
    new: Row = {"dossier_id": {"$in": ids}, "state": RECEIVED, "decides.institution_id": who.institution_id}
    await asyncio.gather(
        store.threads.find(asked, {"messages.sealed": 0}).to_list(),
        store.reports.find(new, {"dossier_id": 1}).to_list(),
        store.people.find({"roles.id": {"$in": leading}}, STAFF_FIELDS).to_list(),
    )


async def _figures(store: Store, table: str, place: str, key: str) -> None:
    """The newest release's row of a table at a place, and one figure of it in all earlier ones."""
    releases = await store.releases.find({}, {"day": 1, "rows": 1, "tables": 1}).sort("_id", -1).to_list()
    at: Row = {"table": table, "place": place}
    await asyncio.gather(
        store.release_rows.find_one({"rows": releases[0]["rows"], **at}, {"_id": 0, "figures": 1}),
        store.release_rows.find(
            {"rows": {"$in": [row["rows"] for row in releases[1:]]}, **at}, {"_id": 0, "rows": 1, f"figures.{key}": 1}
        ).to_list(),
    )


def _first_figure(table: str, now: datetime) -> str:
    """The figure a page follows through the months where nothing was chosen."""
    known, axes = classifiers().registered_tables[table], dimensions(day_of(now))
    columns = [column for column, _ in columns_of(known, axes)]
    column = "identified" if "identified" in columns else columns[0]
    return key_of(axes[known.dimensions[0]].nodes[0].code, column)


async def _who(store: Store, about: Mapping[str, str], now: datetime) -> Who:
    person = Person.model_validate(await store.people.find_one({"_id": about["person"]}))
    return who_is(person, about["role"], None, now)
