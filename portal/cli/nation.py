"""`atbalsts load nation`: a synthetic nation calibrated on published figures, into an empty demo database."""

import asyncio
import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from documents.model import day_of
from documents.secrecy import local_master_key
from documents.store import Store
from fixtures.nation.bundles import MOST_CHILDREN
from fixtures.nation.loading import NationRefused, NationSummary, Plan, load_nation
from portal.cli.stores import DEFAULT_DATA, Refusal, key_file, open_command_store


@click.command("nation", short_help="an invented nation, its numbers as published, for load tests and exercises")
@click.option("--children", required=True, type=click.IntRange(100, MOST_CHILDREN), help="How many children.")
@click.option("--seed", default=1, show_default=True, help="The same seed and day give the same nation.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day its dates are relative to.  [default: today]")
@click.option("--fresh", is_flag=True, help="Replace a nation, complete or not, that the database holds.")
@click.option(
    "--data", default=DEFAULT_DATA, type=click.Path(path_type=Path), help="The data folder.  [default: .cache/demo]"
)
def nation(children: int, seed: int, today: datetime | None, fresh: bool, data: Path) -> None:
    """Load a synthetic nation: families, schools, users and life courses. Everybody in it is invented.

    Only an empty demo database takes one. Ctrl-C stops; a part of a nation is of no use and is replaced by --fresh.
    """
    day = today.date() if today else day_of(datetime.now(UTC))
    try:
        summary = asyncio.run(_load(data.resolve(), children, seed, day, fresh=fresh))
    except NationRefused as refused:
        raise Refusal(str(refused)) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("Interrupted: the nation is incomplete. To load it anew: --fresh", err=True)
        sys.exit(130)
    click.echo(summary.line())


async def _load(data: Path, children: int, seed: int, day: date, *, fresh: bool) -> NationSummary:
    task = asyncio.current_task()
    if task:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with open_command_store(data) as store:
        plan = await plan_for(store, data, children, seed, day)
        now = datetime.now(UTC)
        columns = (TextColumn("Loading the nation"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            shown = bar.add_task("nation", total=children)
            return await load_nation(
                store, plan, now, fresh=fresh, progress=lambda s: bar.update(shown, completed=s.children)
            )


async def plan_for(store: Store, data: Path, children: int, seed: int, day: date) -> Plan:
    """Return which nation goes into an open command store, and how other processes open the same."""
    kms = local_master_key(key_file(data, "master", 96))
    return Plan(os.environ.get("MONGODB_URI") or await _socket_address(store), kms, children, seed, day)


async def _socket_address(store: Store) -> str:
    """The embedded database is reached by its unix socket."""
    address = await store.client.address
    path = address[0] if address else ""
    return f"mongodb://{quote(path, safe='')}/?directConnection=true"
