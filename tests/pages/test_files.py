"""Files: pending until their entry is written, sealed at rest, served only through the entry that names them."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
import uvicorn
from gridfs import AsyncGridFSBucket
from litestar.datastructures import UploadFile
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from auth.access import entry_for
from auth.oidc import OidcClient
from auth.relations import derived
from auth.sessions import Sessions
from auth.who import Who, who_is
from documents import file_refusal as why
from documents.child import Child
from documents.dossier import Dossier
from documents.event import Attachment, Event
from documents.file_refusal import RefusedFile
from documents.files import (
    MOST_WAITING,
    FileGone,
    NotYours,
    keep_files,
    open_file,
    pending_files,
    sweep_pending,
    upload_pending,
)
from documents.involvement import Involvement, Responsible
from documents.malware import Scan, clamd
from documents.model import to_bson
from documents.person import Person, Role
from documents.schema import build
from documents.secrecy import Unreadable, local_master_key
from documents.store import Store, Transaction, open_store
from portal.app import CONTROLLERS, create_app
from portal.attachments.actions import MOST_AT_ONCE, pending_attachments, take_uploads
from portal.attachments.controller import AttachmentController
from portal.runtime import Runtime
from portal.settings import Settings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(hours=24)
OWNER, OTHER = "r:anna", "r:bruno"
PDF = b"%PDF-1.7\n1 0 obj<</Title(MARKER of a child)>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
Row = dict[str, Any]


def large_pdf(mebibytes: int) -> bytes:
    return PDF.replace(b"%%EOF", b"stream\n" + os.urandom(mebibytes << 20) + b"\nendstream\n%%EOF")


async def sent(content: bytes, block: int = 1 << 16) -> AsyncIterator[bytes]:
    for start in range(0, len(content), block):
        yield content[start : start + block]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(
    mongo_uri: str, database: AsyncDatabase[Row], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Store]:
    await build(database)
    key = tmp_path_factory.mktemp("keys") / "master.key"
    key.write_bytes(os.urandom(96))
    async with open_store(mongo_uri, database.name, local_master_key(key), b"c" * 32) as opened:
        yield opened


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def no_files(store: Store) -> AsyncIterator[None]:
    yield
    for name in ("files", "fs.files", "fs.chunks"):
        await store.database[name].delete_many({})


async def upload(store: Store, content: bytes = PDF, name: str = "Lēmums.pdf", owner: str = OWNER) -> Attachment:
    return await upload_pending(store, owner, sent(content), name, NOW)


async def keep(store: Store, owner: str, *attachments: Attachment, already: tuple[str, ...] = ()) -> None:
    async def work(transaction: Transaction) -> None:
        transaction.record(entry_for(ANNA, "event.added", NOW))
        await keep_files(transaction, owner, attachments, already=already)

    await store.transact(work)


async def state_of(store: Store, attachment: Attachment) -> str | None:
    row = await store.files.find_one({"_id": attachment.file_id})
    return row["state"] if row else None


async def read(store: Store, file_id: str) -> bytes:
    return b"".join([part async for part in await open_file(store, file_id)])


# Pending, kept, swept -----------------------------------------------------------------------------------------------


async def test_an_uploaded_file_waits_and_is_served_to_nobody(store: Store) -> None:
    attachment = await upload(store)
    assert (attachment.name, attachment.media_type, attachment.size) == ("Lēmums.pdf", "application/pdf", len(PDF))
    assert await state_of(store, attachment) == "pending"
    with pytest.raises(FileGone):
        await open_file(store, attachment.file_id)


async def test_the_transaction_of_the_entry_makes_it_visible(store: Store) -> None:
    attachment = await upload(store)
    await keep(store, OWNER, attachment)
    assert await state_of(store, attachment) == "kept"
    assert await read(store, attachment.file_id) == PDF
    assert await sweep_pending(store, NOW + 2 * DAY) == 0


async def test_gridfs_takes_no_part_in_transactions_so_an_aborted_one_leaves_the_file_waiting(store: Store) -> None:
    attachment = await upload(store)

    async def work(transaction: Transaction) -> None:
        await keep_files(transaction, OWNER, [attachment])
        raise RuntimeError("refused later")

    with pytest.raises(RuntimeError, match="refused later"):
        await store.transact(work)
    assert await state_of(store, attachment) == "pending"


async def test_a_file_of_another_owner_an_unknown_one_and_a_kept_one_are_not_taken(store: Store) -> None:
    mine, foreign = await upload(store), await upload(store, owner=OTHER)
    unknown = mine.model_copy(update={"file_id": "0000000000000"})
    for wrong in (foreign, unknown):
        with pytest.raises(NotYours):
            await keep(store, OWNER, mine, wrong)
        assert await state_of(store, mine) == "pending", "all or none"
    await keep(store, OWNER, mine)
    with pytest.raises(ValueError, match="not waiting"):
        await keep(store, OWNER, mine)
    later = await upload(store)
    await keep(store, OWNER, mine, later, already=(mine.file_id,))
    assert await state_of(store, later) == "kept"


async def test_files_that_no_entry_took_are_swept_after_a_day_with_all_they_contain(store: Store) -> None:
    old, kept = await upload(store), await upload(store)
    await keep(store, OWNER, kept)
    assert await sweep_pending(store, NOW + DAY - timedelta(seconds=1)) == 0
    swept = await asyncio.gather(*(sweep_pending(store, NOW + DAY) for _ in range(3)))
    assert sum(swept) == 1
    assert await state_of(store, old) is None
    assert await store.database["fs.chunks"].distinct("files_id") == [kept.file_id]
    assert await store.database["fs.files"].distinct("_id") == [kept.file_id]


@pytest.mark.parametrize("state", ["arriving", "leaving"])
async def test_what_a_crash_left_half_done_is_swept_too(store: Store, state: str) -> None:
    attachment = await upload(store)
    await store.files.update_one({"_id": attachment.file_id}, {"$set": {"state": state}})
    await store.database["fs.files"].delete_one({})
    with pytest.raises(NotYours):
        await keep(store, OWNER, attachment)
    assert await sweep_pending(store, NOW + DAY) == 1
    assert await store.database["fs.chunks"].count_documents({}) == 0


async def test_sweeping_and_keeping_at_once_never_leaves_an_entry_without_its_file(store: Store) -> None:
    attachments = [await upload(store) for _ in range(8)]
    kept = await asyncio.gather(
        *(keep(store, OWNER, each) for each in attachments), sweep_pending(store, NOW + DAY), return_exceptions=True
    )
    for attachment, result in zip(attachments, kept, strict=False):
        if result is None:
            assert await read(store, attachment.file_id) == PDF
        else:
            assert isinstance(result, NotYours)
            assert await state_of(store, attachment) is None


async def test_a_form_finds_only_its_own_waiting_files_again_in_its_order(store: Store) -> None:
    first, second, foreign = await upload(store), await upload(store), await upload(store, owner=OTHER)
    ids = [second.file_id, foreign.file_id, first.file_id, second.file_id, "{'$ne': 1}", ""]
    assert await pending_files(store, OWNER, ids) == [second, first]
    await keep(store, OWNER, first)
    assert await pending_files(store, OWNER, ids) == [second]


@pytest.mark.asvs("5.2.4")
async def test_nobody_fills_the_store_with_files_of_no_entry(store: Store) -> None:
    waiting = await upload(store)
    row = await store.files.find_one({"_id": waiting.file_id})
    assert row
    await store.files.insert_many([row | {"_id": f"{n}"} for n in range(MOST_WAITING - 1)])
    with pytest.raises(RefusedFile) as caught:
        await upload(store)
    assert caught.value.message_id == why.TOO_MANY_WAITING
    await upload(store, owner=OTHER)


async def test_every_query_for_files_has_its_index(store: Store) -> None:
    await upload(store)
    queries: list[tuple[str, Row]] = [
        ("files", {"state": {"$in": ["arriving", "pending", "leaving"]}, "expires": {"$lte": NOW}}),
        ("files", {"owner": OWNER, "state": "pending"}),
        ("fs.chunks", {"files_id": "x", "n": 0}),
    ]
    for name, query in queries:
        plan = str((await store.database[name].find(query).explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan


# At rest ------------------------------------------------------------------------------------------------------------


async def test_neither_contents_nor_name_lie_open_in_gridfs(store: Store) -> None:
    attachment = await upload(store, name="MARKER Kristaps.pdf")
    rows = [row async for row in store.database["fs.chunks"].find({})]
    rows += [row async for row in store.database["fs.files"].find({})]
    assert len(rows) == 2
    assert "MARKER" not in str(rows)
    assert b"MARKER" not in rows[0]["data"]
    await keep(store, OWNER, attachment)
    assert b"MARKER" in await read(store, attachment.file_id)


async def test_it_is_gridfs_as_every_tool_reads_it(store: Store) -> None:
    content = large_pdf(2)
    attachment = await upload(store, content)
    stored = await AsyncGridFSBucket(store.database).open_download_stream(attachment.file_id)
    bytes_stored = await stored.read()
    assert len(bytes_stored) == stored.length
    parts = store.database["fs.chunks"].find({"files_id": attachment.file_id}).sort("n", ASCENDING)
    assert bytes_stored == b"".join([row["data"] async for row in parts])
    indexes = await store.database["fs.chunks"].index_information()
    assert indexes["files_id_1_n_1"]["unique"]


@pytest.mark.parametrize("damage", ["cut", "swap", "foreign", "flip"])
async def test_parts_cut_off_swapped_foreign_or_changed_are_noticed(store: Store, damage: str) -> None:
    content = large_pdf(2)
    attachment, other = await upload(store, content), await upload(store, content)
    await keep(store, OWNER, attachment)
    chunks, mine = store.database["fs.chunks"], {"files_id": attachment.file_id}
    second = await chunks.find_one({**mine, "n": 1})
    assert second
    if damage == "cut":
        await chunks.delete_one({**mine, "n": 2})
    elif damage == "swap":
        await chunks.update_one({**mine, "n": 0}, {"$set": {"data": second["data"]}})
    elif damage == "foreign":
        theirs = await chunks.find_one({"files_id": other.file_id, "n": 1})
        assert theirs
        await chunks.update_one({**mine, "n": 1}, {"$set": {"data": theirs["data"]}})
    else:
        flipped = second["data"][:-1] + bytes([second["data"][-1] ^ 1])
        await chunks.update_one({**mine, "n": 1}, {"$set": {"data": flipped}})
    with pytest.raises(Unreadable):
        await read(store, attachment.file_id)


async def test_a_large_file_comes_back_whole_and_memory_stays_small(store: Store) -> None:
    content = large_pdf(19)
    attachment = await upload(store, content)
    await keep(store, OWNER, attachment)
    process = psutil.Process()
    before, most = process.memory_info().rss, 0
    again = await upload(store, content)
    most = process.memory_info().rss
    back = 0
    async for part in await open_file(store, attachment.file_id):
        assert len(part) <= 1 << 20
        back, most = back + len(part), max(most, process.memory_info().rss)
    assert (back, again.sha256) == (len(content), attachment.sha256)
    assert most - before < 40 * 1024 * 1024, "the file's pages that the checks look through count too"


# Refused ------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("5.2.1")
async def test_what_is_too_large_is_refused_before_it_has_all_come(store: Store) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1 << 16
            yield bytes(1 << 16)

    with pytest.raises(RefusedFile) as caught:
        await upload_pending(store, OWNER, endless(), "../x\u202ey.pdf", NOW)
    assert (caught.value.message_id, caught.value.values) == (why.TOO_LARGE, {"limit": 20, "name": "xy.pdf"})
    assert given <= (20 << 20) + (2 << 16)
    assert await store.files.count_documents({}) == 0


@asynccontextmanager
async def scanner(answer: bytes | None) -> AsyncIterator[tuple[Scan, list[bytes]]]:
    """Something that speaks clamd's protocol and keeps what it was shown."""
    seen: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            seen.append(await reader.readexactly(size))
        if answer is not None:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield clamd(f"{host}:{port}", seconds=5), seen


