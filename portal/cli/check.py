"""`atbalsts routes` and `atbalsts check`: what the portal answers to, and whether its data and texts are whole."""

import sys

import click
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from auth.permissions import Permission
from documents.classifiers import classifiers
from portal.app import CONTROLLERS
from portal.exchange.controller import ChildrenController
from portal.page import Request
from portal.translations.check import problems


def route_lines() -> list[str]:
    """Return every route as "METHOD path permission name", sorted; a snapshot test watches them."""
    app = Litestar(route_handlers=[*CONTROLLERS, ChildrenController], request_class=Request, openapi_config=None)
    lines = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler):
                permission = handler.opt.get("permission")
                for method in handler.http_methods - {"OPTIONS"}:
                    lines.add(
                        f"{method:6} {route.path:60} {Permission(permission) if permission else '?':20} {handler.name}"
                    )
    return sorted(lines, key=lambda line: (line.split()[1], line.split()[0]))


@click.command()
def routes() -> None:
    """List every route with the permission it declares."""
    for line in route_lines():
        click.echo(line.rstrip())


@click.command()
def check() -> None:
    """Check the classifiers and the translations; exit code 1 when something is missing."""
    classifiers()
    found = problems()
    for problem in found:
        click.echo(problem, err=True)
    if found:
        sys.exit(1)
    click.echo("Classifiers and translations are whole.")
