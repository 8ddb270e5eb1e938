"""Every position × relation × action × time × class, against the table written by hand (`policy_table.txt`)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from auth import reasons
from auth.entries import Sight, sight
from auth.permissions import Permission as P
from auth.permissions import Section
from auth.policy import LEVELS, NEEDS, access_now, decide, may, rights_of
from auth.who import Who, who_is
from documents.classifiers import classifiers
from documents.dossier import Denial, Dossier, Emergency, Grant
from documents.family import LegalRole, Relationship
from documents.involvement import Assignment, CaseManager, GroupSeat, Involvement, Responsible, TeamMember
from documents.model import start_of
from documents.person import Person, Role
from tests.people import dossier, event, rederive
from tests.people import who as of_staff
from tests.rules.policy_table import WAYS, by_position, by_relation, how_far, without_a_dossier

RELATIONS, POSITIONS, ALONE = by_relation(), by_position(), without_a_dossier()
FAMILY = ("parent", "self")
FIRST, LAST = date(2026, 11, 10), date(2026, 11, 20)
SINCE, UNTIL = start_of(FIRST), start_of(LAST + timedelta(days=1))
SECOND = timedelta(seconds=1)
BEFORE, IN_FORCE, AFTER = (SINCE - SECOND,), (SINCE, UNTIL - SECOND), (UNTIL,)
TIMES = (*BEFORE, *IN_FORCE, *AFTER)
FOR_GOOD = {"recorded", "addressed"}  # once is for ever
NAMED = {"case_manager", "family_case_manager", "team", "responsible"}
UNTIL_REPLACED = {"case_manager", "family_case_manager"}  # begins, and ends by being taken away
CLASSES = ("standard", "sensitive", "restricted")


def holder(position: str, now: datetime, **role: object) -> Who:
    """Zane in that position, in an institution of her own."""
    usual = {"level": POSITIONS[position].level, "since": date(2020, 1, 1)}
    made = Role(
        id="role-zane",
        institution_id="here",
        institution_type=classifiers().positions[position].institution_type,
        institution_name="Šeit",
        position=position,
        **usual | role,  # type: ignore[arg-type]
    )
    zane = Person(id="zane", given_name="Zane", family_name="Tests", roles=[made])
    return who_is(zane, "role-zane", None, now)


def parent(now: datetime, person_id: str = "zane") -> Who:
    """Somebody in the family role."""
    zane = Person(id=person_id, given_name="Zane", family_name="Tests", children=["d1"])
    return who_is(zane, "family", None, now)


def related(relation: str, position: str = "social_worker") -> Dossier:
    """A dossier to which the person stands so from FIRST to LAST, and in no other way."""
    made, me = dossier(), holder(position, SINCE).as_professional().model_dump()
    way, _, detail = relation.partition(" ")
    window = {"since": SINCE, "until": UNTIL}
    match way:
        case "case_manager":
            made.case_manager = CaseManager(**me, since=SINCE)
        case "family_case_manager":
            made.family_case_manager = CaseManager(**me, since=SINCE)
        case "team":
            made.team = [TeamMember(**me, function="x", since=FIRST, to=LAST)]
        case "responsible" | "supervises":
            named = me if way == "responsible" else me | {"role_id": "role-other", "person_id": "other"}
            place = {name: me[name] for name in ("institution_id", "institution_name", "institution_type")}
            people = [Responsible(**named, since=FIRST, to=LAST)]
            work = Involvement(id="i", kind="service_given", since=FIRST, responsible=people, **place)
            made.involvements.append(work)
        case "group":
            made.group = [GroupSeat(**me, meeting_id="m", **window)]
        case "consented":
            made.grants = [consent([detail])]
        case "emergency":
            made.emergencies = [Emergency(id="e", role_id="role-zane", person_id="zane", reason="", **window)]
        case "assigned":
            made.assignments = [Assignment(**me, id="a", function=detail, **window)]
        case "recorded":
            made.writers = ["role-zane"]
        case "addressed":
            made.addressees = ["here"]
        case "parent":
            roles = [LegalRole(role="custody", since=FIRST, to=LAST)]
            mother = Relationship(id="r1", kind="mother", name="Zane", person_id="zane", legal_roles=roles)
            made.relationships = [mother]
    return rederive(made)


def consent(sections: list[str], **more: object) -> Grant:
    """Consent to read the sections."""
    values = {
        "id": "g",
        "role_id": "role-zane",
        "person_id": "zane",
        "sections": sections,
        "purpose": "assess_need",
        "legal_basis": "child_rights_law",
        "since": SINCE,
        "until": UNTIL,
        "decided_by": of_staff("inese").as_professional(),
    }
    return Grant(**values | more)  # type: ignore[arg-type]


def holds(relation: str, at: datetime) -> bool:
    """Whether the table's relation is in force at that moment."""
    way = relation.partition(" ")[0]
    if way in FOR_GOOD:
        return True
    return relation != "none" and at >= SINCE and (at < UNTIL or way in UNTIL_REPLACED)


