"""The audit log: on disk before the answer, numbered without gaps; what cannot be recorded does not happen."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar.types import Message, Receive, Scope, Send

from auth.access import entry_for
from documents.acts import Act
from documents.audit import AuditEntry, AuditUnavailable
from documents.model import day_of
from documents.seals import seal_once, verify
from documents.store import Store, Transaction
from fixtures.story import dossier_id, load_story
from portal.app import create_app
from portal.events.actions import add_event
from portal.runtime import Runtime
from tests.browsing import BASE, Browser, Clock, make_runtime
from tests.heard import Ear, listened_store
from tests.pages.test_event_pages import filled
from tests.pages.test_writing_events import DRAFT
from tests.people import NOW, dossier, who
from tests.people import event as entry

MARTA, JANIS, ALISE = dossier_id("marta"), dossier_id("janis"), dossier_id("alise")
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def heard(mongo_uri: str) -> AsyncIterator[tuple[Store, Ear]]:
    async with listened_store(mongo_uri) as (store, ear):
        clock = Clock()
        await load_story(store, day_of(clock.now), clock.now)
        yield store, ear


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def held(heard: tuple[Store, Ear]) -> AsyncIterator[Runtime]:
    """The portal on the store that is listened to."""
    made = make_runtime(heard[0], Clock())
    yield made
    await made.oidc.aclose()


def look(number: int) -> AuditEntry:
    return entry_for(who("inese"), Act.DOSSIER_READ, NOW + timedelta(milliseconds=number), dossier_id="d1")


@asynccontextmanager
async def refusing(store: Store) -> AsyncIterator[None]:
    """The database takes no audit entry: its validator asks for something no entry has."""
    options = await store.audit_entries.options()
    impossible = {"$jsonSchema": {"required": ["nothing has this"]}}
    await store.database.command("collMod", "audit", validator=impossible)
    try:
        yield
    finally:
        await store.database.command("collMod", "audit", validator=options["validator"])


async def new_entries(store: Store, before: int) -> list[dict[str, Any]]:
    return await store.audit_entries.find({}).sort("$natural", 1).skip(before).to_list()


async def test_three_hundred_readers_share_a_few_inserts_and_each_is_acknowledged(heard: tuple[Store, Ear]) -> None:
    store, ear = heard
    ear.commands.clear()
    acknowledged = []

    async def read(number: int) -> None:
        await store.audit.record(look(number))
        inserts_done = len(ear.on("audit"))
        acknowledged.append(inserts_done)

    await asyncio.gather(*(read(number) for number in range(300)))
    inserts = ear.on("audit")
    assert len(inserts) <= 10, "one insert carries whoever waits meanwhile"
    assert all(command["writeConcern"] == {"w": "majority", "j": True} for command in inserts)
    assert sum(len(command["documents"]) for command in inserts) == 300
    assert len(acknowledged) == 300 and min(acknowledged) >= 1


async def test_the_entry_is_acknowledged_before_the_first_byte_of_the_page(
    held: Runtime, heard: tuple[Store, Ear]
) -> None:
    ear, app = heard[1], create_app(held)

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            ear.moments.append(f"answer: {message['type']}")
            await send(message)

        await app(scope, receive, noted)

    visitor = await Browser(held).sign_in("inese-liepina")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(answering),  # type: ignore[arg-type]
        base_url=BASE,
        cookies=visitor.client.cookies,
    ) as client:
        ear.commands.clear()
        ear.moments.clear()
        answer = await client.get(f"/dossiers/{MARTA}")
    assert answer.status_code == 200 and len(ear.on("audit")) == 1
    assert ear.moments.index("insert") < ear.moments.index("answer: http.response.start")


async def test_numbers_have_no_gaps_whatever_happens_to_reads_and_writes(demo_store: Store) -> None:
    store = demo_store
    from documents.model import to_bson

    await store.dossiers.insert_many([to_bson(dossier(id=f"d{n}")) for n in range(1, 4)])

    async def given_up(transaction: Transaction) -> None:
        transaction.record(look(0))
        raise LookupError("changed its mind")

    async def fails_late(transaction: Transaction) -> None:
        transaction.record(look(0))
        await transaction.insert(store.dossiers, dossier(id="d1"))  # taken: the transaction breaks

    async def forgets_the_record(transaction: Transaction) -> None:
        await transaction.insert(store.dossiers, dossier(id="never"))

    async def cancelled(number: int) -> None:
        writing = asyncio.create_task(add_event(store, who("inese"), f"d{number % 3 + 1}", DRAFT, [], NOW))
        await asyncio.sleep(0.002 * (number % 7))
        writing.cancel()
        await writing

    work: list[Awaitable[Any]] = []
    for number in range(40):
        work += [
            store.audit.record(look(number)),
            add_event(store, who("inese"), f"d{number % 3 + 1}", DRAFT, [], NOW),
            cancelled(number),
        ]
        if number % 4 == 0:
            work += [store.transact(given_up), store.transact(fails_late), store.transact(forgets_the_record)]
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(outcome, LookupError) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, AssertionError) for outcome in outcomes) == 10
    async with refusing(store):
        failed = await asyncio.gather(*(store.audit.record(look(n)) for n in range(3)), return_exceptions=True)
        assert all(isinstance(outcome, AuditUnavailable) for outcome in failed)
    await store.audit.record(look(1))
    numbers = defaultdict(list)
    async for row in store.audit_entries.find({}):
        numbers[row["writer"]].append(row["n"])
    assert all(sorted(series) == list(range(1, len(series) + 1)) for series in numbers.values())
    await seal_once(store, b"k", "one", NOW, everything=True)
    assert (await verify(store, b"k", NOW)).faults == []
    written = [e["id"] async for row in store.dossiers.find({}) for e in row["events"]]
    recorded = [row["subject"] async for row in store.audit_entries.find({"act": "event.added"})]
    assert sorted(written) == sorted(recorded), "a change and its entry: both or neither"
    assert await store.dossiers.find_one({"_id": "never"}) is None


async def test_what_cannot_be_written_at_all_makes_nobody_wait_for_ever(demo_store: Store) -> None:
    broken = look(1).model_copy(update={"subject": "\ud800"})
    with pytest.raises(AuditUnavailable):
        await asyncio.wait_for(demo_store.audit.record(broken), 5)
    await asyncio.wait_for(demo_store.audit.record(look(2)), 5)


@pytest.mark.asvs("16.5.3")
async def test_pages_show_nothing_while_the_log_refuses(visit: Visit, held: Runtime) -> None:
    visitor = await visit("inese-liepina")
    pages = ["", "/timeline", "/family", "/documents", "/access-log", "/events/new", "/level"]
    async with refusing(held.store):
        for path in [f"/dossiers/{MARTA}{page}" for page in pages] + ["/desk"]:
            answer = await visitor.get(path)
            assert answer.status_code == 503, path
            assert "Marta" not in answer.text and "Kalniņ" not in answer.text, path
        assert (await visitor.get(f"/dossiers/{JANIS}x")).status_code == 503, "a refusal is recorded or not given"
        assert (await visitor.get("/help")).status_code == 200
    assert (await visitor.get(f"/dossiers/{MARTA}")).status_code == 200


@pytest.mark.asvs("16.5.3")
async def test_a_write_that_cannot_be_recorded_does_not_happen(visit: Visit, held: Runtime) -> None:
    visitor = await visit("inese-liepina")
    await visitor.get(f"/dossiers/{MARTA}/events/new")
    form = filled(visitor, held) | {"csrf": visitor.csrf}
    store = held.store
    before = await store.dossiers.find_one({"_id": MARTA}), await store.outbox.count_documents({})
    async with refusing(store):
        answer = await visitor.client.post(f"/dossiers/{MARTA}/events", data=form)
    assert answer.status_code == 503
    assert (await store.dossiers.find_one({"_id": MARTA}), await store.outbox.count_documents({})) == before
    again = await visitor.post(f"/dossiers/{MARTA}/events", form)
    assert again.status_code == 200 and "Mājās silti" in again.text, "what was typed is saved by sending it once more"


async def test_a_role_is_not_changed_without_its_record(visit: Visit, held: Runtime) -> None:
    visitor = await visit("liga-purina")
    await visitor.get("/roles")
    roles = (await held.store.people.find_one({"_id": "liga-purina"}) or {})["roles"]
    async with refusing(held.store):
        refused = await visitor.post("/roles", {"role": roles[1]["id"]}, follow=False)
    assert refused.status_code == 503
    session = await held.store.sessions.find_one({"person_id": "liga-purina", "revoked": None})
    assert session and session["role_id"] == roles[0]["id"]


# What each page shows, written by hand beside access.md: path, sections, for the case manager.
OPENINGS = [
    ("", ["base", "family", "timeline", "assessments_overview"]),
    ("/timeline", ["timeline"]),
    ("/timeline?year=2020", ["timeline"]),
    ("/family", ["family"]),
    ("/documents", ["event_detail"]),
    ("/access-log", ["access_log"]),
    ("/events/new", ["event_detail"]),
    ("/level", ["timeline"]),
]


@pytest.mark.asvs("16.3.2")
@pytest.mark.parametrize(("page", "sections"), OPENINGS)
async def test_each_opening_of_a_page_is_one_entry(visit: Visit, held: Runtime, page: str, sections: list[str]) -> None:
    visitor = await visit("inese-liepina")
    before = await held.store.audit_entries.count_documents({})
    assert (await visitor.get(f"/dossiers/{MARTA}{page}")).status_code == 200
    (row,) = await new_entries(held.store, before)
    assert row["act"] == "dossier.read" and row["dossier_id"] == MARTA and row["relation"] == "case_manager"
    assert row["sections"] == sections
    assert row["person_id"] == "inese-liepina" and row["institution_id"] and row["role_id"] and row["origin"]
    assert "outcome" not in row


@pytest.mark.asvs("16.3.2")
async def test_a_record_a_correction_a_withdrawal_and_a_file_are_one_entry_each(visit: Visit, held: Runtime) -> None:
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    own = next(e for e in row["events"] if (e.get("recorded_by") or {}).get("person_id") == "inese-liepina")
    attached = [(e, a) for e in row["events"] for a in e.get("attachments", [])]
    visitor = await visit("inese-liepina")
    base = f"/dossiers/{MARTA}/events"
    wanted = [
        (f"{base}/{own['id']}", "dossier.read", ["timeline", "event_detail"]),
        (f"{base}/{own['id']}/correction", "dossier.read", ["event_detail"]),
        (f"{base}/{own['id']}/withdrawal", "dossier.read", ["event_detail"]),
        *[(f"{base}/{e['id']}/files/{a['file_id']}", "file.read", ["timeline", "event_detail"]) for e, a in attached],
    ]
    assert attached, "the story has files"
    for path, act, sections in wanted:
        before = await held.store.audit_entries.count_documents({})
        answer = await visitor.client.get(path)
        assert answer.status_code == 200, path
        (written,) = await new_entries(held.store, before)
        assert (written["act"], written["sections"]) == (act, sections), path
        assert written["subject"] == path.split("/")[4]


async def test_the_form_for_siblings_names_them_in_the_log(visit: Visit, held: Runtime) -> None:
    visitor = await visit("inese-liepina")
    before = await held.store.audit_entries.count_documents({})
    await visitor.get(f"/dossiers/{MARTA}/events/new")
    (row,) = await new_entries(held.store, before)
    offered = {line.split('value="')[1].split('"')[0] for line in visitor.page.split("<") if 'name="siblings"' in line}
    assert offered and set(row["children"]) == offered


# Person, child, page: status and the reason the log keeps.
REFUSALS = [
    ("zane-kaulina", MARTA, "", 404, "no_relation"),
    ("zane-kaulina", "nosuchdossier", "", 404, "no_relation"),
    ("zane-kaulina", "x" * 500, "", 404, "no_relation"),
    ("kristine-lapina", MARTA, "", 404, "own_family"),
    ("kristine-lapina", MARTA, "/events/new", 404, "own_family"),
    ("janis-dreimanis", ALISE, "/timeline", 404, "denied"),
    ("vita-eglite", MARTA, "/family", 403, "not_your_section"),
    ("ilze-kalnina", MARTA, "/level", 403, "not_your_position"),
]


@pytest.mark.asvs("16.3.2")
@pytest.mark.parametrize(("person", "child", "page", "status", "reason"), REFUSALS)
async def test_an_attempt_that_was_refused_is_recorded_with_its_reason(
    visit: Visit, held: Runtime, person: str, child: str, page: str, status: int, reason: str
) -> None:
    visitor = await visit(person)
    before = await held.store.audit_entries.count_documents({})
    assert (await visitor.get(f"/dossiers/{child}{page}")).status_code == status
    (row,) = await new_entries(held.store, before)
    assert (row["outcome"], row["reason"], row["person_id"]) == ("refused", reason, person)
    assert row["dossier_id"] == child[:64] and "sections" not in row


async def test_an_entry_of_somebody_else_is_a_recorded_refusal_and_no_look(visit: Visit, held: Runtime) -> None:
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    own = next(e for e in row["events"] if (e.get("recorded_by") or {}).get("person_id") == "inese-liepina")
    visitor = await visit("aija-zarina")
    for page in ("correction", "withdrawal"):
        before = await held.store.audit_entries.count_documents({})
        assert (await visitor.get(f"/dossiers/{MARTA}/events/{own['id']}/{page}")).status_code == 404
        (written,) = await new_entries(held.store, before)
        assert (written["outcome"], written["reason"]) == ("refused", "not_your_entry")


async def test_a_change_that_is_refused_leaves_only_its_entry(visit: Visit, held: Runtime) -> None:
    visitor = await visit("kristine-lapina")
    await visitor.get("/desk")
    before = await held.store.audit_entries.count_documents({})
    marta = await held.store.dossiers.find_one({"_id": MARTA})
    answer = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held))
    assert answer.status_code == 404
    (row,) = await new_entries(held.store, before)
    assert (row["outcome"], row["reason"], row["dossier_id"]) == ("refused", "own_family", MARTA)
    assert await held.store.dossiers.find_one({"_id": MARTA}) == marta


def test_entries_are_made_of_ids_and_words_only() -> None:
    made = entry_for(who("inese"), Act.EVENT_ADDED, NOW, dossier_id="d1", subject=entry().id)
    assert "Mājas" not in made.model_dump_json() and "Inese" not in made.model_dump_json()
