"""A thread (sarakste): a head's question to one of the staff about a case, or the family's talk with the case manager.

Every message is sealed by itself. Nothing is changed or taken back once it is sent.
"""

from datetime import datetime
from typing import Any

from pydantic import Field

from documents.involvement import Professional
from documents.model import Model, Sealed, new_id

QUESTION, FAMILY = "question", "family"
FULL = 100  # messages; the next one begins another thread, so that one stays a page
SECRECY = "message"


class Message(Model):
    """One message; `by` is none of the family."""

    id: str
    at: datetime
    person_id: str
    name: str
    by: Professional | None = None
    sealed: Sealed


class Thread(Model):
    """`by` asked `to`, or `person_id` of the family talks with whoever leads the case."""

    id: str = Field(default_factory=new_id, alias="_id")
    dossier_id: str
    kind: str  # question, family
    by: Professional | None = None  # of a question: the head
    to: Professional | None = None  # of a question: the specialist asked
    person_id: str = ""  # of the family
    name: str = ""
    begun_at: datetime
    last_at: datetime
    messages: list[Message] = Field(default_factory=list)
    closed_at: datetime | None = None
    closed_by: Professional | None = None
    version: int = 1

    @property
    def waits_for_asker(self) -> bool:
        """Of a question: whether the one asked has answered last."""
        return bool(self.to and self.messages and self.messages[-1].person_id == self.to.person_id)


def from_row(row: dict[str, Any]) -> Thread:
    """Return the thread as stored."""
    return Thread.model_validate(row)
