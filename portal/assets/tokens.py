"""Our colours: each a pair (light, dark), written as custom properties with `light-dark()`.

The scales of the five domains come from the generated theme.
Contrast is proved by tests/rules/test_contrast.py.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

Pair = tuple[str, str]

COLOURS: Final[dict[str, Pair]] = {
    "page": ("#f9f6f1", "#181613"),
    "surface": ("#ffffff", "#23201c"),
    "ink": ("#2a2621", "#ece7df"),
    "ink-2": ("#5f5a52", "#b8b1a6"),
    "line": ("#e6e0d6", "#3a352f"),
    "line-2": ("#c9c1b4", "#5a5349"),
    "line-3": ("#8b8378", "#8f877a"),
    "tint": ("#f4efe7", "#2d2924"),
    "tint-2": ("#e3dccf", "#403a33"),
    "brand": ("#1c6348", "#7cbb9f"),
    "on-brand": ("#ffffff", "#0d2018"),
    "brand-soft": ("#e3eee8", "#1d3329"),
    "brand-soft-2": ("#d0e2d9", "#284538"),
    "brand-ink": ("#17573f", "#9ed1b9"),
    "brand-ink-2": ("#123f2f", "#cfe7db"),
    "brand-wash": ("#f4f8f5", "#1c2722"),
    "wash": ("#eef2ea", "#1c221d"),
    "link": ("#17573f", "#9ed1b9"),
    "top": ("#17493a", "#122b22"),
    "top-ink": ("#ffffff", "#f1ede6"),
    "top-hi": ("#28594a", "#1f4135"),
    "top-line": ("#4b7869", "#3d6455"),
    "sun": ("#f2c14e", "#f0bd4a"),
    "sun-ink": ("#8a6100", "#f0bd4a"),
    "on-sun": ("#2b1e05", "#2b1e05"),
    "face": ("#f6dfae", "#5a431a"),
    "face-ink": ("#5c3f06", "#fbe3b0"),
    "bad": ("#a8242f", "#ff9a94"),
    "focus": ("#2a2621", "#ffffff"),
    "focus-in": ("#ffffff", "#181613"),
    "zoom": ("#fdfbf7", "#282420"),
    "lane-alt": ("rgb(120 100 70 / 4%)", "rgb(255 240 220 / 3%)"),
    "grid": ("#ece5da", "#3a352f"),
}

# Prevention level → background, ink, line, mark.
LEVELS: Final[dict[int, tuple[Pair, Pair, Pair, Pair]]] = {
    1: (("#e3eee8", "#1d3329"), ("#123f2f", "#cfe7db"), ("#9dbfb0", "#426b59"), ("#1c6348", "#7cbb9f")),
    2: (("#fbf1d3", "#352d14"), ("#4a3a08", "#f3e3b0"), ("#cdb368", "#8b7430"), ("#8c6f1a", "#c9ac55")),
    3: (("#fdeadd", "#3d2517"), ("#5a2406", "#ffd9c2"), ("#e0a37c", "#a65f38"), ("#c2521c", "#ee7f45")),
    4: (("#fbe4e6", "#431b22"), ("#5c0b1f", "#ffd5da"), ("#d88e9a", "#a8505e"), ("#8e1230", "#ff7a8b")),
}

# Risk level (none = not assessed is drawn as 0) → fill, edge; and the ink of its word where it must stand out.
RISKS: Final[dict[int, tuple[Pair, Pair]]] = {
    0: (("#ffffff", "#23201c"), ("#857d72", "#9a9287")),
    1: (("#f3df9f", "#4d421f"), ("#8c6f1a", "#c9ac55")),
    2: (("#f0b24a", "#a8731b"), ("#96600d", "#eab557")),
    3: (("#cf5a22", "#ee7f45"), ("#a8430f", "#ffb48c")),
    4: (("#8e1230", "#ff7a8b"), ("#8e1230", "#ffc0c8")),
}
RISK_WORDS: Final[dict[int, Pair]] = {3: ("#9c3d0c", "#ffa679"), 4: ("#8e1230", "#ff9dab")}
RISK_SIGN: Final[Pair] = ("#ffffff", "#1a0d08")  # the exclamation mark on 3 and 4

# The five nested triangles, from the side to the child.
RISK_GROUNDS: Final[tuple[Pair, ...]] = (
    ("#f7f3ec", "#272420"),
    ("#fcf6e6", "#2c2820"),
    ("#fcecd0", "#33291d"),
    ("#fadfcb", "#3b281d"),
    ("#f6cfcc", "#452426"),
)

# Kind of alert or notice → background, line, ink, mark.
TONES: Final[dict[str, tuple[Pair, Pair, Pair, Pair]]] = {
    "danger": (
        ("#fbeceb", "#3c1d1c"),
        ("#e3b4b1", "#7c413f"),
        ("#571318", "#ffd9d6"),
        ("#a8242f", "#ff9a94"),
    ),
    "warning": (
        ("#fdf3dd", "#362a11"),
        ("#e3c587", "#7a6127"),
        ("#4a3203", "#f8e2b4"),
        ("#9a6600", "#f0bd4a"),
    ),
    "info": (("#eef2ea", "#1c221d"), ("#c9d6cc", "#3d4a41"), ("#123f2f", "#cfe7db"), ("#1c6348", "#7cbb9f")),
    "success": (
        ("#e3eee8", "#1d3329"),
        ("#9dbfb0", "#426b59"),
        ("#123f2f", "#cfe7db"),
        ("#1c6348", "#7cbb9f"),
    ),
}

DOMAIN_KEYS: Final = ("education", "health", "welfare", "interior", "justice")

# Role of a domain's colour → step of the theme's scale (light, dark).
ROLES: Final[dict[str, Pair]] = {
    "c": ("base-default", "base-default"),
    "on-c": ("base-contrast-default", "base-contrast-default"),
    "c-soft": ("surface-tinted", "surface-tinted"),
    "c-soft-2": ("surface-hover", "surface-hover"),
    "c-ink": ("text-subtle", "base-default"),
    "c-deep": ("text-default", "text-default"),
    "c-line": ("border-subtle", "border-subtle"),
}


@cache
def _scale(mode: str) -> dict[str, str]:
    """The theme's own colours in one mode, by `domain-step`."""
    theme = (Path(__file__).parent / "theme/atbalsts.css").read_text("utf-8")
    block = re.search(rf"@layer ds\.theme\.color-scheme\.{mode} \{{(.*?)\n\}}\n", theme, re.DOTALL)
    if block is None:
        raise ValueError(f"theme/atbalsts.css has no {mode} colours")
    found: dict[str, str] = {}
    for key, value in re.findall(r"--ds-color-([a-z0-9-]+): (#[0-9a-f]{6,8})", block.group(1)):
        found.setdefault(key, value)
    return found


