"""The query filter and the decision are the same rule: whatever dossier, whatever time, they never differ."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.synchronous.collection import Collection

from auth.permissions import Permission
from auth.policy import NEEDS, decide, reach
from documents.dossier import Denial, Dossier, Emergency, Grant
from documents.involvement import Assignment, CaseManager, GroupSeat, Involvement, Responsible, TeamMember
from documents.model import to_bson
from tests.people import INSTITUTIONS, STAFF, dossier, family, staff, who

DAY = datetime(2026, 11, 22, tzinfo=UTC)
hours = st.integers(-72, 72).map(lambda h: DAY + timedelta(hours=h))
days = st.integers(-3, 3).map(lambda d: (DAY + timedelta(days=d)).date())
names = st.sampled_from([name for name in STAFF if name != "janis"])


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """Any mixture of relations, windows, grants, denials and family ties, valid or not at the moment asked."""

    def someone(cls: type, **more: object) -> object:
        return staff(cls, draw(names), **more)

    by = who("inese").as_professional()
    windows = [(min(a, b), max(a, b)) for a, b in draw(st.lists(st.tuples(hours, hours), min_size=3, max_size=3))]
    spans = [(min(a, b), max(a, b)) for a, b in draw(st.lists(st.tuples(days, days), min_size=3, max_size=3))]
    place = draw(st.sampled_from(sorted(INSTITUTIONS)))
    return dossier(
        opened=draw(st.sampled_from([None, DAY - timedelta(days=400)])),
        case_manager=draw(
            st.sampled_from([None, someone(CaseManager, since=windows[0][0], accepted=draw(st.booleans()))])
        ),
        team=[someone(TeamMember, function="x", since=spans[0][0], to=spans[0][1])] if draw(st.booleans()) else [],
        involvements=[
            Involvement(
                id="i",
                kind="attends_school",
                institution_id=place,
                institution_name="",
                institution_type="school",
                since=spans[1][0],
                to=draw(st.sampled_from([None, spans[1][1]])),
                responsible=[someone(Responsible, since=spans[2][0], to=spans[2][1])],
            )
        ],
        grants=[
            Grant(
                id="g",
                role_id=f"role-{draw(names)}",
                person_id="x",
                sections=["timeline", "base"],
                purpose="assess_need",
                legal_basis="child_rights_law",
                since=windows[1][0],
                until=windows[1][1],
                revoked_at=draw(st.sampled_from([None, windows[0][1]])),
                decided_by=by,
            )
        ],
        denials=[
            Denial(
                id="n",
                person_id=draw(names),
                reason="",
                since=windows[2][0],
                until=draw(st.sampled_from([None, windows[2][1]])),
                lifted_at=draw(st.sampled_from([None, windows[0][0]])),
                decided_by=by,
            )
        ]
        if draw(st.booleans())
        else [],
        emergencies=[
            Emergency(
                id="m",
                role_id=f"role-{draw(names)}",
                person_id="x",
                reason="",
                since=windows[0][0],
                until=windows[0][1],
            )
        ]
        if draw(st.booleans())
        else [],
        group=[someone(GroupSeat, meeting_id="m", since=windows[0][0], until=windows[2][1])],
        assignments=[
            someone(
                Assignment,
                id="a",
                function=draw(st.sampled_from(["need_assessment", "court_case"])),
                since=windows[1][0],
                until=windows[1][1],
                done_at=draw(st.sampled_from([None, windows[2][0]])),
            )
        ],
        writers=draw(st.lists(names.map(lambda name: f"role-{name}"), max_size=2, unique=True)),
        addressees=draw(st.lists(st.sampled_from(sorted(INSTITUTIONS)), max_size=2, unique=True)),
        erased=None,
    )


def test_a_query_finds_exactly_the_dossiers_the_decision_gives_a_relation_to(sync_dossiers: Collection) -> None:  # type: ignore[type-arg]
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(dossiers(), hours)
    def check(made: Dossier, now: datetime) -> None:
        sync_dossiers.replace_one({"_id": made.id}, to_bson(made), upsert=True)
        viewers = [who(name, now) for name in STAFF] + [
            family(name, now) for name in ("ilze", "andris", "velta", "marta")
        ]
        for viewer in viewers:
            found = sync_dossiers.count_documents({"_id": made.id, **reach(viewer, now)})
            relation = any(decide(viewer, permission, made, now).relations for permission in NEEDS)
            assert bool(found) is relation, (viewer.person_id, now)
            if not found:
                assert not any(
                    decide(viewer, permission, made, now).allowed for permission in Permission if permission in NEEDS
                )

    check()
