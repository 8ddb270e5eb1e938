"""The letter as a PDF: A4, type embedded, with the code and the picture that lead to the page that verifies it."""

import io
from functools import cache
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate, Spacer, Table

from portal.decisions.letter import Letter
from portal.pdf.type import BOLD, ONE_AT_A_TIME, PLAIN, embed_fonts, paragraph
from portal.translations import N_, translations

QR_SIDE = 30 * mm


def grouped(code: str) -> str:
    """The code as people read it from paper: groups of five letters, the last of six."""
    return "-".join([code[i : i + 5] for i in range(0, 20, 5)] + [code[20:]])


def document(letter: Letter, code: str, address: str) -> bytes:
    """Return the PDF, not sealed yet. `address` is the page that verifies this decision. Call it in a thread."""
    with ONE_AT_A_TIME:
        embed_fonts()
        out = io.BytesIO()
        called = f"{letter.court}, {_lv(N_('decision No. %(number)s')) % {'number': letter.number}}"
        template = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=25 * mm,
            rightMargin=20 * mm,
            topMargin=22 * mm,
            bottomMargin=22 * mm,
            title=called,
            author=letter.court,
            lang="lv",
        )

        def foot(canvas: Canvas, _: Any) -> None:
            canvas.setFont(PLAIN, 8)
            canvas.setFillColor(HexColor("#5f5a52"))
            canvas.drawString(25 * mm, 12 * mm, called)
            canvas.drawRightString(A4[0] - 20 * mm, 12 * mm, str(canvas.getPageNumber()))

        template.build(_story(letter, code, address), onFirstPage=foot, onLaterPages=foot)
        return out.getvalue()


def _story(letter: Letter, code: str, address: str) -> list[Flowable]:
    styles = _styles()
    parts: list[Flowable] = [
        paragraph(letter.court, styles["court"]),
        paragraph(_lv(N_("DECISION")), styles["title"]),
        paragraph(letter.subject, styles["subject"]),
        paragraph(
            _lv(N_("No. %(number)s, %(date)s")) % {"number": letter.number, "date": letter.day}, styles["number"]
        ),
        *_part(N_("Child"), [letter.child]),
        *_part(N_("Issued to"), letter.parties),
        *_part(N_("Found"), [letter.found, letter.heard]),
        *_part(N_("Legal basis"), [letter.basis]),
        *_part(N_("Decided"), letter.orders),
        *_part(N_("In force"), [letter.in_force, letter.replaces, letter.appeal]),
        *_part(N_("Issued by"), [letter.signed]),
        Spacer(1, 8 * mm),
    ]
    told = [
        paragraph(
            _lv(N_("Is this paper genuine? Point a telephone at the picture, or write the code at:")), styles["small"]
        ),
        paragraph(address.rpartition("/")[0], styles["small"]),
        paragraph(grouped(code), styles["code"]),
        paragraph(
            _lv(N_("The page names the court, the day and whether the decision is in force; nothing of the child.")),
            styles["small"],
        ),
    ]
    parts.append(Table([[_qr(address), told]], colWidths=[QR_SIDE + 4 * mm, None]))
    return parts


def _part(heading: str, texts: list[str]) -> list[Flowable]:
    styles, said = _styles(), [text for text in texts if text]
    if not said:
        return []
    return [paragraph(_lv(heading), styles["heading"]), *(paragraph(text, styles["text"]) for text in said)]


def _qr(address: str) -> Drawing:
    code = QrCodeWidget(address, barLevel="M", barWidth=QR_SIDE, barHeight=QR_SIDE, barBorder=0)
    return Drawing(QR_SIDE, QR_SIDE, code)


@cache
def _styles() -> dict[str, ParagraphStyle]:
    text = ParagraphStyle("text", fontName=PLAIN, fontSize=10.5, leading=15, spaceAfter=4, splitLongWords=1)
    return {
        "text": text,
        "court": ParagraphStyle("court", text, fontName=BOLD, fontSize=13, leading=18, alignment=TA_CENTER),
        "title": ParagraphStyle("title", text, fontName=BOLD, fontSize=16, leading=30, alignment=TA_CENTER),
        "subject": ParagraphStyle("subject", text, fontSize=11.5, alignment=TA_CENTER),
        "number": ParagraphStyle("number", text, alignment=TA_CENTER, spaceAfter=12),
        "heading": ParagraphStyle("heading", text, fontName=BOLD, spaceBefore=9, keepWithNext=1),
        "small": ParagraphStyle("small", text, fontSize=9, leading=12.5, spaceAfter=2),
        "code": ParagraphStyle("code", text, fontName=BOLD, fontSize=11, leading=16),
    }


def _lv(text: str) -> str:
    return translations("lv").gettext(text)
