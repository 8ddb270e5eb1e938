"""Seals over the audit log: a chain in which a changed, removed or inserted entry shows.

Once a second (or a thousand entries) one process, by lease, hashes the entries not yet sealed and chains them
to the seal before; the seal is signed with a key the database does not hold.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import bson
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from documents.model import FOREVER, LONG_AGO
from documents.schema import VALIDATORS
from documents.store import Row, Store

LEASE = timedelta(seconds=10)
AT_MOST = 1000  # entries of one seal; whoever finds more sealed that many calls again
# An entry bears the time of its request; it is on disk within seconds of it, never minutes.
LOOK_BACK = timedelta(minutes=10)
UNSEALED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the log: `kind` is changed, removed, inserted, gap, unsealed or broken_seal."""

    kind: str
    entry: str


@dataclass
class Verdict:
    """What a verification found."""

    entries: int = 0
    seals: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class SealState:
    """The newest seal (none yet: number 0) and how many entries no seal covers yet."""

    number: int
    at: datetime | None
    unsealed: int


async def seal_state(store: Store) -> SealState:
    """Return how far the log is sealed; of writers silent for ten minutes before the last seal nothing is counted."""
    last = await store.audit_seals.find_one({}, {"at": 1}, sort=[("_id", -1)])
    heads = await _heads(store)
    since = last["at"] - LOOK_BACK if last else LONG_AGO
    unsealed = 0
    for writer in await store.audit_entries.distinct("writer", {"at": {"$gte": since}}):
        unsealed += await store.audit_entries.count_documents({"writer": writer, "n": {"$gt": heads.get(writer, 0)}})
    return SealState(last["_id"] if last else 0, last["at"] if last else None, unsealed)


async def seal_once(store: Store, key: bytes, owner: str, now: datetime, *, everything: bool = False) -> int:
    """Seal what is not sealed yet, if this process holds the lease. Returns how many entries: AT_MOST if more wait.

    `everything` looks at all writers, not only those of the last ten minutes (after a long pause).
    """
    if not await _lease(store, owner, now):
        return 0
    last = await store.audit_seals.find_one({}, sort=[("_id", -1)])
    heads = await _heads(store)
    since = LONG_AGO if everything or last is None else last["at"] - LOOK_BACK
    fresh: list[Row] = []
    # Entries a crash may still take back are not sealed.
    entries = store.audit_entries.with_options(read_concern=ReadConcern("majority"))
    for writer in await entries.distinct("writer", {"at": {"$gte": since}}):
        query = {"writer": writer, "n": {"$gt": heads.get(writer, 0)}}
        fresh += await entries.find(query).sort("n", 1).limit(AT_MOST - len(fresh)).to_list()
        if len(fresh) == AT_MOST:
            break
    if not fresh:
        return 0
    seal = _seal(fresh, last, heads, now, key)
    try:
        await store.audit_seals.insert_one(seal)
    except DuplicateKeyError:
        return 0  # the lease had passed on: the other's seal stands
    return len(fresh)


async def verify(store: Store, key: bytes, now: datetime) -> Verdict:
    """Walk all seals and entries, and name every fault."""
    verdict = Verdict()
    before, heads = "", dict[str, int]()
    async for seal in store.audit_seals.find({}).sort("_id", 1):
        verdict.seals += 1
        if seal["previous"] != before or not _genuine(seal, key):
            verdict.faults.append(Fault("broken_seal", str(seal["_id"])))
        before = seal["hash"]
        await _check_entries(store, seal, heads, verdict)
    await _check_rest(store, heads, now, verdict)
    return verdict


async def _check_entries(store: Store, seal: Row, heads: dict[str, int], verdict: Verdict) -> None:
    sealed = dict(seal["entries"])
    found = {row["_id"]: row async for row in store.audit_entries.find({"_id": {"$in": list(sealed)}})}
    for entry_id, digest in sealed.items():
        verdict.entries += 1
        writer, _, number = entry_id.rpartition(":")
        if int(number) != heads.get(writer, 0) + 1:
            verdict.faults.append(Fault("gap", f"{writer}:{heads.get(writer, 0) + 1}"))
        heads[writer] = int(number)
        if entry_id not in found:
            verdict.faults.append(Fault("removed", entry_id))
        elif _digest(found[entry_id]) != digest:
            verdict.faults.append(Fault("changed", entry_id))


