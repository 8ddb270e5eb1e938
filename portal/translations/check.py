"""Holds the catalogues against the code: every text shown has one good translation, and no other is kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from portal.translations import LANGUAGES, LOCALE, Key, catalogue_files, read_catalogue

ROOT: Final = LOCALE.parent
CODE: Final = ("portal", "auth", "documents")
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")
_BARE_PERCENT = re.compile(r"%(?!\(\w+\)[sd])")


@dataclass
class Used:
    """A text as the code shows it: its plural, and where."""

    plural: str | None
    places: list[str] = field(default_factory=list)


def problems() -> list[str]:
    """What is missing, empty, unused, said in two ways, or would not fit its placeholders; one line each."""
    used: dict[Key, Used] = {}
    found = list(_collect(used))
    for lang in LANGUAGES:
        if lang != "en":
            found += _compare(lang, used)
    return found


def _collect(used: dict[Key, Used]) -> Iterator[str]:
    """Fills `used` from code and templates; yields what is wrong with the texts themselves."""
    for place, text, plural, context in _texts():
        key: Key = (context, text) if context else text
        entry = used.setdefault(key, Used(plural))
        entry.places.append(place)
        entry.plural = entry.plural or plural
        if ".html" in place and any(_BARE_PERCENT.search(form.replace("%%", "")) for form in (text, plural or "")):
            yield f"{place}: a lone % in a template's text must be written %%: {text!r}"


def _texts() -> Iterator[tuple[str, str, str | None, str | None]]:
    sources: list[tuple[Any, Path]] = []
    for folder in CODE:
        sources += [("python", path) for path in (ROOT / folder).rglob("*.py")]
    sources += [(babel_extract, path) for path in (ROOT / "templates").rglob("*.html")]
    options = {"silent": "false", "trimmed": "true"}
    for method, path in sorted(sources, key=lambda source: source[1]):
        for line, message, _comments, context in extract_from_file(
            method, path, keywords=KEYWORDS, options=options if method is babel_extract else None
        ):
            one, many = message if isinstance(message, tuple) else (message, None)
            yield f"{path.relative_to(ROOT)}:{line}", one, many, context


def _compare(lang: Any, used: dict[Key, Used]) -> Iterator[str]:
    seen: dict[Key, tuple[str, object]] = {}
    for path in catalogue_files(lang):
        catalogue = read_catalogue(path, lang)
        where = str(path.relative_to(ROOT))
        if lang == "lv" and catalogue.num_plurals != 3:
            yield f"{where}: Latvian has three plural forms"
        for message in catalogue:
            if not message.id:
                continue
            key = _key(message)
            if key in seen and seen[key][1] != message.string:
                yield f"{where}:{message.lineno}: another translation stands in {seen[key][0]}: {key!r}"
            seen.setdefault(key, (where, message.string))
            yield from _faults(f"{where}:{message.lineno}", message, used.get(key))
    for key, entry in used.items():
        if key not in seen:
            yield f"{entry.places[0]}: no {lang} translation: {key!r}"


def _faults(where: str, message: Message, used: Used | None) -> Iterator[str]:
    key = _key(message)
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    originals = message.id if isinstance(message.id, tuple | list) else (message.id,)
    if used is None:
        yield f"{where}: nothing shows this text any more: {key!r}"
        return
    if message.fuzzy:
        yield f"{where}: still marked fuzzy: {key!r}"
    if bool(used.plural) != (len(originals) > 1):
        yield f"{where}: plural in one place, not in the other: {key!r}"
    if not all(forms):
        yield f"{where}: empty translation: {key!r}"
        return
    wanted = _placeholders(originals[-1])
    for form in forms:
        if _placeholders(str(form)) != wanted:
            yield f"{where}: placeholders differ: {form!r} for {originals[-1]!r}"


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in _PLACEHOLDER.finditer(text.replace("%%", ""))}


def _key(message: Message) -> Key:
    text = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return (message.context, text) if message.context else text
