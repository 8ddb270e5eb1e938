"""Decisions of the orphan's courts and their counters: a number is given once, a code is one decision's."""

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
        """Drop indexes and validator; the decisions stay."""
        database = DossierDocument.get_pymongo_collection().database
        if "decisions" in await database.list_collection_names():
            await database["decisions"].drop_indexes()
            await database.command("collMod", "decisions", validator={}, validationLevel="off")
