"""Whatever dies while somebody writes: nothing acknowledged is lost, nothing doubled, nothing half done.

A writer (`tests.faults.writer`) does the portal's own writes; database and writer are killed at random moments and at
fail points. Afterwards every change is held against its audit entry, its notices, its files and what was acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import WriteConcern
from pymongo.errors import PyMongoError

import documents.store
from documents.copies import work_once
from documents.dossier import Dossier
from documents.family import LegalRole, Relationship
from documents.mark import mark_if_empty
from documents.migrate import migrate
from documents.model import day_of, to_bson
from documents.seals import seal_once, verify
from documents.secrecy import local_master_key
from documents.store import Store, open_store
from fixtures.story import dossier_id, load_story
from portal.events.actions import add_event
from tests.browsing import Browser, Clock, make_runtime
from tests.faults.nodes import Node, node_set, uri
from tests.faults.writer import SIBLINGS
from tests.pages.test_writing_events import DRAFT
from tests.people import NOW, dossier, event, person, rederive, who

DATABASE = "proof"
TOLD = {"role-aija", "role-ruta", "role-martins"}  # everybody at work for the child but the writer
ROOT = Path(__file__).parents[2]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "master"
    path.write_bytes(secrets.token_bytes(96))
    return path


@asynccontextmanager
async def opened(nodes: list[Node], key: Path, *, patience: int = 60_000) -> AsyncIterator[Store]:
    address = uri(nodes).replace("=60000", f"={patience}")
    async with open_store(address, DATABASE, local_master_key(key), b"k" * 32, models=False) as store:
        yield store


async def prepare(nodes: list[Node], key: Path) -> None:
    """Three siblings, their mother, and four hundred children without a dossier."""
    await migrate(uri(nodes), DATABASE)
    async with opened(nodes, key) as store:
        await mark_if_empty(store, NOW)
        mother = Relationship(
            id="m", kind="mother", name="Ilze Tests", person_id="ilze", legal_roles=[LegalRole(role="custody")]
        )
        siblings = [dossier(id=each, relationships=[mother]) for each in SIBLINGS]
        await store.dossiers.insert_many([to_bson(rederive(each)) for each in siblings])
        plain = [dossier(id=f"n{n}", opened=None, level=1, levels=[], team=[], involvements=[]) for n in range(400)]
        for each in plain:
            each.case_manager = None
        await store.dossiers.insert_many([to_bson(rederive(each)) for each in plain])
        await store.people.insert_one(to_bson(person("ilze", children=list(SIBLINGS))))


class Writers:
    """The writing process, killed and started anew as often as one likes."""

    def __init__(self, nodes: list[Node], key: Path, log: Path) -> None:
        self.command = [sys.executable, "-m", "tests.faults.writer", uri(nodes), DATABASE, str(key), str(log)]
        self.log, self.started = log, 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.started += 1
        self.process = subprocess.Popen([*self.command, str(self.started)], cwd=ROOT)

    def kill(self) -> None:
        assert self.process and self.process.poll() is None, "the writer ended by itself"
        self.process.kill()
        self.process.wait()

    def wait_for(self, count: int, seconds: float = 90) -> None:
        """Wait until so many more acknowledgements have come."""
        goal, deadline = len(self.lines()) + count, time.monotonic() + seconds
        while len(self.lines()) < goal:
            assert time.monotonic() < deadline, f"the writer stands still: {self.lines()[-3:]}"
            time.sleep(0.02)

    def lines(self) -> list[list[str]]:
        if not self.log.exists():
            return []
        return [line.split() for line in self.log.read_text().splitlines() if not line.startswith("failed")]


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[list[Writers]]:
    """Ends every writer a test has started."""
    made: list[Writers] = []
    yield made
    for each in made:
        if each.process and each.process.poll() is None:
            each.process.kill()
            each.process.wait()


FAIL_POINTS: list[dict[str, Any]] = [
    {"failCommands": ["insert"], "closeConnection": True},
    {"failCommands": ["update"], "closeConnection": True},
    {"failCommands": ["commitTransaction"], "closeConnection": True},
    {"failCommands": ["commitTransaction"], "errorCode": 91},
    # Done, but the answer says that it is not known to be on a majority.
    {"failCommands": ["commitTransaction"], "writeConcernError": {"code": 91, "errmsg": "shutting down"}},
    {"failCommands": ["commitTransaction"], "writeConcernError": {"code": 64, "errmsg": "too slow"}},
    {"failCommands": ["insert"], "writeConcernError": {"code": 91, "errmsg": "shutting down"}},
    {"failCommands": ["find"], "errorCode": 11602},
    {"failCommands": ["abortTransaction"], "closeConnection": True},
]


def fail_at(node: Node, point: dict[str, Any], times: int = 2) -> None:
    with node.client() as client:
        client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": point})


async def check(nodes: list[Node], key: Path, writer: Writers) -> Counter[str]:
    """Hold everything against everything; returns how often each kind of write was acknowledged."""
    async with opened(nodes, key) as store:
        while await work_once(store, "after", datetime(2100, 1, 1, tzinfo=UTC)):
            pass
        dossiers = {
            row["_id"]: Dossier.model_validate(row)
            async for row in store.dossiers.find({"_id": {"$in": list(SIBLINGS)}})
        }
        async for bucket in store.archive.find({}):
            older = Dossier.model_validate({**to_bson(dossiers[bucket["dossier_id"]]), "events": bucket["events"]})
            dossiers[bucket["dossier_id"]].events += older.events
        log = await store.audit_entries.find({}).to_list()
        said = {tuple(line) for line in writer.lines()}
        _check_entries(dossiers, log, said)
        await _check_notices(store, dossiers)
        await _check_files(store, dossiers)
        await _check_the_rest(store, dossiers, log, said)
        while await seal_once(store, b"s", "one", datetime.now(UTC), everything=True):
            pass
        assert (await verify(store, b"s", datetime.now(UTC))).faults == []
    return Counter(line[0] for line in said)


def _check_entries(dossiers: dict[str, Dossier], log: list[dict[str, Any]], said: set[tuple[str, ...]]) -> None:
    acts = Counter((row["act"], row.get("dossier_id"), row.get("subject")) for row in log)
    shared: dict[str, set[str]] = defaultdict(set)
    for each in dossiers.values():
        ids = [e.id for e in each.events]
        assert len(ids) == len(set(ids)), "an entry stands twice"
        for one in each.events:
            shared[one.shared_id or ""].add(each.id)
            assert acts.pop(("event.added", each.id, one.id)) == 1
            assert acts.pop(("event.corrected", each.id, one.id), 0) == len(one.earlier)
            assert acts.pop(("event.withdrawn", each.id, one.id), 0) == (one.withdrawn is not None)
            assert one.version == 1 + len(one.earlier) + (one.withdrawn is not None)
    assert not [act for act in acts if act[0].startswith("event.")], "recorded, but not there"
    assert all(children == set(SIBLINGS) for children in shared.values()), "a visit stands with some siblings only"
    standing = {(d.id, e.id): e for d in dossiers.values() for e in d.events}
    for line in said:
        if line[0] == "add":
            assert ("d1", line[1]) in standing, "acknowledged and lost"
        if line[0] == "correct":
            assert standing[line[1], line[2]].version >= int(line[3]), "acknowledged and lost"
        if line[0] == "withdraw":
            assert standing[line[1], line[2]].withdrawn, "acknowledged and lost"


async def _check_notices(store: Store, dossiers: dict[str, Dossier]) -> None:
    notices: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    async for row in store.outbox.find({"kind": "notice"}):
        if row["dossier_id"] in dossiers:
            notices[row["dossier_id"], row["subject"], row["content"]["change"]].append(row["to_role"])
    for each in dossiers.values():
        for one in each.events:
            for change, times in (
                ("added", 1),
                ("corrected", len(one.earlier)),
                ("withdrawn", int(one.withdrawn is not None)),
            ):
                told = notices.pop((each.id, one.id, change), [])
                assert Counter(told) == dict.fromkeys(TOLD, times) if times else not told
    assert not notices, "told of what is not there"


async def _check_files(store: Store, dossiers: dict[str, Dossier]) -> None:
    named = {file.file_id for each in dossiers.values() for e in each.events for file in e.attachments}
    kept = {row["_id"] async for row in store.files.find({"state": "kept"})}
    assert named == kept, "a file is kept exactly where an entry names it"
    whole = await store.database["fs.files"].count_documents({"_id": {"$in": sorted(kept)}})
    assert whole in (0, len(kept))


async def _check_the_rest(
    store: Store, dossiers: dict[str, Dossier], log: list[dict[str, Any]], said: set[tuple[str, ...]]
) -> None:
    changes = sum(row["act"] == "level.changed" for row in log)
    levels = len(dossiers["d2"].levels)
    assert changes == levels - 1
    assert all(int(line[1]) <= levels for line in said if line[0] == "level")
    looks = Counter(row.get("subject") for row in log if row["act"] == "dossier.read")
    assert all(looks[line[1]] == 1 for line in said if line[0] == "look"), "a look is lost or stands twice"
    opened_now = {
        row["_id"]: row async for row in store.dossiers.find({"_id": {"$regex": "^n"}, "opened": {"$ne": None}})
    }
    identified = Counter(row["dossier_id"] for row in log if row["act"] == "need.identified")
    assert identified == dict.fromkeys(opened_now, 1)
    assert all(len(row["needs"]) == 1 and len(row["events"]) == 1 for row in opened_now.values())
    reports = Counter([row["dossier_id"] async for row in store.database["reports"].find({})])
    assert reports == Counter(row["dossier_id"] for row in log if row["act"] == "concern.reported")
    assert {line[1] for line in said if line[0] == "need"} <= set(opened_now)
    ilze = await store.people.find_one({"_id": "ilze"}) or {}
    jobs = Counter([row["content"]["phone"] async for row in store.outbox.find({"kind": "person.copies"})])
    applied = Counter(row["subject"].split()[1] for row in log if row["act"] == "register.applied")
    assert jobs == applied and set(jobs.values()) <= {1} and ilze["revision"] == 1 + len(jobs)
    assert {line[1] for line in said if line[0] == "contact"} <= set(jobs)
    copies = {d.relationships[0].phone for d in dossiers.values()}
    assert copies == {ilze.get("phone", "")}, "the copies do not follow the person"


async def kill_by_chance(nodes: list[Node], key: Path, writer: Writers, kills: int, seed: int) -> None:
    chance, node = random.Random(seed), nodes[0]
    await prepare(nodes, key)
    writer.start()
    writer.wait_for(20)
    for number in range(kills):
        fail_at(node, chance.choice(FAIL_POINTS), chance.randint(1, 4))
        await asyncio.sleep(chance.uniform(0.2, 1.2))
        if number % 3 == 2:
            writer.kill()
            writer.start()
        else:
            node.kill()
            node.start()
            node.wait_until(lambda hello: hello.get("isWritablePrimary"))
        writer.wait_for(10)
    node.kill()  # both at once, at last
    writer.kill()
    node.start()
    node.wait_until(lambda hello: hello.get("isWritablePrimary"))


@pytest.mark.asvs("2.3.3")
async def test_killing_database_and_portal_loses_and_doubles_nothing(
    tmp_path: Path, key: Path, writers: list[Writers]
) -> None:
    with node_set(tmp_path, 1) as nodes:
        writers.append(Writers(nodes, key, tmp_path / "acknowledged"))
        await kill_by_chance(nodes, key, writers[0], kills=2, seed=secrets.randbelow(1000))
        done = await check(nodes, key, writers[0])
    assert done["add"] > 5 and done["look"] > 3


@pytest.mark.prove
@pytest.mark.asvs("2.3.3")
@pytest.mark.parametrize("seed", range(4))
async def test_forty_kills_at_random_moments_and_fail_points(
    tmp_path: Path, key: Path, writers: list[Writers], seed: int
) -> None:
    with node_set(tmp_path, 1) as nodes:
        writers.append(Writers(nodes, key, tmp_path / "acknowledged"))
        await kill_by_chance(nodes, key, writers[0], kills=10, seed=seed)
        done = await check(nodes, key, writers[0])
    assert min(done[kind] for kind in ("add", "correct", "withdraw", "need", "level", "contact", "look")) > 0


@pytest.mark.prove
async def test_three_nodes_lose_nothing_when_the_first_steps_down_or_dies(
    tmp_path: Path, key: Path, writers: list[Writers]
) -> None:
    with node_set(tmp_path, 3, electionTimeoutMillis=2000) as nodes:
        writers.append(Writers(nodes, key, tmp_path / "acknowledged"))
        await prepare(nodes, key)
        writers[0].start()
        for number in range(6):
            writers[0].wait_for(15, seconds=120)
            first = primary(nodes)
            if number % 2:
                first.kill()
                await asyncio.sleep(4)
                first.start()
            else:
                with first.client() as client:
                    client.admin.command("replSetStepDown", 5, force=True)
        writers[0].wait_for(15, seconds=120)
        writers[0].kill()
        primary(nodes)
        done = await check(nodes, key, writers[0])
    assert done["add"] > 5


def primary(nodes: list[Node], seconds: float = 60) -> Node:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for node in nodes:
            try:
                with node.client() as client:
                    if client.admin.command("hello").get("isWritablePrimary"):
                        return node
            except PyMongoError:
                continue
        time.sleep(0.1)
    raise AssertionError("no primary")


@pytest.mark.prove
@pytest.mark.parametrize("durable", [True, False], ids=["majority with journal", "control: the first node's word"])
async def test_what_one_node_alone_knows_is_not_acknowledged(
    tmp_path: Path, key: Path, durable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first node dies before the others heard of the writes. With `w: 1` they were acknowledged, and some are lost.

    Several large entries: what fits into the network's buffers reaches the others even from a dead node.
    """
    if not durable:
        monkeypatch.setattr(documents.store, "DURABLE", WriteConcern(1, j=False))
    acknowledged: set[str] = set()
    with node_set(tmp_path, 3, electionTimeoutMillis=10_000) as nodes:
        await prepare(nodes, key)
        async with opened(nodes, key, patience=3000) as store:
            before = await add_event(store, who("inese"), "d1", DRAFT, [], NOW)
            for node in nodes[1:]:
                node.send(signal.SIGSTOP)
            for number in range(18):
                heavy = replace(DRAFT, detail=b64encode(os.urandom(1_400_000)).decode())
                try:
                    adding = add_event(store, who("inese"), SIBLINGS[number % 3], heavy, [], NOW)
                    acknowledged |= set((await asyncio.wait_for(adding, 4)).values())
                except (TimeoutError, PyMongoError):
                    break
            nodes[0].kill()
            for node in nodes[1:]:
                node.send(signal.SIGCONT)
        primary(nodes[1:])
        async with opened(nodes, key) as store:
            rows = store.dossiers.find({"_id": {"$in": list(SIBLINGS)}}, {"events.id": 1})
            there = {e["id"] async for row in rows for e in row.get("events", [])}
    assert set(before.values()) <= there
    if durable:
        assert acknowledged == set()
    else:
        assert len(acknowledged) == 18 and acknowledged - there, "the control lost nothing: it proves nothing"


