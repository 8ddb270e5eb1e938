"""What the audit log may say is a closed list: every act written anywhere in the code stands in it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.acts import Act

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("documents", "auth", "fixtures", "portal") for path in (ROOT / folder).rglob("*.py")]


def acts_in(tree: ast.Module) -> Iterator[ast.expr]:
    """The act of each `AuditEntry(act=…)`, `entry_for(who, …)` and `{"act": …}` that is validated as an entry."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "AuditEntry":
                yield from (keyword.value for keyword in node.keywords if keyword.arg == "act")
            elif node.func.id == "entry_for":
                yield node.args[1]


def is_listed(act: ast.expr) -> bool:
    """A member of the list, its word, or a change looked up in the list at run time."""
    match act:
        case ast.Constant(value=str(word)):
            return word in set(Act)
        case ast.Attribute(value=ast.Name(id="Act")):
            return True
        case ast.Call(func=ast.Name(id="Act")):
            return True
        case ast.Name(id="act") | ast.Attribute(value=ast.Call(func=ast.Name(id="Act"))):
            return True  # handed on: the caller named it, and its type is Act
    return False


@pytest.mark.asvs("16.2.5")
def test_every_act_the_code_records_is_of_the_vocabulary() -> None:
    found = [(path, act) for path in SOURCES for act in acts_in(ast.parse(path.read_text()))]
    assert len(found) > 15
    foreign = [f"{path.relative_to(ROOT)}:{act.lineno} {ast.unparse(act)}" for path, act in found if not is_listed(act)]
    assert foreign == []


def test_an_act_outside_the_vocabulary_is_found() -> None:
    tree = ast.parse('AuditEntry(act="dossier.peeked", at=now)\nentry_for(who, f"event.{change}", now)')
    assert [is_listed(act) for act in acts_in(tree)] == [False, False]
