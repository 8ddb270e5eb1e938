"""The law's exceptions from the families' log: whose act, on what condition, until when."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from auth.access import Opened
from auth.policy import access_now
from documents import classifiers as words
from documents.audit import AuditEntry
from documents.child import Child
from documents.event import Event
from portal.access_log.exceptions import exception_for
from tests.people import NOW, dossier, event, family, role_of

CHILD = {"given_name": "Marta", "family_name": "Kalniņa", "sex": "f", "person_id": "marta"}


def kept_back(who: str, hidden: list[Event], *, days: int = 0, protected: bool = False, **entry: str) -> str | None:
    """The exception that keeps the look of one of the staff from the mother, so many days after it."""
    held = dossier(child=Child(**CHILD, protected=protected, birth_date=NOW.date() - timedelta(days=4000)))
    opened = Opened(family("ilze"), held, access_now(family("ilze"), held, NOW), NOW)
    role = role_of(who)
    look = {"act": "dossier.read", "person_id": who, "institution_id": role.institution_id} | entry
    found = exception_for(opened, AuditEntry(at=NOW - timedelta(days=days), **look), role, hidden)
    return found.code if found else None


def test_who_investigates_is_kept_back_as_long_as_their_entry_is() -> None:
    theirs, of_school = event(institution_id="police"), event(institution_id="school")
    assert kept_back("martins", [theirs]) == "withheld_proceedings"
    assert kept_back("martins", [of_school]) is None, "the entry that is kept back is another's"
    assert kept_back("martins", []) is None, "their entry is shown by now"
    assert kept_back("aija", [of_school]) is None, "a school does not investigate"
    assert kept_back("aija", [], purpose="investigate_offence") == "investigation"


def test_of_a_protected_child_no_institution_is_named_and_what_is_omitted_stays_so() -> None:
    assert kept_back("aija", [], protected=True) == "protected_place"
    assert kept_back("aija", [], protected=True, act="concern.reported") == "whistle_blower"


def test_an_exception_ends_so_many_days_after_the_act_as_the_law_says(tmp_path: Path) -> None:
    folder = shutil.copytree(words.SHIPPED, tmp_path / "classifiers")
    path = folder / "log_exceptions.csv"
    rows = path.read_text("utf-8")
    ends = "concern.reported,,always,omitted,30,"
    path.write_text(rows.replace("concern.reported,,always,omitted,,", ends), "utf-8")
    words.use(folder)
    try:
        assert kept_back("aija", [], act="concern.reported", days=30) == "whistle_blower"
        assert kept_back("aija", [], act="concern.reported", days=31) is None
    finally:
        words.use(words.SHIPPED)


@pytest.mark.parametrize("act", ["access.denied", "denial.lifted", "denial.reviewed"])
def test_denials_are_no_matter_of_the_family(act: str) -> None:
    assert kept_back("inese", [], act=act) == "denial"
