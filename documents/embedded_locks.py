"""Who uses an embedded database: locks that the kernel drops with their process, so none is ever stale."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    """What the lock file says of the instance: mongod's process id and its socket's folder."""

    pid: int
    folder: Path

    @property
    def socket(self) -> Path:
        """The unix socket it listens on."""
        return self.folder / "mongod.sock"


def open_lock(path: Path) -> int:
    """A new open file description of the lock file, made if missing; locks belong to it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock if it is free now."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(descriptor: int) -> None:
    """Give the lock up, if held."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def wait_lock(descriptor: int, seconds: float, *, shared: bool = False) -> bool:
    """Take the lock within the time given."""
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor, shared=shared):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def read_running(path: Path) -> Running | None:
    """The instance named in the lock file; None while nothing (or half a line) is written there."""
    try:
        state = json.loads(path.read_bytes())
        return Running(int(state["pid"]), Path(state["folder"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
