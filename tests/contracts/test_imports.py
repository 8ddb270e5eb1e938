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
