"""What each open case and each waiting report counts towards, told by the database itself.

The same expressions serve one changed dossier and all of them, so the two cannot differ. Whoever is named for good
counts; those who stand in for some days do not, nor does anything else that moves by the clock alone.
"""

from collections.abc import Sequence
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from documents.report import OPEN_STATES
from documents.store import Row, Store

SEPARATOR = "|"
LED, PLANNED, WAITING, NOT = "led", "planned", "waiting", "-"


def _those(values: Any, name: str, condition: Row) -> Row:
    return {"$filter": {"input": {"$ifNull": [values, []]}, "as": name, "cond": condition}}


def _absent(path: str) -> Row:
    return {"$not": [{"$gt": [path, None]}]}


def _key(*parts: Any) -> Row:
    words: list[Any] = [word for part in parts for word in (SEPARATOR, part)]
    return {"$concat": words[1:]}


def _either(condition: Any, word: str) -> Row:
    return {"$cond": [condition, word, NOT]}


def _plan(state: str) -> Row:
    return {"$in": [state, {"$ifNull": [{"$map": {"input": "$plans", "in": "$$this.state"}}, []]}]}


# Who answers for the case: those who lead, the team, and who is responsible in an involvement that goes on.
_MANAGERS = _those(
    ["$case_manager", "$family_case_manager"],
    "person",
    {"$and": [{"$gt": ["$$person.role_id", None]}, {"$ne": ["$$person.accepted", False]}]},
)
_FOR_GOOD: Row = {"$and": [_absent("$$person.to"), _absent("$$person.substitute_for")]}
_RESPONSIBLE = {
    "$reduce": {
        "input": _those("$involvements", "involvement", _absent("$$involvement.to")),
        "initialValue": [],
        "in": {"$concatArrays": ["$$value", _those("$$this.responsible", "person", _FOR_GOOD)]},
    }
}
_STAFF = {"$concatArrays": [_MANAGERS, _those("$team", "person", _FOR_GOOD), _RESPONSIBLE]}
_LEADS: Row = {"$and": [{"$gt": ["$case_manager.role_id", None]}, {"$ne": ["$case_manager.accepted", False]}]}
# All units of one institution together: whoever heads some of them counts a case once.
_OWN_UNITS = {
    "$map": {
        "input": _those(
            "$staff",
            "person",
            {"$and": [{"$eq": ["$$person.institution_id", "$$place"]}, {"$gt": ["$$person.unit_id", None]}]},
        ),
        "as": "person",
        "in": {"$concat": ["$$person.unit_id", ","]},
    }
}
_UNITS = {
    "$reduce": {
        "input": {"$sortArray": {"input": {"$setUnion": [_OWN_UNITS]}, "sortBy": 1}},
        "initialValue": "",
        "in": {"$concat": ["$$value", "$$this"]},
    }
}
_CASES = {
    "$map": {
        "input": {"$setUnion": ["$staff.institution_id"]},
        "as": "place",
        "in": _key("case", "$$place", _UNITS, "$level", "$led", "$planned", "$waiting"),
    }
}
_LOADS = {
    "$setUnion": [
        {
            "$map": {
                "input": "$staff",
                "as": "person",
                "in": _key("load", "$$person.institution_id", "$$person.role_id"),
            }
        }
    ]
}

PARTS: dict[str, list[Row]] = {
    "dossiers": [
        {"$match": {"opened": {"$exists": True}, "erased": None, "joined_into": None}},
        {
            "$project": {
                "municipality": {"$ifNull": ["$municipality", ""]},
                "level": {"$toString": {"$ifNull": ["$level", 1]}},
                "led": _either(_LEADS, LED),
                "planned": _either(_plan("in_force"), PLANNED),
                "waiting": _either(_plan("proposed"), WAITING),
                "staff": _STAFF,
            }
        },
        {"$project": {"keys": {"$concatArrays": [_CASES, _LOADS, [_key("place", "$municipality", "$level")]]}}},
    ],
    "reports": [
        {"$match": {"state": {"$in": list(OPEN_STATES)}}},
        {"$project": {"keys": [_key("report", {"$ifNull": ["$decides.institution_id", ""]}, "$state")]}},
    ],
}


async def parts_of(
    store: Store, collection: str, ids: Sequence[str], session: AsyncClientSession
) -> dict[str, list[str]]:
    """Return the keys each of these counts towards now; what counts nowhere is absent."""
    stages: list[Row] = [{"$match": {"_id": {"$in": list(ids)}}}, *PARTS[collection]]
    rows = await store.database[collection].aggregate(stages, session=session)
    return {row["_id"]: row["keys"] async for row in rows}
