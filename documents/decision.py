"""A decision of the orphan's court (bāriņtiesas lēmums): drafted, issued with a number without gaps, replaced.

What was found and how contact takes place is sealed, and so is the letter that was issued, word for word.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from documents.event import Attachment
from documents.family import LegalRole
from documents.involvement import Professional
from documents.model import Day, Model, Sealed, new_id
from documents.store import Row, Store

DRAFT, ISSUED, REPLACED = "draft", "issued", "replaced"
# Crockford's letters, as in identifiers; 26 of them are 130 random bits.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
CODE_LETTERS = 26
_MISREAD = str.maketrans("oil", "011", "- \t\n")


class Party(Model):
    """A person the decision is issued to; `kind` is what the person is to the child, or "self"."""

    person_id: str
    name: str
    kind: str


class Undone(Model):
    """A legal role that a decision ended, as it stood before: where the decision is taken back, it stands again."""

    relationship_id: str
    role: LegalRole


class CourtDecision(Model):
    """One decision. `concerned` are relationships, `protect_from` people who must not learn the child's place.

    From `ended_from` it is in force no more: another decision took its place (`replaced_by`) or ended it (`ended_by`).
    """

    id: str = Field(default_factory=new_id, alias="_id")
    dossier_id: str
    court_id: str
    court_name: str
    initials: str
    birth_year: int
    kind: str  # classifier decision_kinds
    state: str
    by: Professional
    at: datetime
    version: int = 1
    concerned: list[str] = Field(default_factory=list)
    carer_ids: list[str] = Field(default_factory=list)  # the foster family: one person, or a couple
    centre_id: str | None = None
    contact: str = ""
    until: Day | None = None
    heard: bool = False  # the child's own opinion
    protect_from: list[str] = Field(default_factory=list)
    parties: list[Party] = Field(default_factory=list)
    addressed_to: list[str] = Field(default_factory=list)
    legal_basis: str = ""
    in_force_from: Day
    sealed: Sealed
    replaces: str | None = None
    replaced_by: str | None = None
    replaced_at: datetime | None = None
    ended_by: str | None = None
    ended_from: Day | None = None
    undid: list[Undone] = Field(default_factory=list)
    hid: bool = False  # the child's place was no secret before it
    hid_from: list[str] = Field(default_factory=list)  # of `protect_from`, whom it was not kept from before
    year: int | None = None
    number: int | None = None
    issued_at: datetime | None = None
    issued_by: Professional | None = None
    file: Attachment | None = None
    code_hash: str | None = None
    certificate: bytes | None = None  # the seal's, as it was then: the file is checked against it for ever
    event_id: str | None = None

    @property
    def called(self) -> str:
        """The number as people write it, e.g. "17/2026"; empty for a draft."""
        return f"{self.number}/{self.year}" if self.number else ""

    @property
    def issued(self) -> bool:
        """Whether it was ever issued, replaced since or not."""
        return self.state in (ISSUED, REPLACED)


def new_code() -> str:
    """Return a random verification code of 130 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_LETTERS))


def plain_code(text: str) -> str:
    """Return a code as typed without what people add or misread; empty where it can be none."""
    code = text.strip().lower().translate(_MISREAD)
    return code if len(code) == CODE_LETTERS and set(code) <= set(_LETTERS) else ""


def hash_of_code(code: str) -> str:
    """Return what is stored of a code: enough to find the decision, not to write the code on another paper."""
    return hashlib.sha256(code.encode()).hexdigest()


def as_draft(decision_id: str, version: int) -> Row:
    """Return the query for a draft in exactly this version; the first one is not stored."""
    return {"_id": decision_id, "state": DRAFT, "version": version if version > 1 else {"$in": [1, None]}}


async def find_decision(store: Store, dossier_id: str, decision_id: str) -> CourtDecision | None:
    """Return a decision of that dossier."""
    row = await store.decisions.find_one({"_id": decision_id, "dossier_id": dossier_id})
    return CourtDecision.model_validate(row) if row else None


async def decisions_about(store: Store, dossier_ids: Iterable[str], session: Any = None) -> list[CourtDecision]:
    """Return the decisions about these children, the newest first; `session` is that of a transaction."""
    rows = store.decisions.find({"dossier_id": {"$in": sorted(dossier_ids)}}, session=session).sort([("at", -1)])
    return [CourtDecision.model_validate(row) async for row in rows]


async def decision_by_code(store: Store, code: str) -> CourtDecision | None:
    """Return the issued decision that bears the code."""
    return await _issued(store, {"code_hash": hash_of_code(code)})


async def decision_by_file(store: Store, sha256: str) -> CourtDecision | None:
    """Return the issued decision whose sealed file has this hash."""
    return await _issued(store, {"file.sha256": sha256})


async def last_number(store: Store, court_id: str, year: int) -> int:
    """Return the number the court gave last in that year; 0 before the first."""
    row = await store.court_counters.find_one({"_id": _counter(court_id, year)})
    return int(row["last"]) if row else 0


async def take_number(store: Store, court_id: str, year: int, last: int, session: Any) -> bool:
    """Inside a transaction: move the court's counter from `last` on by one; says whether it still stood there.

    Two that begin the counter at once: `pymongo.errors.DuplicateKeyError` for one of them.
    """
    if last == 0:
        await store.court_counters.insert_one({"_id": _counter(court_id, year), "last": 1}, session=session)
        return True
    found = {"_id": _counter(court_id, year), "last": last}
    done = await store.court_counters.update_one(found, {"$set": {"last": last + 1}}, session=session)
    return done.matched_count == 1


def _counter(court_id: str, year: int) -> str:
    return f"{court_id}:{year}"


async def _issued(store: Store, query: Row) -> CourtDecision | None:
    row = await store.decisions.find_one(query)
    decision = CourtDecision.model_validate(row) if row else None
    return decision if decision and decision.issued else None
