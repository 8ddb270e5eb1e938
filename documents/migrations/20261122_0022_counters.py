"""Internal counters of open cases, and what each case counts towards. The worker fills them when it starts."""

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
        """Drop them: everything can be counted anew."""
        database = DossierDocument.get_pymongo_collection().database
        await database["settings"].delete_one({"_id": "counters"})
        for name in ("counters", "counted"):
            await database[name].drop()
