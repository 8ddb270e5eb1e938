"""`atbalsts admin invite` and `redeem`: the first two stewards come from the server's console."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from documents.mark import is_marked
from documents.personal_code import WrongCode, parse
from documents.store import Store
from portal.accounts.stewards import EnoughStewards, NotInvited, invite, redeem
from portal.cli.production import command_store
from portal.cli.stores import Refusal

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Data folder of a demo; without it, the register.")


@click.command("invite")
@click.argument("code")
@click.argument("name")
@_DATA
def invite_command(code: str, name: str, data: Path | None) -> None:
    """Invite one of the first two stewards: CODE is the personal code, NAME “Given Family”. Recorded.

    Prints a code that works once within 24 hours, at the first sign-in or with `redeem`.
    """
    one_time = asyncio.run(_invite(code, name, data))
    click.echo(f"One-time code, valid 24 hours: {one_time}")
    click.echo("The person signs in and types it at /invitation; or here: atbalsts admin redeem CODE")


@click.command("redeem")
@click.argument("code")
@_DATA
def redeem_command(code: str, data: Path | None) -> None:
    """Redeem a one-time CODE of `invite` on the console. Recorded."""
    click.echo(f"Steward: {asyncio.run(_redeem(code, data))}")


async def _invite(text: str, name: str, data: Path | None) -> str:
    given, _, family = " ".join(name.split()).rpartition(" ")
    if not given:
        raise Refusal("Write the given and the family name, in quotes.")
    async with command_store(data) as store:
        return await _invited(store, text, given, family)


async def _invited(store: Store, text: str, given: str, family: str) -> str:
    try:
        code = parse(text, accept_invented=await is_marked(store))
        return await invite(store, code, given, family, datetime.now(UTC))
    except WrongCode as wrong:
        raise Refusal(str(wrong)) from None
    except EnoughStewards:
        raise Refusal("There are two stewards, or invitations for two. A third is made by two of them.") from None


async def _redeem(code: str, data: Path | None) -> str:
    async with command_store(data) as store:
        try:
            return await redeem(store, code, datetime.now(UTC))
        except NotInvited:
            raise Refusal("This code opens nothing: unknown, used, or older than a day.") from None
