"""What the form of an audit search must say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from documents.audit_search import AuditQuestion
from documents.classifiers import classifiers
from portal.admin.act_words import ACT_WORDS
from portal.admin.audit_words import OUTCOMES
from portal.events.rules import REASON_LETTERS, Message, one, read_day
from portal.translations import N_

LEAST_WORDS = 10  # letters


@dataclass(frozen=True)
class Asked:
    """A search as the form puts it; `person` and `institution` are still as typed."""

    purpose: str
    words: str
    person: str
    institution: str
    question: AuditQuestion


def read_search(values: Mapping[str, Sequence[str]]) -> tuple[Asked | None, dict[str, Message]]:
    """Read a search: purpose and words are asked of everybody, and at least one thing to search by."""
    errors: dict[str, Message] = {}
    purposes = classifiers().purposes
    purpose, words = one(values, "purpose"), one(values, "words")
    if purpose not in purposes or "audit_search" not in purposes[purpose].asked_for:
        errors["purpose"] = Message(N_("Choose the purpose."))
    if len(words) < LEAST_WORDS:
        errors["words"] = Message(N_("Write in a sentence why you search: a complaint, a request, an incident."))
    act, outcome = one(values, "act"), one(values, "outcome")
    if act and act not in ACT_WORDS:
        errors["act"] = Message(N_("Choose from the list."))
    if outcome and outcome not in OUTCOMES:
        errors["outcome"] = Message(N_("Choose from the list."))
    days: dict[str, date | None] = {}
    for name in ("from", "to"):
        read = read_day(one(values, name))
        if isinstance(read, Message):
            errors[name] = read
        else:
            days[name] = read
    if not errors and days["from"] and days["to"] and days["to"] < days["from"]:
        errors["to"] = Message(N_("The last day is before the first."))
    person, dossier, institution = (one(values, name)[:120] for name in ("person", "dossier", "institution"))
    if not (person or dossier or institution or act or days.get("from") or outcome == "refused"):
        errors.setdefault(
            "person", Message(N_("Say whom, which dossier, which institution or which days it concerns."))
        )
    if errors:
        return None, errors
    question = AuditQuestion(
        dossier_id=dossier.lower()[:64], act=act, outcome=outcome, since=days["from"], until=days["to"]
    )
    return Asked(purpose, words[:REASON_LETTERS], person, institution, question), {}
