"""`atbalsts worker`: what runs beside the pages, as a process of its own, in production."""

import asyncio
import contextlib
import signal
from datetime import UTC, datetime
from pathlib import Path

import click
from pymongo.errors import PyMongoError

from documents.copies import COPIES
from documents.jobs import given_up, job_states, try_again
from portal.background import background
from portal.cli.production import command_store, production_runtime, production_settings
from portal.cli.stores import Refusal
from portal.logs import set_up_logs
from portal.mail.addressing import MAIL, NOTICE
from portal.runtime import Runtime
from portal.settings import Settings

BEAT_SECONDS = 5
KINDS = (NOTICE, MAIL, COPIES)


@click.command()
@click.option(
    "--alive",
    type=click.Path(path_type=Path),
    help="File to touch every few seconds while the database answers; a health check looks at its age.",
)
@click.option("--status", is_flag=True, help="Say how the outbox stands and what was given up, instead.")
@click.option("--again", is_flag=True, help="Let what was given up be tried anew, instead.")
@click.option("--data", type=click.Path(path_type=Path), help="With these two: data folder of a demo.")
def worker(alive: Path | None, status: bool, again: bool, data: Path | None) -> None:
    """Run the jobs beside the pages in production: seals, copies, counters, mail, sweeping, the month's release.

    Any number may run. Settings as for `serve`; it stops cleanly on SIGTERM, after the letter in hand.
    """
    if status or again:
        asyncio.run(_look(data, again=again))
        return
    if data:
        raise Refusal("A demo does these jobs itself. --data goes with --status or --again.")
    settings = production_settings()
    asyncio.run(_work(settings, alive))


async def _look(data: Path | None, *, again: bool) -> None:
    async with command_store(data) as store:
        now = datetime.now(UTC)
        if again:
            click.echo(f"To be tried anew: {await try_again(store, now)}")
        for state in await job_states(store, KINDS):
            since = f", the oldest since {state.oldest:%Y-%m-%d %H:%M} UTC" if state.oldest else ""
            click.echo(f"{state.kind}: {state.waiting} wait{since}, {state.claimed} under way, {state.failed} given up")
        for item in await given_up(store):
            what = item.content.get("change", "")
            told = f"{item.kind} {item.id} {what}".rstrip()
            click.echo(
                f"given up: {told}, of {item.at:%Y-%m-%d %H:%M} UTC, {item.attempts} attempts: {item.error or '-'}"
            )


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
