"""The production-like start keeps to the published compose schema and to our own promises about it."""

import importlib.resources
import json
import os
import re
import secrets
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pymongo import MongoClient

from auth.keycloak.distribution import VERSION
from portal.settings import Settings, UnsafeSettings

ROOT = Path(__file__).parents[2]
REALM = ROOT / "auth/keycloak/atbalsts-realm.json"
TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("atbalsts:")]
JOBS = {
    waited
    for service in SERVICES.values()
    for waited, how in service.get("depends_on", {}).items()
    if how["condition"] == "service_completed_successfully"
}
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?[a-z0-9.-]*(@sha256:[0-9a-f]{64})?")


def test_it_keeps_to_the_published_schema():
    schemas = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((schemas / "compose-spec.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    broken = {**COMPOSE, "services": {"portal": {"imagge": "x"}}}
    assert not validator.is_valid(broken)


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_its_exact_version(name: str):
    assert PINNED.fullmatch(SERVICES[name]["image"])


@pytest.mark.parametrize("path", ["Dockerfile", "deploy/keycloak.Dockerfile"])
def test_every_base_image_has_its_exact_version(path: str):
    stages = re.findall(r"^FROM (\S+)", (ROOT / path).read_text(), re.M)
    assert stages
    assert all(PINNED.fullmatch(stage) for stage in stages)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_whether_it_is_well_or_ends(name: str):
    service = SERVICES[name]
    assert (name in JOBS and service["restart"] == "no") or service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_runs_with_as_little_as_it_can(name: str):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    assert not service.get("privileged")
    assert "docker.sock" not in json.dumps(service)


def test_only_the_proxy_and_the_caught_mail_are_reached_from_outside():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"proxy", "mail"}
    assert all(port.startswith("127.0.0.1:") for port in published["mail"])


def test_networks_keep_apart_what_need_not_meet():
    inside = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    reach = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert inside == {"pages", "data", "identity", "post", "scan"}
    assert {name for name, networks in reach.items() if "outside" in networks} == {
        "proxy",
        "mail",
        "clamav",
        "keycloak",
    }
    assert {name for name, networks in reach.items() if "post" in networks} == {"worker", "mail"}
    assert {name for name, networks in reach.items() if "data" in networks} == {
        *OURS,
        "mongo-1",
        "mongo-2",
        "mongo-3",
    }


def test_no_secret_is_written_here():
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"(PASSWORD|SECRET|KEY|URI|TOKEN)(_|$)", key):
                assert str(value).startswith("/run/secrets/"), f"{name}: {key}"
    assert not re.search(r"://[^/\s$]+:[^/\s]+@", TEXT)


def test_every_secret_is_a_file_that_is_made_and_used():
    made = (ROOT / "tools/compose-secrets").read_text()
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
        assert name in made
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"/secrets/", "/.env"} <= set(ignored)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_secrets_its_settings_name(name: str):
    service = SERVICES[name]
    words = json.dumps([service.get("environment", {}), service.get("command", [])])
    named = set(re.findall(r"/run/secrets/([a-z_]+)", words))
    assert named <= set(service.get("secrets", []))


