"""What people wrote down outlives the next extract: registers speak beside them, never over them."""

from datetime import date
from pathlib import Path
from typing import Any

from documents.dossier import Dossier
from documents.store import Store
from fixtures.loaders.people.fields import merged
from portal.contacts.words import contact_noted, contact_of, noted
from tests.pages.test_loading import CUSTODY, dossier_of, dump, load_people
from tests.people_extract import Record, adult, child

TODAY, BY = date(2026, 11, 22), "Inese Liepiņa, Sociālais dienests"


def extract(as_of: str, phone: str, **more: Any) -> Record:
    mother = adult("mother", "Ilze", "Parauga", 1, legal_roles=CUSTODY, phone=phone)
    return child(1, as_of=as_of, relations=[mother], school={"name": "Parauga pamatskola", "class": "5.b"}, **more)


async def write_down(store: Store, dossier: Dossier, phone: str) -> None:
    """As the form of contacts does: the person and the copy."""
    relationship = dossier.relationships[0]
    word = contact_noted(contact_of(relationship, "phone", TODAY), phone, BY, TODAY).model_dump(mode="json")
    await store.people.update_one(
        {"_id": relationship.person_id}, {"$set": {"phone": phone, "contacts": {"phone": word}}}
    )
    copy = {"relationships.0.phone": phone, "relationships.0.contacts": {"phone": word}}
    await store.dossiers.update_one({"_id": dossier.id}, {"$set": copy})


async def test_a_number_written_down_here_is_not_replaced_by_the_registers_next_one(
    demo_store: Store, tmp_path: Path
) -> None:
    await load_people(demo_store, tmp_path, extract("2026-11-20", "0000 0001"))
    code = child(1)["code"]
    await write_down(demo_store, await dossier_of(demo_store, code), "0000 0777")
    for _ in range(2):
        await load_people(demo_store, tmp_path, extract("2026-11-21", "0000 0002"))
        mother = (await dossier_of(demo_store, code)).relationships[0]
        word = mother.contacts["phone"]
        assert (mother.phone, word.value, word.source, word.by) == ("0000 0777", "0000 0777", "atbalsts", BY)
        assert word.mismatch and (word.mismatch.value, word.mismatch.as_of) == ("0000 0002", date(2026, 11, 21))
        before = await dump(demo_store)
    await load_people(demo_store, tmp_path, extract("2026-11-21", "0000 0002"))
    assert await dump(demo_store) == before
    await load_people(demo_store, tmp_path, extract("2026-11-22", "0000 0777"))
    assert (await dossier_of(demo_store, code)).relationships[0].contacts["phone"].mismatch is None


def test_the_word_of_people_beside_a_register_goes_when_the_register_says_the_same() -> None:
    told = {"source": "viis", "as_of": date(2026, 11, 1)}
    register = noted(None, "6.a", "", date(2026, 11, 1)).model_copy(update=told)
    beside = noted(register, "6.b", BY, TODAY)
    still = merged(beside, register.model_copy(update={"value": "6.c", "as_of": date(2026, 11, 23)}))
    assert still.value == "6.c" and still.said_here == beside.said_here
    agreed = merged(still, register.model_copy(update={"value": "6.B", "as_of": date(2026, 11, 24)}))
    assert agreed.value == "6.B" and agreed.said_here is None


async def test_where_a_child_that_becomes_protected_lives_is_sealed_as_people_said(
    demo_store: Store, tmp_path: Path
) -> None:
    home = {"actual_address": {"atvk": "0001000", "text": "Vecā iela 1"}}
    await load_people(demo_store, tmp_path, extract("2026-11-20", "0000 0001", **home))
    dossier = await dossier_of(demo_store, child(1)["code"])
    word = noted(dossier.base["actual_address"], "Jaunā iela 2", BY, TODAY).model_dump(mode="json")
    await demo_store.dossiers.update_one({"_id": dossier.id}, {"$set": {"base.actual_address": word}})
    await load_people(demo_store, tmp_path, extract("2026-11-20", "0000 0001", address_protected=True))
    after = await dossier_of(demo_store, child(1)["code"])
    assert after.protected_address and await demo_store.secrets.open(after.protected_address) == "Jaunā iela 2"
    assert "iela" not in str(after.base)