def domain_colours(domain: str) -> dict[str, Pair]:
    """A domain's colour pairs by role."""
    return {
        role: (_scale("light")[f"{domain}-{light}"], _scale("dark")[f"{domain}-{dark}"])
        for role, (light, dark) in ROLES.items()
    }


def tokens_css() -> str:
    """All colours as custom properties; light only on paper."""
    blocks = [
        ":root{color-scheme:light dark;" + _properties(COLOURS) + "--shadow:0 8px 28px rgb(40 30 15 / 16%)}",
        "@media print{:root{color-scheme:light}}",
        *(f"[data-color={domain}]{{{_properties(domain_colours(domain))}}}" for domain in DOMAIN_KEYS),
        "[data-color=family]{--c:var(--sun);--c-soft:var(--face);--c-ink:var(--face-ink);--c-line:var(--sun)}",
    ]
    for level, pairs in LEVELS.items():
        blocks.append(f".level-{level}{{{_named(('lv-bg', 'lv-ink', 'lv-line', 'lv-mark'), pairs)}}}")
    blocks.append(_risks_css())
    for tone, pairs in TONES.items():
        blocks.append(f".tone-{tone}{{{_named(('a-bg', 'a-line', 'a-ink', 'a-mark'), pairs)}}}")
    return "\n".join(blocks) + "\n"


def _risks_css() -> str:
    grounds = {f"risk-ground-{number}": pair for number, pair in enumerate(RISK_GROUNDS)}
    rows = [f":root{{{_properties(grounds | {'risk-sign': RISK_SIGN})}}}"]
    for level, pairs in RISKS.items():
        word = {"risk-word": RISK_WORDS.get(level, COLOURS["ink-2"])}
        rows.append(f".risk-{level}{{{_named(('risk-fill', 'risk-edge'), pairs)}{_properties(word)}}}")
    return "\n".join(rows)


def _named(names: tuple[str, ...], pairs: tuple[Pair, ...]) -> str:
    return _properties(dict(zip(names, pairs, strict=True)))


def _properties(colours: dict[str, Pair]) -> str:
    return "".join(f"--{name}:{_value(pair)};" for name, pair in colours.items())


def _value(pair: Pair) -> str:
    light, dark = pair
    return light if light == dark else f"light-dark({light},{dark})"