@pytest.mark.parametrize("name", OURS)
def test_every_setting_named_is_one_we_have(name: str):
    known = {f"ATBALSTS_{field.upper()}" for field in Settings.model_fields}
    named = {key for key in SERVICES[name].get("environment", {}) if key.startswith("ATBALSTS_")}
    assert named <= known


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of secrets as the script makes it."""
    folder = tmp_path_factory.mktemp("compose")
    for _ in range(2):
        subprocess.run([ROOT / "tools/compose-secrets", "trial.example"], cwd=folder, check=True, capture_output=True)
    return folder


def test_a_page_knows_within_half_a_minute_that_the_database_is_away(made: Path):
    """A silent node is noticed when a look at it (every ten seconds) takes too long; then another one is sought."""
    with MongoClient[dict[str, Any]]((made / "secrets/mongodb_uri").read_text(), connect=False) as client:
        options = client.options
    assert 10 + (options.pool_options.connect_timeout or 30) + options.server_selection_timeout <= 30


def test_the_secrets_made_are_strong_and_not_for_everybody(made: Path):
    files = {path.name: path for path in (made / "secrets").iterdir()}
    assert set(files) == set(COMPOSE["secrets"])
    contents = [path.read_bytes() for path in files.values()]
    assert len(set(contents)) == len(contents)
    assert all(path.stat().st_mode & 0o007 == 0 for path in files.values())
    assert len(files["master_key"].read_bytes()) == 96


@pytest.mark.parametrize("name", [name for name in OURS if "environment" in SERVICES[name]])
def test_the_portal_would_start_with_these_settings(name: str, made: Path, monkeypatch: pytest.MonkeyPatch):
    for key in [key for key in os.environ if key.startswith("ATBALSTS_")]:
        monkeypatch.delenv(key)
    for key, value in SERVICES[name]["environment"].items():
        value = re.sub(r"\$\{DOMAIN[^}]*\}", "trial.example", value)
        value = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)
        monkeypatch.setenv(key, value.replace("/run/secrets", str(made / "secrets")))
    settings = Settings()
    assert settings.mode == "production"
    assert settings.trusted_proxies == (SERVICES["proxy"]["networks"]["pages"]["ipv4_address"],)
    (made / "secrets" / "cookie_key").chmod(0o644)
    try:
        with pytest.raises(UnsafeSettings, match="everybody"):
            Settings()
    finally:
        (made / "secrets" / "cookie_key").chmod(0o640)


def test_the_realm_file_is_strict():
    realm = json.loads(REALM.read_text())
    assert realm["bruteForceProtected"] is True
    assert realm["sslRequired"] == "all"
    assert realm["registrationAllowed"] is False
    assert 0 < realm["ssoSessionIdleTimeout"] <= 1800
    assert 0 < realm["ssoSessionMaxLifespan"] <= 36000
    (client,) = realm["clients"]
    flows = ("implicitFlowEnabled", "directAccessGrantsEnabled", "serviceAccountsEnabled", "fullScopeAllowed")
    assert client["standardFlowEnabled"] is True
    assert not any(client[flow] for flow in flows)
    assert client["publicClient"] is False
    assert client["redirectUris"] == ["${PORTAL_URL}/sign-in/callback"]
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert client["secret"] == "${PORTAL_CLIENT_SECRET}"
    (policy,) = realm["clientPolicies"]["policies"]
    (profile,) = realm["clientProfiles"]["profiles"]
    assert policy["enabled"] is True
    assert policy["profiles"] == [profile["name"]]
    assert {"pkce-enforcer", "reject-implicit-grant", "reject-ropc-grant", "secure-redirect-uris-enforcer"} <= {
        executor["executor"] for executor in profile["executors"]
    }


def test_every_placeholder_of_the_realm_is_given_to_keycloak():
    # What has a default may be absent; two words are Keycloak's own, for names of accounts.
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", REALM.read_text())) - {"ALIAS", "UUID"}
    given = set(SERVICES["keycloak"]["environment"])
    read = set(re.findall(r"^([A-Z_]+)=", (ROOT / "deploy/keycloak-start").read_text(), re.M))
    assert wanted <= given | read


def test_it_is_the_keycloak_that_is_tested():
    assert SERVICES["keycloak"]["image"].endswith(f":{VERSION}")
    stages = re.findall(r"^FROM \S+:(\S+)", (ROOT / "deploy/keycloak.Dockerfile").read_text(), re.M)
    assert set(stages) == {VERSION}


def test_a_secret_here_would_be_found():
    """The control: what the search for secrets looks for does match an address with a password."""
    word = secrets.token_hex(4)
    assert re.search(r"://[^/\s$]+:[^/\s]+@", f"mongodb://portal:{word}@mongo-1")
