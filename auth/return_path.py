"""Where somebody goes after signing in: only ever a page of our own."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

_LONGEST = 2000


def safe_return_path(path: str | None, default: str = "/") -> str:
    """The path if it is an absolute one of ours, else the default; no host, no scheme, nothing browsers bend.

    Browsers read a backslash as a slash and drop tabs and line breaks, also where they come percent-encoded twice.
    """
    if not path or len(path) > _LONGEST or not path.isascii() or not path.startswith("/"):
        return default
    decoded = path
    for _ in range(3):
        if decoded.startswith("//") or "\\" in decoded or not decoded.isprintable() or " " in decoded[:2]:
            return default
        decoded = unquote(decoded)
    try:
        parts = urlsplit(path)
    except ValueError:
        return default
    if parts.scheme or parts.netloc or "/../" in unquote(parts.path) + "/":
        return default
    return path
