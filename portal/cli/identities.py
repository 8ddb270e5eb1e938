"""`atbalsts admin join` and `unjoin`: a provisional identity and the true one, by hand, with a reason."""

import asyncio
import getpass
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from documents.mark import is_marked
from documents.personal_code import PersonalCode, WrongCode, parse
from documents.store import Store
from portal.cli.production import production_settings, production_store
from portal.cli.stores import Refusal, open_command_store
from portal.identities.joining import CannotJoin, Done, Order, join_with_code, join_with_dossier
from portal.identities.parting import unjoin

SHORTEST_REASON = 10  # letters
_DOSSIER = re.compile(r"[0-9a-z]{13}")
_DATA = click.option("--data", type=click.Path(path_type=Path), help="Data folder of a demo; without it, the register.")
_REASON = click.option("--reason", required=True, help="Why; it stays in the history of both dossiers.")


@click.command("join")
@click.argument("provisional")
@click.argument("true", metavar="CODE|DOSSIER")
@_REASON
@_DATA
def join(provisional: str, true: str, reason: str, data: Path | None) -> None:
    """Join a provisional dossier with the one of the same child.

    The other is named by its id, or by the child's personal code: `-` asks for it, so that it stays in no history of
    commands. Where no dossier has the code yet, the provisional one gets it. Be sure that it is the same child: a name
    alone proves nothing. What is joined can be taken apart again: admin unjoin.
    """
    text = click.prompt("Personal code", hide_input=True) if true == "-" else true.strip()
    done = asyncio.run(_join(provisional, text, _order(reason), data))
    if done.join.dossier_id == provisional:
        click.echo(f"No dossier had this code: {provisional} has it now, and its identity is provisional no more.")
    else:
        click.echo(f"{provisional} leads to {done.join.dossier_id} now; {done.entries} entries moved.")


@click.command("unjoin")
@click.argument("provisional")
@_REASON
@_DATA
def unjoin_command(provisional: str, reason: str, data: Path | None) -> None:
    """Take the last join of a provisional dossier apart: both as they were, what was written since stays."""
    done = asyncio.run(_unjoin(provisional, _order(reason), data))
    click.echo(f"{provisional} stands by itself again; {done.entries} entries went back.")
    if done.stayed:
        click.echo(
            f"{done.stayed} entries were written since and stay in {done.join.dossier_id}: "
            "ask those who wrote them to look whose they are."
        )


async def _join(provisional: str, text: str, order: Order, data: Path | None) -> Done:
    async with _store(data) as store:
        if _DOSSIER.fullmatch(text):
            return await _refusing(join_with_dossier(store, provisional, text, order))
        code = _code(text, accept_invented=await is_marked(store))
        return await _refusing(join_with_code(store, provisional, code, order))


async def _unjoin(provisional: str, order: Order, data: Path | None) -> Done:
    async with _store(data) as store:
        return await _refusing(unjoin(store, provisional, order))


async def _refusing(act: Awaitable[Done]) -> Done:
    try:
        return await act
    except CannotJoin as trouble:
        raise Refusal(str(trouble)) from trouble


def _code(text: str, *, accept_invented: bool) -> PersonalCode:
    try:
        code = parse(text, accept_invented=accept_invented)
    except WrongCode as wrong:
        raise Refusal(f"This is neither the id of a dossier (13 letters and digits) nor a code. {wrong}") from wrong
    if code.suspicious:
        click.echo("The check digit of this code does not fit. If it is wrong, take the join apart.", err=True)
    return code


def _order(reason: str) -> Order:
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise Refusal("Say in a sentence why: it stays in the history of both dossiers.")
    return Order(getpass.getuser(), reason, datetime.now(UTC))


@asynccontextmanager
async def _store(data: Path | None) -> AsyncIterator[Store]:
    if data is not None:
        async with open_command_store(data) as store:
            yield store
    else:
        async with production_store(production_settings()) as store:
            yield store
