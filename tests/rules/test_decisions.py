"""What a decision changes in the dossier: who is let in, who is let out, from which day, what is taken back."""

from datetime import date, timedelta

import pytest

from auth.permissions import Permission as P
from auth.policy import decide
from auth.relations import readers_of
from documents.decision import CODE_LETTERS, CourtDecision, Party, new_code, plain_code
from documents.dossier import Dossier
from documents.family import LegalRole, Period, Relationship
from documents.institution import Institution
from documents.model import start_of
from documents.person import Person
from portal.decisions.effects import Named, carry_out, take_back
from portal.decisions.letter import letter_of
from portal.decisions.rules import Refused, may_be_replaced, party_choices
from portal.decisions.view import effects_in_words, later_in_words, state_of
from portal.formats import date_text
from tests.people import TODAY, dossier, family, who

GUNTA = Person(id="gunta", given_name="Gunta", family_name="Tests")
JANA = Person(id="jana", given_name="Jana", family_name="Tests")
NAMED = Named(
    (GUNTA,),
    Institution(id="ligzda", type="care_support_centre", name="Ligzda"),
)


def decision(kind: str, *concerned: str, since: date = TODAY, **more: object) -> CourtDecision:
    by = who("anda").as_professional()
    values: dict[str, object] = {
        "id": f"decision-{kind}",
        "dossier_id": "d1",
        "court_id": "court",
        "court_name": by.institution_name,
        "initials": "MK",
        "birth_year": 2014,
        "kind": kind,
        "state": "draft",
        "by": by,
        "at": start_of(TODAY),
        "concerned": list(concerned),
        "in_force_from": since,
        "sealed": b"x",
    }
    return CourtDecision.model_validate(values | more)


def apply(made: Dossier, each: CourtDecision, named: Named, today: date, *others: CourtDecision) -> list[CourtDecision]:
    return carry_out(made, each, named, others, today)


def issued(each: CourtDecision) -> CourtDecision:
    """The decision as it stands once it is issued."""
    return each.model_copy(update={"state": "issued", "version": 2, "number": 1, "year": 2026})


def days(each: CourtDecision, *after: int) -> list[str]:
    return [state_of(each, TODAY + timedelta(days=n)) for n in after]


def roles_of(made: Dossier, relationship: str) -> list[tuple[str, date | None, date | None]]:
    found = next(r for r in made.relationships if r.id == relationship)
    return [(role.role, role.since, role.to) for role in found.legal_roles]


def reads(made: Dossier, person: str, day: date) -> bool:
    made.readers = readers_of(made)
    return decide(family(person), P.BASE_READ, made, start_of(day) + timedelta(hours=12)).allowed


def test_suspended_custody_ends_access_from_its_day_and_of_nobody_else() -> None:
    made, later = dossier(), TODAY + timedelta(days=3)
    apply(made, decision("custody_suspended", "r2", since=later), Named(), TODAY)
    assert reads(made, "andris", later - timedelta(days=1)) and not reads(made, "andris", later)
    assert reads(made, "ilze", later)


def test_renewed_custody_gives_access_back() -> None:
    made = dossier()
    apply(made, decision("custody_suspended", "r2"), Named(), TODAY)
    later = TODAY + timedelta(days=10)
    apply(made, decision("custody_renewed", "r2", since=later), Named(), TODAY)
    assert not reads(made, "andris", later - timedelta(days=1)) and reads(made, "andris", later)


def test_on_the_same_day_the_later_word_counts() -> None:
    made = dossier()
    apply(made, decision("custody_suspended", "r2"), Named(), TODAY)
    apply(made, decision("custody_renewed", "r2"), Named(), TODAY)
    assert reads(made, "andris", TODAY)


@pytest.mark.parametrize(
    ("kind", "relationship", "roles"),
    [
        ("custody_suspended", "r3", []),  # no custody
        ("custody_suspended", "r2", [LegalRole(role="custody_suspended", since=date(2026, 1, 1))]),  # twice
        ("custody_renewed", "r2", []),  # not suspended
        ("custody_renewed", "r2", [LegalRole(role="custody_suspended"), LegalRole(role="custody_removed")]),
        ("contact_order", "gone", []),  # not in the family
    ],
)
def test_what_does_not_fit_is_refused(kind: str, relationship: str, roles: list[LegalRole]) -> None:
    made = dossier()
    for each in made.relationships:
        if each.id == relationship:
            each.legal_roles += roles
    with pytest.raises(Refused):
        apply(made, decision(kind, relationship, contact="limited"), Named(), TODAY)


