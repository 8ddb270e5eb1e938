"""How wide a text is in Figtree, so that pictures can place labels without a browser.

Advance widths in 1/1000 em of the letters at weights 400 and 700, as the font file of
`@fontsource-variable/figtree` 5.3.0 states them, rounded to 10 (read once with fontTools' instancer; letters by width).
"""

from functools import lru_cache
from typing import Final

_REGULAR: Final[dict[int, str]] = {
    180: "’‘",
    200: "'",
    210: ".",
    220: "`lļ",
    230: ",iīí",
    250: " :·\u00a0",
    260: ";|",
    270: "IjĪÍ",
    280: "ł",
    300: "!",
    310: "„",
    320: '"[]',
    330: "”“",
    340: "rŗ",
    350: "()",
    370: "f°",
    380: "t{}",
    390: "/\\",
    410: "1",
    420: "-",
    440: "_",
    470: "sšś",
    480: "*kxķ",
    490: "zžźż",
    500: "?",
    510: "aāäåáą",
    520: "JLvĻŁ",
    530: "y",
    540: "37Fcčć",
    550: "T^eēéèę–",
    560: "$2hnuņūßüúń",
    570: "69~§",
    580: "5Poqōöøóõ",
    590: "EbdgpĒģÉÈĘ",
    600: "Y",
    610: "8BKSXĶŠŚ…",
    620: "+4<=>×",
    630: "#RŖ",
    640: "&0ZŽŹŻ",
    660: "€",
    680: "AĀÄÅÁĄ",
    690: "DV",
    710: "UŪÜÚ",
    720: "CČĆ",
    750: "H",
    760: "GĢ",
    770: "NŅŃ",
    780: "OQwŌÖØÓÕ",
    790: "%",
    850: "Mm",
    880: "æ",
    960: "W",
    990: "@",
    1000: "Æ",
    1100: "—",
}

_BOLD: Final[dict[int, str]] = {
    220: "’‘",
    240: " '\u00a0",
    250: ".lļ",
    260: ",`i|īí·",
    290: "IjĪÍł",
    300: ":;",
    310: "!",
    340: "[]",
    380: "()rŗ°",
    390: "f{}",
    400: "t",
    410: '"-„',
    420: "1”“",
    430: "/\\_",
    470: "s",
    480: "zšžśźż",
    490: "*",
    510: "?",
    520: "§",
    530: "aāäåáą",
    540: "LkxĻķŁ",
    550: "$FJcečć–",
    560: "37vēéèę",
    570: "hnuņūüúń",
    580: "2569T^oyōöøóõ",
    590: "EqĒßÉÈĘ",
    600: "Pbdgpģ",
    610: "8BSŠŚ",
    630: "#+4<=>ZŽŹŻ×",
    640: "RŖ",
    650: "&0Y",
    670: "K~Ķ",
    680: "X",
    700: "DUŪÜÚ€",
    710: "AĀÄÅÁĄ…",
    720: "CVČĆ",
    740: "GĢ",
    750: "H",
    770: "NŅŃ",
    790: "OQŌÖØÓÕ",
    810: "%",
    840: "w",
    860: "M",
    870: "m",
    880: "æ",
    980: "W",
    990: "@",
    1020: "Æ",
    1100: "—",
}

_UNKNOWN: Final = 620
_BY_LETTER: Final = tuple(
    {letter: advance for advance, letters in table.items() for letter in letters} for table in (_REGULAR, _BOLD)
)


@lru_cache(maxsize=4096)  # labels are names of kinds: few, and asked for again and again
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of text in the unit of `size` (the font size); unknown letters count as wide ones."""
    table = _BY_LETTER[bold]
    return sum(table.get(letter, _UNKNOWN) for letter in text) * size / 1000


@lru_cache(maxsize=4096)
def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis at a word where it would be wider than `room`."""
    if text_width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and text_width(kept + "…", size, bold=bold) > room:
        kept = kept[:-1]
    head, space, _ = kept.rpartition(" ")
    if space and len(head) > len(kept) * 0.6:
        kept = head
    return kept.rstrip(" ,.:;–-") + "…"
