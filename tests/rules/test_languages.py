"""The catalogue's plural rule and how the spoken language is chosen."""

import contextvars

import pytest

from portal.translations import gettext, language, latvian_plural, ngettext, set_language, translations


@pytest.mark.parametrize(("count", "form"), [(1, 0), (21, 0), (101, 0), (2, 1), (10, 1), (11, 1), (111, 1), (0, 2)])
def test_latvian_has_a_form_for_one_many_and_none(count: int, form: int):
    assert latvian_plural(count) == form


def test_an_unknown_language_becomes_latvian():
    def speak(lang: str) -> tuple[str, str]:
        set_language(lang)
        return language(), gettext("Find a child")

    assert contextvars.copy_context().run(speak, "xx") == ("lv", "Atrast bērnu")
    assert contextvars.copy_context().run(speak, "en") == ("en", "Find a child")


def test_the_language_of_one_request_does_not_leak_into_another():
    contextvars.copy_context().run(set_language, "en")
    assert language() == "lv"


def test_english_speaks_its_own_plural_and_a_context_its_own_word():
    english, latvian = translations("en"), translations("lv")
    assert english.ngettext("%(count)s year", "%(count)s years", 1) == "%(count)s year"
    assert ngettext("%(count)s year", "%(count)s years", 21) == "%(count)s gads"
    assert latvian.pgettext("female", "born %(date)s") == "dzimusi %(date)s"
    assert latvian.pgettext("male", "born %(date)s") == "dzimis %(date)s"
    assert latvian.gettext("never written anywhere") == "never written anywhere"
