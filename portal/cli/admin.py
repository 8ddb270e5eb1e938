"""`atbalsts admin`: looking after a register from the server's console."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from documents.migrate import migrate
from documents.prepare import prepare
from documents.seals import Verdict, verify
from portal.cli.clients import client_command
from portal.cli.identities import join, unjoin_command
from portal.cli.production import command_store, production_settings, register_uri
from portal.cli.stewards import invite_command, redeem_command


@click.group()
def admin() -> None:
    """Look after a register: bring the database up to date, verify the audit log, join identities."""


_ADDRESS = click.Path(exists=True, dir_okay=False, path_type=Path)


@admin.command("prepare")
@click.option("--root", type=_ADDRESS, required=True, help="File with root's address, naming every member.")
@click.option("--portal", type=_ADDRESS, required=True, help="File with the address portals and workers use.")
@click.option("--keeper", type=_ADDRESS, required=True, help="File with the address `admin migrate` uses.")
@click.option("--database", default="atbalsts", show_default=True, help="Name of the register's database.")
def prepare_command(root: Path, portal: Path, keeper: Path, database: str) -> None:
    """Make a new register: the replica set and its users. Doing it again changes nothing but passwords.

    The portal's user may add to the audit log, never change or remove what is in it.
    """
    root_uri, portal_uri, keeper_uri = (path.read_text().strip() for path in (root, portal, keeper))
    asyncio.run(prepare(root_uri, portal_uri, keeper_uri, database))
    click.echo("The replica set and its users are there. Next: atbalsts admin migrate")


@admin.command("migrate")
@click.option("--back", default=0, type=click.IntRange(0), help="Go so many steps back instead.")
def migrate_command(back: int) -> None:
    """Bring the database to its newest form (indexes, validators)."""
    settings = production_settings()
    asyncio.run(migrate(register_uri(settings), settings.database, back=back))
    click.echo("The database is in its newest form." if not back else f"Went {back} steps back.")


admin.add_command(join)
admin.add_command(unjoin_command)
admin.add_command(invite_command)
admin.add_command(redeem_command)
admin.add_command(client_command)


@admin.command("audit-verify")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder of a demo; without it, the register.")
def audit_verify(data: Path | None) -> None:
    """Walk the whole audit log: changed, removed or inserted entries, gaps, entries without a seal."""
    verdict = asyncio.run(_verify(data))
    for fault in verdict.faults:
        click.echo(f"{fault.kind}: {fault.entry}")
    click.echo(f"{verdict.entries} sealed entries in {verdict.seals} seals, {len(verdict.faults)} faults")
    if verdict.faults:
        sys.exit(1)


@click.group("audit")
def audit() -> None:
    """The audit log: walk it and name whatever was done to it afterwards."""


audit.add_command(audit_verify, "verify")


async def _verify(data: Path | None) -> Verdict:
    async with command_store(data) as store:
        key = data.resolve() / "keys" / "audit.key" if data else Path(str(production_settings().audit_key_file))
        return await verify(store, key.read_bytes(), datetime.now(UTC))