def row_of(relation: str, position: str) -> str | None:
    """The row of the table that holds for this position in this relation, none where it is no way of hers.

    A head cannot be named for a child; named all the same, she stands above somebody of her institution.
    """
    expected, way = POSITIONS[position], relation.partition(" ")[0]
    if way in NAMED and "supervises" in expected.ways:
        return "supervises"
    if way == "responsible":
        return relation if way in expected.ways and relation == f"responsible level {expected.level}" else None
    return relation if way in expected.ways else None


def expected(relation: str, position: str, at: datetime) -> set[P]:
    """What the table lets her do."""
    row = row_of(relation, position)
    if row is None or not holds(relation, at):
        return set()
    entitled = POSITIONS[position].may | {"y"}
    return {action for action, cell in RELATIONS[row].items() if cell in entitled}


def allowed(who: Who, made: Dossier, at: datetime) -> set[P]:
    """What the policy lets somebody do."""
    return {action for action in NEEDS if decide(who, action, made, at).allowed}


@pytest.mark.asvs("8.2.1")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("relation", [relation for relation in RELATIONS if relation not in FAMILY])
def test_every_position_may_by_a_relation_at_any_time_exactly_what_the_table_says(relation: str) -> None:
    wrong = []
    for position in POSITIONS:
        if relation.startswith("responsible") and not relation.endswith(str(min(POSITIONS[position].level, 2))):
            continue  # the other row of the two
        made = related(relation, position)
        for at in TIMES:
            found, should = allowed(holder(position, at), made, at), expected(relation, position, at)
            wrong += [f"{position} {at:%d.%m. %H.%M}: {action}" for action in sorted(found ^ should)]
    assert wrong == []


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("relation", FAMILY)
def test_a_family_may_exactly_what_the_table_says(relation: str) -> None:
    row = {action for action, cell in RELATIONS[relation].items() if cell == "y"}
    for at in TIMES:
        made = related(relation)
        if relation == "self":
            made.child.person_id, made.child.birth_date = "zane", FIRST.replace(year=FIRST.year - 14)
            rederive(made)
            assert allowed(parent(at), made, at) == (row if at >= SINCE else set())
        else:
            assert allowed(parent(at), made, at) == (row if holds(relation, at) else set()), at


@pytest.mark.parametrize(
    ("age", "reader", "reads"),
    [
        *((age, "parent", age < 18) for age in (0, 13, 14, 17, 18, 19)),
        *((age, "self", age >= 14) for age in (0, 13, 14, 17, 18, 19)),
    ],
)
def test_a_birthday_opens_and_closes_to_the_second(age: int, reader: str, reads: bool) -> None:
    made = dossier()
    made.child.birth_date = FIRST.replace(year=FIRST.year - age)
    rederive(made)
    name = "ilze" if reader == "parent" else "marta"
    assert bool(allowed(parent(SINCE, name), made, SINCE)) is reads
    day_before = (age - 1 < 18) if reader == "parent" else (age - 1 >= 14)
    assert bool(allowed(parent(SINCE - SECOND, name), made, SINCE - SECOND)) is day_before


