"""`atbalsts admin client`: another system that may ask through the interface."""

import asyncio
from datetime import UTC, datetime

import click

from portal.cli.production import production_settings, production_store
from portal.exchange.actions import register_client


@click.command("client")
@click.argument("name")
@click.argument("institution")
def client_command(name: str, institution: str) -> None:
    """Register a client of the interface: NAME at the identity provider and in technical_clients.csv, INSTITUTION
    the id of whose machine it is. Recorded; again changes nothing.

    Stewards close it like any account.
    """
    click.echo(f"Account of the client: {asyncio.run(_register(name, institution))}")


async def _register(name: str, institution: str) -> str:
    settings = production_settings()
    async with production_store(settings) as store:
        return await register_client(store, settings.oidc_issuer, name, institution, datetime.now(UTC))
