"""Building blocks of SVG: every text and attribute escaped, numbers short."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from markupsafe import Markup, escape

Value = str | float | int | None
_SPECIAL: Final = re.compile("[&<>\"']")


def tag(name: str, /, *children: str | Markup, **attributes: Value) -> Markup:
    """One element. `class_`, `data_color` … become `class`, `data-color`; None leaves an attribute out.

    Plain strings among the children are escaped; only Markup goes in as it is.
    """
    parts = [f"<{name}"]
    parts += [f' {_attribute(key)}="{_text(value)}"' for key, value in attributes.items() if value is not None]
    inside = "".join([child if type(child) is Markup else _escaped(child) for child in children])
    parts.append(f">{inside}</{name}>" if inside else "/>")
    return Markup("".join(parts))  # noqa: S704 - all escaped above


def join(parts: list[Markup]) -> Markup:
    """Elements one after another."""
    return Markup("".join(parts))  # noqa: S704 - each is escaped already; Markup's own join looks at each again


def num(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def points(pairs: Sequence[tuple[float, float]]) -> str:
    """Coordinates for a polyline."""
    return " ".join(f"{num(x)},{num(y)}" for x, y in pairs)


def _text(value: str | float) -> str:
    return _escaped(value) if isinstance(value, str) else num(value)


def _escaped(text: str) -> str:
    """Most texts of a picture hold nothing to escape: a look is cheaper than a copy."""
    return str(escape(text)) if _SPECIAL.search(text) else str(text)


@cache
def _attribute(key: str) -> str:
    name = key.rstrip("_")
    return name if name in ("viewBox", "patternUnits") else name.replace("_", "-")
