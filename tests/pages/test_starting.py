"""Sign-in without a password never meets a real register: which start opens which database, and its cookies."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from pymongo import MongoClient

from auth.oidc import OidcClient
from auth.sessions import Sessions
from documents.mark import WrongDatabase, is_marked
from documents.migrate import migrate
from documents.model import to_bson
from documents.store import Store
from portal.app import create_app
from portal.cli.production import production_runtime, production_store
from portal.cli.stores import DATABASE, Refusal, open_command_store
from portal.decisions.seal import kept_seal
from portal.runtime import Runtime
from portal.settings import Settings
from tests.browsing import Clock
from tests.people import dossier, person

COMMAND = [str(Path(sys.executable).with_name("atbalsts"))]


@pytest.fixture
def register(mongo_uri: str, tmp_path: Path) -> Iterator[Settings]:
    """The settings of a register whose database is there and empty of everything, also of the demo's mark."""
    kept_seal(tmp_path / "seal")
    contents = {
        "mongodb_uri_file": mongo_uri.encode(),
        "oidc_client_secret_file": b"s" * 48,
        "code_key_file": b"c" * 32,
        "cookie_key_file": b"k" * 32,
        "audit_key_file": b"a" * 32,
        "seal_key_file": (tmp_path / "seal" / "seal-key.pem").read_bytes(),
        "seal_certificate_file": (tmp_path / "seal" / "seal-certificate.pem").read_bytes(),
        "master_key_file": secrets.token_bytes(96),
    }
    for name, content in contents.items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_bytes(content)
    name = f"test_{uuid4().hex[:12]}"
    yield Settings(
        public_url="https://portal.example",
        oidc_issuer="https://id.example/realms/atbalsts",
        malware_scanner="clamav:3310",
        smtp_host="mail.example",
        smtp_from="no-reply@portal.example",
        security_contact="security@portal.example",
        database=name,
        **{name: tmp_path / name for name in contents},  # type: ignore[arg-type]
    )
    with MongoClient(mongo_uri) as client:
        client.drop_database(name)


@pytest_asyncio.fixture(loop_scope="session")
async def migrated(register: Settings, mongo_uri: str) -> Settings:
    """The register in its newest form."""
    await migrate(mongo_uri, register.database)
    return register


@pytest_asyncio.fixture(loop_scope="session")
async def portal(migrated: Settings) -> AsyncIterator[Runtime]:
    """A portal in production, as `serve` opens it."""
    async with production_runtime(migrated) as held:
        yield held


async def test_production_refuses_a_database_marked_as_a_demos(register: Settings, mongo_uri: str):
    await migrate(mongo_uri, register.database)
    with MongoClient(mongo_uri) as client:
        client[register.database]["settings"].insert_one({"_id": "mode", "demo": True})
    with pytest.raises(WrongDatabase, match="no password"):
        async with production_store(register):
            pass


async def test_production_refuses_a_database_of_an_older_form(register: Settings):
    with pytest.raises(Refusal, match="admin migrate"):
        async with production_store(register):
            pass


async def test_the_demo_refuses_a_register_also_where_mongodb_uri_names_it(
    mongo_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MONGODB_URI", mongo_uri)
    with MongoClient(mongo_uri) as client:
        client.drop_database(DATABASE)
        await migrate(mongo_uri, DATABASE)
        try:
            client[DATABASE]["people"].insert_one({"_id": "somebody", "given_name": "A", "family_name": "B"})
            with pytest.raises(Refusal, match="no demo"):
                async with open_command_store(tmp_path):
                    pass
            assert client[DATABASE]["settings"].find_one({"_id": "mode"}) is None
        finally:
            client.drop_database(DATABASE)


async def test_an_empty_database_becomes_a_demos_for_good(
    mongo_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MONGODB_URI", mongo_uri)
    try:
        for _ in range(2):
            async with open_command_store(tmp_path) as store:
                assert await is_marked(store)
    finally:
        with MongoClient(mongo_uri) as client:
            client.drop_database(DATABASE)


def _browser(held: Runtime) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(held))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=held.settings.public_url)


async def _signed_in(held: Runtime) -> str:
    someone = person("inese")
    await held.store.people.insert_one(to_bson(someone))
    token, _ = await held.sessions.open(
        held.now(), person_id=someone.id, sub=someone.id, id_token="", role_id="role-inese", acr="high"
    )
    return token


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1")
async def test_in_production_every_cookie_is_for_https_and_this_host_alone(portal: Runtime):
    token = await _signed_in(portal)
    async with _browser(portal) as browser:
        browser.cookies.set("__Host-atbalsts", token, domain="portal.example")
        roles = await browser.get("/roles")
        assert roles.status_code == 200
        assert roles.headers["strict-transport-security"].startswith("max-age=63072000")
        found = re.search(r'name="csrf"[^>]*value="([^"]+)"', roles.text)
        assert found
        chosen = await browser.post("/roles", data={"csrf": found[1], "role": "role-inese"})
        spoken = await browser.post("/language/en", data={"csrf": found[1]})
    assert chosen.headers["set-cookie"].startswith("__Host-atbalsts=")
    for answer in (chosen, spoken):
        _only_here(answer)


