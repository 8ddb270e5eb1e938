"""Drafts: what somebody is typing, kept on the server so that a lost session or a conflict loses nothing."""

import hashlib
from datetime import datetime, timedelta

from documents.store import Store

KEPT_FOR = timedelta(days=30)


def draft_id(role_id: str, form: str) -> str:
    """Return the key of one role's draft of one form (a form is named by its path)."""
    return hashlib.sha256(f"{role_id}\n{form}".encode()).hexdigest()[:32]


async def keep_draft(store: Store, role_id: str, form: str, values: dict[str, list[str]], now: datetime) -> None:
    """Keep what was typed, sealed. An older draft of the same form by the same role is replaced."""
    sealed = await store.secrets.seal(values, "draft", now.year)
    # A draft is its writer's own and never shared: the last typing wins, and nothing else refers to it.
    await store.drafts.update_one(
        {"_id": draft_id(role_id, form)},
        {"$set": {"role_id": role_id, "sealed": sealed, "saved_at": now, "expires": now + KEPT_FOR}},
        upsert=True,
    )


async def find_draft(store: Store, role_id: str, form: str) -> tuple[dict[str, list[str]], datetime] | None:
    """Return what was typed and when it was kept, or none."""
    row = await store.drafts.find_one({"_id": draft_id(role_id, form)})
    if row is None:
        return None
    return await store.secrets.open(row["sealed"]), row["saved_at"]


async def forget_draft(store: Store, role_id: str, form: str) -> None:
    """Forget a draft once its text is saved or dropped by its writer."""
    await store.drafts.delete_one({"_id": draft_id(role_id, form)})
