"""The narrative of an entry, opened for somebody who may read all of it."""

from typing import Any

from documents.event import Event
from documents.store import Store


async def opened_content(store: Store, event: Event) -> dict[str, Any]:
    """Return detail and fields, unsealed where they are. Call it only where `sight` is FULL."""
    if event.sealed is None:
        return {"detail": event.detail, "fields": event.fields}
    content: dict[str, Any] = await store.secrets.open(event.sealed)
    return content
