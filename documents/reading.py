"""Projections: the few fields a list needs, so that a page of forty children does not read forty lives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from documents.child import Child
from documents.dossier import Reader
from documents.personal_code import PersonalCode
from documents.store import Row, Store

FIELDS: dict[str, Any] = {
    "child.given_name": 1,
    "child.family_name": 1,
    "child.birth_date": 1,
    "child.sex": 1,
    "child.protected": 1,
    "child.sort_name": 1,
    "level": 1,
    "case_manager.name": 1,
    "case_manager.institution_name": 1,
    "case_manager.phone": 1,
    "case_manager.email": 1,
}
_CHANGES_SHOWN = 10

# A page that counts a dossier's entries without telling them: who may see an entry stays, what it says does not come.
NO_NARRATIVE: dict[str, Any] = {
    "events.detail": 0,
    "events.fields": 0,
    "events.sealed": 0,
    "events.earlier": 0,
    "events.recorded_by": 0,
    "recent": 0,
}


@dataclass(frozen=True, slots=True)
class DossierLine:
    """A child in a list. `recent` are the changes asked for, as stored (`documents.event.RecentChange`)."""

    id: str
    child: Child
    level: int
    case_manager: Row  # name, institution_name and contacts; empty where there is none
    readers: list[Reader]  # the keys by which the asking person reaches the child, of whatever time
    recent: list[Row]


@dataclass(frozen=True, slots=True)
class DossierPlace:
    """What decides where a child stands in somebody's list: how they are related, and when others changed it."""

    id: str
    readers: list[Reader]  # as of a line
    changed: list[datetime]  # when each of `changes_by_others` was made


async def dossier_lines(
    store: Store, query: Row, limit: int, *, recent: Row | None = None, skip: int = 0
) -> list[DossierLine]:
    """Return up to `limit` children the rights filter reaches, in the order of their names, after the first `skip`.

    Of the reader keys only the person's own come along: they tell the relation. `recent`: which changes do
    (`changes_by_others`); none without it.
    """
    fields = FIELDS | {"readers": _own_of(query)} | ({"recent": recent} if recent else {})
    # By the id too: children of one name keep their places, so that none is skipped between two pages.
    order = [("child.sort_name", 1), ("_id", 1)]
    rows = await store.dossiers.find(query, fields).sort(order).skip(skip).limit(limit).to_list()
    return [_line(row) for row in rows]


async def dossier_places(store: Store, query: Row, role_id: str | None, limit: int) -> list[DossierPlace]:
    """Return up to `limit` children the rights filter reaches, in the order of their names, with nothing to show.

    `role_id`: whose own changes do not count.
    """
    rows = (
        await store.dossiers.find(query, place_fields(query, role_id)).sort("child.sort_name", 1).limit(limit).to_list()
    )
    return [
        DossierPlace(row["_id"], [Reader.model_validate(r) for r in row["readers"]], row["changed"]) for row in rows
    ]


def place_fields(query: Row, role_id: str | None) -> Row:
    """What `dossier_places` reads of a dossier."""
    changed = {"$map": {"input": changes_by_others(role_id), "in": "$$this.at"}}
    return {"readers": _own_of(query), "changed": changed}


def changes_by_others(role_id: str | None) -> Row:
    """Of a dossier's newest changes those this role did not make itself; restricted entries are told to nobody."""
    newest = {"$slice": [{"$ifNull": ["$recent", []]}, -_CHANGES_SHOWN]}
    told = [{"$ne": ["$$this.role_id", role_id]}, {"$ne": ["$$this.confidentiality", "restricted"]}]
    return {"$filter": {"input": newest, "cond": {"$and": told}}}


def own_readers(keys: Sequence[str]) -> Row:
    """Of a dossier's reader keys those of one person, read in place of all: they tell every relation of theirs."""
    return {"$filter": {"input": "$readers", "cond": {"$in": ["$$this.key", keys]}}}


async def find_by_code(store: Store, code: PersonalCode, fields: Row | None = None) -> Row | None:
    """Return the dossier of the child with this personal code, now or formerly."""
    code_hash = code.hash(store.code_key)
    for field in ("child.code_hash", "child.former_code_hashes"):
        row = await store.dossiers.find_one({field: code_hash, "erased": None}, fields)
        if row:
            return row
    return None


async def last_looks(store: Store, person_id: str, dossier_ids: list[str]) -> dict[str, datetime]:
    """Return when the person last looked at each dossier, from the audit log: one index key a child."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"person_id": person_id, "act": "dossier.read", "dossier_id": {"$in": dossier_ids}}},
        {"$sort": {"person_id": -1, "act": -1, "dossier_id": -1, "at": -1}},
        {"$group": {"_id": "$dossier_id", "at": {"$first": "$at"}}},
    ]
    return {row["_id"]: row["at"] async for row in await store.audit_entries.aggregate(pipeline)}


def _own_of(query: Row) -> Row:
    return own_readers(query["readers"]["$elemMatch"]["key"]["$in"])


def _line(row: Row) -> DossierLine:
    return DossierLine(
        id=row["_id"],
        child=Child.model_validate(row["child"]),
        level=row.get("level", 1),
        case_manager=row.get("case_manager", {}),
        readers=[Reader.model_validate(reader) for reader in row["readers"]],
        recent=row.get("recent", []),
    )
