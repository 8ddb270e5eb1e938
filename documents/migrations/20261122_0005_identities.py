"""Identities of people and used logout tokens: their indexes."""

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
        """Drop what was added; whom somebody signed in as stays written."""
        database = DossierDocument.get_pymongo_collection().database
        await database["people"].drop_index("identity")
        await database["logout_tokens"].drop()
