"""Correcting base data and contacts on the real database: per field, all or nothing, nothing lost, copies follow."""

import asyncio
from datetime import date
from typing import Any

import pytest

from auth.access import Forbidden, NotFound
from documents.child import BaseField, Child
from documents.copies import work_once
from documents.dossier import Dossier
from documents.family import LegalRole, Relationship
from documents.model import to_bson
from documents.person import Person
from documents.store import Changed, Store
from portal.contacts.actions import change_base, change_contacts
from portal.contacts.rules import Edit
from tests.people import NOW, TODAY, dossier, person, rederive, who

BEFORE = date(2026, 11, 1)
CLASS = BaseField(value="6.a", source="viis", as_of=BEFORE)


def mother(**changes: Any) -> Relationship:
    values: dict[str, Any] = {
        "id": "m",
        "kind": "mother",
        "name": "Ilze Tests",
        "person_id": "ilze",
        "phone": "0000 0001",
    }
    return Relationship(**values | {"legal_roles": [LegalRole(role="custody")], "note": "zvanīt vakaros"} | changes)


async def put(store: Store, *dossiers: Dossier) -> None:
    ilze = person(
        "ilze",
        phone="0000 0001",
        email="ilze@pasts.example",
        source="population_register",
        as_of=BEFORE,
        children=[d.id for d in dossiers],
    )
    await store.people.insert_one(to_bson(ilze))
    await store.dossiers.insert_many([to_bson(rederive(d)) for d in dossiers])


def child(dossier_id: str = "d1", **changes: Any) -> Dossier:
    return dossier(id=dossier_id, relationships=[mother()], base={"class": CLASS}, **changes)


async def read(store: Store, dossier_id: str = "d1") -> Dossier:
    return Dossier.model_validate(await store.dossiers.find_one({"_id": dossier_id}))


def phone(text: str, was: str = "0000 0001", version: int = 0) -> list[Edit]:
    return [Edit("phone", text, was, version)]


def edit(name: str, text: str, was: str = "", version: int = 0) -> Edit:
    return Edit(name, text, was, version)


async def test_a_new_number_stands_here_at_once_and_in_other_dossiers_after_the_worker(demo_store: Store) -> None:
    await put(demo_store, child("d1"), child("d2", case_manager=None))
    await change_contacts(demo_store, who("inese"), "d1", "m", phone("0000 0002"), NOW)
    here, there = (await read(demo_store, "d1")).relationships[0], (await read(demo_store, "d2")).relationships[0]
    assert (here.phone, here.email, here.note) == ("0000 0002", "ilze@pasts.example", "zvanīt vakaros")
    assert there.phone == "0000 0001"
    ilze = Person.model_validate(await demo_store.people.find_one({"_id": "ilze"}))
    assert (ilze.phone, ilze.revision) == ("0000 0002", 2) and ilze.contacts == here.contacts
    word = here.contacts["phone"]
    assert word.by == "Inese Tests, Cēsu novada Sociālais dienests" and word.as_of == TODAY
    assert word.mismatch and (word.mismatch.source, word.mismatch.value) == ("population_register", "0000 0001")
    job = await demo_store.outbox.find_one({})
    assert job and (job["kind"], job["subject"], job["state"]) == ("person.copies", "ilze", "waiting")
    logged = await demo_store.audit_entries.find_one({"act": "contacts.changed"})
    assert logged and (logged["dossier_id"], logged["subject"], logged["person_id"]) == ("d1", "m", "inese")
    assert logged["relation"] == "case_manager" and "0000" not in str(logged)
    assert await work_once(demo_store, "w", NOW)
    there = (await read(demo_store, "d2")).relationships[0]
    assert (there.phone, there.contacts) == ("0000 0002", here.contacts)


async def test_somebody_who_is_no_person_of_the_register_is_changed_in_the_dossier_alone(demo_store: Store) -> None:
    await put(demo_store, dossier(relationships=[Relationship(id="n", kind="trusted_person", name="Kaimiņiene")]))
    await change_contacts(
        demo_store, who("aija"), "d1", "n", [edit("phone", "0000 0009"), edit("email", "k@k.example")], NOW
    )
    neighbour = (await read(demo_store)).relationships[0]
    assert (neighbour.phone, neighbour.email) == ("0000 0009", "k@k.example")
    assert await demo_store.outbox.count_documents({}) == 0


async def test_two_edits_of_the_same_contact_conflict_and_of_two_contacts_do_not(demo_store: Store) -> None:
    await put(demo_store, child())
    await change_contacts(demo_store, who("inese"), "d1", "m", phone("0000 0002"), NOW)
    await change_contacts(
        demo_store, who("aija"), "d1", "m", [edit("email", "jauns@pasts.example", "ilze@pasts.example")], NOW
    )
    with pytest.raises(Changed) as conflict:
        await change_contacts(demo_store, who("aija"), "d1", "m", phone("0000 0003"), NOW)
    assert conflict.value.theirs == ["phone"]
    here = (await read(demo_store)).relationships[0]
    assert (here.phone, here.email) == ("0000 0002", "jauns@pasts.example")
    await change_contacts(demo_store, who("aija"), "d1", "m", phone("0000 0003", "0000 0002", 1), NOW)
    assert (await read(demo_store)).relationships[0].phone == "0000 0003"


