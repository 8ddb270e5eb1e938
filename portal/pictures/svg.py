"""Building blocks of SVG: every text and attribute escaped, numbers short."""

from markupsafe import Markup, escape

Value = str | float | int | None


def tag(name: str, /, *children: str | Markup, **attributes: Value) -> Markup:
    """One element. `class_`, `data_color` … become `class`, `data-color`; None leaves an attribute out.

    Plain strings among the children are escaped; only Markup goes in as it is.
    """
    given = [f' {_attribute(key)}="{escape(_text(v))}"' for key, v in attributes.items() if v is not None]
    inside = "".join(escape(child) for child in children)
    opened = f"<{name}{''.join(given)}"
    return Markup(f"{opened}>{inside}</{name}>" if inside else f"{opened}/>")  # noqa: S704 - all escaped above


def join(parts: list[Markup]) -> Markup:
    """Elements one after another."""
    return Markup("").join(parts)


def num(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def points(pairs: list[tuple[float, float]]) -> str:
    """Coordinates for a polyline."""
    return " ".join(f"{num(x)},{num(y)}" for x, y in pairs)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else num(value)


def _attribute(key: str) -> str:
    name = key.rstrip("_")
    return name if name == "viewBox" else name.replace("_", "-")
