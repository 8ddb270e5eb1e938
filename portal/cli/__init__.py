"""The `atbalsts` command: run the product, load data, look after it."""

import sys

import click

from documents.trouble import Trouble
from portal.cli.lazy import LazyGroup

HELP = """Atbalsts: one dossier per child.

\b
Try it:  atbalsts demo            the product with the demo story, nothing else needed
Load:    atbalsts load --help     territories, boundaries, schools, names, statistics, people, nation
Run it:  atbalsts serve           in production, settings from the environment
         atbalsts worker          what runs beside its pages
"""


# Command → where it is; the order is the help's.
COMMANDS = {
    "demo": "portal.cli.serve:demo",
    "serve": "portal.cli.serve:serve",
    "worker": "portal.cli.worker:worker",
    "load": "portal.cli.load:load",
    "admin": "portal.cli.admin:admin",
    "audit": "portal.cli.admin:audit",
    "releases": "portal.cli.releases:releases",
    "statistics": "portal.cli.statistics:statistics",
    "explain": "portal.cli.explain:explain_command",
    "routes": "portal.cli.check:routes",
    "check": "portal.cli.check:check",
    "bench": "portal.cli.bench:bench_command",
}


@click.group(
    help=HELP,
    cls=LazyGroup,
    commands_at=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="atbalsts", message="Atbalsts %(version)s")
def atbalsts() -> None:
    """Everything the command line can do."""


def main() -> None:
    """Run the command; expected troubles end in one sentence on standard error and exit code 2."""
    try:
        atbalsts(standalone_mode=True)
    except Trouble as trouble:
        click.echo(f"atbalsts: {trouble}", err=True)
        sys.exit(2)
