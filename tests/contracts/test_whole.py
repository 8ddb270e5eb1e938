"""Nothing lies about unread: each catalogue, classifier and page has the check that reads it."""

import re
import subprocess
import sys
from pathlib import Path

from documents.schema import INDEXES

ROOT = Path(__file__).parents[2]
CODE = "\n".join(
    path.read_text("utf-8")
    for base in ("portal", "documents", "auth", "fixtures")
    for path in (ROOT / base).rglob("*.py")
)


def test_the_check_of_classifiers_and_translations_passes():
    done = subprocess.run(
        [Path(sys.executable).with_name("atbalsts"), "check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "whole" in done.stdout


def test_make_check_runs_every_checker():
    recipe = (ROOT / "Makefile").read_text().split("\ncheck:")[1].split("\n\n")[0]
    for checker in ("ruff format --check", "ruff check", "mypy", "lint-imports", "djlint", "atbalsts check"):
        assert checker in recipe


def test_every_classifier_file_is_read():
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "documents/classifiers").glob("*.py"))
    files = [path.stem for path in (ROOT / "fixtures/classifiers").glob("*.csv")]
    assert files
    assert [name for name in files if name not in source] == []


def test_every_template_is_shown_or_included():
    shown = CODE + "\n".join(path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html"))
    names = [path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")]
    unused = [name for name in names if name not in shown and not re.match(r"errors/\d{3}\.html", name)]
    assert unused == []


def test_every_collection_that_is_used_has_its_indexes_written_down():
    used = set(re.findall(r'database\["([a-z_.]+)"\]', CODE))
    assert used - {"migrations_log"} <= set(INDEXES)
