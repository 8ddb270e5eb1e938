"""Mail about notices: the index jobs that are due are claimed by, units' institutions, what the demo catches."""

from typing import Any

from beanie import free_fall_migration

from documents import schema
from documents.dossier import DossierDocument


class Forward:
    """Build."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def build(self, session: Any) -> None:
        """Create what is not there yet."""
        await schema.build(DossierDocument.get_pymongo_collection().database)


class Backward:
    """Take away."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def remove(self, session: Any) -> None:
        """Drop the indexes; notices and mails stay written."""
        database = DossierDocument.get_pymongo_collection().database
        await database["outbox"].drop_index("due")
        await database["institutions"].drop_index("units")
        await database["caught_mail"].drop()
