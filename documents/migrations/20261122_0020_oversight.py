"""What heads find cases by – who answers, since when silent, what is due – and the threads of messages."""

from typing import Any

from beanie import free_fall_migration

from documents import schema
from documents.dossier import DossierDocument

_OPEN = {"opened": {"$exists": True}, "readers": {"$exists": True}}
_ANSWERING = ["case_manager", "family_case_manager", "team", "responsible", "supervises"]
_INDEXES = ("silent", "due", "unled", "unanswered")
_FIELDS = ("answering", "unanswered", "touched", "due")


def _those(values: str, condition: Any) -> dict[str, Any]:
    return {"$filter": {"input": {"$ifNull": [values, []]}, "cond": condition}}


# One plan is in force at most; a task's state is not stored while it is open.
_TASKS = {
    "$reduce": {
        "input": _those("$plans", {"$eq": ["$$this.state", "in_force"]}),
        "initialValue": [],
        "in": {"$concatArrays": ["$$value", {"$ifNull": ["$$this.tasks", []]}]},
    }
}
_WAITING = {"$filter": {"input": _TASKS, "cond": {"$in": [{"$ifNull": ["$$this.state", "open"]}, ["open", "doing"]]}}}
_FOR_GOOD = {
    "$allElementsTrue": {
        "$map": {
            "input": {"$ifNull": ["$$this.responsible", []]},
            "as": "person",
            "in": {"$or": [{"$gt": ["$$person.to", None]}, {"$gt": ["$$person.substitute_for", None]}]},
        }
    }
}
_UNANSWERED = _those("$involvements", {"$and": [{"$not": [{"$gt": ["$$this.to", None]}]}, _FOR_GOOD]})
FILL = [
    {
        "$set": {
            "answering": {
                "$setUnion": [
                    {
                        "$map": {
                            "input": _those("$readers", {"$in": ["$$this.relation", _ANSWERING]}),
                            "in": "$$this.key",
                        }
                    }
                ]
            },
            "unanswered": {"$setUnion": [{"$map": {"input": _UNANSWERED, "in": "$$this.institution_id"}}]},
            "touched": {"$max": ["$opened", {"$max": "$recent.at"}, {"$max": "$assessments.recorded_at"}]},
            "due": {"$min": {"$map": {"input": _WAITING, "in": "$$this.due"}}},
        }
    }
]


class Forward:
    """Build."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def build(self, session: Any) -> None:
        """Fill what is derived in every open dossier, then create what is not there yet."""
        database = DossierDocument.get_pymongo_collection().database
        await database["dossiers"].update_many(_OPEN, FILL)
        await schema.build(database)


class Backward:
    """Take away."""

    @free_fall_migration(document_models=[DossierDocument])  # type: ignore[untyped-decorator]
    async def remove(self, session: Any) -> None:
        """Drop indexes and derived fields; threads stay written."""
        database = DossierDocument.get_pymongo_collection().database
        there = await database["dossiers"].index_information()
        for name in _INDEXES:
            if name in there:
                await database["dossiers"].drop_index(name)
        await database["dossiers"].update_many({"answering": {"$exists": True}}, {"$unset": dict.fromkeys(_FIELDS, "")})
        if "late" in await database["access_requests"].index_information():
            await database["access_requests"].drop_index("late")
