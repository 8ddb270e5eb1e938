"""The languages of the interface: English texts in the code, their Latvian in `locale/lv/*.po`.

The catalogues of all features are one union, read once. Which language is spoken belongs to the request:
the middleware calls `set_language`, templates and `_()` follow it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

Language = Literal["lv", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "lv"
LOCALE: Final = Path(__file__).resolve().parents[2] / "locale"

Key = str | tuple[str, str]

_current: ContextVar[Language] = ContextVar("language", default=DEFAULT)


def set_language(lang: str) -> Language:
    """Speaks this language until the request ends; an unknown one becomes Latvian. Returns the one spoken."""
    spoken: Language = lang if lang in LANGUAGES else DEFAULT
    _current.set(spoken)
    return spoken


def language() -> Language:
    """The language spoken now."""
    return _current.get()


class Translations:
    """Texts of one language; an untranslated text stays English."""

    def __init__(self, texts: dict[Key, tuple[str, ...]], plural: Callable[[int], int]) -> None:
        self._texts = texts
        self._plural = plural

    def gettext(self, text: str) -> str:
        """The text in this language."""
        return self._texts.get(text, (text,))[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form of the text that goes with the count (21 in Latvian speaks like 1)."""
        return self._form(one, one, many, count)

    def pgettext(self, context: str, text: str) -> str:
        """The text as said in this context ("female", "short" …)."""
        return self._texts.get((context, text), (text,))[0]

    def npgettext(self, context: str, one: str, many: str, count: int) -> str:
        """The form for the count as said in this context."""
        return self._form((context, one), one, many, count)

    def _form(self, key: Key, one: str, many: str, count: int) -> str:
        forms = self._texts.get(key)
        if forms is None:
            return one if count == 1 else many
        return forms[self._plural(count)]


@cache
def translations(lang: Language) -> Translations:
    """All catalogues of a language as one."""
    texts: dict[Key, tuple[str, ...]] = {}
    for path in catalogue_files(lang):
        for message in read_catalogue(path, lang):
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id and all(strings):
                text = message.id[0] if isinstance(message.id, tuple | list) else message.id
                texts[(message.context, text) if message.context else text] = tuple(map(str, strings))
    return Translations(texts, latvian_plural if lang == "lv" else lambda count: int(count != 1))


def catalogue_files(lang: Language) -> list[Path]:
    """The catalogues of a language, one per feature."""
    return sorted((LOCALE / lang).glob("*.po"))


def read_catalogue(path: Path, lang: Language) -> Catalog:
    """One feature's catalogue; a broken file is an error, not a missing text."""
    with path.open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


def latvian_plural(count: int) -> int:
    """Index of the Latvian form: 0 for 1, 21, 31 …; 1 for 2, 11, 100 …; 2 for none."""
    if count % 10 == 1 and count % 100 != 11:
        return 0
    return 1 if count else 2


def gettext(text: str) -> str:
    """The text in the language spoken now."""
    return translations(language()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The text for a count in the language spoken now."""
    return translations(language()).ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """The text in a context in the language spoken now."""
    return translations(language()).pgettext(context, text)


def npgettext(context: str, one: str, many: str, count: int) -> str:
    """The text for a count in a context in the language spoken now."""
    return translations(language()).npgettext(context, one, many, count)


def N_(text: str) -> str:  # noqa: N802 - the customary name of this mark
    """Marks a text of a constant for translation; it is translated where it is shown, by `_(text)`."""
    return text


_ = gettext
