"""A specialist's new number reaches every dossier the specialist works for, and nothing that was recorded before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from documents import copies
from documents.audit import AuditEntry
from documents.copies import CLAIM, work_once
from documents.dossier import Dossier, LevelChange
from documents.involvement import CaseManager, TeamMember
from documents.model import to_bson
from documents.outbox import OutboxItem
from documents.store import Store, Transaction
from tests.pages.test_loading import load_people
from tests.people import NOW, dossier, event, involvement, person, rederive, role_of, staff, who
from tests.people_extract import adult, child

SINCE = date(2024, 1, 1)
AT = datetime(2024, 1, 1, tzinfo=UTC)
NEW = {"name": "Inese Jaunā", "phone": "0000 0009", "email": "inese@jauns.example"}


async def put(store: Store, *dossiers: Dossier) -> None:
    """Inese has married and got another telephone at work."""
    await store.dossiers.insert_many([to_bson(rederive(each)) for each in dossiers])
    role = role_of("inese", phone=NEW["phone"], email=NEW["email"])
    await store.people.insert_one(to_bson(person("inese", family_name="Jaunā", roles=[role], phone="0000 0001")))

    async def work(transaction: Transaction) -> None:
        transaction.send(OutboxItem(kind="person.copies", at=NOW, subject="inese"))
        transaction.record(AuditEntry(act="register.applied", at=NOW, subject="people"))

    await store.transact(work)


async def read(store: Store, dossier_id: str = "d1") -> Dossier:
    return Dossier.model_validate(await store.dossiers.find_one({"_id": dossier_id}))


def words(copy: Any) -> dict[str, str]:
    return {name: getattr(copy, name) for name in NEW}


async def test_it_reaches_managers_team_and_who_is_responsible(demo_store: Store) -> None:
    work = [involvement("service", "municipal_case", "inese", SINCE), involvement("school", "attends", "aija", SINCE)]
    await put(
        demo_store,
        dossier(id="d1"),
        dossier(id="d2", case_manager=None, family_case_manager=staff(CaseManager, "inese", since=AT)),
        dossier(id="d3", case_manager=None, team=[staff(TeamMember, "inese", function="", since=SINCE)]),
        dossier(id="d4", case_manager=None, involvements=work),
        dossier(id="d5", case_manager=None),
    )
    assert await work_once(demo_store, "w", NOW)
    one, two, three, four = [await read(demo_store, f"d{n}") for n in (1, 2, 3, 4)]
    assert one.case_manager and words(one.case_manager) == NEW
    assert two.family_case_manager and words(two.family_case_manager) == NEW
    assert words(three.team[0]) == NEW
    assert words(four.involvements[0].responsible[0]) == NEW
    assert four.involvements[1].responsible[0].name == "Aija Tests" and words(one.team[0])["phone"] == ""
    assert [(await read(demo_store, f"d{n}")).revision for n in (1, 2, 3, 4, 5)] == [2, 2, 2, 2, 1]
    logged = [row["dossier_id"] async for row in demo_store.audit_entries.find({"act": "person.copied"})]
    assert sorted(logged) == ["d1", "d2", "d3", "d4"]
    assert one.readers == dossier().readers, "nobody's rights change"


async def test_what_was_recorded_or_has_ended_keeps_the_name_and_number_of_its_day(demo_store: Store) -> None:
    by = who("inese").as_professional()
    left = staff(TeamMember, "inese", function="", since=SINCE, to=NOW.date() - timedelta(days=1))
    ended = involvement("service", "municipal_case", "inese", SINCE, to=NOW.date() - timedelta(days=1))
    levels = [LevelChange(level=3, at=AT, by=by)]
    await put(demo_store, dossier(events=[event()], levels=levels, team=[left], involvements=[ended]))
    assert await work_once(demo_store, "w", NOW)
    after = await read(demo_store)
    assert after.case_manager and words(after.case_manager) == NEW
    for copy in (after.events[0].recorded_by, after.levels[0].by, after.team[0], after.involvements[0].responsible[0]):
        assert copy and copy.name == "Inese Tests"


async def test_a_long_job_that_was_broken_off_goes_on_where_it_came_to(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(demo_store, *(dossier(id=f"d{n:02}") for n in range(12)))
    monkeypatch.setattr(copies, "BATCH", 5)
    true_copy, calls = copies._copy_into, 0

    async def killed(*given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise AutoReconnect("killed")
        await true_copy(*given)

    monkeypatch.setattr(copies, "_copy_into", killed)
    with pytest.raises(AutoReconnect):
        await work_once(demo_store, "dead", NOW)
    row = await demo_store.outbox.find_one({})
    assert row and row["content"]["came_to"] == "d04" and row["claimed_until"] > NOW + CLAIM
    calls = 100
    assert await work_once(demo_store, "w", NOW + 2 * CLAIM)
    assert calls == 105, "the first batch is not looked at again, of the second only what is left is written"
    for n in range(12):
        manager = (await read(demo_store, f"d{n:02}")).case_manager
        assert manager and words(manager) == NEW
        assert (await read(demo_store, f"d{n:02}")).revision == 2


async def test_a_worker_whose_claim_ran_out_leaves_the_job_to_the_next(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(demo_store, dossier())
    true_copy = copies._copy_into

    async def slow(*given: Any) -> None:
        await demo_store.outbox.update_one({}, {"$set": {"claimed_by": "other"}, "$inc": {"attempts": 1}})
        await true_copy(*given)

    monkeypatch.setattr(copies, "_copy_into", slow)
    assert await work_once(demo_store, "slow", NOW)
    row = await demo_store.outbox.find_one({})
    assert row and (row["state"], row["claimed_by"]) == ("claimed", "other")
    assert "came_to" not in row.get("content", {})


async def test_an_extract_that_changes_somebody_with_a_role_sends_the_change_on(
    demo_store: Store, tmp_path: Path
) -> None:
    def told(name: str, as_of: str) -> dict[str, Any]:
        return child(1, as_of=as_of, relations=[adult("mother", "Inese", name, 1), adult("father", "Jānis", name, 2)])

    await load_people(demo_store, tmp_path, told("Tests", "2026-11-20"))
    assert await demo_store.outbox.count_documents({}) == 0
    mother = await demo_store.people.find_one({"given_name": "Inese"})
    assert mother
    await demo_store.people.update_one({"_id": mother["_id"]}, {"$set": {"roles": [to_bson(role_of("inese"))]}})
    for _ in range(2):
        await load_people(demo_store, tmp_path, told("Jaunā", "2026-11-21"))
        jobs = await demo_store.outbox.find({}).to_list()
        assert [(job["kind"], job["subject"]) for job in jobs] == [("person.copies", mother["_id"])]
    works = dossier(case_manager=staff(CaseManager, "inese", since=AT, person_id=mother["_id"]))
    await demo_store.dossiers.insert_one(to_bson(works))
    assert await work_once(demo_store, "w", NOW)
    manager = (await read(demo_store)).case_manager
    assert manager and manager.name == "Inese Jaunā"
