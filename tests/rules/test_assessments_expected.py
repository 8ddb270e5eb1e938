"""How much of an assessment each relation sees, class by class: a table written by hand from access.md."""

from datetime import datetime, timedelta

import pytest

from auth.assessments import Shown, shower
from auth.policy import access_now
from documents.assessment import Assessment
from documents.dossier import Grant
from tests.people import NOW, TODAY, dossier, family, who
from tests.rules.test_entries_expected import LATER, reader, related

# o levels · s conclusions · c content · d dates, tool, recorder only · p that it is there · – nothing.
# Made by another institution, by the own one; the same where it is sensitive.
EXPECTED = """
relation                          other own  sensitive own-sensitive
case_manager                      osc   osc  osc       osc
family_case_manager               osc   osc  osc       osc
team                              osc   osc  p         osc
team named for sensitive          osc   osc  osc       osc
group                             os    osc  p         p
responsible level 1               os    osc  p         osc
responsible level 2               os    osc  p         osc
supervises                        d     d    p         p
emergency                         osc   osc  osc       osc
consented timeline                –     –    –         –
recorded                          –     osc  –         osc
addressed                         –     –    –         –
assigned:need_assessment          os    osc  p         osc
assigned:case_audit               osc   osc  p         p
assigned:crisis_support           os    osc  p         osc
assigned:courts_supervision       d     d    p         p
assigned:court_case               –     –    –         –
assigned:adoption_register        –     –    –         –
assigned:money_follows_client     –     –    –         –
assigned:region_coordination      o     o    p         p
none                              –     –    –         –
"""
COLUMNS = ("other", "own", "sensitive", "own-sensitive")
WORDS = {
    "–": Shown.NOTHING,
    "p": Shown.PRESENCE,
    "d": Shown.PRESENCE | Shown.LINE,
    "o": Shown.PRESENCE | Shown.LINE | Shown.LEVELS,
}
WORDS["os"] = WORDS["o"] | Shown.SUMMARY
WORDS["osc"] = WORDS["os"] | Shown.CONTENT
ROWS = {line[:34].strip(): line[34:].split() for line in EXPECTED.strip().splitlines()[1:]}


def assessment(*, own: bool = False, confidentiality: str = "standard", **changes: object) -> Assessment:
    """One of the school's, or of the reader's own institution ("here")."""
    place = "here" if own else "school"
    values: dict[str, object] = {
        "id": "a1",
        "tool": "dropout_risk_1",
        "domain": "education",
        "day": TODAY,
        "sealed": b"",
        "recorded_by": who("aija").as_professional(),
        "institution_id": place,
        "institution_name": place,
        "recorded_at": NOW,
        "confidentiality": confidentiality,
    }
    return Assessment.model_validate(values | changes)


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("relation", ROWS)
def test_a_relation_sees_of_an_assessment_exactly_what_the_table_says(relation: str) -> None:
    viewer, made = reader(relation), related(relation)
    show = shower(viewer, access_now(viewer, made, NOW), made, TODAY)
    made_of = {
        column: assessment(own="own" in column, confidentiality="sensitive" if "sensitive" in column else "standard")
        for column in COLUMNS
    }
    assert [show(made_of[column]) for column in COLUMNS] == [WORDS[cell] for cell in ROWS[relation]]


def test_families_see_none_whatever_is_on_it() -> None:
    for person in ("ilze", "marta"):
        viewer = family(person)
        made = dossier()
        show = shower(viewer, access_now(viewer, made, NOW), made, TODAY)
        assert show(assessment()) is Shown.NOTHING


@pytest.mark.parametrize("relation", ROWS)
def test_a_restricted_one_is_for_those_it_names_and_for_nobody_by_relation(relation: str) -> None:
    viewer, made = reader(relation), related(relation)
    show = shower(viewer, access_now(viewer, made, NOW), made, TODAY)
    assert show(assessment(own=True, confidentiality="restricted", named_people=["aija"])) is Shown.NOTHING
    assert Shown.CONTENT in show(assessment(confidentiality="restricted", named_people=["zane"]))


GRANTS = [
    (["assessments_overview"], None, "o", "p"),
    (["assessments_overview", "assessments_summary"], None, "os", "p"),
    (["assessments_overview", "assessments_summary", "assessments_content"], "school", "osc", "p"),
    (["assessments_overview", "assessments_summary", "assessments_content"], "police", "–", "–"),
]


@pytest.mark.parametrize(("sections", "entries_of", "standard", "sensitive"), GRANTS)
def test_a_grant_opens_exactly_what_it_names_until_its_second(
    sections: list[str], entries_of: str | None, standard: str, sensitive: str
) -> None:
    viewer, made = reader("consented timeline"), related("consented timeline")
    made.grants = [made.grants[0].model_copy(update={"sections": sections, "entries_of": entries_of})]

    def shown(kind: str, at: datetime = NOW) -> Shown:
        return shower(viewer, access_now(viewer, made, at), made, TODAY)(assessment(confidentiality=kind))

    assert (shown("standard"), shown("sensitive")) == (WORDS[standard], WORDS[sensitive])
    assert shown("standard", LATER - timedelta(seconds=1)) == WORDS[standard]
    assert shown("standard", LATER) is Shown.NOTHING
    assert isinstance(made.grants[0], Grant)
