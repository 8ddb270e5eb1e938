"""Templates compile, stay strict, and keep to the content policy."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from portal.assets.icons import ICONS
from portal.templating import TEMPLATES, environment, icon

ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", ALL)
def test_every_template_compiles(name: str):
    environment().get_template(name)


@pytest.mark.parametrize("name", ALL)
def test_no_template_needs_inline_styles_scripts_or_handlers(name: str):
    source = (TEMPLATES / name).read_text("utf-8")
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", source)


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_marked_safe_in_a_template(name: str):
    assert not re.search(r"\|\s*safe\b|autoescape", (TEMPLATES / name).read_text("utf-8"))


def test_every_icon_asked_for_is_in_the_sprite():
    sources = [*TEMPLATES.rglob("*.html"), *Path(TEMPLATES.parent, "portal").rglob("*.py")]
    named = set()
    for path in sources:
        named |= set(re.findall(r'icon(?:_name)?(?:\(|=)\s*"([a-z0-9-]+)"', path.read_text("utf-8")))
    assert named <= set(ICONS)


def test_an_unknown_name_is_an_error_and_text_is_escaped():
    env = environment()
    with pytest.raises(UndefinedError):
        env.from_string("{{ missing }}").render()
    assert env.from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"
    assert isinstance(icon("plus"), Markup)


def test_macros_are_there_in_a_block_rendered_alone():
    template = environment().from_string('{% block rows %}{{ ui.tag("<i>") }}{% endblock %}')
    assert "&lt;i&gt;" in "".join(template.blocks["rows"](template.new_context()))


def test_what_people_typed_comes_back_escaped_and_whole():
    ui = environment().globals["ui"]
    area = ui.area("text", "Text", "\nline\n</textarea><script>")
    assert "</textarea><script>" not in area
    assert ">\n\nline\n&lt;/textarea&gt;" in area
    assert 'value="&#34;&gt;"' in ui.text("a", "A", '">')
