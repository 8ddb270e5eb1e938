"""What the code imports is named as a dependency, not taken because something else happens to bring it along."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = {"portal", "fixtures", "auth", "documents", "tests"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _named(requirements: list[str]) -> set[str]:
    return {_plain(re.match(r"[\w.-]+", requirement).group()) for requirement in requirements}  # type: ignore[union-attr]


def _imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def _distributions(package: str, known: Mapping[str, list[str]]) -> set[str]:
    """Who brings a package along; where several claim its name, the one that is called so."""
    names = {_plain(name) for name in known.get(package, [package])}
    return names & {_plain(package)} or names


def _unnamed(folders: list[str], named: set[str]) -> dict[str, str]:
    """Imported packages whose distribution nobody named, with one place each."""
    known = packages_distributions()
    missing = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for package in _imported(path.read_text()):
                if package in sys.stdlib_module_names or package in OWN:
                    continue
                if not _distributions(package, known) & named:
                    missing[package] = str(path.relative_to(ROOT))
    return missing


def test_whatever_the_product_imports_is_named():
    assert _unnamed(["portal", "documents", "auth", "fixtures"], _named(PROJECT["dependencies"])) == {}


def test_whatever_the_tests_import_is_named():
    both = _named(PROJECT["dependencies"]) | _named(PROJECT["optional-dependencies"]["dev"])
    assert _unnamed(["tests"], both) == {}


def test_every_dependency_named_is_in_the_lock_as_ours():
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", lock)
    ours = {_plain(e.partition("==")[0]) for e in entries if re.search(r"# +(?:via )?atbalsts \(pyproject", e)}
    assert ours == _named(PROJECT["dependencies"])


def test_an_import_nobody_named_is_found():
    """The control."""
    assert "litestar" in _unnamed(["portal"], _named(PROJECT["dependencies"]) - {"litestar"})
