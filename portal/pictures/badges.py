"""The prevention level as four rising bars, as many filled as the level says."""

from markupsafe import Markup

from portal.pictures.svg import join, tag


def level_glyph(level: int) -> Markup:
    """The bars of levels 1–4; the words stand beside it."""
    bars = [
        tag(
            "rect",
            class_="level-on" if index < level else "level-off",
            x=1.5 + index * 6,
            y=14 - index * 4,
            width=4,
            height=6 + index * 4,
            rx=1.2,
        )
        for index in range(4)
    ]
    return tag("svg", join(bars), class_="level-steps", viewBox="0 0 26 22", aria_hidden="true", focusable="false")
