"""Rules of the code that no reviewer should have to remember; each finds what it looks for in a control."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(path for base in ("portal", "documents", "auth", "fixtures") for path in (ROOT / base).rglob("*.py"))
EVERYTHING = PRODUCT + sorted((ROOT / "tests").rglob("*.py"))
Rule = Callable[[ast.AST], bool]

# Where an upsert is right: rows of their own key that no deletion may bring back to life.
UPSERTS = {
    "documents/rates.py": "a counter of a window of time, gone with it",
    "documents/seals.py": "the sealer's lease and its notes",
    "documents/draft.py": "one draft per form and role, replaced by the next",
    "portal/counters/following.py": "a counter that nothing counted towards before",
}
# Whoever writes dossiers outside a transaction of `documents.store` says why.
WRITERS_OF_DOSSIERS = {
    "documents/store.py": "the guarded path itself",
    "portal/bench/saving.py": "the floor: the same documents in one raw transaction, on a demo's database",
}
WRITERS_OF_THE_LOG = {"portal/bench/saving.py": "the floor, as above"}
# Text marked as safe: made of escaped parts only.
MARKUP = {
    "portal/templating.py": "format() of Markup escapes what goes in",
    "portal/pictures/svg.py": "every attribute and text is escaped where it is joined",
    "portal/pictures/timeline/draw.py": "nothing at all: Markup()",
    "portal/pictures/family/draw.py": "nothing at all: Markup()",
}
# A day without a zone is enough where hours do not matter.
DAYS_WITHOUT_ZONE = {
    "documents/personal_code.py": "tells an invented code of 19xx from one of 20xx",
    "portal/bench/saving.py": "the day of a made-up entry",
}
# Who talks to another machine: to one that the settings name, never to one that an input names.
TALKERS = {
    "auth/oidc.py": "the identity provider",
    "auth/demo_provider.py": "tells the demo's own portal of a sign-out",
    "auth/keycloak/server.py": "the Keycloak it started itself, on loopback",
    "documents/malware.py": "clamd",
    "portal/mail/post.py": "the mail server",
    "portal/cli/listening.py": "asks its own /healthz",
    "portal/bench/floor.py": "the worker it started itself",
    "portal/bench/smaller.py": "the demo it started itself",
}
LONGEST = 300  # lines; a typical file is under a hundred, at two hundred ask which two ideas it holds
TOLD_LONG = {"fixtures/story": 650}  # one child, one file


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _found(source: str, rule: Rule) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(source)) if rule(node) and isinstance(node, ast.expr | ast.stmt)]


def _everywhere(rule: Rule, files: list[Path] = PRODUCT) -> dict[str, list[int]]:
    lines = {_name(path): _found(path.read_text("utf-8"), rule) for path in files}
    return {name: found for name, found in lines.items() if found}


def _method(node: ast.AST) -> str:
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def saves_a_document(node: ast.AST) -> bool:
    """Beanie's own writes ignore revisions and revive what was erased; they take no positional argument."""
    if not isinstance(node, ast.Call) or _method(node) not in ("save", "replace", "insert", "save_changes", "sync"):
        return False
    own = {"session", "ignore_revision", "bulk_writer", "skip_actions", "link_rule", "skip_sync"}
    return not node.args and {keyword.arg for keyword in node.keywords} <= own


def upserts(node: ast.AST) -> bool:
    """An upsert makes what is not there: also what was erased a moment ago."""
    return isinstance(node, ast.Call) and any(
        keyword.arg == "upsert" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
        for keyword in node.keywords
    )


