"""Searching the audit log: for a purpose, on record, and never about oneself or the own family."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.access import NotFound, entry_for
from auth.who import Who
from documents.acts import Act
from documents.audit import AuditEntry
from documents.audit_search import AuditQuestion, AuditSearch, answering, find_audit_search, how_many, words_of
from documents.person import Person
from documents.rates import Limit, within_rates
from documents.store import Store, Transaction
from portal.access_log.cursor import cursor_after, read_cursor
from portal.admin.explaining import AboutOneself
from portal.search.actions import TooMany

PAGE = 50
EXPORTED_AT_MOST = 10_000
OPEN_FOR = timedelta(hours=8)  # after that one searches anew, and says why
SEARCHES: tuple[Limit, ...] = ((60, timedelta(hours=1)),)
EXPORTS: tuple[Limit, ...] = ((10, timedelta(hours=1)),)


class TooMuch(Exception):
    """More entries than one export takes."""


@dataclass(frozen=True)
class AuditPage:
    """One page of answers; `hidden` entries of it concern the steward and are only counted."""

    search: AuditSearch
    entries: list[AuditEntry]
    hidden: int
    people: dict[str, Person]
    words: dict[str, str]  # of searches the page names
    older: str | None


async def begin_search(
    store: Store, who: Who, purpose: str, words: str, question: AuditQuestion, now: datetime
) -> AuditSearch:
    """Put a search on record and return it. Raises AboutOneself, TooMany."""
    entry = entry_for(who, Act.AUDIT_SEARCHED, now, dossier_id=question.dossier_id or None, purpose=purpose)
    if question.person_id == who.person_id or question.dossier_id in who.person.children:
        await store.audit.record(entry.model_copy(update={"outcome": "refused", "reason": "about_oneself"}))
        raise AboutOneself
    await _count(store, entry, SEARCHES, now)
    role_id = who.role.id if who.role else ""
    search = AuditSearch(
        at=now, person_id=who.person_id, role_id=role_id, purpose=purpose, words=words, question=question
    )

    async def work(transaction: Transaction) -> None:
        await transaction.insert(store.audit_searches, search)
        transaction.record(entry.model_copy(update={"subject": search.id, "series": search.id}))

    await store.transact(work)
    return search


async def read_page(store: Store, who: Who, search_id: str, cursor: str, now: datetime) -> AuditPage:
    """Return a page of a search of one's own; on record before it is shown. Raises NotFound."""
    search = await _own(store, who, search_id, now)
    before = read_cursor(cursor) if cursor else None
    found = await answering(
        store, search.question, PAGE + 1, before=before[0] if before else search.at, skip=before[1] if before else 0
    )
    part = found[:PAGE]
    shown = [entry for entry in part if not about_oneself(who, entry)]
    await store.audit.record(_of_search(who, Act.AUDIT_READ, search, now, len(shown)))
    searches = [entry.subject for entry in shown if entry.subject and entry.act.startswith("audit.")]
    return AuditPage(
        search=search,
        entries=shown,
        hidden=len(part) - len(shown),
        people=await people_in(store, shown),
        words=await words_of(store, searches),
        older=cursor_after(part, before) if len(found) > PAGE else None,
    )


async def begin_export(store: Store, who: Who, search_id: str, now: datetime) -> AuditSearch:
    """Put an export on record and return the search it takes. Raises NotFound, TooMuch, TooMany."""
    search = await _own(store, who, search_id, now)
    entry = _of_search(who, Act.AUDIT_EXPORTED, search, now, 0)
    await _count(store, entry, EXPORTS, now)
    count = await how_many(store, search.question, EXPORTED_AT_MOST, search.at)
    if count > EXPORTED_AT_MOST:
        await store.audit.record(entry.model_copy(update={"outcome": "refused", "reason": "too_much"}))
        raise TooMuch
    await store.audit.record(entry.model_copy(update={"count": count}))
    return search


def about_oneself(who: Who, entry: AuditEntry) -> bool:
    """Whether an entry tells of the steward: acted, was acted on, or of a child of the own family."""
    own = {who.person_id, *(role.id for role in who.person.roles)}
    family = set(who.person.children)
    return (
        entry.person_id == who.person_id or entry.subject in own or bool(family & {entry.dossier_id, *entry.children})
    )


async def people_in(store: Store, entries: Sequence[AuditEntry]) -> dict[str, Person]:
    """Return those who acted or were acted on, with their roles only."""
    ids = {one for entry in entries for one in (entry.person_id, entry.subject) if one}
    fields = {"given_name": 1, "family_name": 1, "roles": 1}
    rows = store.people.find({"_id": {"$in": sorted(ids)}}, fields) if ids else None
    return {row["_id"]: Person.model_validate(row) async for row in rows} if rows else {}


async def _own(store: Store, who: Who, search_id: str, now: datetime) -> AuditSearch:
    search = await find_audit_search(store, search_id, who.person_id, now - OPEN_FOR)
    if search is None or search.question.dossier_id in who.person.children:
        raise NotFound
    return search


def _of_search(who: Who, act: Act, search: AuditSearch, now: datetime, count: int) -> AuditEntry:
    return entry_for(
        who,
        act,
        now,
        dossier_id=search.question.dossier_id or None,
        subject=search.id,
        series=search.id,
        purpose=search.purpose,
        count=count,
    )


async def _count(store: Store, entry: AuditEntry, limits: tuple[Limit, ...], now: datetime) -> None:
    if not await within_rates(store, f"{entry.act}:{entry.person_id}", limits, now):
        await store.audit.record(entry.model_copy(update={"outcome": "refused", "reason": "too_many"}))
        raise TooMany
