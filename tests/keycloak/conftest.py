"""A real Keycloak, one for the whole run: these tests stand in one group, which one process works through."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from auth.keycloak.distribution import KeycloakMissing, distribution
from documents.model import to_bson
from documents.personal_code import parse
from documents.store import Store
from tests.keycloak.ground import CODES, REALM, Ground, running_ground
from tests.keycloak.served import Portal, served
from tests.people import dossier, person

HERE = Path(__file__).parent
ON = {"sign_in_with": ("latvija-lv", "smart-id", "staff"), "trusted_providers": ("latvija-lv", "smart-id")}


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The server; without Keycloak one clear line says so, under CI that is a failure."""
    try:
        distribution()
    except KeycloakMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    with running_ground(tmp_path_factory.mktemp("keycloak") / "server") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def brokered_portal(ground: Ground, prepared_store: Store) -> AsyncIterator[Portal]:
    """A portal of the realm as production has it, where three brokers are on."""
    async with served(ground, REALM, prepared_store, **ON) as portal:
        yield portal


@pytest_asyncio.fixture(loop_scope="session")
async def brokered(ground: Ground, brokered_portal: Portal, demo_store: Store) -> AsyncIterator[Portal]:
    """It knows Inese and Dace of the staff and Ilze, a mother, by their codes; nobody is linked yet, or signed in."""
    for name in ("inese", "dace", "ilze"):
        code_hash = parse(CODES[name], accept_invented=True).hash(demo_store.code_key)
        children = ["d1"] if name == "ilze" else []
        await demo_store.people.insert_one(to_bson(person(name, code_hash=code_hash, children=children)))
    await demo_store.dossiers.insert_one(to_bson(dossier()))
    yield brokered_portal
    await brokered_portal.forget()
    await ground.admin.does("POST", f"{REALM}/logout-all")