@pytest.mark.asvs("5.4.3")
async def test_a_file_is_scanned_as_it_came(store: Store) -> None:
    content = large_pdf(1)
    async with scanner(b"stream: OK\0") as (scan, seen):
        attachment = await upload_pending(store, OWNER, sent(content), "a.pdf", NOW, scan)
    assert b"".join(seen) == content
    assert await state_of(store, attachment) == "pending"


@pytest.mark.asvs("5.4.3")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"stream: Eicar-Signature FOUND\0", why.MALWARE),
        (b"INSTREAM size limit exceeded. ERROR\0", why.NOT_SCANNED),
        (b"stream: OK FOUND?\0", why.NOT_SCANNED),
        (b"stream: OK", why.NOT_SCANNED),
        (None, why.NOT_SCANNED),
    ],
)
async def test_what_the_scanner_does_not_call_clean_is_not_kept(
    store: Store, answer: bytes | None, reason: str
) -> None:
    async with scanner(answer) as (scan, _):
        with pytest.raises(RefusedFile) as caught:
            await upload_pending(store, OWNER, sent(PDF), "a.pdf", NOW, scan)
    assert caught.value.message_id == reason
    assert await store.files.count_documents({}) == 0


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense", "/run/nobody/clamd.sock"])
async def test_without_its_scanner_nothing_is_taken(store: Store, address: str) -> None:
    with pytest.raises(RefusedFile) as caught:
        await upload_pending(store, OWNER, sent(PDF), "a.pdf", NOW, clamd(address))
    assert caught.value.message_id == why.NOT_SCANNED


