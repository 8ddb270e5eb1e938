"""Any order of asking, deciding, taking back, denying, lifting and waiting: nobody ever reads more than was given."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from auth.permissions import Section
from auth.policy import standing
from documents.access_request import AccessRequest
from documents.dossier import Denial
from documents.model import day_of
from portal.access_requests.rules import Decided, authority, grant_of, read_decided
from tests.people import NOW, dossier, rederive, who
from tests.rules.test_access_requests import request

SECTIONS = ["base", "family", "timeline", "event_detail", "plan"]


class Lifecycle(RuleBasedStateMachine):
    """Olga, who has no relation to Marta, asks; Inese and others try to decide."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.marta = NOW, dossier()
        self.waiting: list[AccessRequest] = []
        self.decided: list[AccessRequest] = []

    @rule(
        sections=st.lists(st.sampled_from(SECTIONS), min_size=1, unique=True),
        days=st.integers(0, 90),
        sensitive=st.booleans(),
    )
    def ask(self, sections: list[str], days: int, sensitive: bool) -> None:
        until = day_of(self.now) + timedelta(days=days)
        self.waiting.append(request(sections=sections, until=until, sensitive=sensitive, at=self.now))

    @precondition(lambda self: self.waiting)
    @rule(
        by=st.sampled_from(["inese", "olga", "aija", "janis", "ruta"]),
        outcome=st.sampled_from(["grant", "refuse"]),
        sections=st.lists(st.sampled_from(SECTIONS), unique=True),
        days=st.integers(-2, 95),
    )
    def decide(self, by: str, outcome: str, sections: list[str], days: int) -> None:
        asked = self.waiting[0]
        until = day_of(self.now) + timedelta(days=days)
        values = {
            "outcome": [outcome],
            "sections": sections,
            "until": [f"{until:%d.%m.%Y}."],
            "sensitive": ["yes"],
            "reason": ["Pamatots atteikums"],
        }
        decided, _ = read_decided(values, asked, day_of(self.now))
        entitled = authority(standing(who(by, self.now), self.marta, self.now), who(by, self.now), asked)
        assert (entitled is not None) is (by == "inese")
        if decided is None or entitled is None:
            return
        self.waiting.pop(0)
        self.decided.append(asked)
        self._give(asked, decided)

    def _give(self, asked: AccessRequest, decided: Decided) -> None:
        if decided.until is not None:
            self.marta.grants.append(grant_of(asked, decided, who("inese").as_professional(), self.now))
            rederive(self.marta)

    @precondition(lambda self: self.marta.grants)
    @rule()
    def take_back(self) -> None:
        self.marta.grants[-1].revoked_at = self.now
        rederive(self.marta)

    @rule()
    def deny(self) -> None:
        by = who("inese").as_professional()
        self.marta.denials.append(Denial(id="d", person_id="olga", reason="", since=self.now, decided_by=by))

    @rule()
    def lift(self) -> None:
        for denial in self.marta.denials:
            denial.lifted_at = denial.lifted_at or self.now

    @rule(hours=st.integers(1, 24 * 40))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def reads_what_was_given_and_nothing_else(self) -> None:
        olga = who("olga", self.now)
        stands = standing(olga, self.marta, self.now)
        given = {
            section
            for grant in self.marta.grants
            if grant.since <= self.now < grant.until and (grant.revoked_at is None or self.now < grant.revoked_at)
            for section in grant.sections
        }
        if any(denial.in_force(self.now) for denial in self.marta.denials):
            given = set()
        read = {section.value for section in Section if stands.scopes(section)} - {"existence"}
        assert read == given
        asked = {section for each in self.decided for section in each.sections}
        assert read <= asked

    @invariant()
    def no_grant_outlasts_what_was_asked(self) -> None:
        assert all(grant.until - grant.since <= timedelta(days=92) for grant in self.marta.grants)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
