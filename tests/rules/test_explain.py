"""An explanation is the decision with its grounds: the same answer for everybody, every child, every permission."""

from datetime import UTC, datetime, time, timedelta
from functools import cache

import pytest

from auth.explain import State, explain
from auth.permissions import Permission as P
from auth.policy import LEVELS, NEEDS, decide, may, relations_to, way_of
from auth.who import FAMILY_ROLE, Who, who_is
from documents.dossier import Denial, Grant
from documents.model import FOREVER
from fixtures.story import Story, build
from portal.admin.explain_words import ACTIONS
from tests.people import NOW, TODAY, dossier, family, rederive, who


@cache
def story() -> Story:
    return build(TODAY, datetime.combine(TODAY, time(9), UTC))


def cast(at: datetime) -> list[Who]:
    institutions = {each.id: each for each in story().institutions}
    found = []
    for person in story().people:
        for role in person.roles:
            found.append(who_is(person, role.id, institutions[role.institution_id], at))
        if person.children:
            found.append(who_is(person, FAMILY_ROLE, None, at))
    return found


@pytest.mark.parametrize("days", [0, -200, 40])
def test_the_explanation_of_everybody_is_the_decision(days: int) -> None:
    at = datetime.combine(TODAY, time(9), UTC) + timedelta(days=days)
    compared = 0
    for each in cast(at):
        for child in story().dossiers.values():
            holding = {way_of(r) for r in relations_to(each, child.readers, at)}
            for permission in {*NEEDS, *LEVELS}:
                told = explain(each, permission, child, at)
                access = decide(each, permission, child, at) if permission in NEEDS else may(each, permission)
                assert (told.allowed, told.reason) == (access.allowed, access.reason)
                if permission in NEEDS:
                    assert {way.relation for way in told.ways if way.state is State.HOLDS} == holding
                if told.allowed and permission in NEEDS:
                    assert told.relation in holding
                compared += 1
    assert compared > 10_000


def test_whatever_can_be_explained_has_its_words() -> None:
    """The page lists all of them: one without words would open it to nobody."""
    assert set(ACTIONS) == {*NEEDS, *LEVELS}


def test_a_grant_that_ran_out_is_named_with_its_window() -> None:
    by = who("inese").as_professional()
    grant = Grant(
        id="g7",
        role_id="role-olga",
        person_id="olga",
        sections=["base"],
        purpose="assess_need",
        legal_basis="child_rights_law",
        since=NOW - timedelta(days=9),
        until=NOW - timedelta(days=2),
        decided_by=by,
    )
    told = explain(who("olga"), P.BASE_READ, rederive(dossier(grants=[grant])), NOW)
    assert not told.allowed and told.reason.code == "no_relation"
    (way,) = told.ways
    assert (way.relation, way.state, way.given_by) == ("consented", State.ENDED, ("g7",))
    assert (way.since, way.until) == (grant.since, grant.until)


def test_the_relation_that_gives_the_right_is_named_not_merely_the_strongest() -> None:
    told = explain(who("janis"), P.TIMELINE_READ, dossier(), NOW)
    assert told.allowed and told.relation == "supervises"
    assert set(told.ways[0].given_by) == {"role-inese"}
    assert told.ways[0].until == FOREVER


def test_a_denial_is_named_and_one_that_was_lifted_is_not() -> None:
    by = who("anda").as_professional()
    denials = [
        Denial(id="n1", person_id="inese", reason="words nobody needs", since=NOW, decided_by=by),
        Denial(id="n2", person_id="inese", reason="", since=NOW - timedelta(days=3), lifted_at=NOW, decided_by=by),
    ]
    told = explain(who("inese"), P.BASE_READ, dossier(denials=denials), NOW)
    assert told.reason.code == "denied" and [ban.id for ban in told.denials] == ["n1"]
    assert told.ways[0].state is State.HOLDS, "the relation still stands: the denial beats it"


def test_nothing_of_the_child_is_in_an_explanation() -> None:
    words = [dossier().child.given_name, dossier().child.family_name, "Ilze", "Andris", "mother", "custody", "2014"]
    for each in (who("inese"), who("janis"), who("martins"), family("ilze")):
        for permission in NEEDS:
            text = repr(explain(each, permission, dossier(), NOW))
            assert not [word for word in words if word in text]
