"""The plan on paper, as its reader sees it on the page: what is withheld from somebody is not in that one's file."""

import io
from functools import cache
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate

from portal.formats import date_text
from portal.pdf.type import BOLD, ONE_AT_A_TIME, PLAIN, embed_fonts, paragraph
from portal.plans.paper import Paper
from portal.plans.view import GoalView, ServiceView, TaskView, WordView
from portal.translations import gettext, language


def plan_document(paper: Paper) -> bytes:
    """Return the PDF in the language spoken now. Call it in a thread."""
    with ONE_AT_A_TIME:
        embed_fonts()
        out = io.BytesIO()
        template = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=22 * mm,
            rightMargin=20 * mm,
            topMargin=20 * mm,
            bottomMargin=22 * mm,
            title=f"{paper.title}, {paper.number}",
            author="Atbalsts",
            lang=language(),
        )

        def foot(canvas: Canvas, _: Any) -> None:
            canvas.setFont(PLAIN, 8)
            canvas.setFillColor(HexColor("#5f5a52"))
            canvas.drawString(22 * mm, 12 * mm, paper.saved)
            canvas.drawRightString(A4[0] - 20 * mm, 12 * mm, str(canvas.getPageNumber()))

        template.build(_story(paper), onFirstPage=foot, onLaterPages=foot)
        return out.getvalue()


def _story(paper: Paper) -> list[Flowable]:
    styles, plan = _styles(), paper.plan
    parts: list[Flowable] = [
        paragraph(paper.title, styles["title"]),
        paragraph(paper.child, styles["child"]),
        paragraph(f"{plan.state_words}, {date_text(plan.since)}", styles["small"]),
        *_part(gettext("When we meet"), [paper.meeting]),
    ]
    for goal in plan.goals:
        parts += _goal(goal)
    parts += _part(gettext("Services"), [_service(service) for service in plan.services])
    parts += _part(gettext("The family's word"), [_word(word) for word in plan.words])
    return [*parts, *_part(gettext("Who helps"), paper.helpers)]


def _goal(goal: GoalView) -> list[Flowable]:
    styles = _styles()
    heading = goal.text or gettext("Other tasks")
    parts: list[Flowable] = [paragraph(heading, styles["heading"])]
    if goal.factors:
        parts.append(paragraph(", ".join(goal.factors), styles["small"]))
    for task in goal.tasks:
        parts.append(paragraph(f"– {task.text or gettext('A task of the plan')}", styles["text"]))
        parts.append(paragraph(_how(task), styles["under"]))
        if task.result:
            parts.append(paragraph(task.result, styles["under"]))
    return parts


def _how(task: TaskView) -> str:
    """Who does it, until when, how it stands, from whom it is kept."""
    who = ", ".join(part for part in (task.who, task.place) if part)
    when = f"{date_text(task.since)}–{date_text(task.due)}" if task.since else date_text(task.due)
    kept = gettext("not for: %(names)s") % {"names": task.withheld} if task.withheld else ""
    return " · ".join(part for part in (who, when, task.state_words, kept) if part)


def _service(service: ServiceView) -> str:
    reason = f": {service.reason}" if service.reason else ""
    return f"{service.text} – {service.status_words}{reason}"


def _word(word: WordView) -> str:
    said = word.words or gettext("has not answered yet")
    when = f", {date_text(word.at)}" if word.at else ""
    reason = f": {word.reason}" if word.reason else ""
    return f"{word.name}, {word.kin} – {said}{when}{reason}"


def _part(heading: str, texts: list[str]) -> list[Flowable]:
    styles, said = _styles(), [text for text in texts if text]
    return [paragraph(heading, styles["heading"]), *(paragraph(text, styles["text"]) for text in said)] if said else []


@cache
def _styles() -> dict[str, ParagraphStyle]:
    text = ParagraphStyle("text", fontName=PLAIN, fontSize=10.5, leading=15, spaceAfter=2, splitLongWords=1)
    return {
        "text": text,
        "title": ParagraphStyle("title", text, fontName=BOLD, fontSize=16, leading=22, spaceAfter=4),
        "child": ParagraphStyle("child", text, fontSize=12, leading=17),
        "heading": ParagraphStyle("heading", text, fontName=BOLD, fontSize=12, spaceBefore=12, keepWithNext=1),
        "small": ParagraphStyle("small", text, fontSize=9, leading=12.5),
        "under": ParagraphStyle("under", text, fontSize=9.5, leading=13, leftIndent=10, spaceAfter=4),
    }
