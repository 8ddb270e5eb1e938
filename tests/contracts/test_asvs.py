"""Every requirement of OWASP ASVS that docs/asvs.md promises is held by a test that carries its id."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMISED = re.findall(r"\b\d+\.\d+\.\d+\b", (ROOT / "docs" / "asvs.md").read_text().partition("|---|")[2])


def held() -> dict[str, set[str]]:
    """The tests by requirement."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.asvs":
                        for word in mark.args:
                            found[ast.literal_eval(word)].add(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def test_every_promised_requirement_has_a_test() -> None:
    tests = held()
    for requirement in sorted(tests, key=lambda text: [int(part) for part in text.split(".")]):
        print(requirement, *sorted(tests[requirement]), sep="\n  ")
    assert len(PROMISED) > 90
    assert [each for each in PROMISED if each not in tests] == []


def test_a_mark_names_a_requirement_by_its_three_numbers() -> None:
    assert [each for each in held() if not re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{1,2}", each)] == []
