"""The long proofs go on where an interruption left them: what passed on this very tree is not proved again."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / ".cache"


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=FOLDER.parent, capture_output=True, check=True).stdout


def _proved() -> Path | None:
    """The list of what passed on the files as they are now; none where git cannot tell what they are."""
    try:
        files = _git("ls-files", "-s") + _git("diff")
    except (OSError, subprocess.CalledProcessError):
        return None
    return FOLDER / f"proved-{hashlib.sha256(files).hexdigest()[:16]}"


class Resuming:
    """Registered for `-m prove` outside CI: leaves out what is proved, notes what passes, forgets once all is.

    Every worker leaves out; only the process that hears of all of them notes and forgets.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.list = config, _proved()
        self.hears = not hasattr(config, "workerinput") and not config.option.collectonly

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what passed before."""
        if self.list is None or not self.list.exists():
            return
        done = set(self.list.read_text().splitlines())
        before = [item for item in items if item.nodeid in done]
        if before and len(before) < len(items):
            self.config.hook.pytest_deselected(items=before)
            items[:] = [item for item in items if item.nodeid not in done]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a proof that passed."""
        if self.list is not None and self.hears and report.when == "call" and report.passed:
            self.list.parent.mkdir(exist_ok=True)
            with self.list.open("a") as file:
                file.write(f"{report.nodeid}\n")

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """All proved: the next run begins anew."""
        if self.list is not None and self.hears and exitstatus == 0:
            self.list.unlink(missing_ok=True)


def resume(config: pytest.Config) -> None:
    """Let `make prove` resume; CI always proves everything."""
    if config.option.markexpr == "prove" and not os.environ.get("CI"):
        config.pluginmanager.register(Resuming(config))
