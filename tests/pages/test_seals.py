"""The seals find whatever somebody did to the log afterwards; two sealers, a restart, a kill do them no harm."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from pymongo import MongoClient

from auth.access import entry_for
from documents.acts import Act
from documents.audit import AuditEntry, AuditWriter
from documents.embedded import embedded
from documents.seals import AT_MOST, LEASE, seal_once, verify
from documents.store import Store
from portal.cli import atbalsts
from portal.cli.stores import Refusal
from tests.people import NOW, who

KEY = b"a key that the database does not hold"
LATER = NOW + timedelta(minutes=2)


def looks(count: int, since: int = 0) -> list[AuditEntry]:
    moment = NOW + timedelta(milliseconds=since)
    return [entry_for(who("inese"), Act.DOSSIER_READ, moment, dossier_id=f"d{n}") for n in range(count)]


async def seal_all(store: Store, owner: str = "one") -> int:
    sealed = 0
    while number := await seal_once(store, KEY, owner, NOW, everything=True):
        sealed += number
    return sealed


@pytest_asyncio.fixture(loop_scope="session")
async def store(demo_store: Store) -> Store:
    """An empty log with a writer that begins at one, and no sealer yet."""
    await demo_store.database["settings"].delete_many({"_id": {"$in": ["sealer", "seal_heads"]}})
    demo_store.audit = AuditWriter(demo_store.audit_entries)
    return demo_store


@pytest_asyncio.fixture(loop_scope="session")
async def sealed(store: Store) -> AsyncIterator[Store]:
    """Twelve entries in three seals; the validator is off, as for somebody who administers the database."""
    for part in range(3):
        await store.audit.record(*looks(4, part))
        await seal_all(store)
    assert (await verify(store, KEY, LATER)).faults == []
    await store.database.command("collMod", "audit", validationLevel="off")
    yield store
    await store.database.command("collMod", "audit", validationLevel="strict")


async def some_entry(store: Store) -> dict[str, Any]:
    row = await store.audit_entries.find_one({}, sort=[("n", 1)], skip=5)
    assert row
    return row


async def change_an_entry(store: Store) -> None:
    await store.audit_entries.update_one({"_id": (await some_entry(store))["_id"]}, {"$set": {"person_id": "nobody"}})


async def add_a_field(store: Store) -> None:
    await store.audit_entries.update_one({"_id": (await some_entry(store))["_id"]}, {"$set": {"reason": "asked"}})


async def remove_an_entry(store: Store) -> None:
    await store.audit_entries.delete_one({"_id": (await some_entry(store))["_id"]})


async def insert_between(store: Store) -> None:
    row = await some_entry(store)
    await store.audit_entries.insert_one(row | {"_id": f"{row['writer']}:1.5", "n": 1.5})


async def insert_before(store: Store) -> None:
    row = await some_entry(store)
    await store.audit_entries.insert_one(row | {"_id": f"{row['writer']}:0", "n": 0})


async def insert_under_another_id(store: Store) -> None:
    row = await some_entry(store)
    await store.audit_entries.delete_one({"_id": row["_id"]})
    await store.audit_entries.insert_one(row | {"_id": "elsewhere:6"})


async def insert_with_a_gap(store: Store) -> None:
    row = await store.audit_entries.find_one({}, sort=[("n", -1)])
    assert row
    await store.audit_entries.insert_one(row | {"_id": f"{row['writer']}:{row['n'] + 2}", "n": row["n"] + 2})
    await seal_all(store)


async def insert_nonsense(store: Store) -> None:
    row = await some_entry(store)
    await store.audit_entries.insert_one(row | {"_id": 7, "writer": ["a", "b"], "n": "x", "at": "yesterday"})


async def change_a_seal(store: Store) -> None:
    await store.audit_seals.update_one({"_id": 2}, {"$set": {"entries.0.1": "0" * 64}})


async def change_the_last_seal(store: Store) -> None:
    await store.audit_seals.update_one({"_id": 3}, {"$set": {"hash": "0" * 64}})


async def date_a_seal_back(store: Store) -> None:
    await store.audit_seals.update_one({"_id": 3}, {"$set": {"at": NOW - timedelta(days=1)}})


async def move_the_heads(store: Store) -> None:
    await store.audit_seals.update_one({"_id": 3}, {"$set": {"heads.0.1": 99}})


async def remove_a_seal(store: Store) -> None:
    await store.audit_seals.delete_one({"_id": 2})


async def remove_the_first_seal(store: Store) -> None:
    await store.audit_seals.delete_one({"_id": 1})


async def remove_the_last_seal(store: Store) -> None:
    await store.audit_seals.delete_one({"_id": 3})


async def seal_with_another_key(store: Store) -> None:
    await store.audit.record(*looks(1))
    await seal_once(store, b"stolen database, not the key", "one", NOW, everything=True)


TAMPERING = [
    (change_an_entry, "changed"),
    (add_a_field, "changed"),
    (remove_an_entry, "removed"),
    (insert_between, "inserted"),
    (insert_before, "inserted"),
    (insert_under_another_id, "removed"),
    (insert_under_another_id, "inserted"),
    (insert_with_a_gap, "gap"),
    (insert_nonsense, "inserted"),
    (change_a_seal, "broken_seal"),
    (change_the_last_seal, "broken_seal"),
    (date_a_seal_back, "broken_seal"),
    (move_the_heads, "broken_seal"),
    (remove_a_seal, "broken_seal"),
    (remove_the_first_seal, "broken_seal"),
    (remove_the_last_seal, "unsealed"),
    (seal_with_another_key, "broken_seal"),
]


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(("tamper", "kind"), TAMPERING, ids=[tamper.__name__ for tamper, _ in TAMPERING])
async def test_whatever_somebody_did_afterwards_is_found(
    sealed: Store, tamper: Callable[[Store], Awaitable[None]], kind: str
) -> None:
    await tamper(sealed)
    found = {fault.kind for fault in (await verify(sealed, KEY, LATER)).faults}
    assert kind in found


async def test_the_wrong_key_believes_no_seal(sealed: Store) -> None:
    faults = (await verify(sealed, b"another key", LATER)).faults
    assert [fault.kind for fault in faults] == ["broken_seal"] * 3


async def test_the_database_takes_no_entry_of_another_shape(store: Store) -> None:
    from pymongo.errors import WriteError

    good = {"_id": "w:1", "writer": "w", "n": 1, "act": "dossier.read", "at": NOW}
    for wrong in ({"n": 1.5}, {"n": 0}, {"writer": ["w"]}, {"at": "now"}, {"act": 1}, {"_id": 1}):
        with pytest.raises(WriteError, match="failed validation"):
            await store.audit_entries.insert_one(good | wrong)


async def test_an_entry_left_unsealed_for_a_minute_is_a_fault(store: Store) -> None:
    await store.audit.record(*looks(1))
    assert (await verify(store, KEY, NOW + timedelta(seconds=30))).faults == []
    (fault,) = (await verify(store, KEY, LATER)).faults
    assert fault.kind == "unsealed"


async def test_of_two_sealers_one_holds_the_lease_until_it_dies(store: Store) -> None:
    await store.audit.record(*looks(3))
    assert await seal_once(store, KEY, "one", NOW) == 3
    await store.audit.record(*looks(3))
    assert await seal_once(store, KEY, "two", NOW + LEASE) == 0, "the lease of the first still runs"
    assert await seal_once(store, KEY, "two", NOW + LEASE + timedelta(seconds=1)) == 3
    await store.audit.record(*looks(1))
    assert await seal_once(store, KEY, "one", NOW + LEASE + timedelta(seconds=2)) == 0
    assert (await verify(store, KEY, NOW)).faults == []


async def test_two_sealers_at_once_make_one_chain(store: Store) -> None:
    for turn in range(12):
        await store.audit.record(*looks(5))
        # Both believe to hold the lease, as after a pause of the first: the number of the seal decides.
        moment = NOW + turn * 3 * LEASE
        await asyncio.gather(
            seal_once(store, KEY, "one", moment, everything=True),
            seal_once(store, KEY, "two", moment + 2 * LEASE, everything=True),
        )
    await seal_once(store, KEY, "one", NOW + 99 * LEASE, everything=True)
    verdict = await verify(store, KEY, NOW + timedelta(hours=1))
    assert verdict.faults == [] and verdict.entries == 60


async def test_entries_written_while_others_are_sealed_are_sealed_next(store: Store) -> None:
    writing = asyncio.gather(*(store.audit.record(*looks(7, n)) for n in range(60)))
    while not writing.done():
        await seal_once(store, KEY, "one", NOW)
        await asyncio.sleep(0)
    await writing
    await seal_all(store)
    verdict = await verify(store, KEY, LATER)
    assert verdict.faults == [] and verdict.entries == 420


async def test_a_backlog_of_many_writers_is_sealed_in_parts_that_fit(store: Store) -> None:
    """After a day without a sealer one seal of all would be too large for a document, and none would be made again."""
    row = {"act": "dossier.read", "at": NOW}
    rows = [row | {"_id": f"w{w}:{n}", "writer": f"w{w}", "n": n} for w in range(25) for n in range(1, 101)]
    await store.audit_entries.insert_many(rows)
    assert await seal_once(store, KEY, "one", NOW, everything=True) == AT_MOST
    assert await seal_all(store) == 1500
    assert (await verify(store, KEY, LATER)).faults == []


async def test_a_restart_goes_on_where_the_last_one_stopped(store: Store) -> None:
    for turn in range(70):  # beyond the point where the heads are written down
        await store.audit.record(*looks(1, turn))
        await seal_once(store, KEY, "one", NOW)
    await store.audit.record(*looks(5))
    assert await seal_once(store, KEY, "new", NOW + 2 * LEASE, everything=True) == 5
    await store.database["settings"].delete_one({"_id": "seal_heads"})
    assert await seal_once(store, KEY, "new", NOW + 2 * LEASE, everything=True) == 0
    verdict = await verify(store, KEY, LATER)
    assert verdict.faults == [] and verdict.entries == 75


async def test_ten_thousand_entries_are_sealed_and_verified_in_seconds(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in range(10):
        await store.audit.record(*looks(1000, part))
    started = time.perf_counter()
    assert await seal_all(store) == 10_000
    sealed = time.perf_counter()
    assert (await verify(store, KEY, LATER)).entries == 10_000
    verified = time.perf_counter()
    with capsys.disabled():
        print(f"\n10 000 entries: sealed in {sealed - started:.2f} s, verified in {verified - sealed:.2f} s")
    assert verified - started < 20


def admin(data: Path) -> Result:
    return CliRunner().invoke(atbalsts, ["admin", "audit-verify", "--data", str(data)])


def test_the_command_says_what_is_wrong_and_ends_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONGODB_URI", raising=False)
    with pytest.raises(Refusal, match="no portal has run"):
        CliRunner().invoke(atbalsts, ["admin", "audit-verify", "--data", str(tmp_path)], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == [], "looking makes no database"
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "audit.key").write_bytes(KEY)
    assert admin(tmp_path).exit_code == 0
    with embedded(tmp_path, cache_gb=0.25) as store, MongoClient[dict[str, Any]](store.uri) as client:
        old = datetime.now(UTC) - timedelta(minutes=2)
        client.atbalsts.audit.insert_one({"_id": "w:1", "writer": "w", "n": 1, "act": "dossier.read", "at": old})
    result = admin(tmp_path)
    assert result.exit_code == 1 and "unsealed: w:1" in result.output
    assert "0 sealed entries in 0 seals, 1 faults" in result.output
