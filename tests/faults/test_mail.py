"""Whatever dies while mail is sent: each mail goes out once, but for the one case that none can tell apart."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from documents.migrate import migrate
from documents.model import new_id, to_bson
from documents.outbox import OutboxItem
from documents.secrecy import local_master_key
from documents.store import Row, open_store
from portal.decisions.seal import kept_seal
from portal.mail.addressing import MAIL, NOTICE
from portal.mail.sending import Mailing
from tests.faults.nodes import node_set, uri
from tests.mail_server import HOST, MailServer, mail_server
from tests.people import person

WORKER = [str(Path(sys.executable).with_name("atbalsts")), "worker"]
SOON = 90  # seconds


class Register:
    """A register of its own, whose workers can be started and killed."""

    def __init__(self, mongo: str, folder: Path, server: MailServer) -> None:
        self.mongo, self.name, self.folder, self.server = mongo, f"test_{uuid4().hex[:12]}", folder, server
        self.client = AsyncMongoClient[Row](mongo, tz_aware=True)
        self.outbox = self.client[self.name]["outbox"]

    async def prepare(self) -> None:
        """An empty register with one social worker."""
        await migrate(self.mongo, self.name)
        await self.client[self.name]["people"].insert_one(to_bson(person("inese", email="inese@home.example")))

    async def tell(self, times: int = 1) -> None:
        """A notice to her."""
        now = datetime.now(UTC)
        given = {"kind": NOTICE, "at": now, "due": now, "to_role": "role-inese", "content": {"change": "added"}}
        await self.outbox.insert_many([OutboxItem(**given).as_row() for _ in range(times)])

    async def time_passes(self) -> None:
        """The claims that are open have run out."""
        await self.outbox.update_many({"state": "claimed"}, {"$set": {"due": datetime(2020, 1, 1, tzinfo=UTC)}})

    async def wait_for(self, state: str, count: int) -> None:
        """Until so many mails are in this state."""
        async with asyncio.timeout(SOON):
            while await self.outbox.count_documents({"kind": MAIL, "state": state}) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """A worker as production runs it; ended in whatever way at the end."""
        process = await asyncio.create_subprocess_exec(
            *WORKER, env=self._environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout
            assert (await asyncio.wait_for(process.stdout.readline(), SOON)).startswith(b"Ready: ")
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def status(self) -> str:
        """What `worker --status` says."""
        process = await asyncio.create_subprocess_exec(
            *WORKER, "--status", env=self._environment(), stdout=asyncio.subprocess.PIPE
        )
        said, _ = await asyncio.wait_for(process.communicate(), SOON)
        assert process.returncode == 0
        return said.decode()

    def _environment(self) -> dict[str, str]:
        kept_seal(self.folder / "seal")
        files = {
            "mongodb_uri": self.mongo.encode(),
            "oidc_client_secret": b"s" * 48,
            "code_key": b"c" * 32,
            "cookie_key": b"k" * 32,
            "audit_key": b"a" * 32,
            "seal_key": (self.folder / "seal" / "seal-key.pem").read_bytes(),
            "seal_certificate": (self.folder / "seal" / "seal-certificate.pem").read_bytes(),
            "master_key": b"m" * 96,
        }
        given = {
            "PUBLIC_URL": "https://portal.example",
            "OIDC_ISSUER": "https://id.example/realms/atbalsts",
            "MALWARE_SCANNER": "clamav:3310",
            "DATABASE": self.name,
            "SMTP_HOST": HOST,
            "SMTP_PORT": str(self.server.port),
            "SMTP_AUTHORITY_FILE": str(self.server.pem),
            "SMTP_FROM": "no-reply@portal.example",
            "SECURITY_CONTACT": "security@portal.example",
        }
        for name, content in files.items():
            path = self.folder / name
            path.touch(mode=0o600)
            path.write_bytes(content)
            given[f"{name.upper()}_FILE"] = str(path)
        outside = {name: value for name, value in os.environ.items() if not name.startswith("ATBALSTS_")}
        return outside | {f"ATBALSTS_{name}": value for name, value in given.items()}


@pytest_asyncio.fixture(loop_scope="session")
async def register(mongo_uri: str, tmp_path: Path) -> AsyncIterator[Register]:
    """A register and its mail server."""
    async with mail_server(tmp_path) as server:
        made = Register(mongo_uri, tmp_path, server)
        try:
            await made.prepare()
            yield made
            await made.client.drop_database(made.name)
        finally:
            await made.client.close()


async def test_only_a_worker_killed_between_the_servers_acceptance_and_our_mark_repeats_a_mail(register: Register):
    server = register.server
    await register.tell(3)
    server.stalls_at = "RCPT"
    async with register.worker() as worker:
        await asyncio.wait_for(server.stalled.wait(), SOON)
        worker.kill()  # before the server has anything
        await worker.wait()
    assert server.taken == []
    server.stalls_at = ""
    server.hold.clear()
    await register.time_passes()
    async with register.worker() as worker:
        await asyncio.wait_for(server.has_taken.wait(), SOON)
        worker.kill()  # it was taken, and nobody knows
        await worker.wait()
    (taken,) = server.ids
    await server.stop()
    server.hold.set()
    await register.time_passes()
    said = await register.status()
    assert "mail: 2 wait, the oldest since " in said and "1 under way, 0 given up" in said
    await server.start()
    async with register.worker():
        await register.wait_for("done", 3)
    assert len(set(server.ids)) == 3
    assert sorted(server.ids) == sorted([*set(server.ids), taken]), "that one twice, the others once"
    first, second = (wire for wire, message_id in zip(server.taken, server.ids, strict=True) if message_id == taken)
    assert first == second, "the second copy is the same to the byte"


async def test_a_worker_told_to_stop_finishes_the_letter_in_hand(register: Register):
    server = register.server
    server.hold.clear()
    await register.tell(2)
    async with register.worker() as worker:
        await asyncio.wait_for(server.has_taken.wait(), SOON)
        worker.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert worker.returncode is None, "it waits for the server's answer"
        server.hold.set()
        assert await asyncio.wait_for(worker.wait(), SOON) == 0
    assert len(server.taken) == 1
    assert await register.outbox.count_documents({"kind": MAIL, "state": "done"}) == 1
    async with register.worker():
        await register.wait_for("done", 2)
    assert len(server.ids) == len(set(server.ids)) == 2


@pytest.mark.prove
async def test_two_workers_send_each_mail_once(register: Register):
    await register.tell(30)
    async with register.worker(), register.worker():
        await register.wait_for("done", 30)
    assert len(register.server.ids) == len(set(register.server.ids)) == 30


async def test_a_database_killed_between_the_servers_answer_and_our_mark_doubles_nothing(tmp_path: Path):
    with node_set(tmp_path, 1) as nodes:
        name = new_id()
        await migrate(uri(nodes), name)
        address = uri(nodes).replace("=60000", "=1000")
        key = tmp_path / "master"
        key.write_bytes(secrets.token_bytes(96))
        async with (
            mail_server(tmp_path) as server,
            open_store(address, name, local_master_key(key), b"k" * 32, models=False) as store,
        ):
            await store.people.insert_one(to_bson(person("inese", email="inese@home.example")))
            now = datetime.now(UTC)
            given = {"kind": NOTICE, "at": now, "due": now, "to_role": "role-inese", "content": {"change": "added"}}
            await store.outbox.insert_many([OutboxItem(**given).as_row() for _ in range(2)])
            server.hold.clear()
            mailing = Mailing(store, server.post(), "https://portal.example", "one", lambda: datetime.now(UTC))
            running = asyncio.create_task(mailing.run())
            await asyncio.wait_for(server.has_taken.wait(), SOON)
            await asyncio.to_thread(nodes[0].kill)
            server.hold.set()
            await asyncio.sleep(1.5)  # long enough for the mark to fail once
            await asyncio.to_thread(nodes[0].start)
            async with asyncio.timeout(60):
                while True:
                    try:
                        if await store.outbox.count_documents({"kind": MAIL, "state": "done"}) == 2:
                            break
                    except Exception:
                        pass
                    await asyncio.sleep(0.1)
            mailing.stop.set()
            await asyncio.wait_for(running, SOON)
            assert len(server.ids) == len(set(server.ids)) == 2
