"""The demo story in a real database: written once, sealed where it must be, found the way the portal asks."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest_asyncio
from pymongo.asynchronous.database import AsyncDatabase

from auth.policy import reach
from auth.who import FAMILY_ROLE, Who, who_is
from documents.dossier import Dossier
from documents.files import open_file
from documents.migrate import migrate
from documents.person import Person
from documents.personal_code import parse
from documents.reading import last_looks
from documents.store import Store, open_store
from fixtures.story import StorySummary, build, cast, dossier_id, load_story, story_age

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(mongo_uri: str, database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[Store]:
    await migrate(mongo_uri, database.name)
    kms = {"local": {"key": secrets.token_bytes(96)}}
    async with open_store(mongo_uri, database.name, kms, b"code key of the test", models=False) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loaded(store: Store) -> StorySummary:
    assert await story_age(store, TODAY) is None
    return await load_story(store, TODAY, NOW)


async def person(store: Store, person_id: str) -> Person:
    row = await store.people.find_one({"_id": person_id})
    assert row
    return Person.model_validate(row)


async def dossier(store: Store, label: str) -> Dossier:
    row = await store.dossiers.find_one({"_id": dossier_id(label)})
    assert row
    return Dossier.model_validate(row)


async def signed_in(store: Store, person_id: str, role: str) -> Who:
    return who_is(await person(store, person_id), role, None, NOW)


async def test_everything_told_is_written(store: Store, loaded: StorySummary) -> None:
    story = build(TODAY, NOW)
    assert loaded.loaded_now
    assert await store.people.count_documents({}) == loaded.people == len(story.people)
    assert await store.institutions.count_documents({}) == loaded.institutions == len(story.institutions)
    assert await store.dossiers.count_documents({}) == loaded.dossiers == len(story.dossiers)
    for label, told in story.dossiers.items():
        kept = await dossier(store, label)
        assert len(kept.events) == len(told.events)
        assert kept.readers == told.readers


async def test_loading_again_changes_nothing(store: Store, loaded: StorySummary) -> None:
    before = await store.dossiers.find({}).to_list()
    log = await store.audit_entries.count_documents({})
    again = await load_story(store, TODAY + timedelta(days=20), NOW + timedelta(days=20))
    assert not again.loaded_now
    assert again.loaded == TODAY
    assert await store.dossiers.find({}).to_list() == before
    assert await store.audit_entries.count_documents({}) == log


async def test_the_story_knows_how_old_it_is(store: Store, loaded: StorySummary) -> None:
    assert await story_age(store, TODAY) == 0
    assert await story_age(store, TODAY + timedelta(days=15)) == 15


async def test_sensitive_words_are_sealed_and_can_be_opened(store: Store, loaded: StorySummary) -> None:
    told = build(TODAY, NOW).dossiers["tomass"]
    kept = await dossier(store, "tomass")
    narrow = [event for event in kept.events if event.confidentiality != "standard"]
    assert len(narrow) > 5
    for event in narrow:
        assert (event.detail, event.fields) == ("", {})
        assert event.sealed
        words = next(e for e in told.events if e.id == event.id)
        assert await store.secrets.open(event.sealed) == {"detail": words.detail, "fields": words.fields}


async def test_no_code_and_no_protected_address_lies_in_the_open(store: Store, loaded: StorySummary) -> None:
    story = build(TODAY, NOW)
    everything = str([*await store.people.find({}).to_list(), *await store.dossiers.find({}).to_list()])
    for hidden in (*story.codes.values(), *story.protected_addresses.values()):
        assert hidden not in everything
    alise = await dossier(store, "alise")
    assert alise.protected_address
    assert await store.secrets.open(alise.protected_address) == story.protected_addresses[alise.id]


async def test_a_child_is_found_by_its_code(store: Store, loaded: StorySummary) -> None:
    text = build(TODAY, NOW).codes[dossier_id("marta")]
    row = await store.dossiers.find_one({"child.code_hash": parse(text, accept_invented=True).hash(store.code_key)})
    assert row
    kept = Dossier.model_validate(row)
    assert kept.child.name == "Marta Kalniņa"
    assert kept.child.code
    assert await store.secrets.open(kept.child.code) == text


async def test_each_reaches_the_own_children_and_nobody_the_unopened_one(store: Store, loaded: StorySummary) -> None:
    async def reached(who: Who) -> set[str]:
        return {row["_id"] async for row in store.dossiers.find(reach(who, NOW), {"_id": 1})}

    ids = {label: dossier_id(label) for label in build(TODAY, NOW).dossiers}
    assert await reached(await signed_in(store, "inese-liepina", "inese-liepina-1")) == {
        ids[label] for label in ("marta", "janis", "liva")
    }
    assert await reached(await signed_in(store, "zane-kaulina", "zane-kaulina-1")) == set()
    assert await reached(await signed_in(store, "rihards-sprogis", FAMILY_ROLE)) == {ids["rihards"]}
    assert await reached(await signed_in(store, "andris-kalnins", FAMILY_ROLE)) == {ids["marta"], ids["janis"]}
    assert await reached(await signed_in(store, "agnese-sproge", FAMILY_ROLE)) == {ids["rihards"]}


async def test_the_desk_has_news_since_the_last_look(store: Store, loaded: StorySummary) -> None:
    marta = await dossier(store, "marta")
    looks = await last_looks(store, "aija-zarina", [marta.id])
    looked = looks[marta.id]
    news = [change for change in marta.recent if change.at > looked and change.role_id != "aija-zarina-1"]
    assert NOW - timedelta(days=8) < looked < NOW - timedelta(days=2)
    assert news


async def test_who_looked_has_several_institutions(store: Store, loaded: StorySummary) -> None:
    rows = store.audit_entries.find({"dossier_id": dossier_id("marta"), "act": "dossier.read"})
    assert len({row.get("institution_id") async for row in rows}) >= 5


async def test_the_cast_is_listed_by_domain_with_families_last(store: Store, loaded: StorySummary) -> None:
    members = await cast(store)
    groups = list(dict.fromkeys(member.group for member in members))
    assert groups == ["education", "health", "welfare", "interior", "justice", "governance", "family"]
    assert len(members) >= 45
    assert all(member.subtitle for member in members)
    assert not any("saskarne" in member.id for member in members)


async def test_drawings_are_kept_with_their_entries(store: Store, loaded: StorySummary) -> None:
    kept = [event for label in ("marta", "tomass") for event in (await dossier(store, label)).events]
    files = [attachment for event in kept for attachment in event.attachments]
    assert {file.media_type for file in files} == {"image/png", "application/pdf"}
    for file in files:
        content = b"".join([part async for part in await open_file(store, file.file_id)])
        assert len(content) == file.size
