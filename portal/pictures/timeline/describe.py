"""The words a pointer finds on a mark of the life course."""

from typing import Final

from portal.formats import date_text, month_text
from portal.pictures.timeline.lanes import Bubble
from portal.pictures.timeline.marks import Mark, Shape
from portal.translations import N_, Language, Translations

SHAPE_NAMES: Final[dict[Shape, str]] = {
    "event": N_("Event"),
    "span": N_("Period"),
    "assessment": N_("Assessment or opinion"),
    "decision": N_("Decision"),
    "incident": N_("Threat"),
    "planned": N_("Planned"),
}


def mark_title(mark: Mark, t: Translations, lang: Language) -> str:
    """Date or dates, kind, what happened."""
    days = date_text(mark.start, lang)
    if mark.end is not None:
        days += f" – {date_text(mark.end, lang)}"
    return f"{days} {t.gettext(SHAPE_NAMES[mark.shape])}: {mark.label}"


def bubble_title(bubble: Bubble, t: Translations, lang: Language) -> str:
    """How many more events there are from that month on."""
    words = t.ngettext("%(count)s more event, %(month)s", "%(count)s more events, %(month)s", bubble.count)
    return words % {"count": bubble.count, "month": month_text(bubble.first, lang)}
