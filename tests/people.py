"""A few people and dossiers made by hand for tests of rules: Inese works for the child, Olga for nobody here."""

from datetime import UTC, date, datetime
from typing import Any

from auth.relations import derived, readers_of
from auth.who import Who, who_is
from documents.child import Child
from documents.dossier import Dossier, LevelChange
from documents.event import Event
from documents.family import LegalRole, Relationship
from documents.involvement import CaseManager, Involvement, Responsible, TeamMember
from documents.person import Person, Role

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)

INSTITUTIONS = {
    "service": ("social_service", "Cēsu novada Sociālais dienests"),
    "school": ("school", "Cēsu 2. pamatskola"),
    "doctor": ("family_doctor_practice", "Ģimenes ārsta prakse"),
    "police": ("state_police", "Valsts policija"),
    "court": ("orphans_court", "Cēsu novada bāriņtiesa"),
    "other": ("social_service", "Valmieras novada Sociālais dienests"),
    "region": ("planning_region", "Vidzemes plānošanas reģions"),
    "commission": ("administrative_commission", "Cēsu novada Administratīvā komisija"),
}
# name: institution, position, level
STAFF = {
    "inese": ("service", "social_worker", 1),
    "aija": ("school", "social_pedagogue", 1),
    "ruta": ("doctor", "family_doctor", 2),
    "martins": ("police", "juvenile_inspector", 1),
    "anda": ("court", "orphans_court_member", 1),
    "dace": ("service", "social_worker", 1),
    "olga": ("other", "social_worker", 1),
    "janis": ("service", "social_service_head", 3),
    "ieva": ("region", "need_expert", 2),
    "vija": ("commission", "administrative_commission_member", 2),
}


def role_of(name: str, **changes: Any) -> Role:
    """The role of somebody of the staff."""
    place, position, level = STAFF[name]
    kind, title = INSTITUTIONS[place]
    values: dict[str, Any] = {
        "id": f"role-{name}",
        "institution_id": place,
        "institution_type": kind,
        "institution_name": title,
        "position": position,
        "level": level,
        "since": date(2020, 1, 1),
    }
    return Role(**values | changes)


def person(name: str, **changes: Any) -> Person:
    """Somebody of the staff, or a member of the family without roles."""
    roles = [role_of(name)] if name in STAFF else []
    return Person(**{"id": name, "given_name": name.capitalize(), "family_name": "Tests", "roles": roles} | changes)


def who(name: str, now: datetime = NOW) -> Who:
    """That person in their one role."""
    return who_is(person(name), f"role-{name}", None, now)


def family(name: str, now: datetime = NOW) -> Who:
    """A parent or young person in the family role."""
    return who_is(person(name, children=["d1"]), "family", None, now)


def staff(cls: type[Any], name: str, **more: Any) -> Any:
    """A CaseManager, TeamMember or Responsible of that person."""
    return cls(**who(name).as_professional().model_dump() | more)


def dossier(**changes: Any) -> Dossier:
    """Marta's dossier: Inese leads, Aija is on the team, Rūta and Mārtiņš are responsible, Ilze is the mother."""
    since = date(2024, 1, 1)
    values: dict[str, Any] = {
        "id": "d1",
        "child": Child(
            given_name="Marta", family_name="Kalniņa", birth_date=date(2014, 3, 14), sex="f", person_id="marta"
        ),
        "opened": datetime(2024, 1, 1, tzinfo=UTC),
        "level": 3,
        "levels": [LevelChange(level=3, at=datetime(2024, 1, 1, tzinfo=UTC))],
        "case_manager": staff(CaseManager, "inese", since=datetime(2024, 1, 1, tzinfo=UTC)),
        "team": [staff(TeamMember, "aija", function="school", since=since)],
        "involvements": [
            involvement("doctor", "registered_with_doctor", "ruta", since),
            involvement("police", "police_matter", "martins", since),
        ],
        "relationships": [
            Relationship(
                id="r1", kind="mother", name="Ilze", person_id="ilze", legal_roles=[LegalRole(role="custody")]
            ),
            Relationship(
                id="r2", kind="father", name="Andris", person_id="andris", legal_roles=[LegalRole(role="custody")]
            ),
            Relationship(id="r3", kind="grandmother", name="Velta", person_id="velta"),
        ],
    }
    made = Dossier(**values | changes)
    return rederive(made)


def rederive(made: Dossier) -> Dossier:
    """Bring readers and family ids up to date, as every write does."""
    for name, value in derived(made).items():
        setattr(made, name, value)
    made.readers = readers_of(made)
    return made


def involvement(place: str, kind: str, name: str, since: date, to: date | None = None, **more: Any) -> Involvement:
    """An institution at work for the child with one responsible person."""
    institution_type, title = INSTITUTIONS[place]
    return Involvement(
        id=f"i-{place}",
        kind=kind,
        institution_id=place,
        institution_name=title,
        institution_type=institution_type,
        since=since,
        to=to,
        responsible=[staff(Responsible, name, since=since, **more)],
    )


def event(writer: str = "inese", **changes: Any) -> Event:
    """A home visit written by somebody of the staff."""
    by = who(writer).as_professional()
    values: dict[str, Any] = {
        "id": "e1",
        "kind": "home_visit",
        "domain": "welfare",
        "shape": "event",
        "day": date(2026, 11, 20),
        "summary": "Mājas apmeklējums",
        "recorded_by": by,
        "institution_id": by.institution_id,
        "institution_name": by.institution_name,
        "recorded_at": NOW,
    }
    return Event(**values | changes)
