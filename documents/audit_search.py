"""Searching the audit log: what a steward asked, for which purpose, and the entries that answer."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from documents.audit import AuditEntry
from documents.model import Day, Model, new_id, start_of
from documents.store import Row, Store


class AuditQuestion(Model):
    """What is searched for; every part narrows, days count with both ends."""

    person_id: str = ""
    dossier_id: str = ""
    institution_id: str = ""
    act: str = ""
    outcome: str = ""  # allowed, refused, nothing
    since: Day | None = None
    until: Day | None = None


class AuditSearch(Model):
    """One search on record: by whom, why, in the steward's own words. Never changed, never removed."""

    id: str = Field(default_factory=new_id, alias="_id")
    at: datetime
    person_id: str
    role_id: str
    purpose: str  # classifier purposes, asked_for audit_search
    words: str
    question: AuditQuestion


async def find_audit_search(store: Store, search_id: str, person_id: str, since: datetime) -> AuditSearch | None:
    """Return a person's own search made after `since`, or none."""
    row = await store.audit_searches.find_one({"_id": search_id, "person_id": person_id, "at": {"$gt": since}})
    return AuditSearch.model_validate(row) if row else None


async def words_of(store: Store, search_ids: list[str]) -> dict[str, str]:
    """Return what stewards wrote when they searched, by the search's id."""
    if not search_ids:
        return {}
    return {row["_id"]: row["words"] async for row in store.audit_searches.find({"_id": {"$in": search_ids}})}


async def answering(
    store: Store, question: AuditQuestion, limit: int, *, before: datetime | None = None, skip: int = 0
) -> list[AuditEntry]:
    """Return the newest entries that answer, up to and with the moment `before`; `skip` of those are left out."""
    query = _query(question, before)
    rows = store.audit_entries.find(query).sort("at", -1).skip(skip).limit(limit)
    return [AuditEntry.model_validate(row) async for row in rows]


async def all_answering(store: Store, question: AuditQuestion, limit: int, now: datetime) -> AsyncIterator[AuditEntry]:
    """Go through the entries that answer, the newest first, without holding them in memory."""
    async for row in store.audit_entries.find(_query(question, now)).sort("at", -1).limit(limit):
        yield AuditEntry.model_validate(row)


async def how_many(store: Store, question: AuditQuestion, limit: int, now: datetime) -> int:
    """Count the entries that answer; never further than one beyond `limit`."""
    return await store.audit_entries.count_documents(_query(question, now), limit=limit + 1)


def _query(question: AuditQuestion, before: datetime | None) -> Row:
    shared: dict[str, Any] = {}
    if question.person_id:
        shared["person_id"] = question.person_id
    if question.institution_id:
        shared["institution_id"] = question.institution_id
    if question.act:
        shared["act"] = question.act
    if question.outcome:
        shared["outcome"] = None if question.outcome == "allowed" else question.outcome  # the default is not stored
    at: dict[str, datetime] = {"$gte": start_of(question.since)} if question.since else {}
    ends = [moment for moment in (before, _end_of(question)) if moment]
    if ends:
        at["$lte"] = min(ends)
    if at:
        shared["at"] = at
    if not question.dossier_id:
        return shared
    # One branch per index, each in the order of time: the engine merges them without sorting the whole log.
    return {"$or": [{"dossier_id": question.dossier_id} | shared, {"children": question.dossier_id} | shared]}


def _end_of(question: AuditQuestion) -> datetime | None:
    return start_of(question.until + timedelta(days=1)) - timedelta(milliseconds=1) if question.until else None
