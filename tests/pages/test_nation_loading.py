"""The nation in a real database: valid, readable, found by indexes; loaded once, replaced when asked."""

import asyncio
import gc
import multiprocessing
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from auth.permissions import Permission
from auth.policy import RESPONSIBLE, decide, reach
from auth.who import Who, who_is
from documents.assessment import AssessmentContent
from documents.dossier import Dossier
from documents.event import Event
from documents.institution import Institution
from documents.mark import mark_if_empty
from documents.migrate import migrate
from documents.model import day_of
from documents.person import Person
from documents.personal_code import parse
from documents.report import Report
from documents.store import Store, open_store
from documents.thread import Thread
from fixtures.nation.loading import NationRefused, NationSummary, Plan, load_nation, nation_state
from portal.app import create_app
from portal.bench.governing import governing_calls
from portal.bench.samples import take_samples
from portal.cli.demo import demo_runtime

CHILDREN = 300
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(mongo_uri: str) -> AsyncIterator[tuple[Store, Plan, NationSummary]]:
    """A database with a nation of 300 children."""
    name, kms = f"test_{uuid4().hex[:12]}", {"local": {"key": secrets.token_bytes(96)}}
    await migrate(mongo_uri, name)
    async with open_store(mongo_uri, name, kms, secrets.token_bytes(32), models=False) as store:
        await mark_if_empty(store, NOW)
        plan = Plan(mongo_uri, kms, CHILDREN, 1, day_of(NOW))
        heard: list[int] = []
        summary = await load_nation(store, plan, NOW, progress=lambda s: heard.append(s.children))
        assert heard == [CHILDREN]
        yield store, plan, summary
        await store.client.drop_database(name)


Place = tuple[Store, Plan, NationSummary]


async def test_the_summary_counts_what_is_there(place: Place) -> None:
    store, _, summary = place
    assert await store.dossiers.count_documents({}) == summary.children == CHILDREN
    assert await store.dossiers.count_documents({"opened": {"$ne": None}}) == summary.opened > 10
    assert await store.people.count_documents({}) == summary.people
    assert await store.institutions.count_documents({}) == summary.institutions
    assert summary.line().startswith("read 300, created 300, changed 0, unchanged 0, rejected 0")
    state = await nation_state(store)
    assert state is not None
    assert state["state"] == "complete"


async def test_every_document_is_valid(place: Place) -> None:
    store, _, _ = place
    async for row in store.dossiers.find({}):
        Dossier.model_validate(row)
    async for row in store.people.find({}):
        Person.model_validate(row)
    async for row in store.institutions.find({}):
        Institution.model_validate(row)
    async for row in store.reports.find({}):
        Report.model_validate(row)
    async for row in store.threads.find({}):
        Thread.model_validate(row)


async def test_sealed_entries_and_codes_open(place: Place) -> None:
    store, _, _ = place
    opened = assessed = 0
    async for row in store.dossiers.find({"opened": {"$ne": None}}):
        dossier = Dossier.model_validate(row)
        assert dossier.child.code is not None
        code = parse(await store.secrets.open(dossier.child.code), accept_invented=True)
        assert code.hash(store.code_key) == dossier.child.code_hash
        for event in dossier.events:
            if event.sealed:
                content = await store.secrets.open(event.sealed)
                assert content["fields"] or content["detail"]
                opened += 1
        for each in dossier.assessments:
            said = AssessmentContent.model_validate(await store.secrets.open(each.sealed))
            assert said.conclusions
            assert said.facts
            assessed += 1
    assert opened > 20
    assert assessed > 20


async def test_a_dossiers_triangle_and_plan_a_heads_cases_and_a_table_of_figures_show(
    place: Place, tmp_path: Path
) -> None:
    store, _, _ = place
    held = demo_runtime(store, tmp_path, 8000)
    held.clock = lambda: NOW
    samples = await take_samples(store, NOW, dossiers=12)
    calls = samples.calls | await governing_calls(store, samples, NOW)
    shown: dict[str, str] = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(held)),  # type: ignore[arg-type]
        base_url=held.settings.public_url,
    ) as client:
        for kind in ("triangle", "plan", "oversight", "analytics"):
            for call in calls[kind][:14]:
                answer = await client.request(call.method, call.path, headers={"Cookie": call.cookie})
                assert answer.status_code == 200, (call.path, answer.status_code)
                shown[kind] = shown.get(kind, "") + answer.text
    await held.oidc.aclose()
    for kind, word in (("triangle", "Vajadzību trīsstūris"), ("plan", "Ģimenes vārds"), ("oversight", "dzim")):
        assert word in shown[kind], kind
    assert "plan-steps" in shown["plan"]
    assert 'class="count"' in shown["analytics"]


