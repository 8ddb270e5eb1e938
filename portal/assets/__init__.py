"""Styles, script, font and icons as the browser gets them: content-hashed files named by a manifest."""

import json
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[2] / ".cache" / "assets"
PREFIX: Final = "/assets/"
MANIFEST: Final = "manifest.json"


@cache
def manifest() -> dict[str, str]:
    """Plain name → hashed file name; raises FileNotFoundError where the set-up has not run."""
    path = FOLDER / MANIFEST
    if not path.is_file():
        raise FileNotFoundError("The browser assets are not built yet: run `make setup`.")
    names: dict[str, str] = json.loads(path.read_text("utf-8"))
    return names


def asset_url(name: str) -> str:
    """Address of an asset by its plain name; an unknown name is a KeyError."""
    return PREFIX + manifest()[name]
