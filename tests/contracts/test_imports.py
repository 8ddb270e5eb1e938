"""Imports point one way: documents <- auth <- fixtures <- portal."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-logo", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def test_every_import_points_the_one_way():
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_an_import_the_other_way_is_found(tmp_path: Path):
    """The control: a house of the same layers in which the store asks the portal."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("portal", "fixtures", "auth", "documents"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "documents" / "store.py").write_text("import portal\n")
    done = _lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "documents.store" in done.stdout


def test_a_worker_that_serves_pages_holds_nothing_it_needs_for_none_of_them():
    """The solver of releases, its numbers, the seal of decisions and the clients of foreign clouds: memory of each."""
    heavy = {"numpy", "highspy", "scipy", "pyhanko", "boto3", "botocore"}
    code = f"import sys, portal.app, portal.analytics.monthly\nprint(*({heavy!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "", "held for nothing"
