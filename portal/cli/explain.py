"""`atbalsts explain`: why somebody may or may not, from the server's console."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from auth.permissions import Permission
from documents.model import RIGA
from portal.admin.explain_words import Answer, answer_of
from portal.admin.explaining import EXPLAINED, NothingToExplain, Question, explained
from portal.cli.production import command_store
from portal.cli.stores import Refusal
from portal.translations import LANGUAGES, gettext, set_language


@click.command("explain")
@click.argument("person")
@click.argument("action", type=click.Choice([str(each) for each in EXPLAINED]), metavar="ACTION")
@click.argument("child")
@click.option("--role", default="", help="Id of one role, or family.  [default: every role of that moment]")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder of a demo; without it, the register.")
@click.option("--lang", default="lv", show_default=True, type=click.Choice(LANGUAGES), help="Language of the answer.")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="Another moment, by the clock in Latvia.",
)
def explain_command(
    person: str, action: str, child: str, role: str, data: Path | None, lang: str, at: datetime | None
) -> None:
    """Say why PERSON (an id) may or may not do ACTION (such as base.read) on CHILD (a dossier's id).

    Shows relations, their time and what the position allows; nothing of the child. The question is recorded.
    """
    set_language(lang)
    now = datetime.now(UTC)
    question = Question(person, Permission(action), child, at.replace(tzinfo=RIGA) if at else now, role)
    for answer in asyncio.run(_ask(data, question, now)):
        _tell(answer)


async def _ask(data: Path | None, question: Question, now: datetime) -> list[Answer]:
    async with command_store(data) as store:
        try:
            return [answer_of(each) for each in await explained(store, None, question, now)]
        except NothingToExplain as nothing:
            raise Refusal(f"There is no such {nothing.what}. The question is recorded.") from None


def _tell(answer: Answer) -> None:
    click.echo(f"{answer.role or '–'} ({answer.position or gettext('No role')}): {answer.sentence}")
    lines = [
        (gettext("What"), f"{answer.action} ({answer.section})" if answer.section else answer.action),
        (gettext("Reason"), f"{answer.reason}, {answer.basis}"),
        (gettext("Denials in force"), "; ".join(answer.denials)),
        (gettext("Own family"), gettext("yes") if answer.own_family else ""),
        (gettext("Asks of the position"), answer.asks_of_position),
        (gettext("Ways of the position to a child"), ", ".join(answer.position_ways) or gettext("none")),
        (gettext("The position may"), ", ".join(answer.position_may) or gettext("nothing beyond that")),
    ]
    for name, value in lines:
        if value:
            click.echo(f"  {name}: {value}")
    for way in answer.ways:
        source = f" [{way.given_by}]" if way.given_by else ""
        click.echo(f"  - {way.relation}, {way.state}: {way.window}{source}; {way.right}")