def test_a_day_that_has_passed_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        apply(dossier(), decision("custody_suspended", "r2", since=TODAY - timedelta(days=1)), Named(), TODAY)
    assert refusal.value.field == "in_force_from"


def test_placement_lets_the_carer_in_and_the_earlier_family_out() -> None:
    earlier = Relationship(
        id="r9", kind="foster_carer", name="Jana", person_id="jana", legal_roles=[LegalRole(role="foster_care")]
    )
    made = dossier(relationships=[*dossier().relationships, earlier])
    assert reads(made, "jana", TODAY)
    apply(made, decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda"), NAMED, TODAY)
    assert reads(made, "gunta", TODAY) and not reads(made, "jana", TODAY)
    assert [i.institution_id for i in made.involvements if i.kind == "foster_care_supported"] == ["ligzda"]


def test_what_a_replaced_decision_gave_is_taken_back_and_nothing_else() -> None:
    made = dossier()
    first = decision("custody_suspended", "r1", "r2")
    apply(made, first, Named(), TODAY)
    assert not reads(made, "ilze", TODAY) and not reads(made, "andris", TODAY)
    take_back(made, first, TODAY)
    assert reads(made, "ilze", TODAY) and reads(made, "andris", TODAY)
    placed = decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda")
    apply(made, placed, NAMED, TODAY)
    take_back(made, placed, TODAY + timedelta(days=5))
    assert reads(made, "gunta", TODAY + timedelta(days=4)) and not reads(made, "gunta", TODAY + timedelta(days=5))


def test_the_letter_of_a_secret_place_names_neither_family_nor_centre() -> None:
    made, placed = dossier(), decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda")
    placed.parties = [Party(person_id="gunta", name="Gunta Tests", kind="foster_carer")]
    open_letter = letter_of(made, placed, NAMED, ("Konstatēts", ""), "1/2026", TODAY, "Anda")
    assert "Gunta Tests" in str(open_letter.orders) and "Ligzda" in str(open_letter.orders)
    secret = placed.model_copy(update={"protect_from": ["andris"]})
    hidden = letter_of(made, secret, NAMED, ("Konstatēts", ""), "1/2026", TODAY, "Anda")
    assert "Gunta" not in hidden.model_dump_json() and "Ligzda" not in hidden.model_dump_json()
    assert "Andris" in hidden.orders[-1]
    made.child.protected = True
    assert "Gunta" not in letter_of(made, placed, NAMED, ("", ""), "", TODAY, "").model_dump_json()


def test_it_is_issued_to_legal_roles_and_to_the_young_person_from_fourteen() -> None:
    made = dossier()
    assert set(party_choices(made, TODAY)) == {"ilze", "andris"}
    birthday = made.child.birth_date.replace(year=made.child.birth_date.year + 14)
    assert party_choices(made, birthday)["marta"] == Party(person_id="marta", name=made.child.name, kind="self")


def test_a_code_is_random_and_read_as_people_write_it() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200 and all(len(code) == CODE_LETTERS for code in codes)
    assert plain_code("O" * 25 + "l") == "0" * 25 + "1"
    for wrong in ("", "0" * 25, "0" * 27, "$ne" * 9, "ā" * 26, "u" * 26):
        assert plain_code(wrong) == ""


def test_a_suspension_by_mistake_is_replaced_by_a_corrected_one_about_the_same_person() -> None:
    """Taken back first, then applied: who was suspended beside them is free again, who stays so has no gap."""
    made, later = dossier(), TODAY + timedelta(days=4)
    first = decision("custody_suspended", "r1", "r2")
    apply(made, first, Named(), TODAY)
    first = issued(first)
    second = decision("custody_suspended", "r2", since=later, id="second", replaces=first.id)
    (replaced,) = apply(made, second, Named(), TODAY, first)
    assert not any(reads(made, "andris", TODAY + timedelta(days=n)) for n in range(9))
    assert not reads(made, "ilze", later - timedelta(days=1)) and reads(made, "ilze", later)
    assert (replaced.state, replaced.replaced_by, replaced.ended_from) == ("replaced", "second", later)
    assert days(replaced, 0, 3, 4) == ["in_force", "in_force", "replaced"], "in force until the other one is"


@pytest.mark.parametrize("replaces", [True, False])
def test_a_renewal_ends_the_suspension_whether_it_names_it_or_not(replaces: bool) -> None:
    made, later = dossier(), TODAY + timedelta(days=10)
    first = decision("custody_suspended", "r2")
    apply(made, first, Named(), TODAY)
    first = issued(first)
    second = decision("custody_renewed", "r2", since=later, replaces=first.id if replaces else None)
    (ended,) = apply(made, second, Named(), TODAY, first)
    assert not reads(made, "andris", later - timedelta(days=1)) and reads(made, "andris", later)
    assert days(ended, 0, 9, 10) == ["in_force", "in_force", "replaced" if replaces else "ended"]
    assert (ended.replaced_by or ended.ended_by) == second.id and later_in_words(ended, TODAY) != ""


def test_a_suspension_of_two_goes_on_until_both_have_custody_again() -> None:
    made = dossier()
    first = decision("custody_suspended", "r1", "r2")
    apply(made, first, Named(), TODAY)
    first = issued(first)
    assert apply(made, decision("custody_renewed", "r1"), Named(), TODAY, first) == []
    (ended,) = apply(made, decision("custody_renewed", "r2", id="both"), Named(), TODAY, first)
    assert ended.ended_by == "both" and days(ended, 0) == ["ended"]


def test_a_corrected_renewal_replaces_the_first_and_the_suspension_stays_ended() -> None:
    made, later = dossier(), TODAY + timedelta(days=5)
    suspended = decision("custody_suspended", "r1", "r2")
    apply(made, suspended, Named(), TODAY)
    first = decision("custody_renewed", "r1", "r2", since=TODAY + timedelta(days=1))
    (ended,) = apply(made, first, Named(), TODAY, issued(suspended))
    second = decision("custody_renewed", "r2", since=later, id="second", replaces=first.id)
    changed = apply(made, second, Named(), TODAY, ended, issued(first))
    states = {each.kind: each for each in changed}
    assert states["custody_renewed"].state == "replaced"
    assert states["custody_suspended"].ended_by is None, "it goes on for the one renewed by mistake"
    assert reads(made, "ilze", later - timedelta(days=1)) and not reads(made, "ilze", later)
    assert reads(made, "andris", later - timedelta(days=1)) and reads(made, "andris", later)


def test_a_renewal_that_gave_custody_itself_is_replaced_by_a_suspension() -> None:
    made = dossier()
    father = next(r for r in made.relationships if r.id == "r2")
    father.legal_roles = [LegalRole(role="custody_suspended", since=date(2026, 1, 1))]
    first = decision("custody_renewed", "r2")
    apply(made, first, Named(), TODAY)
    assert reads(made, "andris", TODAY)
    later = TODAY + timedelta(days=3)
    second = decision("custody_suspended", "r2", since=later, replaces=first.id)
    (replaced,) = apply(made, second, Named(), TODAY, issued(first))
    assert reads(made, "andris", later - timedelta(days=1)) and not reads(made, "andris", later)
    assert days(replaced, 2, 3) == ["in_force", "replaced"]


@pytest.mark.parametrize(
    ("kind", "concerned", "earlier", "about", "fits"),
    [
        ("contact_order", ["r2"], "custody_suspended", ["r2"], False),  # it would give a suspended parent access again
        ("contact_order", ["r3"], "contact_order", ["r2"], False),
        ("contact_order", ["r3"], "contact_order", ["r3"], True),
        ("custody_suspended", ["r2"], "custody_suspended", ["r1"], False),
        ("custody_renewed", ["r2"], "custody_suspended", ["r2"], True),
        ("custody_renewed", ["r2"], "custody_suspended", ["r1", "r2"], False),  # goes on for the other one
        ("custody_renewed", ["r2"], "foster_placement", [], False),
        ("foster_placement", [], "foster_placement", [], True),
    ],
)
def test_a_decision_replaces_only_its_own_kind_about_the_same_person(
    kind: str, concerned: list[str], earlier: str, about: list[str], fits: bool
) -> None:
    made = dossier()
    suspended = [LegalRole(role="custody_suspended", decision_id="earlier", since=TODAY)]
    for each in made.relationships:
        each.legal_roles += suspended if earlier == "custody_suspended" and each.id in about else []
    before = issued(decision(earlier, *about, id="earlier", contact="limited", carer_ids=["jana"]))
    now = decision(kind, *concerned, contact="limited", carer_ids=["gunta"], centre_id="ligzda", replaces="earlier")
    if fits:
        assert apply(made, now, NAMED, TODAY, before)[-1].replaced_by == now.id
        return
    with pytest.raises(Refused) as refusal:
        apply(made, now, NAMED, TODAY, before)
    assert refusal.value.field == "replaces"


def test_what_another_court_issued_or_is_replaced_or_ended_cannot_be_replaced() -> None:
    before = issued(decision("contact_order", "r3"))
    assert may_be_replaced(before, "contact_order", "court")
    assert not may_be_replaced(before, "contact_order", "elsewhere")
    for change in ({"state": "replaced"}, {"state": "draft"}, {"ended_by": "other"}):
        assert not may_be_replaced(before.model_copy(update=change), "contact_order", "court")


@pytest.mark.parametrize("replaces", [True, False])
def test_secrecy_ends_with_the_placement_that_brought_it_and_no_other(replaces: bool) -> None:
    made = dossier(protected_from=["ilze"])
    first = decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda", protect_from=["ilze", "andris"])
    apply(made, first, NAMED, TODAY)
    assert made.child.protected and made.protected_from == ["andris", "ilze"]
    other = Named((JANA,), NAMED.centre)
    second = decision("foster_placement", carer_ids=["jana"], centre_id="ligzda", id="second")
    second.replaces = first.id if replaces else None
    waits = made.model_copy(deep=True)
    apply(made, second, other, TODAY, issued(first))
    assert not made.child.protected and made.protected_from == ["ilze"], "who was named before stays named"
    later = second.model_copy(update={"in_force_from": TODAY + timedelta(days=5)})
    apply(waits, later, other, TODAY, issued(first))
    assert waits.child.protected and waits.protected_from == ["andris", "ilze"], "until then it is the earlier place"


def test_a_child_protected_before_the_placement_or_by_another_decision_stays_so() -> None:
    other = Named((JANA,), NAMED.centre)
    second = decision("foster_placement", carer_ids=["jana"], centre_id="ligzda", id="second")
    made = dossier()
    made.child.protected = True
    first = decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda", protect_from=["andris"])
    apply(made, first, NAMED, TODAY)
    apply(made, second.model_copy(), other, TODAY, issued(first))
    assert made.child.protected and made.protected_from == []
    made = dossier()
    apply(made, first, NAMED, TODAY)
    suspended = decision("custody_suspended", "r2", protect_from=["andris"])
    apply(made, suspended, Named(), TODAY, issued(first))
    apply(made, second, other, TODAY, issued(first), issued(suspended))
    assert made.child.protected and made.protected_from == ["andris"]


def test_a_foster_parent_who_comes_back_is_let_in_again() -> None:
    """`foster_care_ended` ends access: left open, it would keep out whom the court has just placed the child with."""
    roles = [
        LegalRole(role="foster_care", since=date(2024, 1, 1), to=date(2025, 1, 1)),
        LegalRole(role="foster_care_ended", since=date(2025, 1, 2)),
    ]
    back = Relationship(id="r9", kind="foster_carer", name="Gunta", person_id="gunta", legal_roles=roles)
    made, later = dossier(relationships=[*dossier().relationships, back]), TODAY + timedelta(days=2)
    apply(made, decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda", since=later), NAMED, TODAY)
    assert not reads(made, "gunta", later - timedelta(days=1)) and reads(made, "gunta", later)


def test_a_couple_is_placed_with_by_one_decision_and_who_is_not_named_in_a_later_one_cares_no_more() -> None:
    """Each of the two has the role of the decision, the household and access; only those named care after the next."""
    made, couple = dossier(), Named((GUNTA, JANA), NAMED.centre)
    first = decision("foster_placement", carer_ids=["gunta", "jana"], centre_id="ligzda")
    apply(made, first, couple, TODAY)
    gunta, jana = made.relationships[-2:]
    assert (gunta.partner_of, jana.partner_of) == (None, gunta.id), "they stand as a couple on the family's map"
    for each in (gunta, jana):
        assert roles_of(made, each.id) == [("foster_care", TODAY, None)] and each.household == [Period(since=TODAY)]
        assert reads(made, each.person_id or "", TODAY)
    letter = letter_of(made, first, couple, ("", ""), "1/2026", TODAY, "Anda")
    assert [order for order in letter.orders if "Tests" in order] == ["Gunta Tests", "Jana Tests"]
    secret = first.model_copy(update={"protect_from": ["andris"]})
    assert "Tests" not in letter_of(made, secret, couple, ("", ""), "", TODAY, "").model_dump_json()
    alone, later = issued(first), TODAY + timedelta(days=3)
    second = decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda", id="second", since=later)
    words = effects_in_words(made, second, NAMED, [alone], TODAY)
    assert [word for word in words if "Jana" in word] == [f"Jana Tests no {date_text(later)} vairs neaprūpē bērnu."]
    changed = apply(made, second, NAMED, TODAY, alone)
    assert roles_of(made, jana.id) == [("foster_care", TODAY, later - timedelta(days=1))]
    assert not reads(made, "jana", later) and reads(made, "gunta", later)
    assert changed == [], "what the first one gave Gunta goes on"
    both = decision("foster_placement", carer_ids=["jana", "gunta"], centre_id="ligzda", id="both", since=later)
    assert [each.ended_by for each in apply(made, both, Named((JANA, GUNTA), NAMED.centre), TODAY, alone)] == ["both"]


def test_a_couple_of_whom_one_is_no_longer_known_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        apply(dossier(), decision("foster_placement", carer_ids=["gunta", "x"], centre_id="ligzda"), NAMED, TODAY)
    assert refusal.value.field == "concerned"


def test_a_placement_ends_the_household_of_the_earlier_carer_and_its_correction_leaves_no_double() -> None:
    earlier = Relationship(
        id="r9",
        kind="foster_carer",
        name="Jana",
        person_id="jana",
        legal_roles=[LegalRole(role="foster_care")],
        household=[Period(since=date(2025, 1, 1))],
    )
    made, later = dossier(relationships=[*dossier().relationships, earlier]), TODAY + timedelta(days=3)
    first = decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda", since=later)
    apply(made, first, NAMED, TODAY)
    jana, gunta = made.relationships[-2:]
    assert jana.household == [Period(since=date(2025, 1, 1), to=later - timedelta(days=1))]
    assert gunta.household == [Period(since=later)]
    second = decision("foster_placement", carer_ids=["gunta"], centre_id="ligzda", since=later, id="second")
    second.replaces = first.id
    apply(made, second, NAMED, TODAY, issued(first))
    assert gunta.household == [Period(since=later)] and roles_of(made, gunta.id) == [("foster_care", later, None)]
    assert [i.id for i in made.involvements if i.kind == "foster_care_supported"] == ["second"]


def test_a_contact_order_notes_the_limit_until_its_day_and_a_later_one_ends_it() -> None:
    made, until = dossier(), TODAY + timedelta(days=30)
    first = decision("contact_order", "r3", contact="limited", until=until)
    apply(made, first, Named(), TODAY)
    assert roles_of(made, "r3") == [("contact_limited", TODAY, until)]
    later = TODAY + timedelta(days=7)
    second = decision("contact_order", "r3", contact="supervised", since=later, id="second")
    (ended,) = apply(made, second, Named(), TODAY, issued(first))
    assert roles_of(made, "r3") == [("contact_limited", TODAY, later - timedelta(days=1))]
    assert ended.ended_by == "second" and days(ended, 6, 7) == ["in_force", "ended"]
    third = decision("contact_order", "r3", contact="forbidden", since=later, id="third", replaces="second")
    changed = {each.id: each for each in apply(made, third, Named(), TODAY, ended, issued(second))}
    assert roles_of(made, "r3")[-1] == ("contact_limited", later, None) and len(roles_of(made, "r3")) == 2
    assert changed[first.id].ended_by == "third" and changed["second"].state == "replaced"
