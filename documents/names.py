"""Names as people look for them: lower case, without diacritics, in any order."""

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics: „Bērziņš” becomes "berzins"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """Return the folded words of a name or query, at most eight; everything but letters and digits splits."""
    return _WORD.findall(fold(text))[:8]


def sort_name(family_name: str, given_name: str) -> str:
    """Return the key lists are ordered by and exact names are found by: "berzins kristaps"."""
    return " ".join(words(family_name) + words(given_name))
