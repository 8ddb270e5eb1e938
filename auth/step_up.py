"""Step-up: whoever opens a dossier in an emergency, reads a restricted entry or administers proves anew who they are.

The provider is asked to forget that somebody is signed in (`prompt=login`) and to be sure (`acr_values`); what it
answers is believed only if it is fresh, sure, and about the same subject. `max_age` lets Keycloak ask the same of a
broker's answer. With 0 it takes that answer only within the second in which the person proved it.
"""

from datetime import datetime, timedelta

from auth.assurance import rank
from auth.oidc import Identity
from auth.sessions import Session
from auth.tokens import LEEWAY
from auth.who import Who

ASSURANCE = "high"
ASKED = {"prompt": "login", "max_age": "60", "acr_values": ASSURANCE}
FRESH = timedelta(minutes=5)  # between proving and coming back
HELD = timedelta(minutes=15)  # then it has to be proved again: long enough to write why


class StepUpNeeded(Exception):
    """Who this is has to be proved anew first; `back` is the form whose text was kept, empty for the page asked for."""

    def __init__(self, back: str = "") -> None:
        super().__init__("step-up")
        self.back = back


def proved_now(who: Who, now: datetime) -> bool:
    """Whether the person proved a moment ago, with high assurance, who they are."""
    return _sure(who.acr) and _within(who.auth_time, now, HELD)


def demand_proof(who: Who, now: datetime) -> None:
    """Raise StepUpNeeded for whom did not prove it a moment ago."""
    if not proved_now(who, now):
        raise StepUpNeeded


def accepted(identity: Identity, session: Session, now: datetime) -> bool:
    """Whether the answer of the provider proves it: same subject, high assurance, signed in just now."""
    same = identity.sub == session.sub
    return same and _sure(identity.acr) and _within(identity.auth_time, now, FRESH)


def _sure(acr: str | None) -> bool:
    return rank(acr) >= rank(ASSURANCE)


def _within(moment: datetime | None, now: datetime, window: timedelta) -> bool:
    return moment is not None and now - window <= moment <= now + LEEWAY
