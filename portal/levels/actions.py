"""Changing the prevention level: by a person, with a reason; the history stays."""

from dataclasses import dataclass
from datetime import datetime

from auth.access import dossier_to_change, entry_for
from auth.permissions import Permission
from auth.who import Who
from documents.acts import Act
from documents.dossier import LevelChange
from documents.model import to_bson
from documents.store import Changed, Store, Transaction


@dataclass(frozen=True)
class LevelDraft:
    """A new level with the coded reason, the words beside it and the legal basis."""

    level: int
    reason: str
    words: str
    legal_basis: str


async def change_level(store: Store, who: Who, dossier_id: str, draft: LevelDraft, version: int, now: datetime) -> None:
    """Set the level. `version` is the number of levels the form was made under.

    Raises Changed when somebody set another level since, NotFound, Forbidden.
    """

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.LEVEL_CHANGE, now)
        dossier = opened.dossier
        if len(dossier.levels) != version:
            raise Changed(dossier.levels[-1])
        change = LevelChange(
            level=draft.level,
            at=now,
            by=who.as_professional(),
            reason=draft.reason,
            words=draft.words,
            legal_basis=draft.legal_basis,
        )
        changes = {"$set": {"level": draft.level}, "$push": {"levels": to_bson(change)}}
        await transaction.change(dossier, changes, worked=now)
        transaction.record(entry_for(who, Act.LEVEL_CHANGED, now, dossier_id=dossier_id, subject=str(draft.level)))

    await store.transact(work)
