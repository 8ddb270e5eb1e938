"""`atbalsts load …`: official tables and extracts about people, from a file, a pipe or standard input."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from fixtures.loaders import Interrupt, LoadError, Problem, Summary, Watcher, load_into, reasons_of
from fixtures.loaders.interrupt import Interrupted
from fixtures.loaders.source import Source
from portal.cli.lazy import LazyGroup
from portal.cli.stores import Refusal, open_command_store

SHOWN = 20  # problems on the screen; the rest stands in the file of reasons
EVERY = 5.0  # seconds between two lines of progress where there is no terminal
KINDS = {
    "territories": "the classifier of administrative territories (ATVK), as the statistics bureau exports it",
    "schools": "the list of schools of the State Education Information System",
    "names": "given names with their bearers, or pairs of surname forms",
    "statistics": "family benefit, social insurance recipients, or population by municipality",
    "people": "children with their families, homes, schools and doctors (docs/people-extract.md)",
    "staff": "who works in an institution, in which position, until when (docs/staff-extract.md)",
}
COMMANDS = {"boundaries": "portal.cli.boundaries:boundaries", "nation": "portal.cli.nation:nation"}
UNDATED = {"staff"}  # each of its lines has its own days


class Teller(Watcher):
    """Tells on standard error how it goes: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, source: Source, bar: Progress | None, unit: str = "line") -> None:
        self._source, self._bar, self._unit = source, bar, unit
        self._task: TaskID | None = bar.add_task(source.name, total=source.size) if bar else None
        self._told, self._problems = time.monotonic(), 0

    def progress(self, position: int, summary: Summary) -> None:
        """Move the bar, or say a line if the last one is a while ago."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=position)
        elif time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            share = f" ({100 * position // self._source.size} %)" if self._source.size else ""
            self._say(f"{self._source.name}: {summary.read} records read{share}")

    def problem(self, problem: Problem) -> None:
        """Show the first problems."""
        self._problems += 1
        if self._problems <= SHOWN:
            value = f" “{problem.value}”" if problem.value else ""
            self._say(f"{self._source.name}, {self._unit} {problem.line}, {problem.field}:{value} {problem.reason}")
        elif self._problems == SHOWN + 1:
            self._say("… further problems stand in the file of reasons")

    def _say(self, text: str) -> None:
        if self._bar:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            click.echo(text, err=True)


@click.group("load", cls=LazyGroup, commands_at=COMMANDS)
def load() -> None:
    """Load real data into the store of a data folder, alone or while the demo runs.

    A second load of the same file changes nothing. Wrong lines go to a rejects file beside FILE, with their reasons;
    correct it there and load it again. FILE may be a pipe, or - for standard input.
    """


def _command(kind: str, about: str) -> click.Command:
    @click.command(kind, help=f"Load {about}.", short_help=about)
    @click.argument("file")
    @click.option("--data", type=click.Path(path_type=Path), help="The data folder.  [default: .cache/demo]")
    def command(file: str, data: Path | None, as_of: datetime | None = None) -> None:
        run(partial(_load, kind, file, data, as_of.date() if as_of else None))

    if kind not in UNDATED:
        command.params.append(
            click.Option(
                ["--as-of"],
                type=click.DateTime(["%Y-%m-%d"]),
                help="The extract's date, where the file's name tells none.",
            )
        )
    return command


async def _load(kind: str, file: str, data: Path | None, as_of: date | None, interrupt: Interrupt) -> Summary:
    source = Source(file)
    async with open_command_store(data) as store:
        now = datetime.now(UTC)
        if not sys.stderr.isatty():
            return await load_into(
                store, kind, source, now, as_of=as_of, watcher=Teller(source, None), interrupt=interrupt
            )
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            watcher = Teller(source, bar)
            return await load_into(store, kind, source, now, as_of=as_of, watcher=watcher, interrupt=interrupt)


def run(load: Callable[[Interrupt], Coroutine[Any, Any, Summary]]) -> None:
    """Load, listening for Ctrl-C; say what was done, and end as scripts expect it."""
    interrupt = Interrupt()
    try:
        with interrupt.listening():
            summary = asyncio.run(load(interrupt))
    except LoadError as error:
        raise Refusal(str(error)) from None
    except Interrupted:
        click.echo("Interrupted before anything was loaded.", err=True)
        sys.exit(130)
    _finish(summary)


def _finish(summary: Summary) -> None:
    for warning, number in summary.warnings.items():
        click.echo(f"Warning: {warning} ({number} times)", err=True)
    if summary.rejects:
        reasons = reasons_of(summary.rejects)
        click.echo(f"Rejected lines: {summary.rejects} – why: {reasons}. Correct them and load that file.", err=True)
    if summary.interrupted:
        click.echo("Interrupted: complete batches are in; load the same file again for the rest.", err=True)
    click.echo(summary.line())
    if summary.interrupted:
        sys.exit(130)


for _kind, _about in KINDS.items():
    load.add_command(_command(_kind, _about))
