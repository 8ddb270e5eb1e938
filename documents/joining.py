"""Joining a provisional dossier with the true one: what is remembered, so that it can be undone."""

from datetime import datetime
from typing import Any

from pydantic import Field

from documents.model import Model


class JoinNote(Model):
    """A line of the history of both dossiers: joined when, with which other one, why; and undone when and why."""

    id: str
    at: datetime
    other: str  # id of the other dossier; the own one where a provisional dossier got its code
    reason: str
    undone_at: datetime | None = None
    undone_reason: str = ""


class Join(Model):
    """One join. `before` and `after` are the parts of the true dossier round it, as stored.

    What is the same as `after` when the join is undone becomes as `before`; what was changed since then stays.
    """

    id: str = Field(alias="_id")
    provisional_id: str
    dossier_id: str
    at: datetime
    by: str  # the account on the server's console
    reason: str
    before: dict[str, Any] = Field(default_factory=dict)
    after: dict[str, Any] = Field(default_factory=dict)
    events: list[str] = Field(default_factory=list)  # ids of the entries that moved
    people: dict[str, list[str]] = Field(default_factory=dict)  # lists of children that changed, as they were
    siblings: dict[str, list[str]] = Field(default_factory=dict)  # dossier to relationships led to the true one
    reports: list[str] = Field(default_factory=list)
    reports_of_siblings: list[str] = Field(default_factory=list)
    requests: list[str] = Field(default_factory=list)  # for access
    decisions: list[str] = Field(default_factory=list)
    same: dict[str, str] = Field(default_factory=dict)  # relationships that are one person: provisional to true
    undone_at: datetime | None = None
    undone_by: str = ""
    undone_reason: str = ""
