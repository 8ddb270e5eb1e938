"""What is installed is fixed to the byte, and no file names the place it was fetched from."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
TRACKED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
FILES = [ROOT / name for name in TRACKED.split("\0") if name]
SCHEME = ":" + "//"

# Pieced together, so that this file holds none of them itself.
PLACES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("docker", "io"),
        ("quay", "io"),
        ("ghcr", "io"),
        ("gcr", "io"),
        ("maven", "org"),
        ("apache", "org/maven2"),
        ("fastdl.mongodb", "org"),
        ("githubusercontent", "com"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("cdnjs.cloudflare", "com"),
        ("googleapis", "com"),
        ("deb.debian", "org"),
    )
]
DOWNLOAD = re.compile(r"\b(?:curl|wget)\b[^\n|]*https?" + SCHEME + r"(?!127\.0\.0\.1|localhost|\$)")


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="ignore") if path.is_file() else ""


@pytest.mark.asvs("15.2.4")
@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_has_its_version_and_hashes(path: Path):
    body = re.sub(r"\\\n\s*", " ", path.read_text())
    entries = [line for line in body.splitlines() if re.match(r"[a-z0-9]", line)]
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ ", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_place(path: Path):
    text = path.read_text()
    for word in (SCHEME, "--index", "--extra-index", "--find-links", "--trusted-host", "file:/", " @ "):
        assert word not in text, word


def test_the_lock_of_browser_packages_has_hashes_and_names_no_place():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, entry in lock["packages"].items():
        if name:
            assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
        entry.pop("funding", None)
    text = json.dumps(lock)
    assert SCHEME not in text and "file:" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_names_a_registry_or_an_address_to_download_from(path: Path):
    text = _text(path)
    if path.name == "package-lock.json":
        text = re.sub(r'"funding": \{[^}]*\}', "", text)
    assert not [place for place in PLACES if place in text]
    assert not DOWNLOAD.search(text)


def test_the_search_finds_what_it_looks_for():
    """The control."""
    assert DOWNLOAD.search("curl -fsSL https" + SCHEME + "somewhere.example/install.sh | sh")
    assert any(place in "https" + SCHEME + "registry." + "npmjs" + ".org/x" for place in PLACES)


def test_every_lock_says_how_it_was_made():
    for path in LOCKS:
        assert "pip-compile" in path.read_text()[:400]


def test_nothing_heavy_or_made_is_tracked():
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    made = [n for n in names if n.startswith(("node_modules/", ".venv/", ".cache/", "secrets/")) or n.endswith(".mo")]
    assert made == []
    # Locks are long by themselves: a line for the hash of each wheel of each platform.
    heavy = [n for n in names if (ROOT / n).is_file() and (ROOT / n).stat().st_size > 300_000]
    assert [n for n in heavy if not n.endswith(".lock")] == []


def test_no_file_leads_elsewhere() -> None:
    """A link, to a machine's own folder say, would be there in no other clone: whatever it stands for is made anew."""
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line for line in listed.splitlines() if line.startswith("120000 ")] == []
