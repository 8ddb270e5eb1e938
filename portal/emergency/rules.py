"""What using, explaining and reviewing an emergency access must say, and who reviews it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from auth.supervision import supervises
from auth.who import Who
from documents.dossier import Dossier, Emergency
from portal.access_requests.rules import legal_bases, purposes
from portal.events.rules import Message, one
from portal.translations import N_

LASTS = timedelta(hours=24)
WORDS = 2000  # letters
OCCASION = "emergency"

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class EmergencyDraft:
    """Why somebody opens a dossier without being asked: ground, legal basis, words."""

    ground: str
    legal_basis: str
    reason: str


def read_emergency(values: Values, today: date) -> tuple[EmergencyDraft | None, dict[str, Message]]:
    """Read the form: a ground of the list, a legal basis, and what happened."""
    errors: dict[str, Message] = {}
    ground, basis = one(values, "ground"), one(values, "legal_basis")
    if ground not in {row.code for row in purposes(today, OCCASION)}:
        errors["ground"] = Message(N_("Choose the ground."))
    if basis not in {row.code for row in legal_bases(today, OCCASION)}:
        errors["legal_basis"] = Message(N_("Choose the legal basis."))
    reason = _words(values, "reason", N_("Write in a sentence what has happened and why it cannot wait."), errors)
    return (None, errors) if errors else (EmergencyDraft(ground, basis, reason), {})


def read_verdict(values: Values) -> tuple[tuple[bool, str] | None, dict[str, Message]]:
    """Read a review: justified or not, and why."""
    errors: dict[str, Message] = {}
    verdict = one(values, "verdict")
    if verdict not in ("justified", "not_justified"):
        errors["verdict"] = Message(N_("Choose: justified or not justified."))
    words = _words(values, "words", N_("Write in a sentence what your verdict rests on."), errors)
    return (None, errors) if errors else ((verdict == "justified", words), {})


def read_help(values: Values) -> tuple[str, dict[str, Message]]:
    """Read what was done."""
    errors: dict[str, Message] = {}
    return _words(values, "help", N_("Write in a few sentences what you found and what you did."), errors), errors


def reviews_as(who: Who, dossier: Dossier, emergency: Emergency, now: datetime) -> str:
    """As what somebody reviews it: "manager", "head", or not at all; never the one who used it, never twice."""
    if emergency.person_id == who.person_id:
        return ""
    manager = dossier.case_manager
    if manager and manager.accepted and who.role and manager.role_id == who.role.id:
        return "" if emergency.reviewed_as(head=False) else "manager"
    if supervises(who, dossier, now):
        return "" if emergency.reviewed_as(head=True) else "head"
    return ""


def _words(values: Values, name: str, missing: str, errors: dict[str, Message]) -> str:
    words = one(values, name)
    if len(words) < 10:
        errors[name] = Message(missing)
    elif len(words) > WORDS:
        errors[name] = Message(
            N_("Shorten it to %(limit)s letters; it has %(count)s."), {"limit": WORDS, "count": len(words)}
        )
    return words
