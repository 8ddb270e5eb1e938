"""Reads the words of our own PDFs back: what is on the paper, not what was meant to be."""

import io
import re
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

_SHOWN = re.compile(rb"/(F\d+(?:\+\d+)?) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj|(T\*|ET)", re.S)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.S)
_LETTER = re.compile(rb"<(\w\w)> <(\w{4})>")


def text_of(content: bytes) -> str:
    """The words of all pages in order, lines as they are set, joined by spaces."""
    reader = PdfFileReader(io.BytesIO(content), strict=False)  # reportlab counts one generation too many
    pages = [page.get_object() for page in reader.root["/Pages"]["/Kids"]]
    return " ".join(_words(page) for page in pages)


def _words(page: Any) -> str:
    try:
        fonts = page["/Resources"]["/Font"]
    except KeyError:  # a page that is only a picture
        return ""
    letters: dict[int, str] = {}
    said = []
    for font, text, end in _SHOWN.findall(page["/Contents"].data):
        if font:
            letters = _letters(fonts[f"/{font.decode()}"])
        elif end:
            said.append(" ")
        else:
            raw = _ESCAPED.sub(lambda m: bytes([int(m[1], 8)]) if m[1].isdigit() else m[1], text)
            said.append("".join(letters.get(code, chr(code)) for code in raw))
    return " ".join("".join(said).split())


def _letters(font: Any) -> dict[int, str]:
    if "/ToUnicode" not in font:
        return {}
    pairs = _LETTER.findall(font["/ToUnicode"].data)
    return {int(code, 16): chr(int(letter, 16)) for code, letter in pairs if int(letter, 16)}
