"""Personal codes (personas kods): recognised, checked, looked up by a keyed hash, never shown in addresses or logs.

Old codes DDMMYY-CNNNX carry the birth date, new ones (since 2017-07-01) begin with 32–39 and carry nothing.
Codes with the century digit 9 were never issued: only marked databases accept them, for demo and tests.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date

_SHAPE = re.compile(r"(\d{6})-?(\d{5})")
_WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)
_CENTURIES = {"0": 1800, "1": 1900, "2": 2000}


N_ = str  # marks texts for the catalogue; they are translated where they are shown


class WrongCode(ValueError):
    """The text is no personal code; says what one looks like."""


@dataclass(frozen=True)
class PersonalCode:
    """A code in its written form, with the birth date an old code tells and whether its check digit fits."""

    text: str
    birth_date: date | None
    invented: bool
    suspicious: bool  # a wrong check digit is a warning, not a refusal: the formula is not official

    def hash(self, key: bytes) -> str:
        """Return the keyed hash (HMAC-SHA-256, hex) under which the code is looked up."""
        return hmac.new(key, self.text.encode(), hashlib.sha256).hexdigest()


def check_digit(ten: str) -> int:
    """Return X of an old code from its first ten digits: ((1 + Σ wᵢdᵢ) mod 11) mod 10."""
    return (1 + sum(w * int(d) for w, d in zip(_WEIGHTS, ten, strict=True))) % 11 % 10


def parse(text: str, *, accept_invented: bool = False, century: int = 2000) -> PersonalCode:
    """Read a personal code with or without its hyphen.

    `accept_invented` (marked databases only) also takes the century digit 9, whose birth year lies in
    `century` or, where that is in the future, a hundred years before. Raises WrongCode.
    """
    match = _SHAPE.fullmatch(re.sub(r"\s", "", text))
    if not match:
        raise WrongCode(N_("A personal code has eleven digits, for example 010120-23456."))
    first, second = match.groups()
    written, digits = f"{first}-{second}", first + second
    if "32" <= first[:2] <= "39":
        return PersonalCode(written, None, invented=False, suspicious=False)
    invented = second[0] == "9"
    if invented and not accept_invented:
        raise WrongCode(N_("Codes with the digit 9 after the hyphen are invented; this register takes real ones only."))
    if not invented and second[0] not in _CENTURIES:
        raise WrongCode(N_("The digit after the hyphen is 0, 1 or 2 in codes of this kind."))
    year = int(first[4:6]) + (century if invented else _CENTURIES[second[0]])
    try:
        born = date(year, int(first[2:4]), int(first[:2]))
    except ValueError:
        raise WrongCode(N_("The first six digits are no date of birth: day, month, year.")) from None
    if invented and born > date.today():  # noqa: DTZ011 – only tells 19xx from 20xx
        born = born.replace(year=year - 100)
    return PersonalCode(written, born, invented, suspicious=check_digit(digits[:10]) != int(digits[10]))


def invent(born: date, serial: int) -> str:
    """Return a code that cannot be anybody's: true birth date, century digit 9, `serial` 0–999, right check digit."""
    ten = f"{born:%d%m%y}9{serial:03d}"
    return f"{ten[:6]}-{ten[6:]}{check_digit(ten)}"
