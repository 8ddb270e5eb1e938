"""The bench itself works: every figure is taken, the floor answers the portal's very bytes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.prove


def test_a_quick_bench_takes_every_figure_and_never_fails(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("atbalsts")), "bench", "--quick"]
    assets = tmp_path / ".cache" / "assets"
    assets.parent.mkdir()
    assets.symlink_to(ROOT / ".cache" / "assets")
    environment = {name: value for name, value in os.environ.items() if name != "MONGODB_URI"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / ".cache" / "bench.json").read_text())
    lines = {line["what"]: line for section in figures.values() for line in section}
    for what in (
        "dossier overview",
        "life-course list",
        "needs triangle",
        "support plan",
        "my desk",
        "cases of my staff",
        "table of figures",
        "search by name as one types",
        "search by exact code",
        "saving an event",
        "counting all cases anew",
        "from a saved change to its counter",
        "decision as sealed PDF",
        "memory of a worker",
        "memory of a worker that seals",
        "memory of the nation's loader",
        "loading the nation",
        "page weight, first visit",
        "first page of the demo",
    ):
        assert lines[what]["verdict"] in ("met", "missed"), what
        assert "FAILED" not in lines[what]["notes"], lines[what]
    assert "budgets met" in done.stdout