LEGAL_ROLES = {  # access.md: custody, legal representation, care; ends when custody or care is suspended or ended
    "custody": True,
    "sole_custody": True,
    "guardianship": True,
    "foster_care": True,
    "specialised_foster_care": True,
    "pre_adoption_care": True,
    "hosting": False,
    "actual_care": False,
    "contact_limited": False,
    "no_legal_role": False,
}
ENDING = ("custody_suspended", "custody_removed", "guardianship_ended", "foster_care_ended")


@pytest.mark.parametrize("role", LEGAL_ROLES)
def test_custody_representation_and_care_give_access_until_suspended_or_ended(role: str) -> None:
    mother = Relationship(id="r", kind="mother", name="Z", person_id="zane", legal_roles=[LegalRole(role=role)])
    made = dossier(relationships=[mother])
    assert bool(allowed(parent(SINCE), made, SINCE)) is LEGAL_ROLES[role]
    for end in ENDING:
        mother.legal_roles = [LegalRole(role=role), LegalRole(role=end, since=FIRST, to=LAST)]
        rederive(made)
        for at in TIMES:
            assert bool(allowed(parent(at), made, at)) is (LEGAL_ROLES[role] and not SINCE <= at < UNTIL), (end, at)


def test_every_legal_role_of_the_classifier_stands_in_these_tables() -> None:
    assert set(classifiers().legal_roles) == set(LEGAL_ROLES) | set(ENDING)


def natural(relation: str) -> str:
    """A position that comes to a child in this way."""
    return next(p for p in POSITIONS if row_of(relation, p) and POSITIONS[p].level == _level(relation))


def _level(relation: str) -> int:
    if relation.startswith("responsible"):
        return int(relation[-1])
    return next(row.level for row in POSITIONS.values() if relation.partition(" ")[0] in row.ways)


PROFESSIONAL = [relation for relation in RELATIONS if relation not in (*FAMILY, "none")]


@pytest.mark.asvs("8.2.3")
@pytest.mark.asvs("8.3.2")
@pytest.mark.parametrize("relation", PROFESSIONAL)
def test_whatever_the_relation_these_take_it_away(relation: str) -> None:
    position, made = natural(relation), related(relation, natural(relation))
    me = holder(position, SINCE)
    assert allowed(me, made, SINCE), "the control: without them it is open"

    ended = holder(position, SINCE, to=FIRST - timedelta(days=1))
    not_begun = holder(position, SINCE, since=FIRST + timedelta(days=1))
    closed = who_is(me.person.model_copy(update={"deactivated": True}), "role-zane", None, SINCE)
    for nobody in (ended, not_begun, closed):
        assert (
            allowed(nobody, made, SINCE)
            == set()
            == {a for a in LEVELS if may(nobody, a).allowed and a != "role.choose"}
        )
        assert decide(nobody, P.BASE_READ, made, SINCE).reason is reasons.NO_ROLE

    for name, changed in taken_away(made):
        rederive(changed)
        assert allowed(me, changed, SINCE) == set(), name


def taken_away(made: Dossier) -> Iterator[tuple[str, Dossier]]:
    """The dossier after each of the things that end every relation."""
    by = of_staff("anda").as_professional()
    denial = Denial(id="x", person_id="zane", reason="", since=SINCE, decided_by=by)
    aunt = Relationship(id="aunt", kind="aunt", name="Z", person_id="zane")
    yield "denied", made.model_copy(update={"denials": [denial]})
    yield "denied until later", made.model_copy(update={"denials": [denial.model_copy(update={"until": UNTIL})]})
    yield "own family", made.model_copy(update={"relationships": [aunt]})
    yield "the child", made.model_copy(update={"child": made.child.model_copy(update={"person_id": "zane"})})
    yield "not open", made.model_copy(update={"opened": None})
    yield "joined with another", made.model_copy(update={"joined_into": "d2"})


