"""Adding, correcting and withdrawing entries on the real database: all or nothing, nothing lost, nothing doubled."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from auth.access import Forbidden, NotFound, dossier_for
from auth.permissions import Permission
from documents.dossier import EVENTS_KEPT, Dossier
from documents.family import LegalRole, Relationship
from documents.model import new_id, to_bson
from documents.store import Changed, Store
from portal.events.actions import add_event, correct_event, withdraw_event
from portal.events.rules import EventDraft
from tests.people import NOW, dossier, event, rederive, who

DRAFT = EventDraft(
    kind="home_visit",
    day=date(2026, 11, 20),
    to=None,
    ongoing=False,
    time="16.20",
    summary="Mājās silti, vakariņas uz plīts",
    detail="Mamma Ilze atvēra durvis.",
    fields={},
    confidentiality="standard",
    named_people=(),
    siblings=(),
    withheld=False,
    withheld_reason="",
    withheld_for=(),
    names_no_other=False,
)


async def put(store: Store, *dossiers: Dossier) -> None:
    await store.dossiers.insert_many([to_bson(rederive(d)) for d in dossiers])


async def read(store: Store, dossier_id: str) -> Dossier:
    return Dossier.model_validate(await store.dossiers.find_one({"_id": dossier_id}))


async def acts(store: Store, dossier_id: str) -> list[str]:
    rows = store.audit_entries.find({"dossier_id": dossier_id}).sort("at", 1)
    return [row["act"] async for row in rows]


async def test_an_added_event_stands_in_the_dossier_with_its_record_and_its_notices(demo_store: Store) -> None:
    await put(demo_store, dossier())
    ids = await add_event(demo_store, who("inese"), "d1", DRAFT, [], NOW)
    marta = await read(demo_store, "d1")
    assert [e.id for e in marta.events] == [ids["d1"]]
    assert marta.events[0].recorded_by is not None and marta.events[0].recorded_by.person_id == "inese"
    assert marta.revision == 2 and marta.recent[0].event_id == ids["d1"]
    assert await acts(demo_store, "d1") == ["event.added"]
    told = {row["to_role"] async for row in demo_store.outbox.find({})}
    assert told == {"role-aija", "role-ruta", "role-martins"}
    assert DRAFT.summary not in str(await demo_store.outbox.find({}).to_list())


@pytest.mark.parametrize("name", ["janis", "dace", "olga"])
async def test_who_may_not_write_changes_nothing(demo_store: Store, name: str) -> None:
    await put(demo_store, dossier())
    before = await demo_store.dossiers.find_one({"_id": "d1"})
    with pytest.raises((Forbidden, NotFound)):
        await add_event(demo_store, who(name), "d1", DRAFT, [], NOW)
    assert await demo_store.dossiers.find_one({"_id": "d1"}) == before
    assert await demo_store.outbox.count_documents({}) == 0


async def test_the_narrative_of_a_sensitive_entry_is_never_in_the_open(demo_store: Store) -> None:
    await put(demo_store, dossier())
    secret = replace(DRAFT, confidentiality="sensitive", detail="kanārijputniņš")
    await add_event(demo_store, who("inese"), "d1", secret, [], NOW)
    row = await demo_store.dossiers.find_one({"_id": "d1"})
    assert row is not None and "kanārijputniņš" not in str(row)
    opened = await demo_store.secrets.open(row["events"][0]["sealed"])
    assert opened["detail"] == "kanārijputniņš"


async def test_the_database_itself_refuses_an_open_narrative_of_a_sensitive_entry(demo_store: Store) -> None:
    with pytest.raises(BulkWriteError, match="failed validation"):
        await put(demo_store, dossier(events=[event(confidentiality="sensitive", detail="atklāti")]))


def sibling(dossier_id: str, mother: str, **changes: Any) -> Dossier:
    relationships = [
        Relationship(id="m", kind="mother", name="Mother", person_id=mother, legal_roles=[LegalRole(role="custody")])
    ]
    return dossier(id=dossier_id, relationships=relationships, **changes)


async def test_one_visit_to_siblings_is_written_once_and_stands_in_each_dossier(demo_store: Store) -> None:
    await put(demo_store, sibling("d1", "ilze"), sibling("d2", "ilze"))
    ids = await add_event(demo_store, who("inese"), "d1", replace(DRAFT, siblings=("d2",)), [], NOW)
    one, two = (await read(demo_store, "d1")).events[0], (await read(demo_store, "d2")).events[0]
    assert ids == {"d1": one.id, "d2": two.id}
    assert one.shared_id == two.shared_id is not None
    assert not one.withheld and not two.withheld


async def test_siblings_of_different_parents_start_withheld_from_the_adults(demo_store: Store) -> None:
    await put(demo_store, sibling("d1", "ilze"), sibling("d2", "zane"))
    await add_event(demo_store, who("inese"), "d1", replace(DRAFT, siblings=("d2",)), [], NOW)
    audiences = {w.audience for w in (await read(demo_store, "d2")).events[0].withheld}
    assert audiences == {"mother", "father", "carer"}
    await add_event(demo_store, who("inese"), "d1", replace(DRAFT, siblings=("d2",), names_no_other=True), [], NOW)
    assert not (await read(demo_store, "d2")).events[1].withheld


async def test_writing_for_a_sibling_one_may_not_write_for_writes_nothing_at_all(demo_store: Store) -> None:
    await put(demo_store, sibling("d1", "ilze"), sibling("d2", "ilze", case_manager=None))
    with pytest.raises((Forbidden, NotFound)):
        await add_event(demo_store, who("inese"), "d1", replace(DRAFT, siblings=("d2",)), [], NOW)
    assert (await read(demo_store, "d1")).events == []


async def test_the_same_form_sent_twice_makes_one_record(demo_store: Store) -> None:
    await put(demo_store, dossier())
    submission = new_id()
    for _ in range(2):
        await add_event(demo_store, who("inese"), "d1", DRAFT, [], NOW, submission=submission)
    sent = [add_event(demo_store, who("inese"), "d1", DRAFT, [], NOW, submission=submission) for _ in range(5)]
    await asyncio.gather(*sent)
    assert [e.id for e in (await read(demo_store, "d1")).events] == [submission]


@pytest.mark.asvs("15.4.2")
async def test_twenty_people_adding_at_once_lose_no_entry(demo_store: Store) -> None:
    await put(demo_store, dossier())
    await asyncio.gather(*(add_event(demo_store, who("inese"), "d1", DRAFT, [], NOW) for _ in range(20)))
    marta = await read(demo_store, "d1")
    assert len({e.id for e in marta.events}) == 20 and marta.revision == 21
    assert await acts(demo_store, "d1") == ["event.added"] * 20


async def test_a_correction_keeps_what_was_there_with_the_reason(demo_store: Store) -> None:
    await put(demo_store, dossier(events=[event(detail="Agrāk")]))
    await correct_event(demo_store, who("inese"), "d1", "e1", 1, replace(DRAFT, summary="Labots"), [], "kļūda", NOW)
    corrected = (await read(demo_store, "d1")).events[0]
    assert corrected.summary == "Labots" and corrected.version == 2
    assert corrected.earlier[0].content["detail"] == "Agrāk" and corrected.earlier[0].reason == "kļūda"
    assert corrected.recorded_at == NOW


async def test_who_was_slower_is_told_and_overwrites_nothing(demo_store: Store) -> None:
    await put(demo_store, dossier(events=[event()]))
    await correct_event(demo_store, who("inese"), "d1", "e1", 1, replace(DRAFT, summary="Pirmais"), [], "a", NOW)
    with pytest.raises(Changed) as conflict:
        await correct_event(demo_store, who("inese"), "d1", "e1", 1, replace(DRAFT, summary="Otrais"), [], "b", NOW)
    assert conflict.value.theirs.summary == "Pirmais"  # type: ignore[attr-defined]
    assert (await read(demo_store, "d1")).events[0].summary == "Pirmais"


async def test_of_two_corrections_at_once_one_wins_and_the_other_is_told(demo_store: Store) -> None:
    await put(demo_store, dossier(events=[event()]))
    both = [
        correct_event(demo_store, who("inese"), "d1", "e1", 1, replace(DRAFT, summary=text), [], "x", NOW)
        for text in ("A", "B")
    ]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(o).__name__ for o in outcomes) == ["Changed", "NoneType"]
    assert (await read(demo_store, "d1")).events[0].version == 2


async def test_a_withdrawn_entry_stays_with_its_reason_and_is_not_corrected_any_more(demo_store: Store) -> None:
    await put(demo_store, dossier(events=[event()]))
    await withdraw_event(demo_store, who("inese"), "d1", "e1", 1, "ne tas bērns", NOW)
    withdrawn = (await read(demo_store, "d1")).events[0]
    assert withdrawn.withdrawn is not None and withdrawn.withdrawn.reason == "ne tas bērns"
    with pytest.raises(Changed):
        await correct_event(demo_store, who("inese"), "d1", "e1", 2, DRAFT, [], "x", NOW)


async def test_another_institutions_entry_is_neither_corrected_nor_withdrawn(demo_store: Store) -> None:
    await put(demo_store, dossier(events=[event("aija")]))
    with pytest.raises(Forbidden):
        await withdraw_event(demo_store, who("inese"), "d1", "e1", 1, "x", NOW)
    with pytest.raises(Forbidden):
        await correct_event(demo_store, who("inese"), "d1", "e1", 1, DRAFT, [], "x", NOW)


async def test_five_thousand_events_overflow_to_the_archive_and_no_reader_can_tell(demo_store: Store) -> None:
    first = date(2014, 3, 14)
    life = [event(id=f"e{n}", day=first + timedelta(days=n % 4000), summary=str(n)) for n in range(EVENTS_KEPT)]
    await put(demo_store, dossier(events=life))
    store = demo_store

    async def add_many(transaction: Any, start: int) -> None:
        """As a register would deliver: a hundred entries in one transaction."""
        from auth.access import dossier_to_change, entry_for
        from documents.archive import overflow

        opened = await dossier_to_change(transaction, who("inese"), "d1", Permission.EVENT_ADD, NOW)
        fresh = [
            event(id=f"e{n}", day=first + timedelta(days=n % 4000), summary=str(n)) for n in range(start, start + 100)
        ]
        moved = await overflow(transaction, opened.dossier, coming=len(fresh))
        events = moved.pop("events", [to_bson(e) for e in opened.dossier.events])
        added = [*events, *(to_bson(e) for e in fresh)]  # type: ignore[misc]
        await transaction.change(opened.dossier, {"$set": {**moved, "events": added}})
        transaction.record(entry_for(who("inese"), "event.added", NOW, dossier_id="d1"))

    for start in range(EVENTS_KEPT, 5000, 100):
        await store.transact(lambda t, s=start: add_many(t, s))
    row = await store.dossiers.find_one({"_id": "d1"})
    assert row is not None and len(row["events"]) <= EVENTS_KEPT
    opened = await dossier_for(store, who("inese"), "d1", Permission.TIMELINE_READ, NOW, whole_life=True)
    assert len(opened.dossier.events) == 5000
    assert {e.id for e in opened.dossier.events} == {f"e{n}" for n in range(5000)}
    oldest = min(opened.dossier.events, key=lambda e: e.day).id
    assert oldest not in {e["id"] for e in row["events"]}
    await correct_event(store, who("inese"), "d1", oldest, 1, replace(DRAFT, summary="Arhīvā labots"), [], "x", NOW)
    again = await dossier_for(store, who("inese"), "d1", Permission.TIMELINE_READ, NOW, whole_life=True)
    assert next(e for e in again.dossier.events if e.id == oldest).summary == "Arhīvā labots"
    assert len(again.dossier.events) == 5000
