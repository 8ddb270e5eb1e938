"""Counting what the registered tables show: one snapshot of the register, leaves only, by MongoDB's own aggregation."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from documents.assessment import Assessment
from documents.classifiers import UnknownCode, classifiers
from documents.report import OPEN_STATES
from documents.store import Row, Store
from portal.analytics.dimensions import UNKNOWN, Dimension
from portal.analytics.tables import Counts, Key
from portal.assessments.combined import factor_states

GROWN_UP = 18  # completed years: no child any more
IDENTIFIED = {"$gte": 2}  # prevention levels of children with an identified need
EVENTS_OF = timedelta(days=365)

Rows = AsyncIterator[Row]


class Counting:
    """Counts every measure for one day, all in the session's snapshot, so that the tables fit together."""

    def __init__(
        self, store: Store, session: AsyncClientSession | None, day: date, dimensions: Mapping[str, Dimension]
    ) -> None:
        self._store, self._session, self._day = store, session, day
        ages = dimensions["age"]
        self._groups = {node.code: node.parent or "" for node in ages.nodes if node.code in ages.leaves}
        self._places = frozenset(dimensions["place"].leaves)
        self._events = frozenset(dimensions["event_kind"].leaves)
        self._needs = frozenset(dimensions["need"].leaves)

    async def measure(self, name: str) -> Counts:
        """The leaves of one measure; what is not named is 0."""
        return Counter(await MEASURES[name](self))

    async def children(self) -> Counts:
        """Children by age, level and place."""
        found: Counter[Key] = Counter()
        keys = {"age": self._age(), "level": {"$ifNull": ["$level", 1]}, "place": "$municipality"}
        async for row in self._dossiers({}, [{"$group": {"_id": keys, "n": {"$sum": 1}}}]):
            key = row["_id"]
            found[str(key["age"]), str(key["level"]), self._place(key.get("place"))] += row["n"]
        return found

    async def needs(self) -> Counts:
        """Children by each need that is not met yet; two needs of one kind are one child."""
        kinds = {"$filter": {"input": "$needs", "cond": {"$not": [{"$ifNull": ["$$this.met_at", False]}]}}}
        steps: list[Row] = [
            {"$project": {"age": self._age(), "municipality": 1, "kinds": {"$setUnion": [_each(kinds, "kind"), []]}}},
            {"$unwind": "$kinds"},
            _count(need="$kinds", age="$age", place="$municipality"),
        ]
        return await self._by_age_group("need", {"level": IDENTIFIED, "needs.0": {"$exists": True}}, steps)

    async def risks(self) -> Counts:
        """Children by the common level of each factor, as the needs triangle shows it today."""
        found: Counter[Key] = Counter()
        fields = {"municipality": 1, **{f"assessments.{name}": 1 for name in _SPOKEN}}
        query = {"level": IDENTIFIED, "assessments.0": {"$exists": True}}
        async for row in self._dossiers(query, [{"$project": fields}]):
            told = [Assessment.model_construct(**_assessment(each)) for each in row["assessments"]]
            for state in factor_states(told, self._day):
                if state.level is not None:
                    found[state.factor.code, str(state.level), self._place(row.get("municipality"))] += 1
        return found

    async def events(self) -> Counts:
        """Events by kind that began in the last twelve months."""
        found: Counter[Key] = Counter()
        year = (self._day - EVENTS_OF).isoformat()
        steps: list[Row] = [
            {"$project": {"municipality": 1, "events.kind": 1, "events.day": 1, "events.withdrawn.at": 1}},
            {"$unwind": "$events"},
            {"$match": {"events.day": {"$gt": year, "$lte": self._day.isoformat()}, "events.withdrawn": None}},
            _count(kind="$events.kind", place="$municipality"),
        ]
        async for row in self._dossiers({"level": IDENTIFIED, "events.0": {"$exists": True}}, steps):
            if row["_id"]["kind"] in self._events:
                found[row["_id"]["kind"], self._place(row["_id"].get("place"))] += row["n"]
        return found

    async def services(self) -> Counts:
        """Services of the plans in force by whether they are had."""
        steps: list[Row] = [
            {"$project": {"age": self._age(), "municipality": 1, "plans": 1}},
            {"$unwind": "$plans"},
            {"$match": {"plans.state": "in_force"}},
            {"$unwind": "$plans.services"},
            _count(service="$plans.services.status", age="$age", place="$municipality"),
        ]
        return await self._by_age_group("service", {"plans.state": "in_force"}, steps)

    async def reports(self) -> Counts:
        """Reports not decided yet by the child's age and the municipality they were routed to."""
        found: Counter[Key] = Counter()
        steps: list[Row] = [
            {"$match": {"state": {"$in": list(OPEN_STATES)}}},
            {
                "$lookup": {
                    "from": "dossiers",
                    "localField": "dossier_id",
                    "foreignField": "_id",
                    "pipeline": [{"$project": {"age": self._age()}}],
                    "as": "child",
                }
            },
            _count(age={"$first": "$child.age"}, place="$place"),
        ]
        async for row in await self._store.reports.aggregate(steps, session=self._session, allowDiskUse=True):
            group = self._groups.get(str(row["_id"].get("age")), UNKNOWN)
            found[group, self._place(row["_id"].get("place"))] += row["n"]
        return found

    async def coverage(self) -> Counts:
        """Children with an identified need by how far they are provided for."""
        planned: Row = {"$in": ["in_force", {"$ifNull": [_each("$plans", "state"), []]}]}
        led: Row = {"$and": ["$case_manager.role_id", {"$ne": ["$case_manager.accepted", False]}]}
        care = {"$cond": [planned, "plan", {"$cond": [led, "manager", "nobody"]}]}
        found: Counter[Key] = Counter()
        async for row in self._dossiers({"level": IDENTIFIED}, [_count(care=care, place="$municipality")]):
            found[row["_id"]["care"], self._place(row["_id"].get("place"))] += row["n"]
        return found

    async def _by_age_group(self, first: str, query: Row, steps: list[Row]) -> Counts:
        found: Counter[Key] = Counter()
        async for row in self._dossiers(query, steps):
            key = row["_id"]
            if first != "need" or key[first] in self._needs:
                found[key[first], self._groups[str(key["age"])], self._place(key.get("place"))] += row["n"]
        return found

    async def _dossiers(self, query: Row, steps: list[Row]) -> Rows:
        """The children of the day – under 18, present, counted under one dossier – through these steps."""
        born = {"$gte": str(self._day.year - GROWN_UP), "$lte": self._day.isoformat()}
        children = {"erased": None, "joined_into": None, "child.birth_date": born}
        steps = [{"$match": children | query | {"$expr": {"$lt": [self._age(), GROWN_UP]}}}, *steps]
        async for row in await self._store.dossiers.aggregate(steps, session=self._session, allowDiskUse=True):
            yield row

    def _age(self) -> Row:
        """Completed years on the day, as `Child.age_on` tells them."""
        born = "$child.birth_date"
        year = {"$toInt": {"$substrBytes": [born, 0, 4]}}
        still_to_come = {"$cond": [{"$gt": [{"$substrBytes": [born, 5, 5]}, f"{self._day:%m-%d}"]}, 1, 0]}
        return {"$subtract": [{"$subtract": [self._day.year, year]}, still_to_come]}

    def _place(self, code: str | None) -> str:
        """The municipality of today that holds a place, or that none is known."""
        try:
            now = classifiers().municipality(code or "", self._day).code
        except UnknownCode:
            return UNKNOWN
        return now if now in self._places else UNKNOWN


MEASURES: dict[str, Callable[[Counting], Awaitable[Counts]]] = {
    "children": Counting.children,
    "needs": Counting.needs,
    "risks": Counting.risks,
    "events": Counting.events,
    "services": Counting.services,
    "reports": Counting.reports,
    "coverage": Counting.coverage,
}
_SPOKEN = ("tool", "day", "recorded_at", "levels", "withdrawn")


def _assessment(row: Row) -> Row:
    """What the levels are told from, without checking it anew."""
    absent: Row = {"levels": {}, "withdrawn": None}
    return absent | row | {"day": date.fromisoformat(row["day"])}


def _count(**keys: Any) -> Row:
    return {"$group": {"_id": keys, "n": {"$sum": 1}}}


def _each(array: Any, name: str) -> Row:
    """One field of each element."""
    return {"$map": {"input": array, "in": f"$$this.{name}"}}