@pytest.mark.parametrize("relation", PROFESSIONAL)
def test_a_denial_that_is_over_lifted_or_anothers_takes_nothing_away(relation: str) -> None:
    position, made = natural(relation), related(relation, natural(relation))
    by, before = of_staff("anda").as_professional(), SINCE - timedelta(days=3)
    over = Denial(id="x", person_id="zane", reason="", since=before, until=SINCE, decided_by=by)
    lifted = over.model_copy(update={"until": None, "lifted_at": before + SECOND})
    later = over.model_copy(update={"since": SINCE + SECOND, "until": None})
    another = over.model_copy(update={"person_id": "olga", "until": None})
    made.denials = [over, lifted, later, another]
    assert allowed(holder(position, SINCE), made, SINCE) == expected(relation, position, SINCE) != set()


def test_what_was_given_for_a_time_ends_at_once_when_it_is_taken_back() -> None:
    revoked = related("none")
    revoked.grants = [consent(["base"], revoked_at=SINCE + SECOND)]
    reviewed = related("emergency")
    reviewed.emergencies[0].reviewed_at = SINCE + SECOND
    done = related("assigned need_assessment", "need_expert")
    done.assignments[0].done_at = SINCE + SECOND
    not_accepted = related("case_manager")
    assert not_accepted.case_manager
    for made, position in ((revoked, "social_worker"), (reviewed, "social_worker"), (done, "need_expert")):
        rederive(made)
        assert allowed(holder(position, SINCE), made, SINCE)
        assert not allowed(holder(position, SINCE), made, SINCE + SECOND)
    not_accepted.case_manager.accepted = False
    assert not allowed(holder("social_worker", SINCE), rederive(not_accepted), SINCE)


# --- classes of entries over time (which class a relation reaches is the table of test_entries_expected) ------------


@pytest.mark.parametrize("relation", [*PROFESSIONAL, "none"])
def test_outside_its_time_no_entry_of_any_class_is_seen(relation: str) -> None:
    position = natural(relation) if relation != "none" else "social_worker"
    made = related(relation, position)
    for at in (t for t in TIMES if not holds(relation, t)):
        me = holder(position, at)
        access = access_now(me, made, at)
        for confidentiality in CLASSES:
            own = event("aija", confidentiality=confidentiality, institution_id="here", addressed_to=["here"])
            assert sight(me, access, made, own, at.date()) is Sight.NOTHING, (confidentiality, at)


def test_what_a_grant_does_not_say_stays_closed_in_any_combination() -> None:
    """Exactly what was granted: the sections, sensitive entries only if it says so, one institution's only if so."""
    entry = event("aija", institution_id="school")
    for sections in (["base"], ["timeline"], ["event_detail"], ["base", "timeline"], ["timeline", "event_detail"]):
        for sensitive in (False, True):
            for entries_of in (None, "school", "police"):
                made = related("none")
                made.grants = [consent(sections, sensitive=sensitive, entries_of=entries_of)]
                rederive(made)
                me = holder("family_doctor", SINCE)
                rows = [RELATIONS[f"consented {section}"] for section in sections]
                should = {action for row in rows for action, cell in row.items() if cell == "y"}
                assert allowed(me, made, SINCE) == should
                access = access_now(me, made, SINCE)
                seen = sight(me, access, made, entry, FIRST)
                beyond = entries_of == "police" or not {"timeline", "event_detail"} & set(sections)
                full = Sight.FULL if "event_detail" in sections else Sight.LINE
                assert seen is (Sight.NOTHING if beyond else full)
                hidden = entry.model_copy(update={"confidentiality": "sensitive"})
                below = Sight.NOTHING if beyond else full if sensitive else Sight.PRESENCE
                assert sight(me, access, made, hidden, FIRST) is below


@pytest.mark.parametrize("relation", how_far())
def test_a_relation_goes_in_every_section_exactly_as_far_as_the_table_says(relation: str) -> None:
    made = related(relation)
    position = "social_worker" if relation in FAMILY else natural(relation)
    stored = relation.replace("assigned ", "assigned:a ").split(" level")[0].split(" ")[0]
    rights = rights_of(stored, holder(position, SINCE), made)
    sections, sensitive = how_far()[relation]
    for name, (far, verbs) in sections.items():
        cell = rights.right(Section(name))
        also = {"W": cell.write, "C": cell.contacts, "A": cell.authorise}
        assert (cell.scope.value, {verb for verb, held in also.items() if held}) == (far, set(verbs)), name
    assert rights.sensitive.value == sensitive


