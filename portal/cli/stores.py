"""Opens the store for a command: the embedded one in a data folder, or the one MONGODB_URI names."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from documents.embedded import EmbeddedError, embedded_mongod
from documents.mark import mark_if_empty
from documents.migrate import migrate
from documents.secrecy import local_master_key
from documents.store import Store, open_store
from documents.trouble import Trouble

DEFAULT_DATA = Path(".cache/demo")
DATABASE = "atbalsts"


class Refusal(Trouble):
    """The command will not do this; the text says what to do instead."""


def key_file(data: Path, name: str, size: int) -> Path:
    """Return a key file of the data folder, made at first use and readable by its owner only."""
    folder = data / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.key"
    if not path.exists():
        fresh = folder / f".{name}.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(size))
        try:
            os.link(fresh, path)  # whoever is first wins: two commands never use two keys
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path


@asynccontextmanager
async def open_command_store(data: Path | None = None, *, cache_gb: float = 1.0) -> AsyncIterator[Store]:
    """Open the demo store of a data folder, brought to its newest form.

    Raises Refusal for a database that holds a real register: its commands take their settings like `serve`.
    """
    data = (data or DEFAULT_DATA).resolve()
    uri = os.environ.get("MONGODB_URI", "")
    if uri:
        async with _prepared(uri, data) as store:
            yield store
    else:
        async with (
            embedded_mongod(data, cache_gb=cache_gb, on_crash=_say) as address,
            _prepared(address, data) as store,
        ):
            yield store


@asynccontextmanager
async def _prepared(uri: str, data: Path) -> AsyncIterator[Store]:
    kms = local_master_key(key_file(data, "master", 96))
    code_key = key_file(data, "code", 32).read_bytes()
    await migrate(uri, DATABASE)
    async with open_store(uri, DATABASE, kms, code_key) as store:
        if not await mark_if_empty(store, datetime.now(UTC)):
            raise Refusal(
                "This database is no demo: it was not made by `atbalsts demo`, `load`, `bench` or the tests. "
                "Name another folder with --data, or run `atbalsts serve` with the register's settings."
            )
        yield store


def _say(error: EmbeddedError) -> None:
    """The database died under us: nothing more can be answered, so the process ends with the reason."""
    os.write(2, f"atbalsts: {error}\n".encode())
    os.kill(os.getpid(), 15)
