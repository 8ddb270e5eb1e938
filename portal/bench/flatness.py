"""Cost grows with the page, not with the nation: the same pages on a small and a large nation, by turns."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from documents.store import Store
from portal.bench.client import Call
from portal.bench.pages import NAMES, Pace, by_turns, free_port
from portal.bench.report import Line, judged
from portal.bench.samples import Samples
from portal.bench.serving import worker

MOST = 20.0
KINDS = ("overview", "timeline", "search", "code")

# Somebody with more children searches among more: only people with about as many are compared.
CASES = range(40, 100)

Nation = tuple[Store, Path, Samples]


async def measure_flatness(small: Nation, large: Nation, pace: Pace) -> list[Line]:
    """Return by how many per cent a page costs more in the large nation: processor time of the worker."""
    lines = []
    async with AsyncExitStack() as stack:
        at_small = await stack.enter_async_context(worker("ours", small[1], free_port()))
        at_large = await stack.enter_async_context(worker("ours", large[1], free_port()))
        for kind in KINDS:
            servers = {at_small: _alike(small[2].calls[kind]), at_large: _alike(large[2].calls[kind])}
            measured = await by_turns(small[0], servers, pace, also=large[0])
            few, many = measured[at_small], measured[at_large]
            slower = 100 * (few.rate / many.rate - 1)
            notes = f"{few.rate:.0f} and {many.rate:.0f} pages/s"
            lines.append(judged(f"flatness: {NAMES[kind]}", slower, MOST, " %", notes))
    return lines


def _alike(calls: Sequence[Call]) -> Sequence[Call]:
    """The calls of people with about as many children as one another, where that matters and there are any."""
    return [call for call in calls if int(call.about.get("cases", "0")) in CASES] or calls
