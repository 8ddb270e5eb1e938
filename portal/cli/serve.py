"""`atbalsts demo` and `atbalsts serve`: the product on the embedded defaults, or in production."""

from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import uvloop
from litestar import Router

from auth.demo_issuer import DemoClient, DemoIssuer
from auth.demo_provider import DemoPerson, demo_provider
from auth.oidc import API_AUDIENCE
from documents.mark import WrongDatabase, is_marked
from documents.model import day_of
from documents.store import Store
from fixtures.story import cast, link_cast, load_story, story_age
from portal.app import create_app
from portal.background import background
from portal.cli.demo import CLIENT_SECRET, Provider, demo_runtime, own_provider
from portal.cli.keycloak import demo_keycloak
from portal.cli.listening import refuse_busy, run
from portal.cli.production import production_runtime, production_settings
from portal.cli.stores import DEFAULT_DATA, open_command_store
from portal.decisions.story import tell_decisions
from portal.exchange.actions import register_client
from portal.logs import set_up_logs
from portal.runtime import Runtime
from portal.settings import Settings
from portal.sign_in.people import choose_person_page

STORY_DAYS = 14
MACHINE = "pmlp"  # the client the demo plays, and its institution


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1.")
@click.option("--data", default=DEFAULT_DATA, show_default=True, type=click.Path(path_type=Path), help="Data folder.")
@click.option("--fresh", is_flag=True, help="Load the demo story anew, with dates of today; what was typed is lost.")
@click.option("--keycloak", is_flag=True, help="Sign in through a real Keycloak (make keycloak), with a password.")
@click.option("--empty", is_flag=True, hidden=True, help="Without the story (for load tests).")
def demo(port: int, data: Path, fresh: bool, keycloak: bool, empty: bool) -> None:
    """Run the product with the demo story on http://127.0.0.1:PORT/.

    Everybody in it is invented. Sign in by choosing a person. Data stay in the folder between starts;
    Ctrl-C stops.
    """
    refuse_busy(port)
    data = data.resolve()
    with demo_keycloak(port, data) if keycloak else nullcontext(own_provider(port)) as provider:
        uvloop.run(_demo(port, data, provider, fresh=fresh, empty=empty))


async def _demo(port: int, data: Path, provider: Provider, *, fresh: bool, empty: bool) -> None:
    async with open_command_store(data) as store:
        held = demo_runtime(store, data, port, provider)
        set_up_logs(held.settings.log_level)
        if not empty:
            await _story(store, fresh=fresh)
            await tell_decisions(held)
            await link_cast(store, provider.issuer, provider.subject_of, held.now())
            await register_client(store, provider.issuer, MACHINE, MACHINE, held.now())
        routes = () if provider.password else (_own_provider(held, data),)
        app = create_app(held, more_routes=routes, background=partial(background, releases=not empty))
        await run(app, "127.0.0.1", port, announce=held.settings.public_url)
        await held.oidc.aclose()


def _own_provider(held: Runtime, data: Path) -> Router:
    """Without Keycloak the portal answers at the provider's addresses itself."""
    settings = held.settings
    client = DemoClient(
        settings.oidc_client_id,
        CLIENT_SECRET,
        (settings.callback_url,),
        (f"{settings.public_url}/", settings.sign_in_url),
        f"{settings.public_url}/sign-out/backchannel",
    )
    machine = DemoClient(MACHINE, CLIENT_SECRET, machine=True, audience=API_AUDIENCE)
    issuer = DemoIssuer(settings.oidc_issuer, [client, machine], data / "keys" / "demo-signing-key.json")
    return demo_provider(issuer, lambda: _people(held.store), choose_person_page, held.now)


async def _story(store: Store, *, fresh: bool) -> None:
    today = day_of(datetime.now(UTC))
    age = await story_age(store, today)
    if fresh and age is not None:
        await _forget(store)
        age = None
    if age is None:
        click.echo("Loading the demo story …")
        await load_story(store, today, datetime.now(UTC))
    elif age > STORY_DAYS:
        click.echo(f"The demo story is {age} days old. For one with dates of today: atbalsts demo --fresh")


async def _forget(store: Store) -> None:
    """Empty a marked demo database for a fresh story; the mark stays."""
    if not await is_marked(store):
        raise WrongDatabase("Only a demo database can be loaded anew.")
    for name in await store.database.list_collection_names():
        if name not in ("migrations_log", "keys"):
            keep = {"_id": {"$ne": "mode"}} if name == "settings" else {}
            await store.database[name].delete_many(keep)


async def _people(store: Store) -> list[DemoPerson]:
    return [DemoPerson(member.id, member.name, member.subtitle, member.group) for member in await cast(store)]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, behind the TLS proxy.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Run the portal in production. Settings come from ATBALSTS_… variables, secrets from files.

    It refuses to start with anything missing or unsafe, and on a demo database.
    """
    settings = production_settings()
    refuse_busy(port, host)
    uvloop.run(_serve(settings, host, port))


async def _serve(settings: Settings, host: str, port: int) -> None:
    set_up_logs(settings.log_level)
    async with production_runtime(settings) as held:
        await run(create_app(held), host, port, announce=settings.public_url)