async def _check_rest(store: Store, heads: dict[str, int], now: datetime, verdict: Verdict) -> None:
    async for row in store.audit_entries.find({"$nor": [VALIDATORS["audit"]]}, {"_id": 1}):
        verdict.faults.append(Fault("inserted", str(row["_id"])))  # past the database's own lock
    async for row in _unsealed(store, heads):
        if row["n"] <= heads.get(row["writer"], 0):
            verdict.faults.append(Fault("inserted", row["_id"]))
        elif row["at"] < now - UNSEALED_AFTER:
            verdict.faults.append(Fault("unsealed", row["_id"]))


async def _unsealed(store: Store, heads: dict[str, int]) -> AsyncIterator[Row]:
    """Entries beyond each writer's head, and those at or below it that no seal names."""
    for writer in await store.audit_entries.distinct("writer", VALIDATORS["audit"]):
        head = heads.get(writer, 0)
        own = {"writer": writer, **VALIDATORS["audit"]}
        async for row in store.audit_entries.find(own | {"n": {"$gt": head}}).sort("n", 1):
            yield row
        # Numbers run from 1 to the head, each once: another id at one of them was put in its place.
        async for row in store.audit_entries.find(own | {"n": {"$lte": head}}, {"writer": 1, "n": 1}):
            if row["_id"] != f"{writer}:{row['n']}":
                yield row


async def _heads(store: Store) -> dict[str, int]:
    """The last sealed number of each writer, kept beside the lease and rebuilt from the seals where missing."""
    state = await store.database["settings"].find_one({"_id": "seal_heads"})
    last = await store.audit_seals.find_one({}, {"_id": 1}, sort=[("_id", -1)])
    number = last["_id"] if last else 0
    heads: dict[str, int] = {pair[0]: pair[1] for pair in state["heads"]} if state else {}
    done = state["seal"] if state else 0
    async for seal in store.audit_seals.find({"_id": {"$gt": done}}, {"heads": 1}).sort("_id", 1):
        heads.update({pair[0]: pair[1] for pair in seal["heads"]})
    if number - done > 60 or (number and not state):
        await store.database["settings"].replace_one(
            {"_id": "seal_heads"}, {"seal": number, "heads": [list(pair) for pair in heads.items()]}, upsert=True
        )
    return heads


async def _lease(store: Store, owner: str, now: datetime) -> bool:
    """Hold or take the lease; a holder that died loses it after ten seconds."""
    leases = store.database["settings"]
    try:
        await leases.update_one(
            {"_id": "sealer", "$or": [{"owner": owner}, {"until": {"$lt": now}}]},
            {"$set": {"owner": owner, "until": min(now + LEASE, FOREVER)}},
            upsert=True,
        )
    except DuplicateKeyError:
        return False
    return True


def _seal(fresh: list[Row], last: Row | None, heads: dict[str, int], now: datetime, key: bytes) -> Row:
    reached = {row["writer"]: row["n"] for row in fresh}
    seal: Row = {
        "_id": (last["_id"] if last else 0) + 1,
        "at": now,
        "previous": last["hash"] if last else "",
        "entries": [[row["_id"], _digest(row)] for row in fresh],
        "heads": [list(pair) for pair in reached.items()],
    }
    seal["hash"] = hashlib.sha256(_content(seal)).hexdigest()
    seal["signature"] = hmac.new(key, _content(seal), hashlib.sha256).hexdigest()
    return seal


def _genuine(seal: Row, key: bytes) -> bool:
    content = _content(seal)
    signature = hmac.new(key, content, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, seal["signature"]) and hashlib.sha256(content).hexdigest() == seal["hash"]


def _content(seal: Row) -> bytes:
    """All that a seal says, one way of writing it for one content."""
    return bson.encode({name: seal[name] for name in ("_id", "at", "previous", "entries", "heads")})


def _digest(row: Row) -> str:
    return hashlib.sha256(bson.encode(dict(sorted(row.items())))).hexdigest()
