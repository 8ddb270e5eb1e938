"""Opening a dossier for a child nobody has a personal code of."""

from contextlib import suppress
from datetime import datetime

from auth.access import Forbidden
from auth.permissions import Permission
from auth.policy import may
from auth.who import Who
from documents.dossier import Dossier
from documents.model import new_id
from documents.store import Store, Transaction
from fixtures.loaders.ids import keyed_id
from portal.identities.rules import Newcomer, provisional_child
from portal.needs.actions import NeedDraft, open_for_need


class SentTwice(Exception):
    """The same form came again: the dossier is there."""


async def identify_newcomer(
    store: Store, who: Who, newcomer: Newcomer, draft: NeedDraft, now: datetime, submission: str = ""
) -> str:
    """Open a dossier under a provisional identity for a need; returns its id.

    The identifier becomes responsible, as with every need. The same form (`submission`) sent twice is one dossier.
    Raises Forbidden.
    """
    permitted = may(who, Permission.NEED_IDENTIFY)
    if who.role is None or not permitted.allowed:
        raise Forbidden(permitted.reason)
    # From what only this form of this role knows: nobody chooses the id of a dossier.
    dossier_id = keyed_id(store.code_key, f"newcomer:{who.role.id}:{submission}") if submission else new_id()

    async def work(transaction: Transaction) -> None:
        if await transaction.dossier(dossier_id) is not None:
            raise SentTwice
        dossier = Dossier(id=dossier_id, child=provisional_child(newcomer))
        await transaction.insert(store.dossiers, dossier)
        await open_for_need(transaction, who, dossier, draft, now, new_id())

    with suppress(SentTwice):
        await store.transact(work)
    return dossier_id
