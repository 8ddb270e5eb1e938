"""Small changes to style sheets at build time: strict content policy, paper stays light, fewer bytes."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

_DATA_URL = re.compile(r"""url\((["'])(data:.*?)\1\)""", re.DOTALL)
_DARK_MEDIA = re.compile(r"@media \(prefers-color-scheme:\s*dark\)")
_DARK_BLOCK = re.compile(r"""(\n|\})(\[data-color-scheme=["']?dark["']?\]\s*\{[^}]*\})""")


def data_urls_to_files(css: str, write: Callable[[str, str], str]) -> str:
    """Turns every `data:` picture into a file beside the sheet, so `img-src 'self'` suffices.

    `write` gets a plain name and the content and returns the name to refer to.
    """

    def file_for(match: re.Match[str]) -> str:
        head, _, body = match.group(2).partition(",")
        content = base64.b64decode(body).decode() if "base64" in head else unquote(body)
        name = f"ds-{hashlib.sha256(content.encode()).hexdigest()[:6]}.svg"
        return f"url({write(name, content)})"

    return _DATA_URL.sub(file_for, css)


def screen_only(css: str) -> str:
    """Keeps dark colours to screens: on paper the theme falls back to its light ones."""
    css = _DARK_MEDIA.sub("@media screen and (prefers-color-scheme:dark)", css)
    return _DARK_BLOCK.sub(r"\1@media screen{\2}", css)


def with_addresses(css: str, names: Mapping[str, str]) -> str:
    """Replaces plain asset names in `url(name)` by the hashed ones; an unknown name is a KeyError."""
    return re.sub(r"url\(([\w.-]+)\)", lambda match: f"url({names[match.group(1)]})", css)


def minify(css: str) -> str:
    """Drops comments and needless white space (never beside `:`, `+`, `-` or inside words)."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};]) ?", r"\1", css).strip()
