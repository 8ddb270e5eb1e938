"""The type of PDF documents: DejaVu Sans, embedded; reportlab's own fonts lose Latvian letters."""

import re
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

FONTS: Final = Path(__file__).resolve().parents[2] / "node_modules" / "dejavu-fonts-ttf" / "ttf"
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
# reportlab reads a font from one place at a time: documents are set one after the other.
ONE_AT_A_TIME: Final = Lock()
# No typing makes them; some turn the reading order round, others break the file's own markup.
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


@cache
def embed_fonts() -> None:
    """Make the two fonts known, once a process; what a document uses of them is embedded in it.

    Raises FileNotFoundError where the set-up has not fetched them.
    """
    for name in (PLAIN, BOLD):
        path = FONTS / f"{name}.ttf"
        if not path.is_file():
            raise FileNotFoundError("The fonts of PDF documents are not there yet: run `make setup`.")
        pdfmetrics.registerFont(TTFont(name, path))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """Return the text as it stands: nobody's word becomes markup, a link or a picture; line ends are kept."""
    plain = escape(_NEVER.sub("", text))
    return Paragraph(plain.replace("\n", "<br/>"), style)
