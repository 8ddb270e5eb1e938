"""Draws the packed lanes, the axis above them, today's line and the strip of prevention levels."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from markupsafe import Markup

from portal.domains import DOMAINS, Domain
from portal.formats import SHORT_MONTHS
from portal.pictures.icons import icon_at
from portal.pictures.svg import join, num, tag
from portal.pictures.timeline.axis import GUTTER, WIDTH, Axis
from portal.pictures.timeline.describe import bubble_title, mark_title
from portal.pictures.timeline.lanes import MANY, ROW, Lane, Placed, pack, span_ends
from portal.pictures.timeline.marks import GLYPHS, LevelSince, Mark
from portal.pictures.widths import text_width
from portal.translations import Language, Translations, translations

TOP: Final = 64.0
PADDING: Final = 14.0
STRIP: Final = 34.0


def timeline(marks: Sequence[Mark], birth: date, today: date, levels: Sequence[LevelSince], lang: Language) -> Markup:
    """The picture as SVG, hidden from screen readers and from the Tab key: the list of events is its equal."""
    t = translations(lang)
    first = min([birth, *(mark.start for mark in marks)])
    axis = Axis.for_life(first, today, planned=any(mark.start > today for mark in marks))
    backs: list[Markup] = []
    lanes: list[Markup] = []
    y = TOP
    for index, domain in enumerate(DOMAINS):
        lane = pack([mark for mark in marks if mark.domain == domain.key], axis, crowded=len(marks) > MANY)
        height = lane.rows * ROW + PADDING
        backs.append(_lane_back(domain, t.gettext(domain.name), y, height, alternate=bool(index % 2)))
        lanes.append(_lane(domain, lane, axis, y + PADDING / 2, t, lang))
        y += height
    content = [
        tag("rect", class_="life-recent", x=axis.split_x, y=24, width=axis.today_x - axis.split_x, height=y - 24),
        *backs,
        *_axis(axis, birth, y, t, lang),
        *_levels(levels, axis, y + 6, t),
        _today(axis, y + 32, t),
        *lanes,
    ]
    return tag(
        "svg",
        join(content),
        class_="life",
        viewBox=f"0 0 {WIDTH} {num(y + STRIP)}",
        aria_hidden="true",
        focusable="false",
    )


def _lane_back(domain: Domain, name: str, y: float, height: float, *, alternate: bool) -> Markup:
    middle = y + height / 2
    return tag(
        "g",
        tag("rect", class_="life-lane alt" if alternate else "life-lane", x=0, y=y, width=WIDTH, height=height),
        tag("rect", class_="life-edge", x=0, y=y, width=4, height=height),
        icon_at(domain.icon, 16, middle - 11, 22, "life-icon"),
        tag("text", name, class_="life-name", x=46, y=middle + 5),
        data_color=domain.key,
    )


def _lane(domain: Domain, lane: Lane, axis: Axis, y: float, t: Translations, lang: Language) -> Markup:
    parts = [_mark(item, axis, y + item.row * ROW + ROW / 2, t, lang) for item in lane.placed]
    for bubble in lane.bubbles:
        cy, text = y + bubble.row * ROW + ROW / 2, f"+{bubble.count}"
        width = max(22.0, text_width(text, 12, bold=True) + 8)
        parts.append(
            tag(
                "g",
                tag("title", bubble_title(bubble, t, lang)),
                tag("rect", class_="life-more", x=bubble.x - width / 2, y=cy - 10, width=width, height=20, rx=10),
                tag("text", text, class_="life-more-text", x=bubble.x, y=cy + 4, text_anchor="middle"),
            )
        )
    return tag("g", join(parts), data_color=domain.key)


def _mark(item: Placed, axis: Axis, cy: float, t: Translations, lang: Language) -> Markup:
    mark = item.mark
    inside = join([tag("title", mark_title(mark, t, lang)), *_shape(item, axis, cy)])
    if mark.href is None:
        return tag("g", inside)
    return tag("a", inside, href=mark.href, tabindex="-1")


def _shape(item: Placed, axis: Axis, cy: float) -> list[Markup]:
    mark = item.mark
    if mark.shape == "span":
        left, right = span_ends(mark, axis)
        drawn = [tag("rect", class_="life-span", x=left, y=cy - 9.5, width=right - left, height=19, rx=5)]
        if mark.end is None or mark.end >= axis.today:
            drawn.append(tag("path", class_="life-open", d=f"M{num(right - 5)} {num(cy - 5)}l4.5 5l-4.5 5"))
    else:
        left = right = axis.x(mark.start)
        drawn = _point(mark, left, cy)
    if item.side == "none":
        return drawn
    reach = 6 if mark.shape == "span" else mark.radius + 4
    x = {"inside": left + 8, "right": right + reach, "left": left - reach}[item.side]
    name = "life-in" if item.side == "inside" else "life-label key" if mark.important else "life-label"
    anchor = "end" if item.side == "left" else None
    return [*drawn, tag("text", item.text, class_=name, x=x, y=cy + 4.5, text_anchor=anchor)]


def _point(mark: Mark, x: float, cy: float) -> list[Markup]:
    if mark.shape not in GLYPHS:
        return [tag("circle", class_="life-dot", cx=x, cy=cy, r=mark.radius)]
    return [
        tag("circle", class_=f"life-disc {mark.shape}", cx=x, cy=cy, r=mark.radius),
        icon_at(GLYPHS[mark.shape], x - 6.5, cy - 6.5, 13, f"life-glyph {mark.shape}"),
    ]


def _axis(axis: Axis, birth: date, bottom: float, t: Translations, lang: Language) -> list[Markup]:
    """Years with the age turned in them, quarters of the wide part, and what the zones are."""
    parts: list[Markup] = []
    step = axis.label_step(30)
    for year in axis.years():
        x, wide = axis.x(date(year, 1, 1)), date(year, 1, 1) >= axis.split
        split = wide and year == axis.split.year and axis.split > axis.start
        parts.append(
            tag(
                "line",
                class_="life-year split" if split else "life-year",
                x1=x,
                y1=24 if split else 44,
                x2=x,
                y2=bottom,
            )
        )
        if wide:
            parts += _wide_year(axis, year, x, bottom, birth, t, lang)
        elif (year - axis.start.year) % step == 0:
            parts.append(tag("text", f"’{year % 100:02}", class_="life-year-text", x=x + 4, y=40))
            if year > birth.year:
                age = t.pgettext("short age", "%(count)s y") % {"count": year - birth.year}
                parts.append(tag("text", age, class_="life-age", x=x + 4, y=55))
    return parts + _zones(axis, t)


def _wide_year(
    axis: Axis, year: int, x: float, bottom: float, birth: date, t: Translations, lang: Language
) -> list[Markup]:
    parts = []
    if axis.today_x - x > 40:
        parts.append(tag("text", str(year), class_="life-year-text", x=x + 5, y=40))
    if year > birth.year and axis.today_x - x > 120:
        age = t.pgettext("short age", "%(count)s y") % {"count": year - birth.year}
        parts.append(tag("text", age, class_="life-age", x=x + 43, y=40))
    for month in (4, 7, 10):
        day = date(year, month, 1)
        if day < axis.today:
            quarter = axis.x(day)
            parts.append(tag("line", class_="life-quarter", x1=quarter, y1=58, x2=quarter, y2=bottom))
            if axis.today_x - quarter > 18:
                name = SHORT_MONTHS[lang][month - 1]
                parts.append(tag("text", name, class_="life-age", x=quarter, y=55, text_anchor="middle"))
    return parts


def _zones(axis: Axis, t: Translations) -> list[Markup]:
    parts = []
    if axis.split_x - GUTTER > 130:
        years = f"{axis.start.year}–{axis.split.year - 1}"
        text = t.gettext("Earlier: %(years)s") % {"years": years}
        middle = (GUTTER + axis.split_x) / 2
        parts.append(tag("text", text, class_="life-zone", x=middle, y=16, text_anchor="middle"))
    if axis.split > axis.start:
        text, middle = t.gettext("The last two years close up"), (axis.split_x + axis.today_x) / 2
        parts.append(tag("text", text, class_="life-zone", x=middle, y=16, text_anchor="middle"))
    if axis.planned:
        parts.append(tag("text", t.gettext("Planned"), class_="life-zone", x=axis.today_x + 12, y=16))
    return parts


def _today(axis: Axis, bottom: float, t: Translations) -> Markup:
    return join(
        [
            tag("line", class_="life-today", x1=axis.today_x, y1=26, x2=axis.today_x, y2=bottom),
            tag(
                "text",
                t.gettext("today"),
                class_="life-today-text",
                x=axis.today_x - 6,
                y=38,
                text_anchor="end",
            ),
        ]
    )


def _levels(levels: Sequence[LevelSince], axis: Axis, y: float, t: Translations) -> list[Markup]:
    """The strip of prevention levels below the lanes; a stretch too short for words shows the number or colour."""
    parts = [tag("text", t.gettext("Level"), class_="life-name", x=16, y=y + 17)]
    ordered = sorted((level for level in levels if level.since <= axis.today), key=lambda level: level.since)
    for index, level in enumerate(ordered):
        left = axis.x(level.since)
        right = axis.x(ordered[index + 1].since) if index + 1 < len(ordered) else axis.today_x
        room = right - left
        if room < 1:
            continue
        words = t.gettext("Level %(level)s") % {"level": level.level}
        text = words if text_width(words, 13, bold=True) + 12 < room else str(level.level) if room > 14 else ""
        rect = tag("rect", x=left + 0.5, y=y + 2, width=max(1.0, room - 1), height=22, rx=4 if room > 10 else 1)
        label = tag("text", text, x=(left + right) / 2, y=y + 17.5, text_anchor="middle") if text else Markup()
        parts.append(tag("g", rect, label, class_=f"life-level level-{level.level}"))
    return parts
