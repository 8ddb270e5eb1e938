"""`atbalsts worker`: what runs beside the pages, as a process of its own, in production."""

import asyncio
import contextlib
import signal
from pathlib import Path

import click
from pymongo.errors import PyMongoError

from portal.background import background
from portal.cli.production import production_runtime, production_settings
from portal.logs import set_up_logs
from portal.runtime import Runtime
from portal.settings import Settings

BEAT_SECONDS = 5


@click.command()
@click.option(
    "--alive",
    type=click.Path(path_type=Path),
    help="File to touch every few seconds while the database answers; a health check looks at its age.",
)
def worker(alive: Path | None) -> None:
    """Run the jobs beside the pages in production: seals, copies, sweeping. Any number may run.

    Settings as for `serve`; it stops cleanly on SIGTERM.
    """
    settings = production_settings()
    asyncio.run(_work(settings, alive))


async def _work(settings: Settings, alive: Path | None) -> None:
    set_up_logs(settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with production_runtime(settings) as held, background(held):
        click.echo("Ready: the worker runs")
        while not stop.is_set():
            if alive is not None:
                await _beat(held, alive)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), BEAT_SECONDS)


async def _beat(held: Runtime, alive: Path) -> None:
    with contextlib.suppress(PyMongoError):
        await held.store.database.command("ping")
        alive.touch()
