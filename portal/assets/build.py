"""Builds the browser assets from the pinned packages and our own styles into `.cache/assets/`.

Each file's name carries a hash of its content, so it may be cached for ever;
text files are also kept compressed.
"""

import gzip
import hashlib
import importlib
import importlib.util
import json
from pathlib import Path
from typing import Final

from portal.assets import FOLDER, MANIFEST
from portal.assets.css import data_urls_to_files, minify, screen_only, with_addresses
from portal.assets.icons import sprite
from portal.assets.tokens import tokens_css

_OWN: Final = Path(__file__).parent
_PACKAGES: Final = _OWN.parents[1] / "node_modules"
_FONT: Final = "@fontsource-variable/figtree/files/figtree-{}-wght-normal.woff2"

# Own layer over the CSS system, in the order of the cascade.
STYLES: Final = (
    *("reset", "page", "top", "child", "panels", "people", "lists"),
    *("timeline", "family", "triangle", "plan", "forms", "work", "analytics", "system", "print"),
)


class _Output:
    """The folder being filled: writes hashed files and remembers their names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, content: bytes) -> str:
        """Writes one file under its hashed name and returns that name."""
        stem, _, ending = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{ending}"
        (self.folder / hashed).write_bytes(content)
        if ending != "woff2":
            _compress(self.folder / hashed, content)
        self.names[name] = hashed
        return hashed

    def finish(self) -> None:
        """Writes the manifest, then forgets files of earlier builds: a page served meanwhile stays whole."""
        (self.folder / MANIFEST).write_text(json.dumps(self.names, indent=1, sort_keys=True), "utf-8")
        kept = set(self.names.values()) | {MANIFEST}
        for path in self.folder.iterdir():
            if path.is_file() and path.name.removesuffix(".gz").removesuffix(".br") not in kept:
                path.unlink()


def build(folder: Path = FOLDER) -> dict[str, str]:
    """Fills the folder and returns plain name → hashed name; the same sources give the same names."""
    out = _Output(folder)
    for subset in ("latin", "latin-ext"):
        out.add(f"figtree-{subset}.woff2", (_PACKAGES / _FONT.format(subset)).read_bytes())
    out.add("mark.svg", (_OWN / "mark.svg").read_bytes())
    out.add("icons.svg", sprite(_PACKAGES / "@tabler/icons/icons/outline").encode())
    out.add("htmx.js", (_PACKAGES / "htmx.org/dist/htmx.min.js").read_bytes())
    out.add("atbalsts.js", (_OWN / "atbalsts.js").read_bytes())
    out.add("system.css", _system_css(out).encode())
    out.add("site.css", _site_css(out).encode())
    out.finish()
    return out.names


def _system_css(out: _Output) -> str:
    """Designsystemet with our theme, in layers below our own styles."""
    theme = (_OWN / "theme/atbalsts.css").read_text("utf-8")
    system = (_PACKAGES / "@digdir/designsystemet-css/dist/src/index.css").read_text("utf-8")
    css = screen_only((theme + system).replace('@charset "UTF-8";', ""))
    css = data_urls_to_files(css, lambda name, content: out.add(name, content.encode()))
    return "@layer reset,ds;" + minify(css)


def _site_css(out: _Output) -> str:
    styles = "\n".join((_OWN / f"styles/{name}.css").read_text("utf-8") for name in STYLES)
    return tokens_css() + minify(with_addresses(styles, out.names))


def _compress(path: Path, content: bytes) -> None:
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
    if importlib.util.find_spec("brotli"):
        brotli = importlib.import_module("brotli")
        path.with_name(path.name + ".br").write_bytes(brotli.compress(content))
