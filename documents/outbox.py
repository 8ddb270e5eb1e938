"""The outbox: what has to happen because of a change, written in the change's own transaction."""

from datetime import datetime
from typing import Any

from pydantic import Field

from documents.model import Model, new_id, to_bson


class OutboxItem(Model):
    """One thing to do: a notice to a role, or a copy to bring up to date. Claimed by a worker, retried, never lost."""

    id: str = Field(default_factory=new_id, alias="_id")
    kind: (
        str  # "notice" (portal notice), "mail" (of a notice, to one person) or "person.copies" (contacts into dossiers)
    )
    at: datetime
    to_role: str | None = None
    to_key: str | None = None  # whoever heads an institution (i:…) or unit (u:…) when it is read; p:… of the family
    dossier_id: str | None = None
    subject: str | None = None
    content: dict[str, Any] = Field(default_factory=dict)
    read_by: list[str] = Field(default_factory=list)  # of a notice: role ids, or the person of the family
    state: str = "waiting"  # waiting, claimed, done, failed
    attempts: int = 0
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    due: datetime | None = None  # when a notice or mail may be taken (again); none once it is done or given up
    error: str | None = None
    expires: datetime | None = None  # done items go after 30 days (TTL index)

    def as_row(self) -> dict[str, Any]:
        """What is stored: with the defaults that workers ask for, so that they find it."""
        return to_bson(self) | {"state": self.state, "attempts": self.attempts}
