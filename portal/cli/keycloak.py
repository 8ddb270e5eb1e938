"""`atbalsts demo --keycloak`: the demo signs people in through a real Keycloak, on loopback, as long as it runs."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from auth.keycloak.distribution import KeycloakMissing
from auth.keycloak.realms import DEMO, demo_realm, demo_subject
from auth.keycloak.server import running_keycloak
from documents.model import day_of
from fixtures.story import build
from portal.cli.demo import Provider, address
from portal.cli.stores import Refusal


@contextmanager
def demo_keycloak(port: int, data: Path) -> Iterator[Provider]:
    """Run Keycloak with the demo's realm; its password is another one at each start and stands in no file of ours.

    Raises Refusal where there is no Keycloak.
    """
    now = datetime.now(UTC)
    people = [person for person in build(day_of(now), now).people if person.demo_note]
    password, secret = secrets.token_urlsafe(12), secrets.token_urlsafe(32)
    click.echo("Starting Keycloak …")
    try:
        with running_keycloak([demo_realm(people, password, address(port), secret)], data / "keycloak") as server:
            click.echo(f"Keycloak: {server.base}/ – the password of everybody in the demo is {password}")
            yield Provider(server.issuer(DEMO), secret, password, demo_subject)
    except KeycloakMissing as missing:
        raise Refusal(str(missing)) from missing