def _writes_to(collection: str) -> Rule:
    verbs = re.compile(r"(update|replace|delete|find_one_and|bulk|insert|drop)\w*")

    def rule(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return False
        return bool(verbs.fullmatch(node.func.attr)) and _dotted(node.func.value).endswith(f".{collection}")

    return rule


def runs_what_it_is_given(node: ast.AST) -> bool:
    """Code or objects made of data: eval, exec, pickle, marshal, shelve, yaml.load, a shell, a template of text."""
    if isinstance(node, ast.Import):
        return any(alias.name in ("pickle", "marshal", "shelve", "dill") for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in ("pickle", "marshal", "shelve", "dill")
    if not isinstance(node, ast.Call):
        return False
    called = _dotted(node.func)
    shell = any(k.arg == "shell" and getattr(k.value, "value", True) for k in node.keywords)
    template = _method(node) == "from_string" or any(k.arg == "template_str" for k in node.keywords)
    return called in ("eval", "exec", "compile", "__import__", "yaml.load", "os.system") or shell or template


def marks_as_safe(node: ast.AST) -> bool:
    """Markup(…): text that is not escaped any more."""
    return isinstance(node, ast.Call) and _dotted(node.func).split(".")[-1] == "Markup"


def talks_to_others(node: ast.AST) -> bool:
    """A client of some protocol, or a bare connection: an address from an input would make it fetch anything."""
    clients = {"httpx", "requests", "aiohttp", "urllib", "http", "aiosmtplib", "smtplib", "ftplib", "keycloak"}
    harmless = {"urllib.parse", "http.cookies", "keycloak.exceptions"}
    if isinstance(node, ast.Import):
        return any(a.name.partition(".")[0] in clients and a.name not in harmless for a in node.names)
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return not node.level and module.partition(".")[0] in clients and module not in harmless
    return isinstance(node, ast.Call) and _dotted(node.func) in (
        "asyncio.open_connection",
        "asyncio.open_unix_connection",
        "socket.create_connection",
    )


def asks_for_a_time_without_a_zone(node: ast.AST) -> bool:
    """A naive moment means another one on the next machine."""
    if not isinstance(node, ast.Call):
        return False
    called = _dotted(node.func)
    if re.fullmatch(r"(.*\.)?(datetime\.(utcnow|today|utcfromtimestamp)|date\.today)", called):
        return True
    zoned = [k for k in node.keywords if k.arg == "tz"]
    return bool(re.fullmatch(r"(.*\.)?datetime\.now", called)) and not node.args and not zoned


CONTROLS: list[tuple[Rule, str]] = [
    (saves_a_document, "async def f(d):\n    await d.save()"),
    (saves_a_document, "async def f(d, s):\n    await d.replace(session=s)"),
    (upserts, "c.update_one({}, {}, upsert=True)"),
    (upserts, "UpdateOne({}, {}, upsert=flag)"),
    (_writes_to("dossiers"), "store.dossiers.delete_many({})"),
    (_writes_to("audit_entries"), "self.store.audit_entries.update_one({}, {})"),
    (runs_what_it_is_given, "import pickle"),
    (runs_what_it_is_given, "yaml.load(text)"),
    (runs_what_it_is_given, "subprocess.run(words, shell=True)"),
    (runs_what_it_is_given, "environment.from_string(text)"),
    (marks_as_safe, "markupsafe.Markup(text)"),
    (talks_to_others, "import requests"),
    (talks_to_others, "from urllib.request import urlopen"),
    (talks_to_others, "asyncio.open_connection(host, 80)"),
    (asks_for_a_time_without_a_zone, "datetime.now()"),
    (asks_for_a_time_without_a_zone, "datetime.date.today()"),
]


@pytest.mark.parametrize(("rule", "source"), CONTROLS)
def test_each_rule_finds_what_it_looks_for(rule: Rule, source: str):
    assert _found(source, rule)


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (saves_a_document, 'text.replace("a", "b"); day.replace(year=2020); rows.insert(0, x); path.replace(other)'),
        (upserts, "c.update_one({}, {}, upsert=False)"),
        (_writes_to("dossiers"), "store.dossiers.find_one({})"),
        (runs_what_it_is_given, "yaml.safe_load(text); re.compile(text)"),
        (talks_to_others, "from urllib.parse import urlsplit"),
        (asks_for_a_time_without_a_zone, "datetime.now(UTC)"),
    ],
)
def test_each_rule_leaves_the_rest_alone(rule: Rule, source: str):
    assert not _found(source, rule)


def test_documents_are_written_by_the_guarded_path_alone():
    found = _everywhere(saves_a_document)
    found.pop("documents/picture_cleaner.py", None)  # a picture, not a document
    assert found == {}


def test_only_what_may_be_made_anew_is_upserted():
    assert set(_everywhere(upserts)) <= set(UPSERTS)


def test_dossiers_are_changed_in_transactions_alone():
    outside = {name for name in _everywhere(_writes_to("dossiers")) if not name.startswith("fixtures/")}
    assert outside <= set(WRITERS_OF_DOSSIERS)


@pytest.mark.asvs("16.4.2")
def test_nobody_changes_or_removes_audit_entries():
    assert set(_everywhere(_writes_to("audit_entries"))) <= set(WRITERS_OF_THE_LOG)
    assert set(_everywhere(_writes_to("audit_seals"))) <= {"documents/seals.py"}


@pytest.mark.asvs("1.5.2")
@pytest.mark.asvs("1.3.2")
def test_nothing_runs_what_it_is_given():
    assert _everywhere(runs_what_it_is_given) == {}


@pytest.mark.asvs("1.3.6", "15.3.2")
def test_only_those_named_talk_to_another_machine():
    assert set(_everywhere(talks_to_others)) == set(TALKERS)


@pytest.mark.asvs("1.3.7")
def test_text_is_marked_safe_in_a_few_looked_at_places():
    assert set(_everywhere(marks_as_safe)) <= set(MARKUP)


def test_every_moment_has_its_zone():
    assert set(_everywhere(asks_for_a_time_without_a_zone, EVERYTHING)) <= set(DAYS_WITHOUT_ZONE)


@pytest.mark.parametrize("path", EVERYTHING, ids=_name)
def test_every_file_says_what_it_is_about(path: Path):
    source = path.read_text("utf-8")
    said = ast.get_docstring(ast.parse(source))
    assert said or not source.strip(), "a module opens with one to three lines in the words of the domain"
    assert len((said or "").splitlines()) <= 7


def _limit(name: str) -> int:
    return next((limit for folder, limit in TOLD_LONG.items() if name.startswith(folder)), LONGEST)


def _lengths() -> Iterator[tuple[int, str]]:
    for path in PRODUCT:
        yield len(path.read_text("utf-8").splitlines()), _name(path)


def test_no_file_is_one_a_newcomer_gets_lost_in():
    lengths = sorted(_lengths(), reverse=True)
    report = "\n".join(f"{lines:5} {name}" for lines, name in lengths if lines > 200)
    assert [name for lines, name in lengths if lines > _limit(name)] == [], f"Files over two hundred lines:\n{report}"


def test_every_exception_to_a_rule_is_still_needed():
    assert set(_everywhere(upserts)) == set(UPSERTS)
    assert set(_everywhere(marks_as_safe)) == set(MARKUP)
    assert {name for name in WRITERS_OF_DOSSIERS if not (ROOT / name).is_file()} == set()
