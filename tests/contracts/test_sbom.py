"""The bill of materials names all that the product runs with, with the hashes the locks fix."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.asvs("15.1.2")
def test_the_bill_of_materials_is_the_locks_word_for_word() -> None:
    command = [sys.executable, "-W", "ignore", str(ROOT / "tools" / "sbom")]
    bill = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "atbalsts"
    listed = {part["purl"]: part["hashes"] for part in bill["components"]}
    pins = re.findall(r"^([\w.-]+)==([^\s\\;]+)", (ROOT / "requirements.lock").read_text(), re.M)
    scripts = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {f"pkg:pypi/{name}@{version}" for name, version in pins} <= set(listed)
    assert len(listed) == len(pins) + sum(bool(place) and not each.get("dev") for place, each in scripts.items())
    assert all(hashes for hashes in listed.values())
