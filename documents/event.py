"""An entry of the life course (dzīvesgājums): what happened, who recorded it, who may read it."""

from datetime import datetime
from typing import Any

from pydantic import Field

from documents.involvement import Professional
from documents.model import Day, Model, Sealed


class Attachment(Model):
    """A file of this entry; it has the entry's rights and is served through it only."""

    file_id: str
    name: str
    media_type: str
    size: int
    sha256: str


class Withholding(Model):
    """Whom of the family this entry is withheld from, and why; until a day, or until lifted."""

    audience: str  # classifier withholding_audiences, or "person:<id>"
    reason: str
    until: Day | None = None
    lifted_at: datetime | None = None


class Earlier(Model):
    """What the entry said before a correction: kept as it was, with who changed it and why."""

    version: int
    changed_at: datetime
    changed_by: Professional
    reason: str
    content: dict[str, Any]


class Withdrawal(Model):
    """Withdrawn, not deleted: the entry stays readable to those who could read it, marked."""

    at: datetime
    by: Professional
    reason: str


class Event(Model):
    """One entry. `detail` and `fields` of sensitive and restricted entries live in `sealed` instead."""

    id: str
    kind: str  # classifier event_kinds
    domain: str
    shape: str  # event, span, assessment, decision, incident
    day: Day
    to: Day | None = None  # of a span; absent while it lasts
    ongoing: bool = False
    time: str = ""  # "16.20" when known
    summary: str
    detail: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    sealed: Sealed | None = None
    confidentiality: str = "standard"
    named_people: list[str] = Field(default_factory=list)  # person ids who may read a restricted entry
    addressed_to: list[str] = Field(default_factory=list)  # institution ids this entry was sent to
    withheld: list[Withholding] = Field(default_factory=list)
    recorded_by: Professional | None = None  # absent when a register sent it
    institution_id: str
    institution_name: str
    source: str = "atbalsts"
    source_key: str | None = None  # the register's own key: a second delivery is recognised by it
    recorded_at: datetime
    attachments: list[Attachment] = Field(default_factory=list)
    shared_id: str | None = None  # the same visit written once for several children
    version: int = 1
    earlier: list[Earlier] = Field(default_factory=list)
    withdrawn: Withdrawal | None = None


class RecentChange(Model):
    """The newest changes of a dossier, for the desk: enough for a line, never the narrative."""

    event_id: str
    at: datetime
    role_id: str | None = None
    kind: str
    domain: str
    confidentiality: str = "standard"
    change: str = "added"  # added, corrected, withdrawn
