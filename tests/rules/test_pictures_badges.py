"""The level's bars, and the building blocks of all pictures."""

import pytest
from markupsafe import Markup

from portal.pictures.badges import level_glyph
from portal.pictures.svg import num, tag
from portal.pictures.widths import fitted, text_width


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_as_many_bars_are_filled_as_the_level_says(level: int):
    drawn = level_glyph(level)
    assert drawn.count("level-on") == level
    assert drawn.count("level-off") == 4 - level
    assert 'aria-hidden="true"' in drawn


def test_texts_and_attributes_are_escaped():
    drawn = tag("text", "<script>", title='"><b>', x=1.25)
    assert drawn == '<text title="&#34;&gt;&lt;b&gt;" x="1.2">&lt;script&gt;</text>'
    assert tag("g", Markup("<a/>")) == "<g><a/></g>"


def test_numbers_are_short():
    assert [num(1), num(1.0), num(1.26), num(10), num(-0.5)] == ["1", "1", "1.3", "10", "-0.5"]


def test_long_texts_are_cut_to_their_room():
    text = "Sociālās uzvedības korekcijas programma"
    cut = fitted(text, 150, 13.5)
    assert cut.endswith("…")
    assert text_width(cut, 13.5) <= 150
    assert fitted("īss", 150, 13.5) == "īss"
    assert text_width("Ā", 10, bold=True) > text_width("i", 10)
