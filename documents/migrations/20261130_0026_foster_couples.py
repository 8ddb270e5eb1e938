"""A decision places a child with one foster parent or a couple: `carer_id` becomes the list `carer_ids`."""

from typing import Any

from beanie import free_fall_migration

from documents.dossier import DossierDocument


class Forward:
    """One becomes a list of one."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def bring(self, session: Any) -> None:
        """Of each decision that names somebody."""
        decisions = DossierDocument.get_pymongo_collection().database["decisions"]
        named = {"carer_id": {"$type": "string"}}
        await decisions.update_many(named, [{"$set": {"carer_ids": ["$carer_id"]}}, {"$unset": "carer_id"}])


class Backward:
    """The first of the list."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def forget(self, session: Any) -> None:
        """The second of a couple has no place in the old form."""
        decisions = DossierDocument.get_pymongo_collection().database["decisions"]
        first = {"$set": {"carer_id": {"$first": "$carer_ids"}}}
        await decisions.update_many({"carer_ids": {"$exists": True}}, [first, {"$unset": "carer_ids"}])
