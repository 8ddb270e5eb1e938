"""The README says what is: cast, settings, commands, words, folders, and links that lead somewhere."""

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from documents.model import day_of
from fixtures.story import build
from portal.cli import atbalsts
from portal.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CODE = "\n".join(
    path.read_text("utf-8")
    for base in ("portal", "documents", "auth", "fixtures")
    for path in (ROOT / base).rglob("*")
    if path.suffix in (".py", ".csv")
)


def cast_table() -> str:
    """The cast as a table, in the order of the story."""
    now = datetime.now(UTC)
    people = [person for person in build(day_of(now), now).people if person.demo_note]
    rows = [f"| {person.name} | {person.demo_note} | `{person.id}` |" for person in people]
    return "\n".join(["| person | in the story | id |", "|---|---|---|", *rows])


def _section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_cast_is_the_storys():
    table = README.split("<!-- cast -->\n")[1].split("\n<!-- /cast -->")[0]
    assert table == cast_table(), (
        "The cast has changed. Write its table anew:\n  .venv/bin/python -m tests.contracts.test_readme"
    )


def test_the_settings_are_those_there_are():
    rows = re.findall(r"^\| `ATBALSTS_([A-Z_]+)` \| (?:`([^`]*)`)? *\| \S", _section("Settings"), re.M)
    told = {name.lower(): default for name, default in rows}
    real = {name: field.default for name, field in Settings.model_fields.items()}
    assert told == {name: "" if default in (None, "") else str(default) for name, default in real.items()}


def test_every_variable_of_the_realms_brokers_is_told():
    realm = (ROOT / "auth/keycloak/atbalsts-realm.json").read_text("utf-8")
    wanted = re.findall(r"\$\{(LATVIJA_LV|SMART_ID|EPARAKSTS|STAFF)_([A-Z_]+):", realm)
    told = set(re.findall(r"`_?([A-Z_]+)`", _section("Signing in")))
    told |= {name.removeprefix("LATVIJA_LV_") for name in told}
    assert wanted and {word for _, word in wanted} <= told


def _commands(group: click.Group, before: str = "") -> list[str]:
    found, context = [], click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found += _commands(command, f"{before}{name} ") if isinstance(command, click.Group) else [f"{before}{name}"]
    return found


def test_every_command_is_told():
    told = " ".join(re.findall(r"`([^`]+)`", _section("Commands")))
    commands = _commands(atbalsts)
    assert {"demo", "load nation", "admin migrate"} <= set(commands)
    for command in commands:
        for word in command.split():
            assert re.search(rf"(^|\s){re.escape(word)}(\s|$)", told), command


def test_every_word_of_the_glossary_is_a_word_of_the_code():
    words = re.findall(r"`([a-z_]+)`", _section("Words"))
    assert len(words) > 30
    assert [word for word in words if not re.search(rf"\b{word}", CODE)] == []


def test_every_folder_and_file_it_names_is_there():
    named = set(
        re.findall(r"`((?:portal|templates|auth|documents|fixtures|locale|tests|docs|deploy|tools)/[\w./-]*)`", README)
    )
    linked = set(re.findall(r"\]\((?!http)([^)#]+)\)", README))
    assert [name for name in sorted(named | linked) if not (ROOT / name).exists()] == []


def test_the_people_it_introduces_are_in_the_cast():
    people = set(re.findall(r"^\| ([^|]+) \|[^|]+\| `[a-z0-9-]+` \|$", README, re.M))
    introduced = set(re.findall(r"\*\*([A-ZĀ-Ž]\w+ [A-ZĀ-Ž]\w+)\*\*", _section("Ten minutes in the demo")))
    assert len(introduced) >= 6
    assert introduced - {"Marta Kalniņa"} <= people


if __name__ == "__main__":
    before, rest = README.split("<!-- cast -->\n")
    after = rest.split("<!-- /cast -->")[1]
    (ROOT / "README.md").write_text(f"{before}<!-- cast -->\n{cast_table()}\n<!-- /cast -->{after}", "utf-8")


def test_every_decision_has_a_number_of_its_own():
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) > 20 and len(set(numbers)) == len(numbers)
