"""Finding a child: among one's own as one types, in the whole nation only exactly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auth.access import entry_for
from auth.permissions import Permission, Section
from auth.policy import KNOWN_BY_NAME, decide, may, reach
from auth.who import Who
from documents.acts import Act
from documents.child import Child
from documents.dossier import Dossier
from documents.rates import Limit, within_rates
from documents.reading import DossierLine, dossier_lines, find_by_code
from documents.store import NOT_FOR_RIGHTS, Store
from portal.search.rules import Query

SHOWN = 20
TYPING_LIMIT: Limit = (120, timedelta(minutes=1))
# A specialist looks for a few strangers a day; who asks for more is enumerating.
NATION_LIMITS: tuple[Limit, ...] = ((10, timedelta(minutes=10)), (60, timedelta(days=1)))

READS_MOST = frozenset({"case_manager", "family_case_manager", "team", "emergency"})


class TooMany(Exception):
    """More questions than work needs; the person may go on after a while."""


@dataclass(frozen=True)
class Found:
    """One answer of the nation-wide question: `existence`, `related`, `need` (may be identified) or `nothing`."""

    outcome: str
    initials: str = ""
    birth_year: int = 0
    dossier_id: str = ""
    institution_name: str = ""
    may_need_more: bool = False  # a dossier is open, and the person does not read most of it anyway


async def find_related(store: Store, who: Who, query: Query, series: str, now: datetime) -> list[DossierLine]:
    """Return the children the person has a relation to whose name begins with the words, in any order."""
    await _count(store, who, Act.SEARCH_ANSWERED, (TYPING_LIMIT,), now)
    conditions: list[dict[str, Any]] = [{"child.tokens": {"$regex": f"^{word}"}} for word in query.words]
    if query.birth_date:
        conditions.append({"child.birth_date": query.birth_date.isoformat()})
    lines = await dossier_lines(store, reach(who, now, (*KNOWN_BY_NAME, "recorded")) | {"$and": conditions}, SHOWN + 1)
    entry = entry_for(
        who,
        Act.SEARCH_ANSWERED,
        now,
        series=series,
        count=len(lines),
        children=[line.id for line in lines],
        sections=[Section.EXISTENCE.value],
    )
    await store.audit.record(entry)
    return lines


async def find_in_nation(store: Store, who: Who, query: Query, series: str, now: datetime) -> Found:
    """Answer one exact question: a dossier exists, a need can be identified, or nothing was found.

    A child without a dossier is told apart from “nothing” only with the exact code, and only to a role
    entitled to identify a need.
    """
    await _count(store, who, Act.SEARCH_NATION, NATION_LIMITS, now)
    dossier = await _exactly(store, query)
    found = _answer(who, query, dossier, now)
    entry = entry_for(
        who,
        Act.SEARCH_NATION,
        now,
        series=series,
        outcome="allowed" if found.dossier_id else "nothing",
        children=[found.dossier_id] if found.dossier_id else [],
        sections=[Section.EXISTENCE.value],
    )
    await store.audit.record(entry)
    return found


def _answer(who: Who, query: Query, dossier: Dossier | None, now: datetime) -> Found:
    if dossier is None:
        return Found("nothing")
    child: Child = dossier.child
    if who.person_id in dossier.family_ids:
        return Found("nothing")
    if dossier.opened is None:
        entitled = query.code is not None and may(who, Permission.NEED_IDENTIFY).allowed
        if not entitled:
            return Found("nothing")
        return Found("need", child.initials, child.birth_date.year, dossier.id)
    relations = decide(who, Permission.TIMELINE_READ, dossier, now).relations
    manager = dossier.case_manager
    shown = manager.institution_name if manager and not child.protected else ""
    outcome = "related" if relations else "existence"
    more = READS_MOST.isdisjoint(relations)
    return Found(outcome, child.initials, child.birth_date.year, dossier.id, shown, more)


async def _exactly(store: Store, query: Query) -> Dossier | None:
    if query.code is not None:
        row = await find_by_code(store, query.code, NOT_FOR_RIGHTS)
        return Dossier.model_validate(row) if row else None
    if query.birth_date is None:
        return None
    names = {" ".join(order) for order in _orders(query.words)}
    # One answer or none: two children of one name and day are told apart by their codes only.
    rows = await store.dossiers.find(
        {
            "child.sort_name": {"$in": sorted(names)},
            "child.birth_date": query.birth_date.isoformat(),
            "erased": None,
            "joined_into": None,
        },
        NOT_FOR_RIGHTS,
    ).to_list(2)
    return Dossier.model_validate(rows[0]) if len(rows) == 1 else None


def _orders(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Family name first or last: every way to turn the words round, keeping neighbours together."""
    return [words[i:] + words[:i] for i in range(len(words))]


async def _count(store: Store, who: Who, act: Act, limits: tuple[Limit, ...], now: datetime) -> None:
    if not await within_rates(store, f"{act}:{who.person_id}", limits, now):
        await store.audit.record(entry_for(who, act, now, outcome="refused", reason="too_many"))
        raise TooMany
