"""The triangle's contract: any levels fit the sheet, no label covers another, higher risk is nearer to the child."""

from itertools import combinations
from math import dist
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.classifiers import classifiers
from portal.assets.tokens import COLOURS, RISK_GROUNDS, RISK_SIGN, RISK_WORDS, RISKS
from portal.pictures.risks import spark
from portal.pictures.triangle import WIDE, Node, Texts, small_triangle, wide_triangle
from portal.pictures.widths import text_width
from tests.rules.test_contrast import GRAPHIC, TEXT, contrast

LEVELS = st.lists(st.none() | st.integers(0, 4), min_size=20, max_size=20)
WORDS = (("nav vērtēts",), ("zems", "pasliktinās"), ("vidējs", "bez izmaiņām"), ("ļoti augsts", "bez izmaiņām"))
TEXTS = Texts("Vajadzību trīsstūris", "Augsts: drošība.", "Aleksandrija", ("Kreisā", "Labā", "Apakšā"))
SVG = "{http://www.w3.org/2000/svg}"


def nodes(levels: list[int | None], lang: str = "lv") -> list[Node]:
    order = [side.code for side in sorted(classifiers().factor_sides.values(), key=lambda side: side.order)]
    factors = sorted(classifiers().factors.values(), key=lambda factor: factor.number)
    return [
        Node(f.number, order.index(f.side), f.lines(lang), level, WORDS[min(level or 0, 3)])
        for f, level in zip(factors, levels, strict=True)
    ]


def drawn(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(f'<div xmlns="http://www.w3.org/2000/svg">{picture}</div>')[0]


def boxes(root: ElementTree.Element) -> list[tuple[str, float, float, float, float]]:
    """Left, top, right, bottom of each written line of a label."""
    found = []
    for text in root.iter(f"{SVG}text"):
        kind = text.get("class", "")
        if not kind.startswith(("tri-name", "tri-words", "tri-side")):
            continue
        size = 13.5 if kind.startswith("tri-words") else 15
        for line in list(text.iter(f"{SVG}tspan")) or [text]:
            width = text_width(line.text or "", size, bold="words" not in kind)
            x, y = float(line.get("x", 0)), float(line.get("y", 0))
            left = {"end": x - width, "middle": x - width / 2}.get(text.get("text-anchor", ""), x)
            found.append((line.text or "", left, y - size * 0.72, left + width, y + size * 0.2))
    return found


@settings(max_examples=25, deadline=None)
@given(LEVELS, st.sampled_from(["lv", "en"]))
def test_any_levels_fit_and_nobody_covers_anybody(levels: list[int | None], lang: str) -> None:
    root = drawn(wide_triangle(nodes(levels, lang), TEXTS))
    placed = boxes(root)
    for name, left, top, right, bottom in placed:
        assert left >= -1 and right <= WIDE.width + 1 and top >= 0 and bottom <= WIDE.height, name
    for one, other in combinations(placed, 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, (one, other)


def test_the_higher_the_risk_the_nearer_to_the_child() -> None:
    away = []
    for level in range(5):
        root = drawn(wide_triangle(nodes([level] + [None] * 19), TEXTS))
        ray = root.find(f"{SVG}line[@class='tri-ray risk-{level}']")
        if ray is not None:
            away.append(dist(WIDE.centre, (float(ray.get("x2", 0)), float(ray.get("y2", 0)))))
    assert len(away) == 4 and away == sorted(away, reverse=True)


@pytest.mark.parametrize("draw", [wide_triangle, small_triangle])
def test_the_picture_is_named_described_and_whole(draw: object) -> None:
    root = drawn(draw(nodes([0, 1, 2, 3, 4, None] + [2] * 14), TEXTS))  # type: ignore[operator]
    assert root.get("role") == "img"
    named = root.get("aria-labelledby", "").split()
    assert [e.get("id") for e in root if e.tag in (f"{SVG}title", f"{SVG}desc")] == named
    shapes = [e.get("class", "") for e in root.iter() if (e.get("class") or "").startswith("risk-shape")]
    assert len(shapes) == 20
    kinds = {e.tag.removeprefix(SVG) for e in root.iter() if (e.get("class") or "").startswith("risk-shape")}
    assert kinds == {"circle", "rect", "polygon"}, "told apart by form"
    assert not [e for e in root.iter() if e.tag == f"{SVG}a" or e.get("style")]


def test_a_trend_is_drawn_once_there_are_two_words() -> None:
    assert spark((2,), "x") == ""
    root = drawn(spark((1, 3), "Dinamika: zems, augsts"))
    assert root.get("aria-label") == "Dinamika: zems, augsts"


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_risks_are_readable_in_both_schemes_and_in_grey(mode: int) -> None:
    surface = COLOURS["surface"][mode]
    for level, (fill, edge) in RISKS.items():
        # A level is drawn on the edge of its own ring.
        grounds = [surface, RISK_GROUNDS[level][mode], RISK_GROUNDS[max(0, level - 1)][mode]]
        assert min(contrast(edge[mode], ground) for ground in grounds) >= GRAPHIC, level
        if level >= 3:
            assert contrast(RISK_SIGN[mode], fill[mode]) >= GRAPHIC
            assert contrast(RISK_WORDS[level][mode], surface) >= TEXT
    fills = [RISKS[level][0][mode] for level in range(1, 5)]
    from_surface = [contrast(fill, surface) for fill in fills]
    assert from_surface == sorted(from_surface), "one direction of lightness"
