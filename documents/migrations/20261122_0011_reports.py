"""Reports are routed, acknowledged and decided: those kept before become such reports, with their indexes."""

from datetime import timedelta
from typing import Any

from beanie import free_fall_migration

from documents import schema
from documents.dossier import DossierDocument

# What came before: a need somebody identified where a dossier was open. It waits for the dossier's case manager.
_OLD = {"kind": {"$exists": False}}
_INDEXES = ("decides", "told", "reporter")
_ACTED_ON = timedelta(days=1)
_NEW = (
    *("kind", "danger", "family_knows", "initials", "birth_year", "protected", "route", "place"),
    *("decides", "named", "due", "version", "present", "told", "not_found", "fell_back", "responsible", "decided_at"),
    *("steps", "day", "ongoing", "siblings", "blind", "asked_for"),
)


class Forward:
    """Build, and bring what is there into the new form."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def bring(self, session: Any) -> None:
        """Each old report waits for the case manager, as it did, or for the municipality's social service."""
        database = DossierDocument.get_pymongo_collection().database
        async for row in database["reports"].find(_OLD):
            dossier = await database["dossiers"].find_one(
                {"_id": row.get("dossier_id")}, {"child": 1, "case_manager": 1, "municipality": 1}
            )
            await database["reports"].update_one(
                {"_id": row["_id"]}, {"$set": await _new(database, row, dossier or {})}
            )
        await schema.build(database)


class Backward:
    """As it was before."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def forget(self, session: Any) -> None:
        """Needs become what they were; other reports stay as they are, for the new form to find again."""
        database = DossierDocument.get_pymongo_collection().database
        await database.command("collMod", "reports", validator={}, validationLevel="off")
        there = await database["reports"].index_information()
        for name in _INDEXES:
            if name in there:
                await database["reports"].drop_index(name)
        needs = {"kind": "need", "dossier_id": {"$exists": True}}
        await database["reports"].update_many(needs, {"$set": {"state": "received"}, "$unset": dict.fromkeys(_NEW, "")})


async def _new(database: Any, row: dict[str, Any], dossier: dict[str, Any]) -> dict[str, Any]:
    child, manager = dossier.get("child", {}), dossier.get("case_manager")
    values: dict[str, Any] = {
        "kind": "need",
        "initials": f"{child.get('given_name', '')[:1]}{child.get('family_name', '')[:1]}".upper(),
        "birth_year": int(child.get("birth_date", "0000")[:4]),
        "route": "noticed_need",
        "place": dossier.get("municipality", ""),
        "due": row["at"] + _ACTED_ON,
        "state": "received",
    }
    if child.get("protected"):
        values["protected"] = True
    if manager:
        named = {name: word for name, word in manager.items() if name not in ("since", "accepted")}
        place = {"institution_id": manager["institution_id"], "name": manager["institution_name"]}
        return values | {"named": named, "decides": place | {"type": manager["institution_type"]}}
    service = await database["institutions"].find_one(
        {"type": "social_service", "municipality": values["place"], "to": None}, sort=[("_id", 1)]
    )
    if service:
        values["decides"] = {"institution_id": service["_id"], "name": service["name"], "type": service["type"]}
    return values
