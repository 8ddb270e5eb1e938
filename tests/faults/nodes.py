"""Database nodes that tests may kill, stop and start again at the same address."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from documents.embedded_binary import find_mongod

Row = dict[str, Any]
SET = "proof"


@dataclass
class Node:
    """One mongod; test commands are on, so that fail points can be set."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Its address in the set."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        options = {
            "dbpath": self.folder,
            "port": self.port,
            "bind_ip": "127.0.0.1",
            "replSet": SET,
            "oplogSize": 64,
            "wiredTigerCacheSizeGB": 0.25,
            "logpath": self.folder / "log",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        words += ["--quiet", "--nounixsocket"]
        # What a killed writer leaves open blocks the same children until it lapses: soon, so that tests are.
        lapse = "transactionLifetimeLimitSeconds=4"
        for parameter in ("enableTestCommands=1", "diagnosticDataCollectionEnabled=false", lapse):
            words += ["--setParameter", parameter]
        self.process = subprocess.Popen([str(find_mongod()), *words], stdout=subprocess.DEVNULL)
        self.wait_until(lambda hello: True)

    def kill(self) -> None:
        """Kill -9: nothing is finished, nothing flushed."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def send(self, number: signal.Signals) -> None:
        """Stop or continue it."""
        assert self.process
        os.kill(self.process.pid, number)

    def client(self) -> MongoClient[Row]:
        """A connection to this node alone."""
        return MongoClient("127.0.0.1", self.port, directConnection=True, tz_aware=True, serverSelectionTimeoutMS=2000)

    def wait_until(self, condition: Any, seconds: float = 60) -> None:
        """Wait until its answer to `hello` fulfils the condition."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with self.client() as client:
                    if condition(client.admin.command("hello")):
                        return
            except PyMongoError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{self.host} did not come so far")


@contextmanager
def node_set(folder: Path, count: int, **settings: int) -> Iterator[list[Node]]:
    """A replica set of fresh nodes; the first is primary. All are killed at the end."""
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for probe in (one, two, three):
            probe.bind(("127.0.0.1", 0))
        ports = [probe.getsockname()[1] for probe in (one, two, three)]
    nodes = [Node(folder / f"node{n}", ports[n]) for n in range(count)]
    try:
        for node in nodes:
            node.start()
        members = [{"_id": n, "host": node.host, "priority": 2 if n == 0 else 1} for n, node in enumerate(nodes)]
        with nodes[0].client() as client:
            config = {"_id": SET, "version": 1, "members": members, "settings": settings}
            client.admin.command("replSetInitiate", config)
        nodes[0].wait_until(lambda hello: hello.get("isWritablePrimary"))
        for node in nodes[1:]:
            node.wait_until(lambda hello: hello.get("secondary"))
        yield nodes
    finally:
        for node in nodes:
            if node.process and node.process.poll() is None:
                node.process.kill()
                node.process.wait()


def uri(nodes: list[Node]) -> str:
    """The address of the set, with patience for elections and restarts."""
    hosts = ",".join(node.host for node in nodes)
    return f"mongodb://{hosts}/?replicaSet={SET}&serverSelectionTimeoutMS=60000&heartbeatFrequencyMS=500"
