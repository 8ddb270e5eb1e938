"""`atbalsts bench`: measured against a floor in the same run; says which budgets are met."""

import sys

import click
import uvloop
from rich.console import Console


@click.command("bench")
@click.option(
    "--children",
    "sizes",
    multiple=True,
    type=click.IntRange(3_600, 365_000),
    help="Sizes of the nations to measure on.  [default: 36000 and 360000]",
)
@click.option(
    "--quick", is_flag=True, help="A minute on a small nation: shows that the bench works, not how fast we are."
)
def bench_command(sizes: tuple[int, ...], quick: bool) -> None:
    """Measure ours against the leanest correct way to the same bytes, by turns, in one run.

    The nations are kept in .cache and made where they are absent. A budget that is missed is a line of the table,
    never an error.
    """
    # Only here: no other command has use for it, and it uses the other commands' parts.
    from portal.bench.run import QUICK, RESULT, Scope, bench

    scope = QUICK if quick else Scope()
    if sizes:
        scope = Scope(tuple(sorted(sizes)), scope.pace, scope.dossiers, scope.loading)
    console = Console(width=None if sys.stdout.isatty() else 160)
    report = uvloop.run(bench(scope, console))
    report.show(console)
    console.print(f"Kept in {RESULT}")