async def test_a_conflict_is_seen_across_dossiers_because_the_person_is_one(demo_store: Store) -> None:
    await put(demo_store, child("d1"), child("d2"))
    await change_contacts(demo_store, who("inese"), "d1", "m", phone("0000 0002"), NOW)
    with pytest.raises(Changed):  # the copy in d2 is still the old one
        await change_contacts(demo_store, who("inese"), "d2", "m", phone("0000 0003"), NOW)


async def test_the_same_form_sent_twice_changes_once(demo_store: Store) -> None:
    await put(demo_store, child())
    for _ in range(3):
        await change_contacts(demo_store, who("inese"), "d1", "m", phone("0000 0002"), NOW)
        await change_base(demo_store, who("inese"), "d1", [edit("interests", "šahs")], NOW)
    assert (await read(demo_store)).revision == 3
    assert await demo_store.audit_entries.count_documents({}) == 2
    assert await demo_store.outbox.count_documents({}) == 1


@pytest.mark.asvs("15.4.2")
async def test_of_twenty_people_changing_one_number_one_wins_and_the_others_are_told(demo_store: Store) -> None:
    await put(demo_store, child())
    sent = [change_contacts(demo_store, who("inese"), "d1", "m", phone(f"0000 01{n:02}"), NOW) for n in range(20)]
    outcomes = await asyncio.gather(*sent, return_exceptions=True)
    assert sum(isinstance(outcome, Changed) for outcome in outcomes) == 19 and None in outcomes
    assert (await read(demo_store)).revision == 2
    assert await demo_store.audit_entries.count_documents({"act": "contacts.changed"}) == 1


async def test_people_changing_different_fields_at_once_all_succeed(demo_store: Store) -> None:
    await put(demo_store, child())
    names = ("interests", "language", "contact_person", "school", "programme", "family_doctor")
    await asyncio.gather(*(change_base(demo_store, who("inese"), "d1", [edit(n, f"x {n}")], NOW) for n in names))
    base = (await read(demo_store)).base
    assert {name: base[name].value for name in names} == {name: f"x {name}" for name in names}


async def test_a_form_with_one_conflict_saves_nothing_of_it(demo_store: Store) -> None:
    await put(demo_store, child())
    await change_base(demo_store, who("aija"), "d1", [edit("class", "6.b", "6.a", 1)], NOW)
    with pytest.raises(Changed) as conflict:
        await change_base(
            demo_store, who("inese"), "d1", [edit("class", "6.c", "6.a", 1), edit("interests", "šahs")], NOW
        )
    assert conflict.value.theirs == ["class"]
    base = (await read(demo_store)).base
    assert "interests" not in base and base["class"].value == "6.a"
    assert base["class"].said_here and base["class"].said_here.value == "6.b"


async def test_a_responsible_person_writes_contacts_and_no_other_base_data(demo_store: Store) -> None:
    await put(demo_store, child())
    await change_contacts(demo_store, who("martins"), "d1", "m", phone("0000 0002"), NOW)
    await change_base(demo_store, who("martins"), "d1", [edit("contact_person", "Velta, 0000 0005")], NOW)
    before = await demo_store.dossiers.find_one({"_id": "d1"})
    with pytest.raises(Forbidden):
        await change_base(demo_store, who("martins"), "d1", [edit("class", "6.b", "6.a", 1)], NOW)
    assert await demo_store.dossiers.find_one({"_id": "d1"}) == before


@pytest.mark.parametrize("name", ["ruta", "janis", "dace", "olga"])
async def test_who_may_not_write_changes_nothing(demo_store: Store, name: str) -> None:
    await put(demo_store, child())
    before = [await demo_store.dossiers.find_one({}), await demo_store.people.find_one({})]
    with pytest.raises((Forbidden, NotFound)):
        await change_contacts(demo_store, who(name), "d1", "m", phone("0000 0002"), NOW)
    with pytest.raises((Forbidden, NotFound)):
        await change_base(demo_store, who(name), "d1", [edit("contact_person", "x")], NOW)
    assert [await demo_store.dossiers.find_one({}), await demo_store.people.find_one({})] == before


async def test_nobody_of_another_child_is_reached_through_this_one(demo_store: Store) -> None:
    await put(demo_store, child())
    for foreign in ("r9", "", "ilze"):
        with pytest.raises(NotFound):
            await change_contacts(demo_store, who("inese"), "d1", foreign, phone("0000 0002"), NOW)


def hidden_child() -> Child:
    return Child(given_name="Alise", family_name="Gulbe", birth_date=date(2016, 3, 14), protected=True)


async def test_where_a_protected_child_lives_is_written_down_sealed_by_those_who_may_read_it(demo_store: Store) -> None:
    await put(demo_store, child(child=hidden_child(), protected_address=None))
    await change_base(demo_store, who("inese"), "d1", [edit("actual_address", "Slepenā iela 1")], NOW)
    row = await demo_store.dossiers.find_one({"_id": "d1"})
    assert row and "Slepenā" not in str(row) and "actual_address" not in row["base"]
    word = await demo_store.secrets.open(row["protected_residence"])
    assert word == {"value": "Slepenā iela 1", "as_of": "2026-11-22", "by": who("inese").signed}
    with pytest.raises(Changed):
        await change_base(demo_store, who("aija"), "d1", [edit("actual_address", "Cita iela 2")], NOW)
    with pytest.raises(Forbidden):  # responsible: knows the place, reads no sealed address
        await change_base(demo_store, who("martins"), "d1", [edit("actual_address", "Cita iela 2")], NOW)
    assert "Slepenā" not in str(await demo_store.audit_entries.find({}).to_list())
