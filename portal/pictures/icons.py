"""Icons of the sprite inside a picture."""

from markupsafe import Markup

from portal.assets import asset_url
from portal.pictures.svg import tag


def icon_at(name: str, x: float, y: float, size: float, kind: str) -> Markup:
    """An icon with its left upper corner at a place; `kind` adds classes to its colouring."""
    return tag(
        "svg",
        tag("use", href=f"{asset_url('icons.svg')}#{name}"),
        class_=f"pic-icon {kind}",
        x=x,
        y=y,
        width=size,
        height=size,
    )
