"""Keycloak is taken only whole and as known; what is missing is said in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from auth.keycloak import distribution as here
from auth.keycloak.distribution import KeycloakMissing

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place without Keycloak, where `java` and `mvn` are what the test says."""
    monkeypatch.setattr(here, "HOME", tmp_path / "keycloak")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "bin").mkdir()
    program(tmp_path, "java", "echo 'openjdk version \"21.0.1\"' >&2")
    return tmp_path


def program(place: Path, name: str, script: str) -> None:
    path = place / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_what_was_not_fetched_is_named_with_its_command(home: Path) -> None:
    with pytest.raises(KeycloakMissing, match="make keycloak"):
        here.distribution()


def test_java_must_be_new_enough(home: Path) -> None:
    program(home, "java", "echo 'openjdk version \"11.0.2\"' >&2")
    with pytest.raises(KeycloakMissing, match="Java 17"):
        here.fetch()


@pytest.mark.asvs("15.2.4")
def test_an_archive_with_another_checksum_is_thrown_away(home: Path) -> None:
    archive = home / "keycloak" / f"keycloak-quarkus-dist-{here.VERSION}.zip"
    program(home, "mvn", f"echo foreign > {archive}")
    with pytest.raises(KeycloakMissing, match="is not Keycloak"):
        here.fetch()
    assert not archive.exists()
    with pytest.raises(KeycloakMissing):
        here.distribution()


def test_a_fetch_that_failed_says_why(home: Path) -> None:
    program(home, "mvn", "echo '[ERROR] no such host'; exit 1")
    with pytest.raises(KeycloakMissing, match="no such host"):
        here.fetch()


@pytest.mark.parametrize(("surroundings", "code"), [({}, 0), ({"CI": "true"}, 1)])
def test_tests_go_on_without_it_but_not_where_nobody_looks(
    tmp_path: Path, surroundings: dict[str, str], code: int
) -> None:
    program_free = {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT), **surroundings}
    command = [sys.executable, "-m", "auth.keycloak.distribution", "--optional"]
    done = subprocess.run(command, env=program_free, capture_output=True, text=True, cwd=os.fspath(tmp_path))
    assert done.returncode == code
    assert done.stderr.startswith("Keycloak needs Java") and len(done.stderr.splitlines()) == 1
