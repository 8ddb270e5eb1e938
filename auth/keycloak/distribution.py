"""The Keycloak that is run here, for the tests and `atbalsts demo --keycloak`: fetched by name, checked, made ready.

Run as a module (`make keycloak`). Production brings its own, see compose.yaml.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

VERSION = "26.7.3"
SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
HOME = Path(__file__).parents[2] / ".cache" / "keycloak"
OLDEST_JAVA = 17
_ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
_READY, _ADMIN = "ready", "admin-password"


class KeycloakMissing(Exception):
    """There is no Keycloak to run here; the message says in one line what to do."""


def distribution() -> Path:
    """Return the folder of the distribution, fetched and made ready before. Raises KeycloakMissing."""
    _java()
    ready = HOME / _READY
    if not ready.is_file() or ready.read_text() != VERSION:
        raise KeycloakMissing(f"Keycloak {VERSION} is not here. Run: make keycloak")
    return HOME / f"keycloak-{VERSION}"


def admin_password() -> str:
    """Return the password of its first administrator, made at set-up; it is reachable on this machine alone."""
    return (HOME / _ADMIN).read_text()


def fetch() -> Path:
    """Fetch, check and unpack the distribution, unless it is there. Raises KeycloakMissing."""
    _java()
    home = HOME / f"keycloak-{VERSION}"
    if (HOME / _READY).is_file() and (HOME / _READY).read_text() == VERSION:
        return home
    if shutil.which("mvn") is None:
        raise KeycloakMissing("Keycloak comes by Maven, which is missing: apt-get install maven")
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(mode=0o700, parents=True)
    archive = _by_maven()
    _unpack(archive, home)
    archive.unlink()
    password = HOME / _ADMIN
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    return home


def mark_ready() -> None:
    """Note that nothing is left to do."""
    (HOME / _READY).write_text(VERSION)


def _java() -> None:
    if shutil.which("java") is None:
        raise KeycloakMissing(f"Keycloak needs Java {OLDEST_JAVA} or newer: apt-get install openjdk-17-jre-headless")
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) < OLDEST_JAVA:
        raise KeycloakMissing(f"Keycloak needs Java {OLDEST_JAVA} or newer, here is: {said.splitlines()[0]}")


def _by_maven() -> Path:
    """The archive, with Maven's own packages in our folder too; its checksum is ours, not the sender's."""
    repository = HOME / "maven"
    command = ["mvn", "-B", "-q", "-C", f"-Dmaven.repo.local={repository}", _COPY, f"-Dartifact={_ARTIFACT}"]
    done = subprocess.run([*command, f"-DoutputDirectory={HOME}"], capture_output=True, text=True, check=False)
    archive = HOME / f"keycloak-quarkus-dist-{VERSION}.zip"
    if done.returncode or not archive.is_file():
        said = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no reason given")
        raise KeycloakMissing(f"Maven did not bring Keycloak: {said[:300]}")
    with archive.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != SHA256:
        archive.unlink()
        raise KeycloakMissing(f"What Maven brought is not Keycloak {VERSION}: its SHA-256 is {found}.")
    shutil.rmtree(repository)
    return archive


def _unpack(archive: Path, home: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        content.extractall(HOME)  # an archive known to the byte
    for script in (home / "bin").glob("*.sh"):
        script.chmod(0o755)


def main() -> None:
    """Make it ready: what takes long is done once. Where it cannot be had, one line says so; under CI that fails."""
    from auth.keycloak.server import make_ready

    try:
        home = fetch()
        if not (HOME / _READY).is_file():
            make_ready(home)
            mark_ready()
    except KeycloakMissing as missing:
        sys.stderr.write(f"{missing}\n")
        sys.exit(1 if os.environ.get("CI") or "--optional" not in sys.argv else 0)


if __name__ == "__main__":
    main()
