"""The one Jinja environment: safe by default, strict about names, the same helpers in every page and block."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal import formats
from portal.assets import asset_url
from portal.domains import DOMAINS
from portal.pictures.badges import level_glyph
from portal.pictures.risks import risk_glyph
from portal.translations import gettext, language, ngettext, npgettext, pgettext

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"


@cache
def environment() -> Environment:
    """Made once. The macros of `ui.html` are a global, because a block rendered alone sees no imports."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,  # a program runs the templates it came with, and asks the disk once
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.filters |= {
        "date": date_html,
        "plain_date": formats.date_text,
        "last_day": formats.last_day,
        "day": formats.day_text,
        "datetime": datetime_html,
        "number": formats.number_text,
        "size": formats.size_text,
        "age": formats.age_text,
        "nbsp": nbsp,
        "tel": tel,
    }
    env.globals |= {
        "icon": icon,
        "asset": asset_url,
        "level_glyph": level_glyph,
        "risk_glyph": risk_glyph,
        "DOMAINS": DOMAINS,
        "language": language,
    }
    env.globals["ui"] = env.get_template("ui.html").module
    return env


@cache
def icon(name: str, kind: str = "") -> Markup:
    """A Tabler icon of the sprite, silent for screen readers: its words stand beside it or in `aria-label`."""
    address = f"{asset_url('icons.svg')}#{name}"
    return Markup('<svg class="i{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>').format(
        f" {kind}" if kind else "", address
    )


def date_html(day: date | datetime) -> Markup:
    """A date that does not break over lines, readable by machines."""
    local = formats.in_riga(day)
    return Markup('<time datetime="{}" class="nowrap">{}</time>').format(f"{local:%Y-%m-%d}", formats.date_text(day))


def datetime_html(moment: datetime) -> Markup:
    """Date and time in Latvia, readable by machines."""
    local = formats.in_riga(moment)
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), nbsp(formats.datetime_text(moment)))


def nbsp(text: str) -> str:
    """The text in one line: spaces that do not break."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def tel(number: str) -> str:
    """The address of a telephone number as written for people: `tel:` without spaces."""
    return "tel:" + "".join(letter for letter in number if letter.isdigit() or letter == "+")
