"""An identity is linked to a person once, by the code of a trusted broker, all or nothing, and found by its index."""

import asyncio
from typing import Any

import pytest

from auth.identities import person_behind
from auth.oidc import Identity
from documents.model import to_bson
from documents.person import Person
from documents.personal_code import invent, parse
from documents.store import Store
from fixtures.story import link_cast
from tests.pages.test_queries import no_collection_scans
from tests.people import NOW, person

CODE = invent(NOW.date().replace(year=1980), 3)
ISSUER = "https://id.example/realms/atbalsts"


def identity(**changes: Any) -> Identity:
    given = {"issuer": ISSUER, "sub": "s-1", "sid": None, "provider": "smart-id", "acr": "high", "auth_time": None}
    return Identity(**{**given, "id_token": "", "access_token": "", **changes})


async def behind(store: Store, who: Identity, code: str | None = CODE, trusted: tuple[str, ...] = ("smart-id",)) -> Any:
    async def asserted() -> str | None:
        return code

    return await person_behind(store, who, asserted, trusted=trusted, accept_invented=True, now=NOW)


@pytest.fixture
def known(demo_store: Store) -> Person:
    return person(
        "inese", code_hash=parse(CODE, accept_invented=True).hash(demo_store.code_key), email="inese@a.example"
    )


async def test_a_trusted_code_links_and_from_then_on_nobody_asks_for_it(demo_store: Store, known: Person) -> None:
    await demo_store.people.insert_one(to_bson(known))
    assert (await behind(demo_store, identity())).id == "inese"
    row = await demo_store.people.find_one({"_id": "inese"})
    assert row and row["revision"] == known.revision + 1
    again = await behind(demo_store, identity(), code="never asked", trusted=())
    assert again.id == "inese"


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (identity(provider="staff"), CODE),
        (identity(provider=None), CODE),
        (identity(provider=""), CODE),
        (identity(), None),
        (identity(), "inese@a.example"),
        (identity(), invent(NOW.date().replace(year=1980), 4)),
    ],
    ids=str,
)
async def test_anything_else_links_nobody(demo_store: Store, known: Person, who: Identity, code: str | None) -> None:
    await demo_store.people.insert_one(to_bson(known))
    assert await behind(demo_store, who, code) is None
    assert await demo_store.people.count_documents({"identities": {"$exists": True}}) == 0


@pytest.mark.asvs("6.8.1")
async def test_the_same_subject_of_another_issuer_is_somebody_else(demo_store: Store, known: Person) -> None:
    await demo_store.people.insert_one(to_bson(known))
    await behind(demo_store, identity())
    assert await behind(demo_store, identity(issuer="https://other.example/realms/atbalsts"), None) is None
    assert await behind(demo_store, identity(sub="s-2"), None) is None


async def test_a_code_somebody_had_before_links_nobody(demo_store: Store, known: Person) -> None:
    old = known.model_copy(update={"code_hash": None, "former_code_hashes": [known.code_hash]})
    await demo_store.people.insert_one(to_bson(old))
    assert await behind(demo_store, identity()) is None


async def test_the_same_sign_in_in_many_tabs_links_once(demo_store: Store, known: Person) -> None:
    await demo_store.people.insert_one(to_bson(known))
    found = await asyncio.gather(*(behind(demo_store, identity()) for _ in range(8)))
    assert {one.id for one in found} == {"inese"}
    row = await demo_store.people.find_one({"_id": "inese"})
    assert row and len(row["identities"]) == 1
    assert await demo_store.audit_entries.count_documents({"act": "identity.linked"}) == 1


async def test_the_cast_is_known_at_the_demos_provider_wherever_it_is(demo_store: Store) -> None:
    await demo_store.people.insert_one(to_bson(person("inese", demo_note="sociālā darbiniece")))
    for port, changed in ((8000, 1), (8000, 0), (8001, 1)):
        issuer = f"http://127.0.0.1:{port}/realms/demo"
        assert await link_cast(demo_store, issuer, lambda person_id: person_id, NOW) == changed
        found = await behind(demo_store, identity(issuer=issuer, sub="inese", provider=None), None)
        assert found.id == "inese"


# The last one here: a profile that was written cannot be emptied for the next.
async def test_finding_and_linking_use_indexes(demo_store: Store, known: Person) -> None:
    await demo_store.people.insert_many([to_bson(known), *(to_bson(person(f"p{n}")) for n in range(50))])
    async with no_collection_scans(demo_store.database):
        for _ in range(2):
            assert (await behind(demo_store, identity())).id == "inese"
