"""Before saving the form names who will read the entry: exactly those who can once it is saved."""

from datetime import date

import pytest

from auth.access import Opened
from auth.entries import Sight, sight
from auth.policy import access_now
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.event import Event, Withholding
from documents.involvement import TeamMember
from portal.events.form import provisional
from portal.events.visibility import WillRead, who_will_read
from tests.people import NOW, TODAY, dossier, event, family, staff, who

MOTHER_ONLY = Withholding(audience="mother", reason="names_other_children")
OVER = Withholding(audience="family", reason="x", until=date(2020, 1, 1))


def marta() -> Dossier:
    since = date(2024, 1, 1)
    team = [
        staff(TeamMember, "aija", function="school", since=since),
        staff(TeamMember, "dace", function="family", since=since),
    ]
    return dossier(team=team)


def preview(corrector: str, corrected: Event, **values: str) -> tuple[list[WillRead], list[WillRead]]:
    given = {name: [value] for name, value in ({"confidentiality": "standard"} | values).items()}
    opened = Opened(who(corrector), marta(), access_now(who(corrector), marta(), NOW), NOW)
    entry = provisional(opened, given, classifiers().event_kinds["home_visit"], corrected)
    return who_will_read(opened.dossier, entry, NOW, but=corrector_role(corrector))


def corrector_role(name: str) -> str:
    return f"role-{name}"


@pytest.mark.parametrize(
    ("changes", "relatives"),
    [
        ({}, {"Ilze", "Andris"}),
        ({"withheld": [MOTHER_ONLY]}, {"Andris"}),
        ({"withheld": [Withholding(audience="family", reason="x")]}, set()),
        ({"withheld": [OVER]}, {"Ilze", "Andris"}),
        ({"withheld": [MOTHER_ONLY.model_copy(update={"lifted_at": NOW})]}, {"Ilze", "Andris"}),
    ],
)
def test_the_family_reads_a_corrected_entry_as_far_as_it_is_not_withheld(
    changes: dict[str, list[Withholding]], relatives: set[str]
) -> None:
    _, seen = preview("inese", event(**changes))
    assert {reader.name for reader in seen} == relatives
    for name in ("ilze", "andris"):
        may = sight(family(name), access_now(family(name), marta(), NOW), marta(), event(**changes), TODAY)
        assert (name.capitalize() in relatives) is (may > Sight.NOTHING)


def test_whoever_corrects_a_colleagues_entry_is_not_told_of_themselves_but_of_the_colleague() -> None:
    readers, _ = preview("dace", event("inese"))
    assert [r.name for r in readers if r.name.startswith(("Inese", "Dace"))] == ["Inese Tests"]


def test_an_institution_the_entry_was_sent_to_reads_the_correction_too() -> None:
    plain, sent = (
        {r.name: r.sight for r in preview("inese", entry)[0]} for entry in (event(), event(addressed_to=["police"]))
    )
    assert (plain["Martins Tests"], sent["Martins Tests"]) == (Sight.LINE, Sight.FULL)


def test_a_wish_of_the_writer_comes_on_top_of_what_is_withheld() -> None:
    _, seen = preview("inese", event(withheld=[MOTHER_ONLY]), withheld="yes", withheld_reason="drošība")
    assert seen == []
