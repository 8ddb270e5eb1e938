"""`atbalsts load boundaries`: the outlines of the municipalities that the map of figures draws."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from fixtures.loaders import Interrupt, Summary
from fixtures.loaders.boundaries import load_boundaries, remove_boundaries
from fixtures.loaders.source import Source
from portal.cli.load import Teller, run
from portal.cli.stores import Refusal, open_command_store

ABOUT = "the boundaries of the municipalities, for the map of figures"


@click.command("boundaries", short_help=ABOUT)
@click.argument("file", required=False)
@click.option("--remove", is_flag=True, help="Take them away instead: the map is of tiles again.")
@click.option("--data", type=click.Path(path_type=Path), help="The data folder.  [default: .cache/demo]")
def boundaries(file: str | None, remove: bool, data: Path | None) -> None:
    """Load the boundaries of the municipalities: GeoJSON in WGS84, each feature with its code in the property atvk.

    All of them or none: what is wrong is told feature by feature. They are simplified to what a page shows.
    """
    if remove == bool(file):
        raise Refusal("Name the GeoJSON file to load, or --remove to take the boundaries away.")
    if remove:
        gone = asyncio.run(_remove(data))
        click.echo("The boundaries are gone: the map is of tiles." if gone else "There are no boundaries to remove.")
        return
    run(partial(_load, str(file), data))


async def _load(file: str, data: Path | None, interrupt: Interrupt) -> Summary:
    source = Source(file)
    async with open_command_store(data) as store:
        return await load_boundaries(store, source, datetime.now(UTC), Teller(source, None, "feature"), interrupt)


async def _remove(data: Path | None) -> bool:
    async with open_command_store(data) as store:
        return await remove_boundaries(store, datetime.now(UTC))