def _only_here(answer: httpx.Response) -> list[str]:
    """Every cookie of the answer is bound to this host and https; returns their names."""
    cookies = answer.headers.get_list("set-cookie")
    for cookie in cookies:
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= flags, cookie
        assert not any(flag.startswith("domain") for flag in flags), cookie
        assert cookie.startswith("__Host-"), cookie
    return [cookie.partition("=")[0] for cookie in cookies]


@pytest.mark.asvs("3.3.3")
async def test_in_production_sign_in_language_and_notice_wait_in_cookies_of_this_host(portal: Runtime):
    token = await _signed_in(portal)
    await portal.store.dossiers.insert_one(to_bson(dossier()))
    portal.oidc._known = {"authorization_endpoint": "https://id.example/auth"}  # the provider itself is not here
    async with _browser(portal) as browser:
        assert _only_here(await browser.get("/sign-in")) == ["__Host-atbalsts_flow"]
        browser.cookies.set("__Host-atbalsts", token, domain="portal.example")
        csrf = re.search(r'name="csrf"[^>]*value="([^"]+)"', (await browser.get("/roles")).text)
        assert csrf
        assert _only_here(await browser.post("/language/en", data={"csrf": csrf[1]})) == ["__Host-language"]
        kept = await browser.post("/dossiers/d1/events", data={"csrf": csrf[1], "kind": "home_visit", "step": "draft"})
        assert _only_here(kept) == ["__Host-atbalsts_notice"]
        said = await browser.get("/roles")
        assert '<html lang="en"' in said.text and "The draft is kept." in said.text
        assert _only_here(said) == ["__Host-atbalsts_notice"]
        assert "The draft is kept." not in (await browser.get("/roles")).text


async def test_in_production_cookies_under_plain_names_mean_nothing(portal: Runtime):
    token = await _signed_in(portal)
    async with _browser(portal) as browser:
        browser.cookies.set("__Host-atbalsts", token, domain="portal.example")
        browser.cookies.set("language", "en", domain="portal.example")
        browser.cookies.set("atbalsts_notice", "draft_kept", domain="portal.example")
        answer = await browser.get("/roles")
    assert '<html lang="lv"' in answer.text and 'class="notice tone-success' not in answer.text


async def test_in_production_the_demos_cookie_means_nothing(portal: Runtime):
    token = await _signed_in(portal)
    async with _browser(portal) as browser:
        browser.cookies.set("atbalsts_demo", token, domain="portal.example")
        answer = await browser.get("/roles", follow_redirects=False)
    assert answer.status_code in (302, 303, 401)


async def test_a_demo_runtime_is_the_only_one_with_a_plain_cookie(demo_store: Store):
    settings = Settings(mode="demo", public_url="http://127.0.0.1:8000", oidc_issuer="http://127.0.0.1:8000/realms/x")
    held = Runtime(
        settings=settings,
        store=demo_store,
        oidc=OidcClient(settings.oidc_issuer, settings.oidc_client_id, "demo"),
        sessions=Sessions(demo_store.sessions),
        cookie_key=b"c" * 32,
        audit_key=b"a" * 32,
        clock=Clock(),
    )
    async with _browser(held) as browser:
        spoken = await browser.post("/language/en", data={})
    assert "secure" not in spoken.headers["set-cookie"].lower()
    assert "strict-transport-security" not in spoken.headers
    await held.oidc.aclose()


def _environment(register: Settings) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ATBALSTS_")}
    given = register.model_dump(mode="json", exclude_defaults=True)
    return own | {f"ATBALSTS_{name.upper()}": str(value) for name, value in given.items()}


def test_serve_and_worker_start_say_so_and_stop_cleanly(migrated: Settings, tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    alive = tmp_path / "alive"
    for words in (["serve", "--port", port], ["worker", "--alive", str(alive)]):
        process = subprocess.Popen([*COMMAND, *words], env=_environment(migrated), stdout=subprocess.PIPE, text=True)
        with process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Ready: ")
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0, words
    assert alive.exists()


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["admin", "migrate"], ["admin", "audit-verify"]])
def test_without_settings_a_command_of_production_ends_in_one_sentence(words: list[str]):
    own = {name: value for name, value in os.environ.items() if not name.startswith("ATBALSTS_")}
    done = subprocess.run([*COMMAND, *words], env=own, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("atbalsts: This would not be safe to start.")
    assert "Traceback" not in done.stderr