# With a form --------------------------------------------------------------------------------------------------------


def person(name: str, institution: str, level: int = 1) -> Person:
    position = "social_pedagogue" if level == 1 else "school_head"
    role = Role(
        id=name,
        institution_id=institution,
        institution_type="education_institution",
        institution_name=institution,
        position=position,
        level=level,
        since=date(2020, 1, 1),
    )
    return Person(id=f"person-{name}", given_name=name, family_name="Bērza", roles=[role])


PEOPLE = [person("anna", "school-1"), person("bruno", "school-2"), person("head", "school-1", level=3)]
ANNA: Who = who_is(PEOPLE[0], "anna", None, NOW)


async def test_files_accepted_before_one_is_refused_are_carried_along(store: Store) -> None:
    uploads = [
        UploadFile("text/html", "Lēmums.pdf", PDF),
        UploadFile("application/pdf", "x.pdf", b"<script>"),
        UploadFile("", "", b""),
    ]
    taken, messages = await take_uploads(store, ANNA, uploads, "", NOW)
    assert [a.name for a in taken] == ["Lēmums.pdf"]
    assert [(m.text, m.values) for m in messages] == [(why.UNKNOWN, {"name": "x.pdf"})]
    assert await pending_attachments(store, ANNA, [taken[0].file_id]) == taken
    assert await pending_attachments(store, who_is(PEOPLE[1], "bruno", None, NOW), [taken[0].file_id]) == []
    for each in uploads:
        await each.close()


