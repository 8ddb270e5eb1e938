"""The smaller figures: the policy's share of a page, the weight of a page, the first page of the demo."""

import asyncio
import re
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx

from auth.access import Opened
from auth.permissions import Permission
from auth.policy import NEEDS, decide, reach
from auth.who import Who, who_is
from documents.dossier import Dossier
from documents.person import Person
from documents.store import Store
from portal.bench.client import Call
from portal.bench.nations import CACHE
from portal.bench.pages import free_port
from portal.bench.report import Line, judged
from portal.bench.samples import Samples
from portal.bench.serving import worker
from portal.dossier.seen import seen_events

ASKED_BY_A_PAGE = 12
"""How often a dossier page asks for a permission: itself, its tabs, its buttons."""

_ASSET = re.compile(r'(?:href|src)="(/assets/[^"#]+)"')


async def measure_policy(store: Store, samples: Samples, page_ms: float) -> Line:
    """Return which share of the overview's processor time the decision and the filter of entries take."""
    now = datetime.now(UTC)
    pairs = await _opened(store, samples, now)
    spent = []
    for _ in range(3):
        start = time.perf_counter()
        for who, dossier in pairs:
            reach(who, now)
            access = decide(who, Permission.BASE_READ, dossier, now)
            opened = Opened(who, dossier, access, now)
            for permission in [*NEEDS, *NEEDS][: ASKED_BY_A_PAGE - 1]:
                opened.can(permission)
            seen_events(opened)
        spent.append(1000 * (time.perf_counter() - start) / len(pairs))
    mine = median(spent)
    share = 100 * mine / page_ms
    return judged(
        "policy: decision and filter, share of the overview", share, 10, " %", f"{mine:.2f} of {page_ms:.2f} ms"
    )


async def measure_weight(data: Path, call: Call) -> list[Line]:
    """Return what a browser fetches for its first dossier page, and for the next: compressed, as it travels."""
    async with worker("ours", data, free_port()) as server:
        base = f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient(
            base_url=base, headers={"Cookie": call.cookie, "Accept-Encoding": "gzip"}
        ) as client:
            html, page = await _weigh(client, call.path)
            assets = [await _weigh(client, path) for path in sorted(set(_ASSET.findall(page)))]
    first = (html + sum(size for size, _ in assets)) / 1000
    return [
        judged("page weight, first visit", first, 150, " kB", f"{len(assets)} assets and the overview"),
        judged("page weight, after", html / 1000, 30, " kB", "the overview alone"),
    ]


async def measure_first_page() -> Line:
    """Start the demo in an empty folder and wait for its first page."""
    folder, port = (CACHE / "bench-demo").resolve(), free_port()
    shutil.rmtree(folder, ignore_errors=True)
    start = time.perf_counter()
    command = (str(Path(sys.executable).with_name("atbalsts")), "demo", "--port", str(port), "--data", str(folder))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if line.startswith(b"Ready"):
                break
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/", follow_redirects=True)
        seconds = time.perf_counter() - start
        notes = f"an empty folder, the story loaded, {answer.status_code}"
        return judged("first page of the demo", seconds, 10, " s", notes)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def _opened(store: Store, samples: Samples, now: datetime) -> Sequence[tuple[Who, Dossier]]:
    pairs = []
    for dossier_id, signed in samples.dossiers[:100]:
        person = Person.model_validate(await store.people.find_one({"_id": signed.person_id}))
        dossier = Dossier.model_validate(await store.dossiers.find_one({"_id": dossier_id}))
        pairs.append((who_is(person, signed.role_id, None, now), dossier))
    return pairs


async def _weigh(client: httpx.AsyncClient, path: str) -> tuple[int, str]:
    """Bytes of the body as it travelled, and the body."""
    answer = await client.get(path)
    answer.raise_for_status()
    kind = answer.headers.get("content-type", "")
    return int(answer.headers["content-length"]), answer.text if kind.startswith("text") else ""
