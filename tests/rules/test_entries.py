"""How much of one entry each person sees (access.md: table, `restricted`, visibility to families)."""

from datetime import date

import pytest

from auth.entries import Sight, may_change, sight
from auth.policy import access_now
from auth.who import Who
from documents.dossier import Dossier
from documents.event import Event, Withholding
from tests.people import NOW, TODAY, dossier, event, family, who


def seen(viewer: Who, entry: Event, marta: Dossier | None = None) -> Sight:
    marta = marta or dossier()
    return sight(viewer, access_now(viewer, marta, NOW), marta, entry, TODAY)


# A home visit by the social service is not domain-open: a doctor and a policeman see its line.
@pytest.mark.parametrize(
    ("name", "standard", "sensitive"),
    [
        ("inese", Sight.FULL, Sight.FULL),
        ("aija", Sight.FULL, Sight.PRESENCE),
        ("martins", Sight.LINE, Sight.PRESENCE),
        ("ruta", Sight.LINE, Sight.PRESENCE),
        ("janis", Sight.RECORD, Sight.PRESENCE),
        ("dace", Sight.NOTHING, Sight.NOTHING),
        ("olga", Sight.NOTHING, Sight.NOTHING),
    ],
)
def test_somebody_elses_entry(name: str, standard: Sight, sensitive: Sight) -> None:
    assert seen(who(name), event()) is standard
    assert seen(who(name), event(confidentiality="sensitive")) is sensitive


@pytest.mark.parametrize("name", ["aija", "martins", "ruta"])
@pytest.mark.parametrize("confidentiality", ["standard", "sensitive"])
def test_the_own_institutions_entry_is_read_whole(name: str, confidentiality: str) -> None:
    assert seen(who(name), event(name, confidentiality=confidentiality)) is Sight.FULL


def test_a_domain_open_entry_is_meant_for_every_responsible_person() -> None:
    assert seen(who("martins"), event("aija", kind="school_change", domain="education")) is Sight.FULL


def test_an_entry_sent_to_an_institution_is_read_there() -> None:
    assert seen(who("martins"), event(addressed_to=["police"])) is Sight.FULL


def test_a_team_member_named_by_the_case_manager_reads_sensitive_entries() -> None:
    marta = dossier()
    marta.team[0].sees_sensitive = True
    assert seen(who("aija"), event(confidentiality="sensitive"), marta) is Sight.FULL


@pytest.mark.parametrize("name", ["inese", "aija", "martins", "ruta", "janis"])
def test_a_restricted_entry_does_not_exist_for_who_is_not_named(name: str) -> None:
    entry = event("anda", confidentiality="restricted", named_people=["anda", "marcis"])
    assert seen(who(name), entry) is Sight.NOTHING
    assert seen(who("inese"), event("anda", confidentiality="restricted", named_people=["inese"])) is Sight.FULL


def test_the_own_restricted_entry_can_be_changed_only_by_who_is_named() -> None:
    marta = dossier()
    entry = event("inese", confidentiality="restricted", named_people=["anda"])
    assert not may_change(who("inese"), access_now(who("inese"), marta, NOW), entry)


@pytest.mark.parametrize(
    ("audience", "mother", "father", "young"),
    [
        ("family", False, False, False),
        ("mother", False, True, True),
        ("father", True, False, True),
        ("young_person", True, True, False),
        ("person:ilze", False, True, True),
    ],
)
def test_a_withheld_entry_is_hidden_from_its_audience_only(
    audience: str, *, mother: bool, father: bool, young: bool
) -> None:
    marta = dossier()
    marta.child.birth_date = date(2011, 3, 14)
    from tests.people import rederive

    rederive(marta)
    entry = event(withheld=[Withholding(audience=audience, reason="x")])
    for name, visible in (("ilze", mother), ("andris", father), ("marta", young)):
        assert (seen(family(name), entry, marta) is Sight.FULL) is visible


def test_withholding_ends_on_its_day_or_when_lifted() -> None:
    past = Withholding(audience="family", reason="x", until=date(2026, 11, 21))
    assert seen(family("ilze"), event(withheld=[past])) is Sight.FULL
    today = Withholding(audience="family", reason="x", until=TODAY)
    assert seen(family("ilze"), event(withheld=[today])) is Sight.NOTHING
    lifted = Withholding(audience="family", reason="x", lifted_at=NOW)
    assert seen(family("ilze"), event(withheld=[lifted])) is Sight.FULL


def test_only_the_recording_institution_changes_an_entry_and_nobody_one_of_a_register() -> None:
    marta = dossier()
    inese = access_now(who("inese"), marta, NOW)
    assert may_change(who("inese"), inese, event())
    assert not may_change(who("inese"), inese, event("aija"))
    assert not may_change(who("inese"), inese, event(source="VIIS"))
    janis = access_now(who("janis"), marta, NOW)
    assert not may_change(who("janis"), janis, event())
