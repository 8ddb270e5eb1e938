"""Who recorded an entry, and whom it was sent to, keep their relation; the index of reach tells relations apart."""

from contextlib import suppress
from typing import Any

from beanie import free_fall_migration
from pymongo.errors import OperationFailure

from documents import schema
from documents.dossier import DossierDocument
from documents.model import FOREVER, LONG_AGO

_OPEN = {"opened": {"$exists": True}, "writers": {"$exists": False}}


class Forward:
    """Note writers and addressees of what is there, and give them their keys."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def note(self, session: Any) -> None:
        """Once for each open dossier; archived entries too."""
        database = DossierDocument.get_pymongo_collection().database
        with suppress(OperationFailure):  # a new database never had it
            await database["dossiers"].drop_index("readers")
        await schema.build(database)
        await database["dossiers"].update_many(_OPEN, [_noted("$events"), _keyed()])
        async for bucket in database["dossier_archive"].find({}, {"dossier_id": 1, "events": 1}):
            await database["dossiers"].update_one(
                {"_id": bucket["dossier_id"]}, [_noted({"$literal": bucket["events"]}), _keyed()]
            )


class Backward:
    """As it was before."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def forget(self, session: Any) -> None:
        """Take the keys and the notes away."""
        dossiers = DossierDocument.get_pymongo_collection()
        await dossiers.update_many(
            {"writers": {"$exists": True}},
            {
                "$pull": {"readers": {"relation": {"$in": ["recorded", "addressed"]}}},
                "$unset": {"writers": "", "addressees": ""},
            },
        )
        with suppress(OperationFailure):
            await dossiers.drop_index("reach")


def _noted(events: Any) -> dict[str, Any]:
    all_events = {"$ifNull": [events, []]}
    by_people = {"$filter": {"input": all_events, "cond": {"$ifNull": ["$$this.recorded_by", False]}}}
    wrote = {"$map": {"input": by_people, "in": "$$this.recorded_by.role_id"}}
    sent = {
        "$reduce": {
            "input": all_events,
            "initialValue": [],
            "in": {"$setUnion": ["$$value", {"$ifNull": ["$$this.addressed_to", []]}]},
        }
    }
    return {
        "$set": {
            "writers": {"$setUnion": [wrote, {"$ifNull": ["$writers", []]}]},
            "addressees": {"$setUnion": [sent, {"$ifNull": ["$addressees", []]}]},
        }
    }


def _keyed() -> dict[str, Any]:
    others = {
        "$filter": {
            "input": {"$ifNull": ["$readers", []]},
            "cond": {"$not": [{"$in": ["$$this.relation", ["recorded", "addressed"]]}]},
        }
    }
    keys = [_keys("r:", "$writers", "recorded"), _keys("a:", "$addressees", "addressed")]
    return {"$set": {"readers": {"$concatArrays": [others, *keys]}}}


def _keys(prefix: str, ids: str, relation: str) -> dict[str, Any]:
    reader = {"key": {"$concat": [prefix, "$$this"]}, "relation": relation, "since": LONG_AGO, "until": FOREVER}
    return {"$map": {"input": ids, "in": reader}}
