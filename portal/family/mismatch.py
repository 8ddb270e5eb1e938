"""What another source says about a relationship, from codes to words: "mother; custody 2015-03-01/"."""

from collections.abc import Mapping
from datetime import date

from documents.classifiers import Row, classifiers
from portal.formats import date_text
from portal.translations import gettext, language

_NOBODY = "no_legal_role"


def mismatch_words(codes: str) -> str:
    """Return kind and legal roles in words; a code that no classifier knows stays as it was sent."""
    kind, *roles = codes.split("; ")
    told = [_label(classifiers().relationship_kinds, kind)]
    told += [_role(role) for role in roles if not role.startswith(_NOBODY)]
    return "; ".join(told)


def _role(code: str) -> str:
    """A legal role with its time: "custody 2015-03-01/2020-01-01", either day may be missing."""
    name, _, period = code.partition(" ")
    since, _, to = period.partition("/")
    words = [_label(classifiers().legal_roles, name)]
    if since:
        words.append(gettext("since %(date)s") % {"date": _day(since)})
    if to:
        words.append(gettext("until %(date)s") % {"date": _day(to)})
    return ", ".join(words)


def _day(text: str) -> str:
    try:
        return date_text(date.fromisoformat(text))
    except ValueError:
        return text


def _label(table: Mapping[str, Row], code: str) -> str:
    return table[code].label(language()) if code in table else code
