"""Names of files: made harmless when they come in, written so that every browser reads them when they go out."""

import re
import unicodedata
from urllib.parse import quote, unquote

LONGEST = 120  # letters, with the extension
LONGEST_BYTES = 240  # file systems end at 255
NAMELESS = "pielikums"
# Devices of Windows, whatever follows the first dot.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')


def shown_name(name: str) -> str:
    """Return the name as a message may say it: no folders, nothing invisible, at most 60 letters."""
    cleaned = _plain(name)
    return cleaned if len(cleaned) <= 60 else f"{cleaned[:40]}…{cleaned[-19:]}"


def clean_name(name: str, extensions: tuple[str, ...]) -> str:
    """Return a name safe on every system that ends as its type does (`extensions`, the usual one first).

    No folders, also percent-encoded; no control letters, no turning of the reading direction, no device names.
    """
    plain = _NOT_IN_NAMES.sub("-", _plain(name))
    ending = next((e for e in extensions if plain.lower().endswith(e)), "")
    stem = plain[: len(plain) - len(ending)].strip(" .-")
    ending = ending or extensions[0]
    stem = _RESERVED.sub(r"_\1", stem, count=1) if _RESERVED.match(stem) else stem
    stem = (stem or NAMELESS)[: LONGEST - len(ending)]
    room = LONGEST_BYTES - len(ending)
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + ending


def attachment_header(name: str) -> str:
    """Return `Content-Disposition` (RFC 6266) by which the browser saves and never shows: ASCII and UTF-8 name."""
    decomposed = unicodedata.normalize("NFKD", name)
    folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    ascii_name = re.sub(r"[^A-Za-z0-9 ._()-]", "_", folded)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def _plain(name: str) -> str:
    for _ in range(3):  # %252e%252e is encoded twice
        name = unquote(name)
    last = re.split(r"[/\\]", name)[-1] or re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    # Categories C…: control, format (turning the direction, zero width), private, unassigned, lone surrogates.
    kept = (" " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", last))
    visible = "".join(letter for letter in kept if not unicodedata.category(letter).startswith("C"))
    return re.sub(r" +", " ", visible).strip()
