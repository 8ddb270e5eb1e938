"""Pages a second of one worker at 50 readers, ours and the floor's by turns, so that a busy moment hits both."""

import asyncio
import json
import socket
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from documents.store import Store
from portal.bench.client import READERS, Burst, Call, burst
from portal.bench.report import Line, at_least, judged
from portal.bench.samples import Samples
from portal.bench.serving import Worker, worker

BUDGETS = {"search": 3.0, "code": 3.0}
BUDGET = 2.0  # of every other page
NAMES = {
    "overview": "dossier overview",
    "timeline": "life-course list",
    "triangle": "needs triangle",
    "plan": "support plan",
    "desk": "my desk",
    "oversight": "cases of my staff",
    "analytics": "table of figures",
    "search": "search by name as one types",
    "code": "search by exact code",
}
READS = ("overview", "timeline")
SINGLE_READER_CALLS = 0.5  # seconds


def free_port() -> int:
    """A port of the loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Pace:
    """How long each burst lasts and how often ours and the floor take turns."""

    seconds: float = 4.0
    turns: int = 3


@dataclass
class Measured:
    """The bursts of one page on one worker; `cpu` is processor seconds of the worker."""

    bursts: list[Burst] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Pages a second: the median burst."""
        return median(burst.rate for burst in self.bursts)

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds a page."""
        return 1000 * self.cpu / max(1, sum(burst.answers for burst in self.bursts))

    @property
    def wait_ms(self) -> float:
        """The median wait for a page, in milliseconds."""
        return 1000 * median(wait for burst in self.bursts for wait in burst.waits)

    @property
    def failures(self) -> dict[int, int]:
        """Answers other than 200."""
        return {status: n for burst in self.bursts for status, n in burst.failures.items()}


async def measure_pages(
    store: Store, data: Path, samples: Samples, pace: Pace
) -> tuple[list[Line], dict[str, Measured]]:
    """Return a line per page, the audit's share, the worker's memory; and what was measured of ours by page.

    A page's figure is the worse of two: pages a second, and processor time a page.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        calls = folder / "calls.json"
        calls.write_text(json.dumps({k: [asdict(c) for c in made] for k, made in samples.calls.items()}))
        calls.chmod(0o600)
        ours = await stack.enter_async_context(worker("ours", data, free_port()))
        floor = await stack.enter_async_context(worker("floor", data, free_port(), calls))
        unaudited = await stack.enter_async_context(worker("unaudited", data, free_port()))
        lines, found = [], dict[str, Measured]()
        for kind, made in samples.calls.items():
            servers = {ours: made, floor: _numbered(kind, made)}
            if kind in READS:
                servers[unaudited] = made
            measured = await by_turns(store, servers, pace)
            alone = await burst(ours.port, made, SINGLE_READER_CALLS, readers=1)
            found[kind] = measured[ours]
            lines.append(_line(kind, measured[ours], measured[floor], alone))
            if kind in READS:
                lines += _audit_lines(kind, measured[ours], measured[unaudited])
        lines.append(judged("memory of a worker", ours.megabytes, 200, " MB", "the most it held in this run"))
        return lines, found


async def by_turns(
    store: Store,
    servers: Mapping[Worker, Sequence[Call]],
    pace: Pace,
    *,
    also: Store | None = None,
    readers: int = READERS,
) -> dict[Worker, Measured]:
    """Let the workers answer their calls by turns; a short burst before warms each up."""
    measured = {server: Measured() for server in servers}
    for server, calls in servers.items():
        await burst(server.port, calls, min(1.0, pace.seconds), readers)
    for _ in range(pace.turns):
        for server, calls in servers.items():
            for each in (store, also or store):
                await each.rates.delete_many({})  # limits are per person; a bench has only so many people
            before = server.cpu_seconds
            measured[server].bursts.append(await burst(server.port, calls, pace.seconds, readers))
            measured[server].cpu += server.cpu_seconds - before
            await asyncio.sleep(0.05)
    return measured


def _numbered(kind: str, calls: Sequence[Call]) -> list[Call]:
    """The floor's addresses of the same pages."""
    return [Call(call.method, f"/{kind}/{number}", call.cookie, call.body) for number, call in enumerate(calls)]


def _line(kind: str, ours: Measured, floor: Measured, alone: Burst) -> Line:
    size = ours.bursts[0].bytes / max(1, ours.bursts[0].answers) / 1000
    notes = (
        f"{ours.rate:.0f} / {floor.rate:.0f} pages/s, CPU {ours.cpu_ms:.2f} / {floor.cpu_ms:.2f} ms, "
        f"one reader {1000 * median(alone.waits):.1f} ms, {size:.1f} kB compressed"
    )
    if ours.failures or floor.failures:
        notes += f"; FAILED ours {ours.failures} floor {floor.failures}"
    return judged(NAMES[kind], ratio_of(ours, floor), BUDGETS.get(kind, BUDGET), "×", notes)


def ratio_of(ours: Measured, floor: Measured) -> float:
    """The worse of two: by answers a second, and by processor time an answer.

    On a machine that does other work too, a worker is kept waiting: then its processor time tells more.
    """
    return max(floor.rate / ours.rate, ours.cpu_ms / floor.cpu_ms)


def _audit_lines(kind: str, ours: Measured, unaudited: Measured) -> list[Line]:
    share = 100 * ours.rate / unaudited.rate
    wait = ours.wait_ms - unaudited.wait_ms
    notes = f"{ours.rate:.0f} with, {unaudited.rate:.0f} without; added wait at 50 readers {wait:.1f} ms"
    return [
        at_least(f"audit of a read: {NAMES[kind]}, throughput kept", share, 90, " %", notes),
        judged(f"audit of a read: {NAMES[kind]}, CPU a page", ours.cpu_ms - unaudited.cpu_ms, 1.0, " ms"),
    ]
