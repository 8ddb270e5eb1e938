"""One worker as a process of its own: the portal, the portal without its audit of reads, or the floor.

`sealing` is the portal that makes decisions' papers too, `bare` the floor of those.

Run as `python -m portal.bench.serving KIND DATA PORT [CALLS]`.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop
from litestar import Litestar

from documents.audit import AuditEntry, AuditWriter
from documents.memory import most_megabytes
from portal.app import create_app
from portal.bench.floor import floor_app
from portal.cli.demo import demo_runtime
from portal.cli.listening import run
from portal.cli.stores import open_command_store
from portal.logs import set_up_logs
from portal.runtime import Runtime

START_SECONDS = 600.0  # the floor asks for every page once before it serves


class _NoReads(AuditWriter):
    """What the audit of reads costs shows in its absence. Only the bench ever serves like this."""

    async def record(self, *entries: AuditEntry) -> None:
        """Forget them."""


async def _serve(kind: str, data: Path, port: int, calls: Path | None) -> None:
    set_up_logs("WARNING")
    async with open_command_store(data) as store:
        held = demo_runtime(store, data, port)
        app = await _app(kind, held, calls)
        await run(app, "127.0.0.1", port, announce=held.settings.public_url)
        await held.oidc.aclose()


async def _app(kind: str, held: Runtime, calls: Path | None) -> Litestar:
    if kind == "floor" and calls:
        return await floor_app(held, calls)
    if kind in ("sealing", "bare"):
        from portal.bench.papers import bare_app, sealing_app  # a worker that seals nothing does not hold these

        return await (sealing_app if kind == "sealing" else bare_app)(held)
    if kind == "unaudited":
        held.store.audit = _NoReads(held.store.audit_entries)
    return create_app(held)


class Worker:
    """A running worker: its port, and what it has used of processor and memory."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.port, self.process = port, process

    @property
    def cpu_seconds(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """The most memory it ever held."""
        return most_megabytes(self.process.pid)


@asynccontextmanager
async def worker(kind: str, data: Path, port: int, calls: Path | None = None) -> AsyncIterator[Worker]:
    """Run a worker for as long as it is needed."""
    command = [sys.executable, "-m", "portal.bench.serving", kind, str(data), str(port)]
    if calls:
        command.append(str(calls))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        if not line.startswith(b"Ready"):
            raise RuntimeError(f"the {kind} worker did not start: {line!r}")
        yield Worker(port, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


if __name__ == "__main__":
    _kind, _data, _port, *_calls = sys.argv[1:]
    uvloop.run(_serve(_kind, Path(_data), int(_port), Path(_calls[0]) if _calls else None))
