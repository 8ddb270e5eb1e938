"""Stewards search the audit log: an index for each way of asking, and the record of what was asked."""

from typing import Any

from beanie import free_fall_migration

from documents import schema
from documents.dossier import DossierDocument

_NEW = ("person_time", "institution_time", "act_time", "outcome_time")


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
        """Drop the indexes; what was asked stays."""
        database = DossierDocument.get_pymongo_collection().database
        there = await database["audit"].index_information()
        for name in _NEW:
            if name in there:
                await database["audit"].drop_index(name)
