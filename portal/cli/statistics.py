"""`atbalsts statistics`: the internal counters of open cases, for operations."""

import asyncio
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from documents.classifiers import UnknownCode, classifiers
from documents.model import RIGA, day_of
from documents.store import Store
from portal.cli.production import command_store
from portal.cli.stores import Refusal, open_command_store
from portal.counters.parts import LED
from portal.counters.reading import Counts, counts_of
from portal.counters.rebuilding import rebuild


@click.command()
@click.option("--rebuild", "anew", is_flag=True, help="Count everything anew, beside the counting that holds.")
@click.option("--show", is_flag=True, help="Say what is counted, and as of when.")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder of a demo; without it, the register.")
def statistics(anew: bool, show: bool, data: Path | None) -> None:
    """Open cases and waiting reports as counters that follow each change; the worker keeps them.

    For whoever runs the register: these figures are not suppressed and go to nobody else.
    """
    if not (anew or show):
        raise Refusal("Say what to do: --show tells what is counted, --rebuild counts everything anew.")
    try:
        asyncio.run(_run(data, anew=anew, show=show))
    except KeyboardInterrupt:
        click.echo("Broken off: nothing of it is seen, the counting before goes on. Give the command again.", err=True)
        sys.exit(130)


async def _run(data: Path | None, *, anew: bool, show: bool) -> None:
    async with open_command_store(data) if data else command_store(None) as store:
        if anew:
            await count_anew(store)
        if show:
            await show_counts(store)


async def count_anew(store: Store) -> None:
    """Count everything anew, and say how far it is on standard error."""
    begun = time.monotonic()

    async def tell(counted: int) -> None:
        click.echo(f"{time.monotonic() - begun:5.0f} s  {counted} counted", err=True)

    counted = await rebuild(store, datetime.now(UTC), tell)
    if counted is None:
        click.echo("Somebody else counted everything anew meanwhile: that counting holds.")
    else:
        click.echo(f"Counted anew: {counted} open cases and waiting reports in {time.monotonic() - begun:.1f} s.")


async def show_counts(store: Store) -> None:
    """Say what is counted. Raises Refusal before the first counting."""
    found = await counts_of(store)
    if found is None:
        raise Refusal("Nothing is counted yet: start `atbalsts worker`, or give --rebuild.")
    as_of, counts = found
    click.echo(f"As of {as_of.astimezone(RIGA):%Y-%m-%d %H:%M:%S}, Riga:")
    click.echo(f"open cases: {_by(counts, 'place', 2)}")
    for place in sorted({key[1] for key in counts if key[0] == "place"}):
        here = Counts({key: n for key, n in counts.items() if key[:2] == ("place", place)})
        click.echo(f"  {_name(place, as_of)}: {_by(here, 'place', 2)}")
    loads = [n for key, n in counts.items() if key[0] == "load"]
    click.echo(f"people with cases: {len(loads)}, at most {max(loads, default=0)} each")
    unled = Counter[str]()
    for key, n in counts.items():
        if key[0] == "case" and key[4] != LED:
            unled[key[1]] += n
    click.echo(f"institutions with cases that nobody leads: {len(unled)}")
    click.echo(f"reports not decided: {_by(counts, 'report', 2) or 'none'}")


def _by(counts: Counts, kind: str, part: int) -> str:
    """The counters of a kind summed by one part of their keys."""
    sums = Counter[str]()
    for key, n in counts.items():
        if key[0] == kind:
            sums[key[part]] += n
    level = "level " if kind == "place" else ""
    return ", ".join(f"{level}{word}: {n}" for word, n in sorted(sums.items()))


def _name(place: str, as_of: datetime) -> str:
    try:
        return classifiers().municipality(place, day_of(as_of)).label("lv")
    except UnknownCode:
        return place or "no municipality"
