"""`atbalsts releases`: the monthly figures that governance sees."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from documents.release import Released
from portal.analytics.releasing import Tell, make_release
from portal.cli.production import command_store
from portal.cli.stores import open_command_store


@click.group()
def releases() -> None:
    """Figures for governance: frozen once a month, small counts suppressed together with all earlier releases."""


@releases.command("make")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder of a demo; without it, the register.")
def make(data: Path | None) -> None:
    """Make this month's release. A month that has one keeps it; broken off, nothing is seen, and one begins anew."""
    begun = time.monotonic()

    def tell(words: str) -> None:
        click.echo(f"{time.monotonic() - begun:5.0f} s  {words}", err=True)

    try:
        made, now = asyncio.run(_make(data, tell))
    except KeyboardInterrupt:
        click.echo("Broken off: nothing of it is seen. Give the command again.", err=True)
        sys.exit(130)
    if not now:
        click.echo(f"The release of {made.id} is there already; it stays as it was made on {made.day}.")
        return
    click.echo(
        f"Released {made.id}: {made.figures} figures in {len(made.tables)} tables, {made.hidden} of them hidden."
    )


async def _make(data: Path | None, tell: Tell) -> tuple[Released, bool]:
    async with open_command_store(data) if data else command_store(None) as store:
        return await make_release(store, datetime.now(UTC), tell)
