"""What somebody typed into “Find a child”: a personal code, a full name with a birth date, or part of a name."""

import re
from dataclasses import dataclass
from datetime import date

from documents.names import words
from documents.personal_code import PersonalCode, WrongCode, parse
from portal.translations import N_

LETTERS_NEEDED = 3
_DATE = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b\.?|\b(\d{4})-(\d{2})-(\d{2})\b")
_CODE = re.compile(r"\b\d{6}-?\d{5}\b")


@dataclass(frozen=True)
class Query:
    """What to look for; `words` are folded, `problem` says in one sentence what to put right."""

    words: tuple[str, ...] = ()
    code: PersonalCode | None = None
    birth_date: date | None = None
    problem: str = ""

    @property
    def enough(self) -> bool:
        """At least three letters: fewer would list half of one's children."""
        return sum(len(word) for word in self.words) >= LETTERS_NEEDED

    @property
    def exact(self) -> bool:
        """Enough to ask in the whole nation: the code, or full name and birth date."""
        return self.code is not None or (self.birth_date is not None and len(self.words) >= 2)


def understand(text: str, *, accept_invented: bool) -> Query:
    """Read the one box. A code wins over a date, a date over words; nothing else is guessed."""
    text = text[:120]
    if found := _CODE.search(text):
        try:
            return Query(code=parse(found.group(), accept_invented=accept_invented))
        except WrongCode as wrong:
            return Query(problem=str(wrong))
    birth, rest = _take_date(text)
    if birth is None and rest is None:
        return Query(problem=N_("There is no such day. Write the birth date like 14.03.2014."))
    return Query(words=tuple(words(rest or "")), birth_date=birth)


def _take_date(text: str) -> tuple[date | None, str | None]:
    found = _DATE.search(text)
    if not found:
        return None, text
    parts = [int(part) for part in found.groups() if part]
    day, month, year = parts if found.group(1) else parts[::-1]
    try:
        return date(year, month, day), text[: found.start()] + text[found.end() :]
    except ValueError:
        return None, None
