"""What the form of a change of level must say."""

from collections.abc import Mapping, Sequence

from documents.classifiers import classifiers
from portal.events.rules import REASON_LETTERS, Message, one
from portal.levels.actions import LevelDraft
from portal.translations import N_


def read_level(values: Mapping[str, Sequence[str]], present: int) -> tuple[LevelDraft | None, dict[str, Message]]:
    """Read a change of level: the level, the coded reason that fits its direction, words, legal basis."""
    errors: dict[str, Message] = {}
    known = classifiers()
    text = one(values, "level")
    level = int(text) if text in ("1", "2", "3", "4") else 0
    if not level:
        errors["level"] = Message(N_("Choose the prevention level."))
    elif level == present:
        errors["level"] = Message(N_("This is the level already. Choose another one, or leave the page."))
    reason = one(values, "reason")
    if reason not in known.level_change_reasons:
        errors["reason"] = Message(N_("Choose why the level changes."))
    elif level and level != present:
        direction = known.level_change_reasons[reason].direction
        if direction != "either" and direction != ("raise" if level > present else "lower"):
            errors["reason"] = Message(N_("This reason does not fit the direction of the change."))
    words = one(values, "words")
    if not words:
        errors["words"] = Message(N_("Write in a sentence what the change rests on."))
    basis = one(values, "legal_basis")
    if basis not in known.legal_bases or "need" not in known.legal_bases[basis].asked_for:
        errors["legal_basis"] = Message(N_("Choose the legal basis."))
    return (None, errors) if errors else (LevelDraft(level, reason, words[:REASON_LETTERS], basis), {})
