"""Contacts copied into dossiers follow the person: through the outbox, by any number of workers, whatever dies."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from documents import copies
from documents.audit import AuditEntry
from documents.copies import ATTEMPTS, CLAIM, KEPT, work_once
from documents.family import LegalRole, Relationship
from documents.model import to_bson
from documents.outbox import OutboxItem
from documents.store import Store, Transaction
from tests.people import NOW, dossier, person


async def put(store: Store, children: tuple[str, ...] = ("d1", "d2")) -> None:
    """Ilze is the mother of the children; her telephone has just changed."""
    ilze = person("ilze", children=list(children), phone="0111", email="ilze@jauns.example")
    await store.people.insert_one(to_bson(ilze))
    old = Relationship(
        id="m",
        kind="mother",
        name="Ilze Vecā",
        person_id="ilze",
        phone="0000",
        legal_roles=[LegalRole(role="custody")],
        note="zvanīt vakaros",
    )
    other = Relationship(id="f", kind="father", name="Andris", person_id="andris", phone="0222")
    await store.dossiers.insert_many([to_bson(dossier(id=child, relationships=[other, old])) for child in children])
    await changed(store)


async def changed(store: Store, phone: str = "0111") -> None:
    """As every change of a contact does: person, audit entry and outbox in one transaction."""

    async def work(transaction: Transaction) -> None:
        await store.people.update_one({"_id": "ilze"}, {"$set": {"phone": phone}}, session=transaction.session)
        transaction.send(OutboxItem(kind="person.copies", at=NOW, subject="ilze"))
        transaction.record(AuditEntry(act="register.applied", at=NOW, subject="people"))

    await store.transact(work)


async def mother(store: Store, child: str) -> dict[str, Any]:
    row = await store.dossiers.find_one({"_id": child})
    assert row
    return next(r for r in row["relationships"] if r["id"] == "m")


async def test_a_changed_contact_reaches_every_dossier_and_nothing_else(demo_store: Store) -> None:
    await put(demo_store)
    assert await work_once(demo_store, "w", NOW)
    for child in ("d1", "d2"):
        found = await mother(demo_store, child)
        assert (found["phone"], found["email"], found["name"]) == ("0111", "ilze@jauns.example", "Ilze Tests")
        assert found["note"] == "zvanīt vakaros" and found["legal_roles"] == [{"role": "custody"}]
    row = await demo_store.dossiers.find_one({"_id": "d1"})
    assert row and row["relationships"][0]["phone"] == "0222" and row["revision"] == 2
    job = await demo_store.outbox.find_one({})
    assert job and job["state"] == "done" and job["expires"] == (NOW + KEPT).replace(microsecond=0)
    assert await demo_store.audit_entries.count_documents({"act": "person.copied"}) == 2
    assert not await work_once(demo_store, "w", NOW), "nothing is left"


async def test_a_worker_that_died_loses_its_claim_and_the_next_does_the_job(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(demo_store)
    true_copy = copies._copy_person

    async def dies(store: Store, person_id: str, now: Any) -> None:
        raise AutoReconnect("the machine went away")

    monkeypatch.setattr(copies, "_copy_person", dies)
    with pytest.raises(AutoReconnect):
        await work_once(demo_store, "dead", NOW)
    monkeypatch.setattr(copies, "_copy_person", true_copy)
    assert not await work_once(demo_store, "w", NOW + CLAIM / 2), "the claim still holds"
    assert await work_once(demo_store, "w", NOW + CLAIM + timedelta(seconds=1))
    assert (await mother(demo_store, "d2"))["phone"] == "0111"


async def test_a_kill_between_two_dossiers_leaves_both_right_after_the_next_try(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(demo_store, ("d1", "d2", "d3"))
    true_transact, calls = demo_store.transact, 0

    async def killed_after_one(work: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise AutoReconnect("killed")
        return await true_transact(work)

    monkeypatch.setattr(demo_store, "transact", killed_after_one)
    with pytest.raises(AutoReconnect):
        await work_once(demo_store, "dead", NOW)
    monkeypatch.undo()
    assert {(await mother(demo_store, child))["phone"] for child in ("d1", "d2", "d3")} == {"0000", "0111"}
    assert await work_once(demo_store, "w", NOW + 2 * CLAIM)
    for child in ("d1", "d2", "d3"):
        assert (await mother(demo_store, child))["phone"] == "0111"
        row = await demo_store.dossiers.find_one({"_id": child})
        assert row and row["revision"] == 2, "what was right already is not written again"


async def test_two_workers_never_take_the_same_job(demo_store: Store) -> None:
    await put(demo_store)
    for _ in range(19):
        await changed(demo_store)

    async def work(name: str) -> int:
        done = 0
        while await work_once(demo_store, name, NOW):
            done += 1
        return done

    assert sum(await asyncio.gather(*(work(f"w{n}") for n in range(4)))) == 20
    assert {job["attempts"] async for job in demo_store.outbox.find({})} == {1}
    assert await demo_store.outbox.count_documents({"state": "done"}) == 20


async def test_an_older_state_of_the_person_never_overwrites_a_newer_copy(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow worker read the person before the change that a quick one has copied already."""
    await put(demo_store)
    true_transact, halted, go = demo_store.transact, asyncio.Event(), asyncio.Event()

    async def slow(work: Any) -> Any:
        halted.set()
        await go.wait()
        return await true_transact(work)

    monkeypatch.setattr(demo_store, "transact", slow)
    late = asyncio.create_task(work_once(demo_store, "slow", NOW))
    await halted.wait()
    monkeypatch.undo()
    await changed(demo_store, phone="0333")
    assert await work_once(demo_store, "quick", NOW)
    go.set()
    await late
    assert (await mother(demo_store, "d1"))["phone"] == "0333"


async def test_a_dossier_that_others_write_meanwhile_gets_the_contact_too(demo_store: Store) -> None:
    await put(demo_store)

    async def touch() -> None:
        async def work(transaction: Transaction) -> None:
            found = await transaction.dossier("d1")
            assert found
            await transaction.change(found, {"$set": {"municipality": "0022000"}})
            transaction.record(AuditEntry(act="register.applied", at=NOW))

        await demo_store.transact(work)

    await asyncio.gather(work_once(demo_store, "w", NOW), *(touch() for _ in range(10)))
    assert (await mother(demo_store, "d1"))["phone"] == "0111"
    assert await demo_store.outbox.count_documents({"state": "done"}) == 1


async def test_a_job_that_never_succeeds_stays_to_be_seen_and_stops_nobody_else(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(demo_store)
    await demo_store.outbox.update_one({}, {"$set": {"attempts": ATTEMPTS, "state": "claimed", "claimed_until": NOW}})
    await changed(demo_store, phone="0444")
    assert await work_once(demo_store, "w", NOW + 2 * CLAIM)
    assert not await work_once(demo_store, "w", NOW + 2 * CLAIM)
    failed = await demo_store.outbox.find_one({"state": "failed"})
    assert failed and failed["attempts"] == ATTEMPTS
    assert (await mother(demo_store, "d1"))["phone"] == "0444"
