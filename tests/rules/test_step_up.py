"""Step-up: what proves anew who somebody is, and for how long."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from auth.oidc import Identity
from auth.sessions import Session
from auth.step_up import HELD, StepUpNeeded, accepted, demand_proof, proved_now
from auth.who import Who
from tests.people import NOW, who

SECOND = timedelta(seconds=1)


def proved(acr: str = "high", at: datetime | None = NOW) -> Who:
    return replace(who("inese"), acr=acr, auth_time=at)


@pytest.mark.parametrize(
    ("asks", "holds"),
    [
        (proved(), True),
        (proved(at=NOW - HELD), True),
        (proved(at=NOW - HELD - SECOND), False),
        (proved(at=NOW + timedelta(seconds=20)), True),  # clocks differ a little
        (proved(at=NOW + timedelta(minutes=2)), False),
        (proved(at=None), False),
        (proved("substantial"), False),
        (proved("http://eidas.europa.eu/LoA/high"), True),
        (proved(""), False),
        (proved("HIGH"), False),
    ],
)
def test_a_proof_holds_a_quarter_of_an_hour(asks: Who, *, holds: bool) -> None:
    assert proved_now(asks, NOW) is holds
    if holds:
        demand_proof(asks, NOW)
    else:
        with pytest.raises(StepUpNeeded):
            demand_proof(asks, NOW)


def session() -> Session:
    return Session("s", "inese", "role-inese", "sub-1", None, None, None, "", NOW, NOW, NOW, NOW, NOW, b"")


def identity(sub: str = "sub-1", acr: str | None = "high", at: datetime | None = NOW) -> Identity:
    named = {"sub": sub, "acr": acr, "auth_time": at}
    rest = {name: None for name in Identity.__dataclass_fields__ if name not in named}
    return Identity(**rest | named)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        (identity(), True),
        (identity(at=NOW - timedelta(minutes=5)), True),
        (identity(at=NOW - timedelta(minutes=5) - SECOND), False),
        (identity(at=None), False),
        (identity(at=NOW + timedelta(minutes=2)), False),
        (identity(acr="low"), False),
        (identity(acr=None), False),
        (identity("somebody-else"), False),
    ],
)
def test_only_a_fresh_sure_answer_about_the_same_subject_is_accepted(answer: Identity, *, good: bool) -> None:
    assert accepted(answer, session(), NOW) is good