async def test_pages_fail_closed_while_the_database_is_away_and_come_back_with_it(tmp_path: Path, key: Path) -> None:
    with node_set(tmp_path, 1) as nodes:
        await migrate(uri(nodes), DATABASE)
        async with opened(nodes, key, patience=500) as store:
            clock = Clock()
            await mark_if_empty(store, clock.now)
            await load_story(store, day_of(clock.now), clock.now)
            held = make_runtime(store, clock)
            visitor = await Browser(held).sign_in("inese-liepina")
            marta = f"/dossiers/{dossier_id('marta')}"
            assert (await visitor.get(marta)).status_code == 200
            form = {"csrf": visitor.csrf, "summary": "x"}
            nodes[0].kill()
            for path in (marta, f"{marta}/timeline", "/desk", "/search"):
                answer = await visitor.get(path)
                assert answer.status_code == 503 and "Marta" not in answer.text, path
                assert "saglabāt" not in answer.text, "nothing was sent"
            answer = await visitor.client.post(f"{marta}/events", data=form)
            assert answer.status_code == 503 and "nekas nav saglabāts" in answer.text
            for path in ("/help", "/"):
                assert (await visitor.get(path)).status_code == 200, "what needs no database is there"
            assert (await visitor.client.get("/readyz")).status_code == 503
            assert (await visitor.client.get("/healthz")).status_code == 200
            nodes[0].start()
            nodes[0].wait_until(lambda hello: hello.get("isWritablePrimary"))
            answer = await visitor.get(marta)
            for _ in range(10):
                if answer.status_code == 200:
                    break
                answer = await visitor.get(marta)
            assert answer.status_code == 200
            await held.oidc.aclose()


def test_an_entry_made_by_hand_is_found_missing_or_doubled() -> None:
    """The check itself: an entry twice, or without its record, does not pass."""
    plain = {each: dossier(id=each) for each in SIBLINGS}
    for each in plain.values():
        each.events = [event(shared_id="s")]
    log = [{"act": "event.added", "dossier_id": each, "subject": "e1"} for each in SIBLINGS]
    _check_entries(plain, log, set())
    with pytest.raises((AssertionError, KeyError)):
        _check_entries(plain, log[1:], set())
    with pytest.raises(AssertionError, match="lost"):
        _check_entries(plain, log, {("add", "e2")})
    plain["d1"].events *= 2
    with pytest.raises(AssertionError, match="twice"):
        _check_entries(plain, log, set())
