"""The `atbalsts` command: run the product, load data, look after it."""

import sys

import click

from documents.classifiers import ClassifierError
from documents.embedded import EmbeddedError
from documents.mark import WrongDatabase
from portal.cli.admin import admin, audit
from portal.cli.bench import bench_command
from portal.cli.check import check, routes
from portal.cli.explain import explain_command
from portal.cli.load import load
from portal.cli.nation import nation
from portal.cli.serve import demo, serve
from portal.cli.stores import Refusal
from portal.cli.worker import worker
from portal.settings import UnsafeSettings

HELP = """Atbalsts: one dossier per child.

\b
Try it:  atbalsts demo            the product with the demo story, nothing else needed
Load:    atbalsts load --help     territories, schools, names, statistics, people, nation
Run it:  atbalsts serve           in production, settings from the environment
         atbalsts worker          what runs beside its pages
"""


@click.group(help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="atbalsts", message="Atbalsts %(version)s")
def atbalsts() -> None:
    """Everything the command line can do."""


for command in (demo, serve, worker, load, admin, audit, explain_command, routes, check):
    atbalsts.add_command(command)

atbalsts.add_command(bench_command)
load.add_command(nation)


def main() -> None:
    """Run the command; expected troubles end in one sentence on standard error and exit code 2."""
    try:
        atbalsts(standalone_mode=True)
    except (EmbeddedError, WrongDatabase, UnsafeSettings, ClassifierError, Refusal) as trouble:
        click.echo(f"atbalsts: {trouble}", err=True)
        sys.exit(2)
