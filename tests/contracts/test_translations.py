"""Every text shown is translated, once, and fits its placeholders."""

from pathlib import Path

import pytest

from portal.translations import check


def test_all_texts_have_one_good_translation():
    assert check.problems() == []


HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);\\n"

"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small house of its own: one page and one catalogue."""
    for folder in ("portal", "auth", "templates", "locale/lv"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "templates/page.html").write_text('{{ _("Hello %(name)s", name=1) }}', "utf-8")
    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setattr(check, "catalogue_files", lambda lang: sorted((tmp_path / "locale" / lang).glob("*.po")))
    return tmp_path


@pytest.mark.parametrize(
    ("catalogue", "said"),
    [
        ("", "no lv translation"),
        ('msgid "Hello %(name)s"\nmsgstr ""\n', "empty translation"),
        ('msgid "Hello %(name)s"\nmsgstr "Sveiki"\n', "placeholders differ"),
        ('msgid "Hello %(name)s"\nmsgstr "Sveiki, %(vards)s"\n', "placeholders differ"),
        ('msgid "Hello %(name)s"\nmsgstr "Sveiki, %(name)s"\n\nmsgid "Old"\nmsgstr "Vecs"\n', "nothing shows"),
        ('#, fuzzy\nmsgid "Hello %(name)s"\nmsgstr "Sveiki, %(name)s"\n', "fuzzy"),
    ],
)
def test_a_fault_in_a_catalogue_is_named(house: Path, catalogue: str, said: str):
    (house / "locale/lv/a.po").write_text(HEAD + catalogue, "utf-8")
    assert any(said in line for line in check.problems())


def test_the_same_text_said_in_two_ways_is_named(house: Path):
    for name, text in (("a", "Sveiki, %(name)s"), ("b", "Labdien, %(name)s")):
        entry = f'msgid "Hello %(name)s"\nmsgstr "{text}"\n'
        (house / f"locale/lv/{name}.po").write_text(HEAD + entry, "utf-8")
    assert any("another translation" in line for line in check.problems())


def test_a_lone_percent_sign_in_a_template_is_named(house: Path):
    (house / "templates/page.html").write_text('{{ _("50 % done") }}', "utf-8")
    (house / "locale/lv/a.po").write_text(HEAD + 'msgid "50 % done"\nmsgstr "50 % gatavs"\n', "utf-8")
    assert any("must be written %%" in line for line in check.problems())
