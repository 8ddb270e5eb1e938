"""The staff of a head: the indexes by which units, ended roles and closed accounts are found."""

from typing import Any

from beanie import free_fall_migration

from documents import schema
from documents.dossier import DossierDocument

_INDEXES = ("staff_units", "staff_ended", "staff_closed")


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
        """Drop the indexes."""
        people = DossierDocument.get_pymongo_collection().database["people"]
        there = await people.index_information()
        for name in _INDEXES:
            if name in there:
                await people.drop_index(name)
