"""Projections: the few fields a list needs, so that a page of forty children does not read forty lives."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from documents.child import Child
from documents.dossier import Denial, Reader
from documents.event import RecentChange
from documents.involvement import CaseManager
from documents.model import Model
from documents.store import Store


class DossierLine(Model):
    """A child in a list."""

    FIELDS: ClassVar[dict[str, int]] = {
        "child.given_name": 1,
        "child.family_name": 1,
        "child.birth_date": 1,
        "child.sex": 1,
        "child.protected": 1,
        "child.sort_name": 1,
        "level": 1,
        "opened": 1,
        "case_manager": 1,
        "recent": 1,
        "readers": 1,
    }

    id: str = Field(alias="_id")
    child: Child
    level: int = 1
    opened: datetime | None = None
    case_manager: CaseManager | None = None
    recent: list[RecentChange] = Field(default_factory=list)
    readers: list[Reader] = Field(default_factory=list)
    denials: list[Denial] = Field(default_factory=list)


async def dossier_lines(store: Store, query: dict[str, Any], limit: int) -> list[DossierLine]:
    """Return up to `limit` children the query reaches, in the order of their names."""
    rows = store.dossiers.find(query, DossierLine.FIELDS).sort("child.sort_name", 1).limit(limit)
    return [DossierLine.model_validate(row) async for row in rows]


async def last_looks(store: Store, person_id: str, dossier_ids: list[str]) -> dict[str, datetime]:
    """Return when the person last looked at each dossier, from the audit log."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"person_id": person_id, "act": "dossier.read", "dossier_id": {"$in": dossier_ids}}},
        {"$sort": {"person_id": 1, "act": 1, "dossier_id": 1, "at": 1}},
        {"$group": {"_id": "$dossier_id", "at": {"$last": "$at"}}},
    ]
    return {row["_id"]: row["at"] async for row in await store.audit_entries.aggregate(pipeline)}
