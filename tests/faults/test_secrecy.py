"""A database that goes away while something is sealed or opened is away: its key is neither made twice nor gone."""

import secrets
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from documents.migrate import migrate
from documents.secrecy import Unreadable
from tests.faults.nodes import node_set, uri
from tests.faults.test_writes import DATABASE, fail_at, opened


def away(*commands: str) -> dict[str, Any]:
    return {"failCommands": list(commands), "closeConnection": True}


async def test_a_key_whose_making_was_cut_off_is_made_by_the_next_who_needs_it(tmp_path: Path) -> None:
    key = tmp_path / "master"
    key.write_bytes(secrets.token_bytes(96))
    with node_set(tmp_path, 1) as nodes:
        await migrate(uri(nodes), DATABASE)
        async with opened(nodes, key) as store:
            fail_at(nodes[0], away("insert"), times=2)
            with pytest.raises(AutoReconnect):
                await store.secrets.seal("teksts", "event", 2026)
            sealed = await store.secrets.seal("teksts", "event", 2026)
            assert await store.database["keys"].count_documents({}) == 1
        async with opened(nodes, key) as store:
            fail_at(nodes[0], away("find"), times=2)
            with pytest.raises(AutoReconnect):
                await store.secrets.open(sealed)
            assert await store.secrets.open(sealed) == "teksts"
        async with opened(nodes, key) as store:
            await store.database["keys"].delete_many({})
            with pytest.raises(Unreadable):
                await store.secrets.open(sealed)
