"""Whatever guard or rule is changed in the code of the policy, a test of the rules fails: none is decorative.

The cells of the table need no such proof: `policy_table.txt` says each of them a second time.
"""

import ast
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = (
    *("test_policy.py", "test_entries.py", "test_policy_matrix.py", "test_entries_expected.py"),
    *("test_access_requests.py", "test_access_lifecycle.py", "test_explain.py", "test_decisions.py"),
)
# Changes that change nothing a rule says.
HARMLESS = {
    "policy.py": {
        # the query, which tests/pages/test_reach.py compares with the decision on a true database
        *("relations is None", "not who.in_family_role", "way in ('consented', 'assigned')"),
    },
    "entries.py": {"most is Sight.FULL"},  # stops early: nothing is more than everything
    "relations.py": {"r.since < r.until", "part[0] < part[1]"},  # a window without a moment in it gives nothing
    "who.py": set(),
}
OURS = ("auth", "fixtures", "portal", "tests")
SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


class Change(ast.NodeTransformer):
    """Changes the nth thing that can be changed: a comparison, and/or, not, True/False, a rule of a table."""

    def __init__(self, nth: int) -> None:
        self.nth, self.seen, self.what = nth, -1, ""

    def _this(self, node: ast.AST) -> bool:
        self.seen += 1
        if self.seen == self.nth:
            self.what = ast.unparse(node)
        return self.seen == self.nth

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if self._this(node):
            node.ops[-1] = SWAPS[type(node.ops[-1])]()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._this(node):
            node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.Not) and self._this(node) else node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) and self._this(node):
            return ast.copy_location(ast.Constant(not node.value), node)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        # frozen data, pairs of equal length, what developers are shown: no rule of access
        return node if node.arg in ("frozen", "strict", "repr") else self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        for place, key in enumerate(node.keys):
            if key is not None and ast.unparse(key).startswith("Permission.") and self._this(key):
                del node.keys[place], node.values[place]
                break
        return node


def changed(name: str) -> Iterator[tuple[str, str]]:
    """The source with one thing changed, for each of them, and what it was."""
    text = (ROOT / "auth" / name).read_text()
    nth = 0
    while True:
        change = Change(nth)
        tree = change.visit(ast.parse(text))
        if not change.what:
            return
        yield f"{nth}: {change.what}", ast.unparse(ast.fix_missing_locations(tree))
        nth += 1


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rules beside everything else as it is."""
    place = tmp_path_factory.mktemp("mutants")
    for path in ROOT.iterdir():
        if path.name in ("documents", "fixtures", "portal", "templates", "locale", "tests", "pyproject.toml"):
            (place / path.name).symlink_to(path)
    shutil.copytree(ROOT / "auth", place / "auth", ignore=shutil.ignore_patterns("__pycache__"))
    return place


def survives(workshop: Path, name: str, text: str) -> bool:
    """Whether no test notices. A child process takes the changed rules; libraries need not be read again."""
    target = workshop / "auth" / name
    original = target.read_text()
    target.write_text(text)
    child = os.fork()
    if child == 0:
        try:
            os._exit(_tests_of(workshop))
        except BaseException:  # a rule that cannot even be read is noticed
            os._exit(1)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        target.write_text(original)


def _tests_of(workshop: Path) -> int:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(workshop)
    sys.dont_write_bytecode = True
    for module in [m for m in sys.modules if m.partition(".")[0] in OURS]:
        del sys.modules[module]
    sys.path.insert(0, str(workshop))
    options = ["-x", "-q", "-m", "not prove", "-p", "no:cacheprovider", f"--rootdir={workshop}"]
    return int(pytest.main([*options, *(f"tests/rules/{test}" for test in TESTS)]))


@pytest.mark.prove
def test_control_unchanged_rules_pass(workshop: Path) -> None:
    assert survives(workshop, "policy.py", (ROOT / "auth" / "policy.py").read_text())


@pytest.mark.prove
@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("name", ["policy.py", "entries.py", "relations.py", "who.py"])
def test_whatever_is_changed_in_the_rules_a_test_fails(workshop: Path, name: str) -> None:
    alive = [what for what, text in changed(name) if survives(workshop, name, text)]
    assert [what for what in alive if what.partition(": ")[2] not in HARMLESS[name]] == []
