"""A register on three nodes with access control: made from nothing, twice the same, its portal kept to its rights."""

from __future__ import annotations

import secrets
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import OperationFailure

from documents.audit import AuditEntry
from documents.embedded_binary import find_mongod
from documents.migrate import is_current, migrate
from documents.prepare import prepare
from documents.seals import seal_once, verify
from documents.secrecy import local_master_key
from documents.store import open_store
from portal.counters.following import Following
from portal.counters.reading import counts_of

# Three nodes on a busy machine: not at the same moment as the tests that kill theirs.
PASSWORD = "test-only"


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three empty nodes sharing a key file; root is on the first, as MongoDB's image makes it before it starts."""
    folder = tmp_path_factory.mktemp("nodes")
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(64))
    ports = _free_ports(3)
    _make_root(folder / "n0", ports[0])
    running = [
        _start(folder / f"n{n}", port, "--replSet", "atbalsts", "--keyFile", key) for n, port in enumerate(ports)
    ]
    try:
        for port in ports:
            _wait_for(port)
        yield ",".join(f"127.0.0.1:{port}" for port in ports)
    finally:
        for process in running:
            process.kill()
            process.wait()


def _make_root(folder: Path, port: int) -> None:
    alone = _start(folder, port)
    _wait_for(port)
    with MongoClient[dict[str, Any]]("127.0.0.1", port, directConnection=True) as client:
        client.admin.command("createUser", "root", pwd=PASSWORD, roles=["root"])
    alone.terminate()
    alone.wait(60)


def _start(folder: Path, port: int, *more: object) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    words = ["--dbpath", folder, "--port", port, "--bind_ip", "127.0.0.1", "--nounixsocket", *more]
    quiet = ["--quiet", "--logpath", folder / "log", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"]
    if "--replSet" not in more:
        quiet = quiet[:-2]
    return subprocess.Popen([str(word) for word in (find_mongod(), *words, *quiet)], stdout=subprocess.DEVNULL)


def _wait_for(port: int) -> None:
    with MongoClient[dict[str, Any]]("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=30_000) as one:
        one.admin.command("ping")


def _uri(hosts: str, user: str, password: str = PASSWORD) -> str:
    return f"mongodb://{user}:{password}@{hosts}/?replicaSet=atbalsts&authSource=admin&serverSelectionTimeoutMS=90000"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def register(hosts: str) -> str:
    """The nodes made into a register."""
    await _prepare(hosts)
    await migrate(_uri(hosts, "keeper"), "atbalsts")
    return hosts


async def _prepare(hosts: str) -> None:
    await prepare(_uri(hosts, "root"), _uri(hosts, "portal"), _uri(hosts, "keeper"), "atbalsts")


async def test_a_new_register_is_made_and_made_again(register: str):
    hosts = register
    await _prepare(hosts)
    async with AsyncMongoClient[dict[str, Any]](_uri(hosts, "root")) as client:
        status = await client.admin.command("replSetGetStatus")
        assert len(status["members"]) == 3


async def test_the_portal_reads_writes_and_seals_with_its_own_rights(register: str, tmp_path: Path):
    hosts = register
    key = tmp_path / "master"
    key.write_bytes(secrets.token_bytes(96))
    async with open_store(_uri(hosts, "portal"), "atbalsts", local_master_key(key), b"k" * 32) as store:
        assert await is_current(store.database)
        assert await store.secrets.open(await store.secrets.seal("narrative", "sensitive", 2026)) == "narrative"
        await store.audit.record(AuditEntry(act="dossier.read", at=datetime.now(UTC)))
        assert await seal_once(store, b"s" * 32, "test", datetime.now(UTC)) == 1
        assert (await verify(store, b"s" * 32, datetime.now(UTC))).faults == []
        following = Following(store, "test", lambda: datetime.now(UTC))
        for _ in range(2):  # counts everything, then follows the changes
            await following.step()
        assert await counts_of(store)
        await following.let_go()


@pytest.mark.asvs("16.4.2")
async def test_the_portals_user_cannot_change_or_remove_an_audit_entry(register: str):
    hosts = register
    async with AsyncMongoClient[dict[str, Any]](_uri(hosts, "portal")) as client:
        base = client["atbalsts"]
        for name in ("audit", "audit_seals"):
            with pytest.raises(OperationFailure, match="not authorized"):
                await base[name].update_one({}, {"$set": {"act": "nothing"}})
            with pytest.raises(OperationFailure, match="not authorized"):
                await base[name].delete_many({})
            with pytest.raises(OperationFailure, match="not authorized"):
                await base[name].drop()
        with pytest.raises(OperationFailure, match="not authorized"):
            await base.command("collMod", "audit", validator={})


async def test_a_stranger_reads_nothing(register: str):
    hosts = register
    async with AsyncMongoClient[dict[str, Any]](hosts.split(",")[0], directConnection=True) as client:
        with pytest.raises(OperationFailure, match="authenticat"):
            await client["atbalsts"]["dossiers"].find_one({})
