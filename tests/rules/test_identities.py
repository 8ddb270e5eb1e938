"""What a broker says of a person is a personal code only in the forms known; levels are known or the lowest."""

import pytest

from auth.assurance import needed, rank, suffices
from auth.identities import asserted_code
from auth.who import FAMILY_ROLE
from documents.personal_code import invent
from tests.people import NOW

CODE = invent(NOW.date().replace(year=1980), 7)
DIGITS = CODE.replace("-", "")
FORMAT = "Vurn:ivis:100001:name.id-viss"


@pytest.mark.parametrize(
    "text",
    [CODE, DIGITS, f"PNOLV-{CODE}", f"PNOLV-{DIGITS}", f"N;N;VPK:{DIGITS};{FORMAT};N", f"Va;Vb;VPK:{DIGITS};N;Vc"],
)
def test_the_forms_a_personal_code_is_asserted_in(text: str) -> None:
    code = asserted_code(text, accept_invented=True)
    assert code and code.text == CODE


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        f"PNOEE-{DIGITS}",
        f"PK:{DIGITS}",
        f"N;N;VAU:100001-PK:{DIGITS};{FORMAT};N",
        f"N;N;VPK:{DIGITS}-UR:40003000000;{FORMAT};N",
        f"N;N;VDP:40003000000-PK:{DIGITS};{FORMAT};N",
        f"VPK:{DIGITS};N;Vsomebody@people.example;{FORMAT};N",
        f"N;N;Vsomebody@people.example;VPK:{DIGITS};N",
        f"N;N;VPK:{CODE};{FORMAT};N",
        f"{CODE} {CODE}",
        f"{CODE}\n",
        "somebody@people.example",
        "000000-00000",
    ],
)
def test_whoever_acts_for_another_or_is_named_otherwise_has_none(text: str | None) -> None:
    assert asserted_code(text, accept_invented=True) is None


def test_a_register_takes_no_invented_code() -> None:
    assert asserted_code(CODE, accept_invented=False) is None


@pytest.mark.asvs("6.8.4")
@pytest.mark.parametrize(
    ("acr", "staff", "family"),
    [
        ("high", True, True),
        ("http://eidas.europa.eu/LoA/high", True, True),
        ("urn:safelayer:tws:policies:authentication:level:high", True, True),
        ("substantial", False, True),
        ("http://eidas.europa.eu/LoA/substantial", False, True),
        ("low", False, False),
        ("HIGH", False, False),
        ("1", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_staff_need_the_high_level_families_the_substantial_and_what_is_unknown_is_low(
    acr: str | None, staff: bool, family: bool
) -> None:
    assert (suffices(acr, "role-of-somebody"), suffices(acr, FAMILY_ROLE)) == (staff, family)


def test_levels_are_ordered() -> None:
    assert rank("low") < rank("substantial") < rank("high")
    assert (needed("r"), needed(FAMILY_ROLE)) == ("high", "substantial")