async def test_a_case_manager_finds_the_own_children_by_an_index(place: Place) -> None:
    store, _, _ = place
    who = await _manager(store)
    query = reach(who, NOW, (*RESPONSIBLE, "emergency"))
    mine = [Dossier.model_validate(row) async for row in store.dossiers.find(query)]
    assert mine
    assert all(decide(who, Permission.BASE_READ, dossier, NOW).allowed for dossier in mine)
    for asked in (
        query,
        reach(who, NOW) | {"$and": [{"child.tokens": {"$regex": "^an"}}]},
        {"child.code_hash": mine[0].child.code_hash, "erased": None},
        {"child.sort_name": mine[0].child.sort_name, "child.birth_date": mine[0].child.birth_date.isoformat()},
    ):
        plan = await store.dossiers.find(asked).explain()
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] < CHILDREN / 2


async def test_a_second_nation_is_refused_and_fresh_replaces_it_with_the_same(place: Place) -> None:
    store, plan, summary = place
    with pytest.raises(NationRefused, match="holds a nation of 300 children, seed 1 already"):
        await load_nation(store, plan, NOW)
    before = [_open_part(row) async for row in store.dossiers.find({}).sort("_id", 1)]
    again = await load_nation(store, plan, NOW, fresh=True)
    assert (again.children, again.opened, again.events) == (summary.children, summary.opened, summary.events)
    after = [_open_part(row) async for row in store.dossiers.find({}).sort("_id", 1)]
    assert after == before


async def test_an_incomplete_nation_says_so(place: Place) -> None:
    store, plan, _ = place
    await store.database["settings"].update_one({"_id": "nation"}, {"$set": {"state": "loading"}})
    with pytest.raises(NationRefused, match="incomplete load of a nation of 300 children"):
        await load_nation(store, plan, NOW)
    await store.database["settings"].update_one({"_id": "nation"}, {"$set": {"state": "complete"}})


async def test_a_writing_process_that_is_ended_is_said_once_and_the_nation_is_incomplete(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    store, plan, _ = place

    async def kill() -> int:
        for _ in range(2000):
            await asyncio.sleep(0.01)
            if writers := multiprocessing.active_children():
                for writer in writers:
                    writer.kill()
                return len(writers)
        return 0

    killing = asyncio.ensure_future(kill())
    with pytest.raises(NationRefused, match=r"was ended.*--fresh"):
        await load_nation(store, replace(plan, children=3000), NOW, fresh=True)
    assert await killing > 0
    gc.collect()
    assert "never retrieved" not in caplog.text
    with pytest.raises(NationRefused, match="incomplete load of a nation of 3000 children"):
        await load_nation(store, plan, NOW)
    await load_nation(store, plan, NOW, fresh=True)


async def test_other_children_and_real_registers_are_left_alone(demo_store: Store) -> None:
    plan = Plan("", {}, CHILDREN, 1, date(2026, 11, 22))
    child = {"given_name": "Anna", "family_name": "Kalniņa", "birth_date": "2015-01-01"}
    await demo_store.dossiers.insert_one({"_id": "a", "child": child})
    with pytest.raises(NationRefused, match="holds children already"):
        await load_nation(demo_store, plan, NOW, fresh=True)
    settings = demo_store.database["settings"]
    mark = await settings.find_one_and_delete({"_id": "mode"})
    with pytest.raises(NationRefused, match="no demo database"):
        await load_nation(demo_store, plan, NOW)
    assert mark is not None
    await settings.insert_one(mark)


async def _manager(store: Store) -> Who:
    row = await store.dossiers.find_one({"opened": {"$ne": None}})
    assert row is not None
    manager = row["case_manager"]
    person = Person.model_validate(await store.people.find_one({"_id": manager["person_id"]}))
    return who_is(person, manager["role_id"], None, NOW)


def _open_part(row: dict[str, Any]) -> dict[str, Any]:
    """A dossier without what is sealed anew each time."""
    row["child"].pop("code", None)
    for event in row.get("events", []):
        assert Event.model_validate(event)
        event.pop("sealed", None)
    for assessment in row.get("assessments", []):
        assessment.pop("sealed")
    return row
