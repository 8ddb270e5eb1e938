"""A real Keycloak, one for the whole run: these tests stand in one group, which one process works through."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from auth.keycloak.distribution import KeycloakMissing, distribution
from tests.keycloak.ground import Ground, running_ground

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder shares one server."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("keycloak"))


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
