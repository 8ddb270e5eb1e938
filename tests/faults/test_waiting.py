"""A form sent while the database dies and stays away is answered soon, says what is known, and may be sent again."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from documents.audit import AuditEntry, AuditUnavailable, AuditWriter
from fixtures.story import dossier_id
from tests.browsing import Browser
from tests.faults.nodes import Node, node_set, uri
from tests.faults.test_steps import OFF, portal
from tests.faults.test_writes import DATABASE
from tests.pages.test_event_pages import filled
from tests.people import NOW

WITHIN = 2.0  # seconds a form may wait here
SLACK = 3.0  # for two slow cores
MARTA = dossier_id("marta")


def hold(node: Node, command: str) -> None:
    """The next such command of the portal waits in the database."""
    data = {"failCommands": [command], "blockConnection": True, "blockTimeMS": 5000}
    with node.client() as client:
        client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": data})


def wait_until_held(node: Node) -> None:
    with node.client() as client:
        client.admin.command({"waitForFailPoint": "failCommand", "timesEntered": 1, "maxTimeMS": 10_000})


def bring_back(node: Node) -> None:
    assert node.process
    if node.process.poll() is None:
        node.send(signal.SIGCONT)
        with node.client() as client:
            client.admin.command(OFF)
    else:
        node.start()
    node.wait_until(lambda hello: hello.get("isWritablePrimary"))


def killed(node: Node) -> None:
    node.kill()


def stopped(node: Node) -> None:
    """Its sockets stay open and nobody answers, as behind a broken network."""
    node.send(signal.SIGSTOP)


@pytest.mark.parametrize(("command", "away"), [("update", killed), ("commitTransaction", stopped)])
async def test_a_form_whose_database_stays_away_is_answered_soon_and_saved_once_when_sent_again(
    tmp_path: Path, command: str, away: Callable[[Node], None]
) -> None:
    async with portal(tmp_path, patience=60_000) as (held, node):
        visitor = await Browser(held).sign_in("inese-liepina")
        await visitor.get(f"/dossiers/{MARTA}/events/new")
        form = filled(visitor, held) | {"csrf": visitor.csrf}
        held.answer_within = WITHIN
        hold(node, command)
        sending = asyncio.ensure_future(visitor.client.post(f"/dossiers/{MARTA}/events", data=form))
        await asyncio.to_thread(wait_until_held, node)
        away(node)
        began = time.monotonic()
        answer = await asyncio.wait_for(sending, 20)
        assert time.monotonic() - began < WITHIN + SLACK
        assert answer.status_code == 503
        assert "nav zināms, vai nosūtītais ir saglabāts" in answer.text and "vēlreiz" in answer.text

        await asyncio.to_thread(bring_back, node)
        held.answer_within = 30.0
        for _ in range(2):
            assert (await visitor.client.post(f"/dossiers/{MARTA}/events", data=form)).status_code == 303
        life = await held.store.dossiers.find_one({"_id": MARTA}) or {}
        assert [each["id"] for each in life["events"]].count(form["submission"]) == 1
        assert (
            await held.store.audit_entries.count_documents({"subject": form["submission"], "act": "event.added"}) == 1
        )


async def test_a_log_that_is_away_is_not_asked_three_times_when_once_took_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.audit.TRY_FOR", 1.0)
    with node_set(tmp_path, 1) as nodes:
        async with AsyncMongoClient[dict[str, Any]](uri(nodes).replace("=60000", "=2000")) as client:
            writer = AuditWriter(client[DATABASE]["audit"])
            await writer.record(AuditEntry(act="dossier.read", at=NOW))
            nodes[0].kill()
            began = time.monotonic()
            with pytest.raises(AuditUnavailable):
                await writer.record(AuditEntry(act="dossier.read", at=NOW))
            assert time.monotonic() - began < 2 * 2
