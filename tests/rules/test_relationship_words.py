"""Another source's word about a relationship: codes become words, and nothing it may hold breaks the page."""

import pytest

from portal.family.mismatch import mismatch_words
from portal.translations import set_language


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ("mother", "mother"),
        ("mother; custody 2015-03-01/", "mother; joint custody, since 1 March 2015"),
        ("father; custody_removed /", "father; custody removed"),
        ("father; no_legal_role /", "father"),
        ("father; custody /2020-01-31", "father; joint custody, until 31 January 2020"),
        ("godmother; blessing 2015-99-99/x", "godmother; blessing, since 2015-99-99, until x"),
        ("", ""),
    ],
)
def test_codes_are_told_in_words(codes: str, said: str) -> None:
    set_language("en")
    try:
        assert mismatch_words(codes) == said
    finally:
        set_language("lv")
