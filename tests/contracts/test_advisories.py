"""The published advisories know no fault of what we depend on; where they cannot be asked, one line says so."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"

pytestmark = pytest.mark.prove


def asked(*command: str) -> dict[str, object]:
    """What the tool answers, as JSON; nothing where it could not ask."""
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    try:
        answer = json.loads(ended.stdout)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


@pytest.mark.asvs("15.2.1")
@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_no_python_package_has_a_known_fault(lock: str) -> None:
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
    packages: list[dict[str, object]] = asked(str(BIN / "pip-audit"), "-r", lock, *options).get("dependencies", [])  # type: ignore[assignment]
    known = [package for package in packages if "skip_reason" not in package]
    if not known:
        pytest.skip("the advisories for Python packages cannot be asked from here")
    assert [package["name"] for package in packages if "skip_reason" in package] == []
    assert [package for package in known if package["vulns"]] == []


@pytest.mark.asvs("15.2.1")
def test_no_browser_package_has_a_known_fault() -> None:
    npm = shutil.which("npm", path=f"{os.environ['PATH']}:{BIN}")
    assert npm, "run make setup"
    answer = asked(npm, "audit", "--json", "--audit=true")
    if "vulnerabilities" not in answer:
        pytest.skip("the advisories for browser packages cannot be asked from here")
    assert answer["vulnerabilities"] == {}
