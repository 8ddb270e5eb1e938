"""What the form of a need must say."""

from collections.abc import Mapping, Sequence
from datetime import date

from documents.classifiers import classifiers
from portal.events.rules import Message, one
from portal.needs.actions import NeedDraft
from portal.translations import N_

DESCRIPTION_LETTERS = 4000


def read_need(values: Mapping[str, Sequence[str]], today: date) -> tuple[NeedDraft | None, dict[str, Message]]:
    """Read the form: kind, words, level 2–4, legal basis. Returns messages for what is to be put right."""
    errors: dict[str, Message] = {}
    known = classifiers()
    kind = one(values, "kind")
    if kind not in known.need_kinds or not known.need_kinds[kind].in_force(today):
        errors["kind"] = Message(N_("Choose what the child needs."))
    description = one(values, "description")
    if len(description) < 10:
        errors["description"] = Message(N_("Write in a few sentences what you saw and what worries you."))
    elif len(description) > DESCRIPTION_LETTERS:
        errors["description"] = Message(
            N_("Shorten it to %(limit)s letters; it has %(count)s."),
            {"limit": DESCRIPTION_LETTERS, "count": len(description)},
        )
    level = one(values, "level")
    if level not in ("2", "3", "4"):
        errors["level"] = Message(N_("Choose the prevention level."))
    basis = one(values, "legal_basis")
    if basis not in known.legal_bases or "need" not in known.legal_bases[basis].asked_for:
        errors["legal_basis"] = Message(N_("Choose the legal basis."))
    if errors:
        return None, errors
    return NeedDraft(kind, description, int(level), basis), {}
