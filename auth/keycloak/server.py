"""One Keycloak on loopback with the realms it is given: started, waited for, stopped, in a folder of its own."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from auth.keycloak.distribution import HOME, KeycloakMissing, admin_password, distribution

START_SECONDS, STOP_SECONDS = 240, 30
ADMIN = "atbalsts"
Realm = dict[str, Any]
# It starts in half the time without optimising what runs for minutes only.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseSerialGC"
_OPTIONS = (
    "--db=dev-file",
    "--cache=local",
    "--http-host=127.0.0.1",
    # It speaks seldom, and a connection that the other side has closed since would swallow what it says.
    "--spi-connections-http-client--default--reuse-connections=false",
)
_SHARED = ("conf", "lib", "providers", "themes")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Keycloak:
    """A running server at `base`; `log` is what it says."""

    base: str
    log: Path

    def issuer(self, realm: str) -> str:
        """The issuer of a realm."""
        return f"{self.base}/realms/{realm}"


@contextmanager
def running_keycloak(
    realms: Sequence[Realm], folder: Path, *, environment: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Keycloak]:
    """Run the server with these realms, whose `${…}` come from `environment`; what it keeps is gone at the next start.

    Raises KeycloakMissing if there is none here or it does not start.
    """
    home = distribution()
    shutil.rmtree(folder, ignore_errors=True)
    _own_home(home, folder)
    shutil.copytree(HOME / "h2", folder / "data" / "h2")
    imports = folder / "data" / "import"
    imports.mkdir()
    for realm in realms:
        (imports / f"{realm['realm']}-realm.json").write_text(json.dumps(realm))
    with _running(folder, ["--import-realm"], environment or {}, port or free_port()) as server:
        _wait(server, [realm["realm"] for realm in realms])
        yield server[1]


def make_ready(home: Path) -> None:
    """Do once what every first start would do: fit the program to our options, make the database's tables."""
    folder = HOME / "first"
    _own_home(home, folder)
    admin = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": admin_password()}
    with _running(folder, [], admin, free_port()) as server:
        _wait(server, ["master"])
    shutil.copytree(folder / "data" / "h2", HOME / "h2", dirs_exist_ok=True)
    shutil.rmtree(folder)


def _own_home(home: Path, folder: Path) -> None:
    """The program of `home` with data of its own: it looks for them beside its start script."""
    (folder / "bin").mkdir(mode=0o700, parents=True)
    (folder / "data").mkdir()
    shutil.copy(home / "bin" / "kc.sh", folder / "bin")
    for name in _SHARED:
        (folder / name).symlink_to(home / name)


@contextmanager
def _running(
    folder: Path, options: list[str], environment: Mapping[str, str], port: int
) -> Iterator[tuple[subprocess.Popen[bytes], Keycloak]]:
    surroundings = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "LANG") if name in os.environ}
    surroundings |= {"JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx512m", "JAVA_OPTS_APPEND": _JAVA, **environment}
    command = [str(folder / "bin" / "kc.sh"), "start-dev", *_OPTIONS, f"--http-port={port}", *options]
    libc = ctypes.CDLL(None)
    log = folder / "keycloak.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=surroundings,
            start_new_session=True,
            # If we are killed, it must not be left alone: the kernel tells it to stop.
            preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM),
        )
    try:
        yield process, Keycloak(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(server: tuple[subprocess.Popen[bytes], Keycloak], realms: list[str]) -> None:
    process, keycloak = server
    until = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=5) as http:
        while not all(_answers(http, keycloak.issuer(realm)) for realm in realms):
            if process.poll() is not None or time.monotonic() > until:
                raise KeycloakMissing(f"Keycloak did not start; {keycloak.log} says why.")
            time.sleep(0.2)


def _answers(http: httpx.Client, issuer: str) -> bool:
    """Whether the realm is there; it may refuse plain http, which is an answer too."""
    try:
        return http.get(f"{issuer}/.well-known/openid-configuration").status_code in (200, 403)
    except httpx.TransportError:
        return False


def free_port() -> int:
    """Return a port of loopback nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
