"""What heads and governance ask for: the cases of the own staff, a table of figures at a place."""

from datetime import datetime
from random import Random

from documents.classifiers import classifiers
from documents.model import day_of
from documents.store import Row, Store
from portal.analytics.dimensions import dimensions
from portal.bench.client import Call
from portal.bench.figures import ensure_release
from portal.bench.samples import Samples, about, sign_in

HEADS, GOVERNING = 100, 20  # people
TABLES_AT = 80  # pages of figures
ASKED_BY_HEADS = ("all", "late")


async def governing_calls(store: Store, samples: Samples, now: datetime, *, seed: int = 7) -> dict[str, list[Call]]:
    """Sign in heads of those who answer for the sampled dossiers, and people of governance; return their calls.

    Makes the releases the figures are read from, where the nation has none.
    """
    await ensure_release(store, now)
    chance = Random(seed)
    heads = await sign_in(store, await _heads(store, chance, [dossier for dossier, _ in samples.dossiers]), now)
    governing = await sign_in(store, await _level(store, 4, {}, GOVERNING), now)
    tables = [table.code for table in classifiers().registered_tables.in_force(day_of(now))]
    places = [node.code for node in dimensions(day_of(now))["place"].nodes]
    figures = [
        (governing[n % len(governing)], tables[n % len(tables)], chance.choice(places)) for n in range(TABLES_AT)
    ]
    return {
        "oversight": [
            Call("GET", f"/oversight?show={show}", who.cookie, about={"show": show} | about(who))
            for who in heads
            for show in ASKED_BY_HEADS
        ],
        "analytics": [
            Call("GET", f"/analytics/{table}?place={place}", who.cookie, about={"table": table, "place": place})
            for who, table, place in figures
        ],
    }


async def _heads(store: Store, chance: Random, dossiers: list[str]) -> dict[str, str]:
    """Heads under whom these dossiers are, with their roles."""
    rows = store.dossiers.find({"_id": {"$in": dossiers}}, {"answering": 1})
    keys = {key for row in await rows.to_list() for key in row.get("answering", ())}
    institutions = [key.removeprefix("i:") for key in keys if key.startswith("i:")]
    roles = await _level(store, 3, {"roles.institution_id": {"$in": sorted(institutions)}}, 0)
    return {person: roles[person] for person in chance.sample(sorted(roles), min(HEADS, len(roles)))}


async def _level(store: Store, level: int, query: Row, most: int) -> dict[str, str]:
    """People whose only role is of this user level; `most` 0: all of them."""
    rows = store.people.find({"roles.level": level} | query, {"roles": 1}).sort("_id", 1).limit(most)
    return {row["_id"]: row["roles"][0]["id"] async for row in rows}
