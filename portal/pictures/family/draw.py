"""Draws the plan of a family as SVG."""

from itertools import pairwise
from math import hypot
from typing import Final

from markupsafe import Markup

from portal.pictures.family.connectors import Connector, connectors, slash_place
from portal.pictures.family.geometry import Box, Point, around
from portal.pictures.family.households import by_household
from portal.pictures.family.layout import plan
from portal.pictures.family.people import Family, Person, TieKind
from portal.pictures.family.plan import Outline, Plan
from portal.pictures.family.symbols import shape
from portal.pictures.family.texts import CAPTION_LINE, NAME_LINE
from portal.pictures.svg import join, num, points, tag
from portal.translations import Language, translations

MARGIN: Final = 18.0
NARROW: Final = 1000.0  # a wider map keeps its size and is scrolled
_LEAST: Final = 900.0


def family_map(family: Family, lang: Language) -> Markup:
    """The map with a description in words for those who do not see it; empty without people."""
    if not family.people:
        return Markup()
    made = plan(family)
    view = view_of(made)
    width, height = view.right - view.left, view.bottom - view.top
    wide = width > NARROW
    content = [
        tag("title", translations(lang).gettext("Family map"), id="family-map-title"),
        tag("desc", _description(family, lang), id="family-map-words"),
        *(_home(outline) for outline in made.homes),
        *(_connector(line) for line in connectors(made)),
        *(_slashes(*slash_place(made, couple)) for couple in family.couples() if couple.ended),
        *(_tie(tie.kind, line, tie.text) for tie, line in made.ties),
        *(_person(made, person) for person in family.people),
        *(_home_label(outline) for outline in made.homes),
        *(_word(box, text, kind) for box, text, kind in made.words),
    ]
    return tag(
        "svg",
        join(content),
        class_="kin wide" if wide else "kin",
        viewBox=f"{num(view.left)} {num(view.top)} {num(width)} {num(height)}",
        width=width if wide else None,
        height=height if wide else None,
        role="img",
        aria_labelledby="family-map-title family-map-words",
    )


def view_of(made: Plan) -> Box:
    """What must be seen, with a margin; a small family stands in the middle of a wider sheet."""
    boxes = [made.symbol_box(p) for p in made.people] + [made.label_box(p) for p in made.people]
    boxes += [box for box, _, _ in made.words] + [outline.label_box for outline in made.homes]
    boxes += [Box(x, y, x, y) for outline in made.homes for x, y in outline.corners]
    boxes += [Box(x - 6, y - 6, x + 6, y + 6) for _, line in made.ties for x, y in line]
    all_ = around(boxes)
    extra = max(0.0, _LEAST - (all_.right - all_.left)) / 2
    return Box(all_.left - MARGIN - extra, all_.top - MARGIN, all_.right + MARGIN + extra, all_.bottom + MARGIN)


def _person(made: Plan, person: Person) -> Markup:
    x, y = made.centre(person.id)
    label, base = made.labels[person.id], made.label_box(person.id).top
    inside = " in" if any(person.household == outline.household for outline in made.homes) else ""
    lines = []
    for index, line in enumerate(label.name):
        place = base + NAME_LINE * index + 13
        lines.append(tag("text", line, class_=f"kin-name{inside}", x=x, y=place, text_anchor="middle"))
    base += NAME_LINE * len(label.name)
    for index, line in enumerate(label.caption):
        place = base + CAPTION_LINE * index + 12
        lines.append(tag("text", line, class_=f"kin-caption{inside}", x=x, y=place, text_anchor="middle"))
    return tag("g", shape(person, x, y), *lines)


def _home(outline: Outline) -> Markup:
    return tag("path", class_="kin-home", d=_rounded(outline.corners, 18))


def _home_label(outline: Outline) -> Markup:
    box = outline.label_box
    return tag("text", outline.label, class_="kin-home-text", x=box.right, y=box.bottom - 5, text_anchor="end")


def _word(box: Box, text: str, kind: str) -> Markup:
    x = (box.left + box.right) / 2
    return tag("text", text, class_=f"kin-word {kind}", x=x, y=box.bottom - 4, text_anchor="middle")


def _connector(line: Connector) -> Markup:
    path = "".join(f"M{num(ax)} {num(ay)}L{num(bx)} {num(by)}" for (ax, ay), (bx, by) in line.segments)
    return tag("path", class_="kin-line dash" if line.dashed else "kin-line", d=path)


def _slashes(x: float, y: float) -> Markup:
    path = f"M{num(x - 9)} {num(y + 10)}l10-20M{num(x - 1)} {num(y + 10)}l10-20"
    return tag("path", class_="kin-line", d=path)


def _tie(kind: TieKind, line: list[Point], text: str) -> Markup:
    title = tag("title", text) if text else Markup()
    if kind == "close":
        twice = [tag("polyline", points=points(_beside(line, shift))) for shift in (2.5, -2.5)]
        return tag("g", title, *twice, class_="kin-bond close")
    drawn = _zigzag(line) if kind == "tense" else line
    return tag("g", title, tag("polyline", points=points(drawn)), class_=f"kin-bond {kind}")


def _beside(line: list[Point], shift: float) -> list[Point]:
    """The line moved sideways."""
    moved = []
    for index, (x, y) in enumerate(line):
        (ax, ay), (bx, by) = line[max(0, index - 1)], line[min(len(line) - 1, index + 1)]
        length = hypot(bx - ax, by - ay) or 1.0
        moved.append((x - (by - ay) / length * shift, y + (bx - ax) / length * shift))
    return moved


def _zigzag(line: list[Point]) -> list[Point]:
    """The line as sharp waves of even length."""
    even = _even(line, 8.0)
    up, down = _beside(even, 5.0), _beside(even, -5.0)
    middle = [(up if index % 2 else down)[index] for index in range(1, len(even) - 1)]
    return [even[0], *middle, even[-1]]


def _even(line: list[Point], step: float) -> list[Point]:
    """Points of the line at even distances."""
    even, left = [line[0]], step
    for (ax, ay), (bx, by) in pairwise(line):
        length = hypot(bx - ax, by - ay)
        at = left
        while at <= length:
            even.append((ax + (bx - ax) * at / length, ay + (by - ay) * at / length))
            at += step
        left = at - length
    return [*even, line[-1]]


def _rounded(corners: tuple[Point, ...], radius: float) -> str:
    """A closed path with rounded corners."""
    path: list[str] = []
    for index, (x, y) in enumerate(corners):
        (ax, ay), (bx, by) = corners[index - 1], corners[(index + 1) % len(corners)]
        before, after = hypot(ax - x, ay - y), hypot(bx - x, by - y)
        near = min(radius, before / 2, after / 2)
        if not before or not after or not near:
            continue
        start = (x + (ax - x) / before * near, y + (ay - y) / before * near)
        end = (x + (bx - x) / after * near, y + (by - y) / after * near)
        path.append(
            f"{'L' if path else 'M'}{num(start[0])} {num(start[1])}Q{num(x)} {num(y)} {num(end[0])} {num(end[1])}"
        )
    return "".join(path) + "Z"


def _description(family: Family, lang: Language) -> str:
    sentences = []
    for home in by_household(family, lang):
        people = "; ".join(f"{p.name}, {p.caption}" if p.caption else p.name for p in home.people)
        sentences.append(f"{home.label}: {people}.")
    names = {person.id: person.name for person in family.people}
    sentences += [
        f"{names[tie.a]} – {names[tie.b]}: {tie.text}."
        for tie in family.ties
        if tie.a in names and tie.b in names and tie.text
    ]
    return " ".join(sentences)
