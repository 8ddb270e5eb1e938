"""The keeper of the embedded database: a small process of its own that runs mongod as its child and stops it
cleanly when nobody uses the data folder any more, however the users went (also by kill -9).

Run as a script, with the standard library only; file descriptor 3 is the locked lock file, its life is ours.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

LOCK_FD = 3
STOP_SECONDS = 60
_PR_SET_PDEATHSIG = 1


def main(users: str, folder: str, log: str, *command: str) -> None:
    """Run the command until it ends, we are told to stop, or the last lock on the users' file is gone."""
    _log_to(Path(log))
    mongod = _start(command, folder)
    _write_state({"pid": mongod.pid, "folder": folder})
    signal.signal(signal.SIGTERM, lambda *_: mongod.terminate())
    threading.Thread(target=_stop_when_unused, args=(users, mongod, folder), daemon=True).start()
    code = mongod.wait()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(code if code >= 0 else 128 - code)


def _start(command: tuple[str, ...], folder: str) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None)
    try:
        # If somebody kills us, mongod must not be left alone: the kernel tells it to stop.
        return subprocess.Popen(command, preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        sys.exit(str(error))


def _stop_when_unused(users: str, mongod: subprocess.Popen[bytes], folder: str) -> None:
    descriptor = os.open(users, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    mongod.terminate()
    threading.Timer(STOP_SECONDS, mongod.kill).start()
    threading.Event().wait()  # newcomers wait at the lock until this process is gone


def _log_to(log: Path) -> None:
    """mongod's words and ours go to a fresh log; the one before is kept for whoever looks into a crash."""
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def _write_state(state: dict[str, object]) -> None:
    os.ftruncate(LOCK_FD, 0)
    os.pwrite(LOCK_FD, json.dumps(state).encode(), 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
