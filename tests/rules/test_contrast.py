"""Colours keep the contrast of WCAG 2.2 AA in both schemes, also in pictures, where tools cannot measure it."""

import pytest

from portal.assets.tokens import COLOURS, DOMAIN_KEYS, LEVELS, TONES, domain_colours

TEXT, GRAPHIC = 4.5, 3.0


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """Ratio of the lighter to the darker colour."""
    light, dark = sorted((_light(one), _light(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


ON_SURFACES = [
    (ink, ground, TEXT)
    for ink in ("ink", "ink-2", "link", "brand-ink", "bad")
    for ground in ("page", "surface", "wash", "tint", "brand-wash", "zoom")
]
PAIRS = [
    *ON_SURFACES,
    ("on-brand", "brand", TEXT),
    ("brand-ink", "brand-soft", TEXT),
    ("brand-ink", "brand-soft-2", TEXT),
    ("brand-ink-2", "brand-soft", TEXT),
    ("top-ink", "top", TEXT),
    ("top-ink", "top-hi", TEXT),
    ("face-ink", "face", TEXT),
    ("on-sun", "sun", TEXT),
    ("ink", "tint-2", TEXT),
    ("sun-ink", "page", GRAPHIC),
    ("line-3", "surface", GRAPHIC),
    ("focus", "page", GRAPHIC),
    ("sun", "top", GRAPHIC),
]


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_words_and_lines_stand_out(ink: str, ground: str, least: float, mode: int):
    assert contrast(COLOURS[ink][mode], COLOURS[ground][mode]) >= least


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("domain", DOMAIN_KEYS)
def test_a_domain_is_readable_everywhere_it_is_used(domain: str, mode: int):
    colour = {role: pair[mode] for role, pair in domain_colours(domain).items()}
    surface = COLOURS["surface"][mode]
    assert contrast(colour["c-ink"], surface) >= TEXT
    assert contrast(colour["c-ink"], colour["c-soft"]) >= TEXT
    assert contrast(colour["c-deep"], colour["c-soft-2"]) >= TEXT
    assert contrast(colour["on-c"], colour["c"]) >= TEXT
    assert contrast(colour["c"], surface) >= GRAPHIC


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_readable(level: int, mode: int):
    ground, ink, _line, mark = (pair[mode] for pair in LEVELS[level])
    assert contrast(ink, ground) >= 9
    assert contrast(mark, ground) >= GRAPHIC


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
def test_a_notice_is_readable(tone: str, mode: int):
    ground, _line, ink, mark = (pair[mode] for pair in TONES[tone])
    assert contrast(ink, ground) >= 7
    assert contrast(mark, ground) >= GRAPHIC
