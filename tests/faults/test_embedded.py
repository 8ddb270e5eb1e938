"""The embedded database keeps what it acknowledged, serves several processes, and says what it lacks."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient

from documents.embedded import EmbeddedError, embedded, embedded_mongod, wait_until_stopped
from documents.embedded_binary import FREE_FOR_NEW, find_mongod
from documents.embedded_locks import open_lock, try_lock

Row = dict[str, Any]
OWNER = """
import sys
from pathlib import Path
from documents.embedded import embedded
with embedded(Path(sys.argv[1]), cache_gb=0.25) as store:
    print(store.uri, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests that leave a healthy store behind: starting on old data is the common case."""
    return tmp_path_factory.mktemp("embedded")


@pytest.fixture
def owner() -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []

    def start(folder: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", OWNER, str(folder)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout
        assert process.stdout.readline().startswith("mongodb://")
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_the_database_listens_in_its_private_folder_only(tmp_path: Path) -> None:
    """Two that start at the same moment would fight for the one socket of the machine, and anybody could find it."""
    with embedded(tmp_path, cache_gb=0.25) as store:
        said = [json.loads(line) for line in store.log.read_text().splitlines()]
        places = [Path(line["attr"]["address"]).parent for line in said if line["msg"] == "Listening on"]
        assert places and all(place.name.startswith("atbalsts-") for place in places), places
        assert all(place.stat().st_mode & 0o077 == 0 for place in places)


def mongod_pid(folder: Path) -> int:
    return int(json.loads((folder / "embedded.lock").read_text())["pid"])


def alive(pid: int) -> bool:
    """A process that ended and only waits to be reaped by whoever inherited it is not alive."""
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_data_is_kept_between_starts_and_a_transaction_is_possible(data: Path) -> None:
    with embedded(data, cache_gb=0.25) as store, MongoClient[Row](store.uri) as client:
        with client.start_session() as session, session.start_transaction():
            client.kept.entries.insert_one({"_id": "first"}, session=session)
        first = store.pid
        assert "sock" in store.uri
    assert not alive(first)
    with embedded(data, cache_gb=0.25) as store, MongoClient[Row](store.uri) as client:
        assert client.kept.entries.find_one({"_id": "first"})


def test_the_last_one_out_waits_for_a_keeper_that_is_slow_to_stop(tmp_path: Path) -> None:
    """A loaded machine may leave the keeper alone with the lock for a while before anything else of it runs."""
    keeper, users = open_lock(tmp_path / "embedded.lock"), open_lock(tmp_path / "embedded.users")
    assert try_lock(keeper)
    assert try_lock(users)
    threading.Timer(0.6, lambda: (os.close(users), os.close(keeper))).start()
    left = time.monotonic()
    wait_until_stopped(tmp_path)
    assert time.monotonic() - left > 0.5


def test_whoever_leaves_others_behind_does_not_wait(tmp_path: Path) -> None:
    keeper, users = open_lock(tmp_path / "embedded.lock"), open_lock(tmp_path / "embedded.users")
    assert try_lock(keeper)
    assert try_lock(users, shared=True)
    left = time.monotonic()
    wait_until_stopped(tmp_path)
    assert time.monotonic() - left < 5
    os.close(users)
    os.close(keeper)


def test_it_listens_on_a_private_socket_and_on_no_port(data: Path) -> None:
    with embedded(data, cache_gb=0.25) as store:
        folder = Path(json.loads((data / "embedded.lock").read_text())["folder"])
        assert psutil.Process(store.pid).net_connections("inet") == []
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_a_second_process_joins_and_the_last_one_out_stops_it(
    data: Path, owner: Callable[[Path], subprocess.Popen[str]]
) -> None:
    first = owner(data)
    pid = mongod_pid(data)
    with embedded(data, cache_gb=0.25) as store:
        assert store.pid == pid
        first.communicate("")
        assert alive(pid), "the first one leaves, the second still works"
        with MongoClient[Row](store.uri) as client:
            client.kept.entries.insert_one({"_id": "by the second"})
    assert not alive(pid)


def test_two_processes_starting_at_once_share_one_database(data: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(data)]
    pair = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    addresses = {process.stdout.readline() for process in pair if process.stdout}
    for process in pair:
        process.communicate("", timeout=30)
    assert len(addresses) == 1


def test_killing_mongod_loses_nothing_acknowledged_and_is_reported(data: Path) -> None:
    crashes: list[EmbeddedError] = []

    async def crash() -> None:
        heard = asyncio.Event()

        def report(error: EmbeddedError) -> None:
            crashes.append(error)
            heard.set()

        async with embedded_mongod(data, cache_gb=0.25, on_crash=report) as uri:
            with MongoClient[Row](uri, journal=True, w="majority") as client:
                for number in range(20):
                    client.kept.big.insert_one({"_id": number, "filling": os.urandom(100_000)})
            os.kill(mongod_pid(data), signal.SIGKILL)
            await asyncio.wait_for(heard.wait(), 10)

    asyncio.run(crash())
    assert "stopped by itself" in str(crashes[0])
    with embedded(data, cache_gb=0.25) as store, MongoClient[Row](store.uri) as client:
        assert client.kept.big.count_documents({}) == 20


def test_killing_the_owner_stops_the_database_and_the_next_start_works(
    data: Path, owner: Callable[[Path], subprocess.Popen[str]]
) -> None:
    process = owner(data)
    with embedded(data, cache_gb=0.25) as store, MongoClient[Row](store.uri) as client:
        client.kept.entries.insert_one({"_id": "before the kill"})
    pid = mongod_pid(data)
    process.kill()
    assert eventually(lambda: not alive(pid)), "nobody uses it any more"
    with embedded(data, cache_gb=0.25) as store, MongoClient[Row](store.uri) as client:
        assert client.kept.entries.find_one({"_id": "before the kill"})


def test_killing_the_keeper_too_leaves_no_mongod_and_no_obstacle(
    data: Path, owner: Callable[[Path], subprocess.Popen[str]]
) -> None:
    process = owner(data)
    pid = mongod_pid(data)
    keeper = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    folder = Path(json.loads((data / "embedded.lock").read_text())["folder"])
    os.kill(keeper, signal.SIGKILL)
    process.kill()
    with embedded(data, cache_gb=0.25) as store:
        assert store.pid != pid
    assert not alive(pid)
    assert not folder.exists()


ENDING = """
import ctypes, fcntl, os, sys, threading, time
lock = os.open(sys.argv[1] + "/mongod.lock", os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
threading.Thread(target=lambda: (time.sleep(1), os._exit(0))).start()
print("locked", flush=True)
ctypes.CDLL(None).syscall(60, 0)  # exit(2) ends this thread alone
"""


def test_a_left_database_is_waited_for_while_its_last_threads_write(tmp_path: Path) -> None:
    """On a slow disk a mongod that ends has no command line any more, but still holds its data."""
    (tmp_path / "mongo").mkdir()
    command = [sys.executable, "-c", ENDING, str(tmp_path / "mongo")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as left:
        assert left.stdout and left.stdout.readline()
        assert eventually(lambda: Path(f"/proc/{left.pid}/cmdline").read_bytes() == b"")
        state = {"pid": left.pid, "folder": str(tmp_path / "nowhere")}
        (tmp_path / "embedded.lock").write_text(json.dumps(state))
        with embedded(tmp_path, cache_gb=0.25) as store:
            assert store.pid != left.pid


def test_a_stale_lock_file_naming_a_dead_process_is_no_obstacle(data: Path) -> None:
    stale = {"pid": 2**22 - 3, "folder": "/nowhere/at-all"}
    (data / "embedded.lock").write_text(json.dumps(stale))
    with embedded(data, cache_gb=0.25) as store:
        assert store.pid != stale["pid"]


def test_sigterm_to_the_owner_is_a_clean_stop(data: Path, owner: Callable[[Path], subprocess.Popen[str]]) -> None:
    process = owner(data)
    pid = mongod_pid(data)
    process.send_signal(signal.SIGTERM)
    assert eventually(lambda: not alive(pid))
    assert '"exitCode":0' in (data / "mongod.log").read_text()


def test_a_foreign_mongod_on_the_same_data_is_named(data: Path, tmp_path: Path) -> None:
    where = ["--dbpath", str(data / "mongo"), "--bind_ip", str(tmp_path / "s.sock")]
    command = [str(find_mongod()), *where, "--replSet", "other"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as foreign:
        assert eventually(lambda: (tmp_path / "s.sock").exists())
        with pytest.raises(EmbeddedError, match=r"another mongod holds .*: stop it"), embedded(data):
            pass
        foreign.kill()


def test_long_folder_names_leave_the_socket_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("ļoti-gara-mape" * 8) / ("x" * 100)
    deep.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with embedded(deep, cache_gb=0.25) as store, MongoClient[Row](store.uri) as client:
        assert client.admin.command("ping")["ok"]


@pytest.mark.parametrize(
    ("says", "code", "told"),
    [
        ("mongod: error while loading shared libraries: libcurl.so.4: cannot open", 127, "apt-get install libcurl4"),
        ("/lib/libc.so.6: version `GLIBC_2.35' not found", 1, "cannot run on this system: set MONGODB_URI"),
        ("WiredTiger error: 28: No space left on device", 14, "the disk is full: free some space"),
        ("UPGRADE PROBLEM: Found an invalid featureCompatibilityVersion document", 62, "another version of MongoDB"),
        ("", 62, "another version of MongoDB"),
        ("Permission denied", 100, "is not writable: change its owner"),
        ("something unheard of", 14, r"stopped by itself \(exit code 14\), see .*mongod.log:\nsomething unheard of"),
    ],
)
def test_a_mongod_that_does_not_start_is_explained(tmp_path: Path, says: str, code: int, told: str) -> None:
    fake = tmp_path / "mongod"
    fake.write_text(f'#!/bin/sh\ncat <<"END" >&2\n{says}\nEND\nexit {code}\n')
    fake.chmod(0o755)
    with pytest.raises(EmbeddedError, match=told), embedded(tmp_path / "data", binary=fake):
        pass


def test_a_program_of_another_platform_is_explained(tmp_path: Path) -> None:
    fake = tmp_path / "mongod"
    fake.write_bytes(b"\x7fELF nothing that runs")
    fake.chmod(0o755)
    with pytest.raises(EmbeddedError, match="cannot run on this system"), embedded(tmp_path / "d", binary=fake):
        pass


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Linux", "aarch64"), ("Windows", "AMD64")])
def test_a_wrong_platform_is_told_the_two_ways_out(system: str, machine: str) -> None:
    with pytest.raises(EmbeddedError, match=r"MONGODB_URI .* or .*docker compose"):
        find_mongod(system, machine)


def test_a_missing_wheel_is_told_how_to_get_it() -> None:
    with pytest.raises(EmbeddedError, match="make setup"):
        find_mongod("Linux", "x86_64", "no_such_wheel.db")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="is not writable"), embedded(tmp_path / "file" / "data"):
        pass


def test_too_little_room_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=FREE_FOR_NEW - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(EmbeddedError, match=r"the disk is full: .* needs 512 MB"), embedded(tmp_path):
        pass
