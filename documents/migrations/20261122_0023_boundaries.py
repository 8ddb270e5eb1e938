"""Boundaries of municipalities: the collection they are loaded into."""

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
        """Drop the collection: the file brings it back."""
        await DossierDocument.get_pymongo_collection().database["boundaries"].drop()