def test_a_team_member_named_for_sensitive_entries_sees_them_from_the_first_day_to_the_last() -> None:
    made = related("team")
    named = made.team[0].model_copy(update={"sees_sensitive": True})
    made.team = [
        named,
        named.model_copy(update={"sees_sensitive": False, "since": FIRST - timedelta(days=9), "to": None}),
    ]
    rederive(made)
    hidden = event("aija", confidentiality="sensitive", institution_id="school")
    for day in (FIRST - timedelta(days=1), FIRST, LAST, LAST + timedelta(days=1)):
        at = start_of(day)
        me = holder("social_worker", at)
        seen = sight(me, access_now(me, made, at), made, hidden, day)
        assert seen is (Sight.FULL if FIRST <= day <= LAST else Sight.PRESENCE), day


def test_who_may_read_and_not_write_is_told_so_and_who_may_neither_is_told_that() -> None:
    doctor = related("responsible level 2", "family_doctor")
    by_grant = related("consented timeline")
    for made, position, action, reason in (
        (doctor, "family_doctor", P.BASE_WRITE, reasons.READ_ONLY),
        (doctor, "family_doctor", P.CONTACTS_WRITE, reasons.READ_ONLY),
        (doctor, "family_doctor", P.ACCESS_LOG_READ, reasons.NOT_YOUR_SECTION),
        (doctor, "family_doctor", P.ACCESS_GRANT, reasons.NOT_YOUR_SECTION),
        (by_grant, "social_worker", P.BASE_WRITE, reasons.NOT_YOUR_SECTION),
        (by_grant, "social_worker", P.EVENT_ADD, reasons.NOT_YOUR_SECTION),
    ):
        assert decide(holder(position, SINCE), action, made, SINCE).reason is reason, action


# --- what concerns no dossier -----------------------------------------------------------------------------------


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("action", ALONE)
def test_without_a_dossier_position_and_level_decide(action: P) -> None:
    levels, further = ALONE[action]
    for position, row in POSITIONS.items():
        court = further == "o" and classifiers().positions[position].institution_type == "orphans_court"
        entitled = further == "." or further in row.may or WAYS.get(further) in row.ways or court
        should = not levels.isdisjoint((str(row.level), row.second)) and entitled
        assert may(holder(position, SINCE), action).allowed is should, position
    assert may(parent(SINCE), action).allowed is ("fam" in levels)


@pytest.mark.asvs("8.2.1")
def test_a_role_held_on_the_second_level_alone_opens_the_figures_and_nothing_of_the_first() -> None:
    figures = {P.ANALYTICS_READ, P.ACCESS_REQUESTS_READ, P.DESK_READ, P.NOTICES_READ, P.ROLE_CHOOSE}
    for position in (p for p, row in POSITIONS.items() if row.second):
        alone = holder(position, SINCE, level=4)
        assert {action for action in LEVELS if may(alone, action).allowed} == figures, position
        assert not alone.relations
        neither = holder(position, SINCE, level=5)
        assert not may(neither, P.ANALYTICS_READ).allowed, "a level the position does not have brings no other"


# --- the tables are whole -----------------------------------------------------------------------------------------


def test_every_action_relation_function_and_position_stands_in_the_table() -> None:
    """A missing rule is a denial; a missing expectation is no proof."""
    known = classifiers()
    assert set(NEEDS) == set(next(iter(RELATIONS.values())))
    assert set(LEVELS) == set(ALONE)
    assert set(P) == set(NEEDS) | set(LEVELS) | {P.PUBLIC, P.SIGNED_IN}
    assert set(POSITIONS) == set(known.positions)
    ways = {relation.partition(" ")[0] for relation in RELATIONS} - {"none"}
    assert ways == set(known.relations)
    assert set(how_far()) == {r for r in RELATIONS if r != "none" and not r.startswith("consented")}
    functions = {relation.partition(" ")[2] for relation in RELATIONS if relation.startswith("assigned")}
    assert functions == set(known.assigned_functions)
