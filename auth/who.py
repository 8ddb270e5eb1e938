"""Who is asking: one person in one role at one moment, as the policy needs to know it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from documents.classifiers import classifiers
from documents.institution import Institution
from documents.involvement import Professional
from documents.model import day_of
from documents.person import Person, Role

FAMILY_ROLE = "family"
FAMILY_RELATIONS = frozenset({"parent", "self"})


@dataclass(frozen=True)
class Who:
    """The person, the role chosen for now (none before the choice), and what the role may do in general."""

    person: Person
    role: Role | None
    in_family_role: bool = False
    subtree: tuple[str, ...] = ()  # unit ids below a head of unit
    may: frozenset[str] = frozenset()
    session_key: str = ""
    acr: str = ""
    auth_time: datetime | None = None
    origin: str = ""
    roles: tuple[Role, ...] = field(default=(), repr=False)

    @property
    def person_id(self) -> str:
        """The person's id."""
        return self.person.id

    @property
    def level(self) -> int:
        """The user level 1–5 of the role; 0 for families and before a role is chosen."""
        return self.role.level if self.role else 0

    @property
    def second_level(self) -> int | None:
        """The level the position gives beside the first; a role held on the second alone has no other."""
        if self.role is None:
            return None
        position = classifiers().positions[self.role.position]
        return position.second_level if self.level == position.level else None

    @property
    def institution_id(self) -> str | None:
        """The institution the role is held in."""
        return self.role.institution_id if self.role else None

    @property
    def keys(self) -> list[str]:
        """The reader keys this person holds in this role (see `auth.relations`)."""
        if self.in_family_role:
            return [f"p:{self.person_id}"]
        if self.role is None:
            return []
        keys = [f"r:{self.role.id}"]
        if self.level == 3:
            keys += [f"u:{unit}" for unit in self.subtree] if self.role.unit_id else [f"i:{self.institution_id}"]
        return [*keys, f"a:{self.institution_id}"]

    @property
    def signed(self) -> str:
        """Name and institution, as a word written down carries them."""
        return ", ".join(part for part in (self.person.name, self.role.institution_name if self.role else "") if part)

    @property
    def relations(self) -> frozenset[str]:
        """The ways in which this person can come to a child at all: a position has its own (table "Positions")."""
        if self.in_family_role:
            return FAMILY_RELATIONS
        if self.role is None:
            return frozenset()
        position = classifiers().positions[self.role.position]
        if self.level != position.level:  # the second level alone, of aggregates only
            return frozenset()
        more = ["recorded"] if self.level in (1, 2) else []
        if position.identify_need:  # who identifies a need is responsible until another institution takes over
            more.append("responsible")
        return frozenset((*position.relations, *more))

    def as_professional(self) -> Professional:
        """The copy of this person that entries and decisions carry."""
        if self.role is None:
            raise ValueError("Only a role acts professionally.")
        return self.person.as_professional(self.role)


def roles_open_to(person: Person, day: date) -> tuple[Role, ...]:
    """The roles the person may choose on `day`; nobody deactivated has any."""
    if person.deactivated:
        return ()
    return tuple(role for role in person.roles if role.held_on(day))


def who_is(
    person: Person, role_id: str | None, institution: Institution | None, now: datetime, **session: object
) -> Who:
    """Put together who is asking at `now`. A role that ended, or was never held, counts as none chosen."""
    open_roles = roles_open_to(person, day_of(now))
    if role_id == FAMILY_ROLE and person.children and not person.deactivated:
        return Who(person, None, in_family_role=True, may=_IN_FAMILY, roles=open_roles, **session)  # type: ignore[arg-type]
    role = next((role for role in open_roles if role.id == role_id), None)
    subtree: tuple[str, ...] = ()
    if role is not None and role.unit_id is not None:
        subtree = tuple(institution.subtree(role.unit_id)) if institution else (role.unit_id,)
    may = _may(role) if role else frozenset()
    return Who(person, role, subtree=subtree, may=may, roles=open_roles, **session)  # type: ignore[arg-type]


_GENERAL_RIGHTS = (
    "report",
    "identify_need",
    "decides_reports",
    "leads_cases",
    "emergency_access",
    "supervises",
    "drafts_decisions",
    "administers",
)
_IN_FAMILY = frozenset({"report", "see_reports"})


def _may(role: Role) -> frozenset[str]:
    position = classifiers().positions[role.position]
    rights = {right for right in _GENERAL_RIGHTS if getattr(position, right)}
    if "consented" in position.relations:
        rights.add("ask_access")
    if not rights.isdisjoint(("report", "supervises")):
        rights.add("see_reports")
    return frozenset(rights)
