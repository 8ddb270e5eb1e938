"""Every route declares its permission and stands in `routes.txt`; what declares none answers nobody."""

from pathlib import Path

import httpx
import pytest
from litestar import get

from auth.permissions import Permission
from documents.store import Store
from portal.app import CONTROLLERS, create_app
from portal.cli.check import route_lines
from portal.guard import UndeclaredPermission
from tests.browsing import Clock, make_runtime

SNAPSHOT = Path(__file__).with_name("routes.txt")
LINES = [line.rstrip() for line in route_lines()]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def test_the_routes_are_those_somebody_has_looked_at():
    known = SNAPSHOT.read_text().splitlines()
    added = [line for line in LINES if line not in known]
    gone = [line for line in known if line not in LINES]
    assert (added, gone) == ([], []), (
        "The routes have changed. Look at each for its permission, then write them anew:\n"
        "  .venv/bin/atbalsts routes > tests/contracts/routes.txt"
    )
    assert known == LINES


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("line", LINES)
def test_every_route_has_a_permission_of_the_list_and_a_name(line: str):
    method, path, permission, name = line.split()
    assert permission in set(Permission)
    assert name != "None"
    assert path.startswith("/")
    assert method in {"GET", *UNSAFE}


def test_names_of_routes_are_used_once():
    names = [line.split()[3] for line in LINES]
    assert len(names) == len(set(names))


def test_what_changes_something_for_everybody_is_on_a_short_list():
    public = {line.split()[1] for line in LINES if line.split()[0] in UNSAFE and line.split()[2] == "public"}
    # A language, and what the identity provider has signed.
    assert public == {"/language/{code:str}", "/sign-out/backchannel", "/verify"}


@get("/undeclared", name="undeclared")
async def undeclared() -> str:
    """A route somebody forgot to think about."""
    return "secret"


@get("/misspelt", name="misspelt", opt={"permission": "publik"})
async def misspelt() -> str:
    """A route with a permission that is none."""
    return "secret"


@pytest.mark.parametrize(("handler", "error"), [(undeclared, UndeclaredPermission), (misspelt, ValueError)])
async def test_a_route_that_declares_nothing_answers_nobody(demo_store: Store, handler: object, error: type[Exception]):
    """The control."""
    held = make_runtime(demo_store, Clock())
    app = create_app(held, more_routes=(handler,))  # type: ignore[arg-type]
    path = "/undeclared" if handler is undeclared else "/misspelt"
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=held.settings.public_url) as client:
        answer = await client.get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert error.__name__ not in answer.text
    await held.oidc.aclose()


@pytest.mark.asvs("13.4.5")
@pytest.mark.parametrize("path", ["/schema", "/docs", "/metrics", "/debug", "/.git/config", "/openapi.json"])
async def test_nothing_is_served_that_nobody_wrote(demo_store: Store, path: str):
    held = make_runtime(demo_store, Clock())
    transport = httpx.ASGITransport(create_app(held))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=held.settings.public_url) as client:
        assert (await client.get(path)).status_code == 404
    await held.oidc.aclose()


@pytest.mark.asvs("4.1.4")
@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_every_other_method_is_refused(demo_store: Store, method: str):
    held = make_runtime(demo_store, Clock())
    transport = httpx.ASGITransport(create_app(held))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=held.settings.public_url) as client:
        for path in ("/", "/desk", "/healthz", "/dossiers/x/timeline"):
            answer = await client.request(method, path)
            assert (path, answer.status_code) == (path, 405)
            assert answer.headers["x-content-type-options"] == "nosniff"
    await held.oidc.aclose()


def test_controllers_are_mounted_once():
    assert len(CONTROLLERS) == len(set(map(str, CONTROLLERS)))
