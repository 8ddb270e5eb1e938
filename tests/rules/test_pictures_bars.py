"""Bars: every count stands within its picture, on wide screens and on phones."""

import re

import pytest

from portal.pictures.bars import SHEETS, SIZE, Bar, bars
from portal.pictures.widths import text_width

NAMES = ["7–12 gadi", "Bērnu aprūpes iestāžu sociālās rehabilitācijas pakalpojumi ģimenēm", "Jaunāki par gadu"]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.kind)
@pytest.mark.parametrize("words", ["6", "360 000"])
def test_the_longest_bar_leaves_room_for_its_count_and_a_name_for_the_bar(sheet, words: str):
    shown = [Bar(name, count, words) for name, count in zip(NAMES, (360_000, 3, None), strict=True)]
    picture = next(svg for svg in bars(shown, "x").split("<svg") if f"bars {sheet.kind}" in svg)
    counts = [float(x) for x in re.findall(r'class="bar-count" x="([\d.]+)"', picture)]
    names = [float(x) for x in re.findall(r'class="bar-name" x="([\d.]+)"', picture)]
    assert len(counts) == len(names) == 3
    assert max(counts) + text_width(words, SIZE) <= sheet.width
    assert max(names) <= sheet.longest_name + 1


def test_both_pictures_say_the_same():
    wide, small = (
        re.findall(r">([^<>]+)<", svg) for svg in bars([Bar("A", 1, "1"), Bar("B", 2, "2")], "x").split("</svg>")[:2]
    )
    assert wide == small == ["A", "1", "B", "2"]
