"""Every promise of the threat model has a number of its own and tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/threat-model.md").read_text("utf-8")
PROMISES = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+) \|$", TEXT, re.M)


def test_numbers_are_given_once_and_without_gaps():
    numbers = [number for number, _, _ in PROMISES]
    assert len(numbers) == len(set(numbers)) > 30
    for letter in {number[0] for number in numbers}:
        own = [int(number[1:]) for number in numbers if number[0] == letter]
        assert own == list(range(1, len(own) + 1))


@pytest.mark.parametrize(("number", "held_by"), [(number, held_by) for number, _, held_by in PROMISES])
def test_a_promise_is_held_by_tests_that_are_there(number: str, held_by: str):
    links = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held_by)
    assert links, number
    assert held_by == " ".join(f"`{path}::{name}`" for path, name in links)
    for path, name in links:
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in functions, f"{number}: {path}::{name}"