async def test_more_files_than_go_at_once_are_left_out_by_name(store: Store) -> None:
    uploads = [UploadFile("", f"{n}.pdf", PDF) for n in range(MOST_AT_ONCE + 2)]
    taken, messages = await take_uploads(store, ANNA, uploads, "", NOW)
    assert len(taken) == MOST_AT_ONCE
    assert [m.values["name"] for m in messages] == ["10.pdf", "11.pdf"]
    for each in uploads:
        await each.close()


# Downloads ----------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def portal(store: Store) -> AsyncIterator[tuple[httpx.AsyncClient, Runtime]]:
    """The portal on a real server: a download that is broken off must be so on the wire."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        held = Runtime(
            settings=Settings(mode="demo", public_url=base, oidc_issuer=f"{base}/realms/demo"),
            store=store,
            oidc=OidcClient(f"{base}/realms/demo", "atbalsts-portal", "demo"),
            sessions=Sessions(store.sessions),
            cookie_key=b"k" * 32,
            audit_key=b"a" * 32,
            clock=lambda: NOW,
        )
        for each in PEOPLE:
            await store.people.insert_one(to_bson(each))
        more = () if AttachmentController in CONTROLLERS else (AttachmentController,)
        server = uvicorn.Server(uvicorn.Config(create_app(held, more_routes=more), log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
            while not server.started:  # noqa: ASYNC110 - uvicorn says so by nothing else
                await asyncio.sleep(0.01)
            yield client, held
        server.should_exit = True
        await serving
    await held.oidc.aclose()
    for collection in (store.people, store.dossiers, store.sessions, store.audit_entries):
        await collection.delete_many({})


async def signed_in(held: Runtime, name: str) -> dict[str, str]:
    token, _ = await held.sessions.open(
        NOW, person_id=f"person-{name}", sub=name, id_token="t", role_id=name, acr="high"
    )
    return {"Cookie": f"{held.settings.cookie_name}={token}"}


async def entry_with_file(store: Store, content: bytes = PDF, confidentiality: str = "standard") -> str:
    """A dossier for which Anna is responsible, with one entry and its file; returns the address of the file."""
    attachment = await upload(store, content)
    anna = ANNA.as_professional()
    event = Event(
        id="event",
        kind="school_change",
        domain="education",
        shape="event",
        day=date(2026, 3, 1),
        summary="x",
        confidentiality=confidentiality,
        named_people=["person-bruno"] if confidentiality == "restricted" else [],
        recorded_by=anna,
        institution_id="school-1",
        institution_name="school-1",
        recorded_at=NOW,
        attachments=[attachment],
    )
    responsible = Responsible(**anna.model_dump(), since=date(2026, 1, 1))
    involvement = Involvement(
        id="i",
        kind="attends",
        institution_id="school-1",
        institution_name="school-1",
        institution_type="education_institution",
        since=date(2026, 1, 1),
        responsible=[responsible],
    )
    dossier = Dossier(
        id="dossier",
        child=Child(given_name="K", family_name="B", birth_date=date(2015, 1, 1)),
        opened=NOW,
        level=2,
        events=[event],
        involvements=[involvement],
    )
    row = to_bson(dossier) | {"opened": NOW} | derived(dossier)
    await store.dossiers.replace_one({"_id": "dossier"}, row, upsert=True)
    await keep(store, OWNER, attachment)
    return f"/dossiers/dossier/events/event/files/{attachment.file_id}"


async def acts(store: Store) -> list[tuple[str, str | None, str | None, str]]:
    rows = store.audit_entries.find({"dossier_id": "dossier"}).sort("_id", ASCENDING)
    return [(r["act"], r.get("person_id"), r.get("subject"), r.get("outcome", "allowed")) async for r in rows]


Portal = tuple[httpx.AsyncClient, Runtime]


@pytest.mark.asvs("5.4.1")
@pytest.mark.asvs("5.4.2")
@pytest.mark.asvs("5.3.3")
async def test_who_reads_the_entry_saves_its_file_and_the_log_says_so(store: Store, portal: Portal) -> None:
    client, held = portal
    content = large_pdf(3)
    address = await entry_with_file(store, content)
    answer = await client.get(address, headers=await signed_in(held, "anna"))
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == str(len(content))
    expected = "attachment; filename=\"Lemums.pdf\"; filename*=UTF-8''L%C4%93mums.pdf"
    assert answer.headers["content-disposition"] == expected
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert await acts(store) == [("file.read", "person-anna", "event", "allowed")], "one line, not one a mebibyte"


@pytest.mark.parametrize("name", ["bruno", "head"])
async def test_who_does_not_read_the_entry_finds_no_file(store: Store, portal: Portal, name: str) -> None:
    client, held = portal
    address = await entry_with_file(store)
    answer = await client.get(address, headers=await signed_in(held, name))
    assert answer.status_code == 404
    assert b"MARKER" not in answer.content
    assert (await acts(store))[-1][3] == "refused"


async def test_a_restricted_entry_gives_its_file_to_the_people_named_only(store: Store, portal: Portal) -> None:
    client, held = portal
    address = await entry_with_file(store, confidentiality="restricted")
    assert (await client.get(address, headers=await signed_in(held, "anna"))).status_code == 404


async def test_a_file_is_found_under_its_own_entry_only(store: Store, portal: Portal) -> None:
    client, held = portal
    address = await entry_with_file(store)
    anna = await signed_in(held, "anna")
    loose = await upload(store)
    base = "/dossiers/dossier/events"
    file_id = address.rsplit("/", 1)[1]
    for wrong in (f"{base}/event/files/{loose.file_id}", f"{base}/other/files/{file_id}", f"{base}/event/files/x"):
        answer = await client.get(wrong, headers=anna)
        assert answer.status_code == 404, wrong
    assert (await client.get(f"/dossiers/nobody/events/event/files/{file_id}", headers=anna)).status_code == 404
    assert (await client.get(address)).status_code == 303, "sign in first"


async def test_a_file_whose_contents_are_gone_is_no_half_answer(store: Store, portal: Portal) -> None:
    client, held = portal
    address = await entry_with_file(store)
    await store.database["fs.chunks"].delete_many({})
    assert (await client.get(address, headers=await signed_in(held, "anna"))).status_code == 500


@pytest.mark.asvs("8.3.2")
@pytest.mark.parametrize("lost", ["involvement", "session", "role", "withdrawn file"])
async def test_a_download_breaks_off_within_a_mebibyte_when_the_right_ends(
    store: Store, portal: Portal, lost: str
) -> None:
    client, held = portal
    content = large_pdf(19)
    address = await entry_with_file(store, content)
    got = 0
    with pytest.raises(httpx.RemoteProtocolError):
        async with client.stream("GET", address, headers=await signed_in(held, "anna")) as answer:
            assert answer.status_code == 200
            async for part in answer.aiter_raw(1 << 20):
                if not got:
                    await _lose(store, lost)
                got += len(part)
    assert 0 < got < len(content) - (8 << 20), "what the sockets held may still arrive, not the rest"


async def _lose(store: Store, what: str) -> None:
    if what == "involvement":
        await store.dossiers.update_one({"_id": "dossier"}, {"$set": {"readers": []}})
    elif what == "session":
        await store.sessions.update_many({}, {"$set": {"revoked": NOW}})
    elif what == "role":
        await store.people.update_one({"_id": "person-anna"}, {"$set": {"roles.0.to": "2026-03-01"}})
    else:
        await store.dossiers.update_one({"_id": "dossier"}, {"$set": {"events.0.attachments": []}})
