"""Whom and what a run asks for: people with cases, signed in without the identity provider, and their children."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

from auth.sessions import Sessions, csrf_token
from documents.personal_code import parse
from documents.store import Store
from portal.bench.client import Call

COOKIE = "atbalsts_demo"
PEOPLE, DOSSIERS = 400, 300
LETTERS = 4
PAGES = {"overview": "", "timeline": "/timeline", "triangle": "/assessments", "plan": "/plan"}  # of one dossier


@dataclass
class Signed:
    """Somebody signed in."""

    person_id: str
    role_id: str
    cookie: str
    csrf: str
    cases: int = 0  # children with a relation to the role


@dataclass
class Samples:
    """The calls of each page, in the same order for every server."""

    calls: dict[str, list[Call]] = field(default_factory=dict)
    dossiers: list[tuple[str, Signed]] = field(default_factory=list)


async def take_samples(store: Store, now: datetime, *, seed: int = 7, dossiers: int = DOSSIERS) -> Samples:
    """Sign case managers in and write down what they will ask for."""
    chance = Random(seed)
    rows = await _rich_dossiers(store, chance, dossiers)
    managers = {row["case_manager"]["person_id"]: row["case_manager"]["role_id"] for row in rows}
    signed = dict(zip(managers, await sign_in(store, managers, now), strict=True))
    for who in signed.values():
        who.cases = await store.dossiers.count_documents({"readers.key": f"r:{who.role_id}"})
    samples = Samples(dossiers=[(row["_id"], signed[row["case_manager"]["person_id"]]) for row in rows])
    pairs = samples.dossiers
    for kind, page in PAGES.items():
        samples.calls[kind] = [
            Call("GET", f"/dossiers/{i}{page}", w.cookie, about=about(w) | {"dossier": i}) for i, w in pairs
        ]
    samples.calls["desk"] = [Call("GET", "/desk", who.cookie, about=about(who)) for who in signed.values()]
    samples.calls["search"] = [
        _search("/search", row["child"]["tokens"][0][:LETTERS], who, "word")
        for row, (_, who) in zip(rows, pairs, strict=True)
    ]
    codes = [parse(await store.secrets.open(row["child"]["code"]), accept_invented=True).text for row in rows]
    askers = await _askers(store, chance, now)
    samples.calls["code"] = [
        _search("/search/nation", codes[number % len(codes)], who, "code") for number, who in enumerate(askers)
    ]
    return samples


def about(who: Signed) -> dict[str, str]:
    """What the floor has to know of who asks."""
    return {"person": who.person_id, "role": who.role_id, "cases": str(who.cases)}


def _search(path: str, text: str, who: Signed, name: str) -> Call:
    return Call("POST", path, who.cookie, urlencode({"q": text, "csrf": who.csrf}), {name: text} | about(who))


async def _rich_dossiers(store: Store, chance: Random, count: int) -> list[dict[str, Any]]:
    fields = {"_id": 1, "case_manager": 1, "child": 1}
    ids = [row["_id"] async for row in store.dossiers.find({"opened": {"$ne": None}}, {"_id": 1}).sort("_id", 1)]
    chosen = chance.sample(ids, min(count, len(ids)))
    return await store.dossiers.find({"_id": {"$in": chosen}}, fields).sort("_id", 1).to_list()


async def _askers(store: Store, chance: Random, now: datetime) -> list[Signed]:
    """Police and social workers: many people, because each may ask for a few strangers only."""
    roles: dict[str, str] = {}
    query = {"roles.institution_type": {"$in": ["state_police", "social_service"]}, "roles.level": 1}
    async for row in store.people.find(query, {"roles": 1}).limit(5 * PEOPLE):
        roles[row["_id"]] = row["roles"][0]["id"]
    chosen = chance.sample(sorted(roles), min(PEOPLE, len(roles)))
    return await sign_in(store, {person: roles[person] for person in chosen}, now)


async def sign_in(store: Store, roles: dict[str, str], now: datetime) -> list[Signed]:
    """Open a session for each of these people in a role, as if the identity provider had said who they are."""
    sessions = Sessions(store.sessions)

    async def one(person_id: str, role_id: str) -> Signed:
        token, session = await sessions.open(
            now, person_id=person_id, sub=person_id, id_token="", role_id=role_id, acr="high"
        )
        return Signed(person_id, role_id, f"{COOKIE}={token}", csrf_token(session))

    return list(await asyncio.gather(*(one(person, role) for person, role in roles.items())))
