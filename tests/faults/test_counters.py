"""Workers killed at random moments while they count: no change is lost, none is counted twice."""

from __future__ import annotations

import asyncio
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from documents.migrate import migrate
from documents.model import new_id, to_bson
from documents.secrecy import local_master_key
from documents.store import open_store
from portal.counters.following import Following
from tests.faults.nodes import node_set, uri
from tests.pages.test_counters import expected, shown
from tests.people import dossier

CASES, KILLS, SOON = 400, 5, 90


@pytest.mark.prove
async def test_killed_workers_lose_no_change_and_double_none(tmp_path: Path):
    chance, name, key = Random(5), new_id(), tmp_path / "master"
    key.write_bytes(secrets.token_bytes(96))
    with node_set(tmp_path, 1) as nodes:
        await migrate(uri(nodes), name)
        async with open_store(uri(nodes), name, local_master_key(key), b"k" * 32, models=False) as store:
            ids = [f"case-{number}" for number in range(CASES)]
            await store.dossiers.insert_many([to_bson(dossier(id=each, municipality="0026000")) for each in ids])

            async def work() -> None:
                while True:
                    some = chance.sample(ids, 20)
                    change = {"$set": {"level": chance.choice((2, 3, 4))}}
                    if chance.random() < 0.2:
                        change = {"$unset": {"case_manager": ""}}
                    await store.dossiers.update_many({"_id": {"$in": some}}, change)
                    await asyncio.sleep(0.005)

            working = asyncio.create_task(work())
            for turn in range(KILLS):
                command = ("-m", "tests.faults.follower", uri(nodes), name, str(key), f"worker-{turn}")
                process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
                assert process.stdout and await asyncio.wait_for(process.stdout.readline(), SOON)
                await asyncio.sleep(chance.uniform(0.3, 1.2))
                process.kill()
                await process.communicate()
                # Its lease has run out.
                await store.database["settings"].update_one({"_id": "counters"}, {"$unset": {"until": ""}})
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            last = Following(store, "last", lambda: datetime.now(UTC))
            async with asyncio.timeout(SOON):
                while await store.database["settings"].count_documents({"_id": "counters", "worker": "last"}) == 0:
                    await last.step()
                await last.step()
            followed = await shown(store)
            assert followed == await expected(store)
            assert followed["place|0026000|2"] + followed["place|0026000|3"] + followed["place|0026000|4"] == CASES
            state = await store.database["settings"].find_one({"_id": "counters"})
            assert state and state["generation"].startswith("00000001-"), "it was followed, never counted anew"
            await last.let_go()
