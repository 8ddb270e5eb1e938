"""A whole bench: each nation in turn, everything measured by turns, then the table."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from portal.bench.counters import measure_counters
from portal.bench.flatness import Nation, measure_flatness
from portal.bench.governing import governing_calls
from portal.bench.nations import measure_loading, open_nation
from portal.bench.pages import Pace, measure_pages
from portal.bench.papers import measure_papers
from portal.bench.report import Report
from portal.bench.samples import DOSSIERS, take_samples
from portal.bench.saving import measure_saving
from portal.bench.smaller import measure_first_page, measure_policy, measure_weight

RESULT = Path(".cache/bench.json")


@dataclass(frozen=True)
class Scope:
    """What to measure, on nations of which sizes, how thoroughly."""

    sizes: tuple[int, ...] = (36_000, 360_000)
    pace: Pace = field(default_factory=Pace)
    dossiers: int = DOSSIERS
    loading: int = 36_000


QUICK = Scope((3_600,), Pace(0.4, 1), 20, 300)


async def bench(scope: Scope, console: Console) -> Report:
    """Measure everything. A figure that is missed is a line of the table, never an error."""
    report = Report()
    async with AsyncExitStack() as stack:
        nations: list[Nation] = []
        for size in scope.sizes:
            store, folder = await stack.enter_async_context(open_nation(size, console))
            samples = await take_samples(store, datetime.now(UTC), dossiers=scope.dossiers)
            samples.calls |= await governing_calls(store, samples, datetime.now(UTC))
            nations.append((store, folder, samples))
            section = f"{size} children"
            console.print(f"Measuring pages at {section} …")
            lines, found = await measure_pages(store, folder, samples, scope.pace)
            report.add(section, *lines)
            report.add(section, await measure_policy(store, samples, found["overview"].cpu_ms))
            report.add(section, await measure_saving(store, samples, scope.pace))
            report.add(section, *await measure_counters(store, samples, scope.pace))
        if len(nations) > 1:
            console.print("Comparing the nations …")
            report.add("The nation's size", *await measure_flatness(nations[0], nations[-1], scope.pace))
        store, folder, samples = nations[-1]
        report.add("Once", *await measure_papers(store, folder, samples, scope.pace))
        report.add("Once", *await measure_weight(folder, samples.calls["overview"][0]))
    console.print("Loading the nation and starting the demo …")
    report.add("Once", *await measure_loading(scope.loading))
    report.add("Once", await measure_first_page())
    report.write(RESULT)
    return report
