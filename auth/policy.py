"""The one policy: who may see and do what, by relation to the child, section and time (access.md).

`decide` answers for a dossier in hand, `reach` is the same rule as a query. A missing rule is a denial.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth import reasons
from auth.matrix import ASSIGNED, MATRIX, RightsOfRelation, Scope, Sensitive, granted
from auth.permissions import Permission, Section
from auth.reasons import Reason
from auth.who import Who
from documents.dossier import Denial, Dossier, Reader

RESPONSIBLE = ("case_manager", "family_case_manager", "team", "responsible")
"""Relations of somebody who works for the child: told of what others do."""

STRONGEST_FIRST = (
    *RESPONSIBLE,
    *("group", "emergency", "consented", "assigned", "supervises", "parent", "self", "recorded", "addressed"),
)
"""Every way to a child; the log names the first of those that hold."""

AT_WORK = (*RESPONSIBLE, "group", "assigned", "consented", "emergency")
"""Relations of somebody who has something to do for the child now: the children of one's desk."""

KNOWN_BY_NAME = (*RESPONSIBLE, "group", "emergency")
"""Relations that read base data whatever else: one finds these children by name."""


@dataclass(frozen=True)
class Need:
    """What a permission needs of a dossier: reading, writing (all or contacts only) or authorising in a section."""

    section: Section
    verb: str = "read"
    relations: tuple[str, ...] = ()  # where it belongs to these relations only
    also: tuple[Section, ...] = ()  # sections any of which will do as well


# Permissions on a dossier. What is not here is no permission on a dossier.
NEEDS: dict[Permission, Need] = {
    Permission.ACCESS_DENY: Need(Section.BASE, "write", ("case_manager",)),
    Permission.ACCESS_DENY_FAMILY: Need(Section.BASE, "write", ("case_manager", "team")),
    Permission.ACCESS_GRANT: Need(Section.PLAN, "authorise"),
    Permission.ACCESS_GRANT_OWN: Need(Section.EVENT_DETAIL, "authorise"),
    Permission.ACCESS_LIST_READ: Need(
        Section.EXISTENCE, relations=("case_manager", "family_case_manager", "team", "supervises")
    ),
    Permission.ACCESS_LOG_READ: Need(Section.ACCESS_LOG),
    Permission.ACCESS_REVIEW: Need(Section.EXISTENCE, relations=("supervises",)),
    Permission.ASSESSMENT_ADD: Need(Section.ASSESSMENTS_CONTENT, "write"),
    Permission.ASSESSMENT_CHANGE: Need(Section.ASSESSMENTS_CONTENT, "write"),
    # A grant of conclusions or contents alone opens the page too; it then shows no more than that.
    Permission.ASSESSMENTS_READ: Need(
        Section.ASSESSMENTS_OVERVIEW, also=(Section.ASSESSMENTS_SUMMARY, Section.ASSESSMENTS_CONTENT)
    ),
    Permission.BASE_READ: Need(Section.BASE),
    Permission.BASE_WRITE: Need(Section.BASE, "write"),
    Permission.CONTACTS_WRITE: Need(Section.BASE, "contacts"),
    Permission.DECISION_DRAFT: Need(Section.DECISIONS, relations=("case_manager", "team", "responsible")),
    Permission.DECISIONS_READ: Need(Section.DECISIONS),
    Permission.DOCUMENTS_READ: Need(Section.EVENT_DETAIL),
    Permission.EMERGENCY_EXPLAIN: Need(Section.EXISTENCE, relations=("emergency",)),
    Permission.EMERGENCY_REVIEW: Need(Section.EXISTENCE, relations=("case_manager", "supervises")),
    Permission.EVENT_ADD: Need(Section.EVENT_DETAIL, "write"),
    Permission.EVENT_CHANGE: Need(Section.EVENT_DETAIL, "write"),
    Permission.EVENT_READ: Need(Section.TIMELINE),
    Permission.FAMILY_READ: Need(Section.FAMILY),
    Permission.LEVEL_CHANGE: Need(Section.TIMELINE, "write"),
    Permission.MESSAGE_WRITE: Need(Section.MESSAGES, "write"),
    Permission.MESSAGES_READ: Need(Section.MESSAGES),
    Permission.QUESTION_ASK: Need(Section.MESSAGES, "write", ("supervises",)),
    Permission.PEOPLE_NAME: Need(Section.EXISTENCE, relations=("supervises",)),
    Permission.REPORTS_OF_CHILD: Need(Section.BASE, relations=("case_manager",)),
    Permission.PLAN_ANSWER: Need(Section.PLAN, "write", ("parent", "self")),
    Permission.PLAN_READ: Need(Section.PLAN),
    Permission.PLAN_TASK: Need(
        Section.PLAN, "write", ("case_manager", "family_case_manager", "team", "responsible", "parent", "self")
    ),
    Permission.PLAN_WRITE: Need(Section.PLAN, "write", ("case_manager", "family_case_manager")),
    Permission.TEAM_EDIT: Need(Section.PLAN, "authorise", ("case_manager",)),
    Permission.TIMELINE_READ: Need(Section.TIMELINE),
}

# What a position must allow beside the relation, or alone where no dossier is concerned.
GENERAL: dict[Permission, str] = {
    Permission.ACCOUNTS_MANAGE: "administers",
    Permission.AUDIT_SEARCH: "administers",
    Permission.EXPLAIN: "administers",
    Permission.ACCESS_ASK: "ask_access",
    Permission.ACCESS_DENY_FAMILY: "drafts_decisions",
    Permission.DECISION_DRAFT: "drafts_decisions",
    Permission.EMERGENCY_USE: "emergency_access",
    Permission.LEVEL_CHANGE: "identify_need",
    Permission.NEED_IDENTIFY: "identify_need",
    Permission.CASE_ACCEPT: "leads_cases",
    Permission.OVERSIGHT: "supervises",
    Permission.PEOPLE_NAME: "supervises",
    Permission.QUESTION_ASK: "supervises",
    Permission.REPORT: "report",
    Permission.REPORT_DECIDE: "decides_reports",
    Permission.REPORT_HAND_OVER: "supervises",
    Permission.REPORTS_READ: "see_reports",
}
LEVELS: dict[Permission, tuple[int, ...]] = {
    Permission.ACCOUNTS_MANAGE: (0,),
    Permission.AUDIT_SEARCH: (0,),
    Permission.EXPLAIN: (0,),
    Permission.ACCESS_ASK: (1, 2, 4),
    Permission.ACCESS_DECIDE: (1,),
    Permission.ACCESS_REQUESTS_READ: (1, 2, 3, 4),
    Permission.ANALYTICS_READ: (4,),
    Permission.CASE_ACCEPT: (1,),
    Permission.DECISIONS_LIST: (1, 3),
    Permission.DESK_READ: (0, 1, 2, 3, 4),
    Permission.NOTICES_READ: (0, 1, 2, 3, 4),
    Permission.EMERGENCY_USE: (1,),
    Permission.SEARCH_NATION: (1,),
    Permission.SEARCH_RELATED: (1, 2),
    Permission.NEED_IDENTIFY: (1,),
    Permission.OVERSIGHT: (3,),
    Permission.REPORT: (0, 1, 2),  # 0: parents and young people, about the own child
    Permission.REPORT_DECIDE: (1,),
    Permission.REPORT_HAND_OVER: (3,),
    Permission.REPORTS_READ: (0, 1, 2, 3),
    Permission.ROLE_CHOOSE: (0, 1, 2, 3, 4),
    Permission.TASKS_READ: (1, 2),
    Permission.TECHNICAL_READ: (5,),  # of which children: `auth.technical`
}
# What a second level of the position opens beside its first: who leads a cooperation group, coordinates a planning
# region or manages the child protection authority reads the figures too. It brings nobody to a child.
SECOND_LEVELS: dict[Permission, tuple[int, ...]] = {Permission.ANALYTICS_READ: (4,)}
# Where a permission belongs to the people of one type of institution.
PLACES: dict[Permission, tuple[str, ...]] = {Permission.DECISIONS_LIST: ("orphans_court",)}


@dataclass(frozen=True)
class Access:
    """The answer: allowed or not and why, by which relations, and the rights these give."""

    allowed: bool
    reason: Reason
    relations: tuple[str, ...] = ()
    rights: tuple[RightsOfRelation, ...] = ()

    def scopes(self, section: Section) -> set[Scope]:
        """How far the person reads in a section, over all relations."""
        return {rights.right(section).scope for rights in self.rights} - {Scope.NOTHING}

    def may(self, permission: Permission) -> bool:
        """Whether these rights cover another permission on the same dossier (for buttons and tabs)."""
        return _covers(self, NEEDS[permission])

    @property
    def relation(self) -> str | None:
        """The relation the log names: the strongest one."""
        return self.relations[0] if self.relations else None


def may(who: Who, permission: Permission) -> Access:
    """Decide what concerns no dossier: by the levels and the position of the role."""
    if who.role is None and not who.in_family_role and permission is not Permission.ROLE_CHOOSE:
        return Access(False, reasons.NO_ROLE)
    if who.level not in LEVELS.get(permission, ()) and who.second_level not in SECOND_LEVELS.get(permission, ()):
        return Access(False, reasons.NOT_YOUR_POSITION)
    if permission in GENERAL and GENERAL[permission] not in who.may:
        return Access(False, reasons.NOT_YOUR_POSITION)
    if permission in PLACES and (who.role is None or who.role.institution_type not in PLACES[permission]):
        return Access(False, reasons.NOT_YOUR_POSITION)
    return Access(True, reasons.ALLOWED)


def decide(who: Who, permission: Permission, dossier: Dossier, now: datetime) -> Access:
    """Decide for one dossier at one moment. A denial beats every relation; nobody acts on the own family."""
    return decide_as(standing(who, dossier, now), who, permission)


def standing(who: Who, dossier: Dossier, now: datetime) -> Access:
    """Return how the person stands to the child now, whatever is asked: refused, or the relations and their rights."""
    if who.role is None and not who.in_family_role:
        return Access(False, reasons.NO_ROLE)
    if not who.in_family_role and who.person_id in dossier.family_ids:
        return Access(False, reasons.OWN_FAMILY)
    if denied(who, dossier.denials, now):
        return Access(False, reasons.DENIED)
    return access_now(who, dossier, now)


def decide_as(stands: Access, who: Who, permission: Permission) -> Access:
    """Decide one permission for somebody who stands so to the child."""
    if not stands.allowed:
        return stands
    relations, rights = stands.relations, stands.rights
    if permission in GENERAL and GENERAL[permission] not in who.may:
        return Access(False, reasons.NOT_YOUR_POSITION, relations, rights)
    need = NEEDS[permission]
    if not _covers(stands, need):
        readable = need.verb in ("write", "contacts") and _covers(stands, Need(need.section))
        return Access(False, reasons.READ_ONLY if readable else reasons.NOT_YOUR_SECTION, relations, rights)
    return Access(True, reasons.ALLOWED, relations, rights)


def access_now(who: Who, dossier: Dossier, now: datetime) -> Access:
    """Return the relations to the child and the rights they give, whatever is asked; not allowed without any."""
    relations = relations_to(who, dossier.readers, now)
    if not relations:
        return Access(False, reasons.NO_RELATION)
    return Access(True, reasons.ALLOWED, relations, tuple(rights_of(r, who, dossier) for r in relations))


def reach(who: Who, now: datetime, relations: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Return the query that finds exactly the dossiers `decide` gives a relation to (of certain kinds only)."""
    ways = who.relations if relations is None else who.relations.intersection(relations)
    reader: dict[str, Any] = {
        "key": {"$in": who.keys},
        "relation": {"$in": [_of_way(way) for way in sorted(ways)]},
        "until": {"$gt": now},
        "since": {"$lte": now},
    }
    query: dict[str, Any] = {"readers": {"$elemMatch": reader}, "erased": None}
    if not who.in_family_role:
        query["family_ids"] = {"$ne": who.person_id}
    open_end = [{"until": None}, {"until": {"$gt": now}}]
    denial = {"person_id": who.person_id, "since": {"$lte": now}, "lifted_at": None, "$or": open_end}
    query["denials"] = {"$not": {"$elemMatch": denial}}
    return query


def way_of(relation: str) -> str:
    """The kind of a relation: of `consented:<grant>` and `assigned:<task>` without the one it comes from."""
    return relation.partition(":")[0]


def _of_way(way: str) -> str | re.Pattern[str]:
    return re.compile(f"^{way}:") if way in ("consented", "assigned") else way


def relations_to(who: Who, readers: Iterable[Reader], now: datetime) -> tuple[str, ...]:
    """Return how the person, in this role, stands to the child now; the strongest first."""
    keys, ways = set(who.keys), who.relations
    found = {r.relation for r in readers if r.key in keys and r.since <= now < r.until and way_of(r.relation) in ways}
    return tuple(sorted(found, key=lambda relation: (STRONGEST_FIRST.index(way_of(relation)), relation)))


def denied(who: Who, denials: Iterable[Denial], now: datetime) -> Denial | None:
    """Return a denial in force against the person, whatever the role."""
    return next(iter(denials_in_force(who, denials, now)), None)


def denials_in_force(who: Who, denials: Iterable[Denial], now: datetime) -> list[Denial]:
    """Return those of a child's denials that are in force against the person."""
    return [denial for denial in denials if denial.person_id == who.person_id and denial.in_force(now)]


def rights_of(relation: str, who: Who, dossier: Dossier) -> RightsOfRelation:
    """Return the row of the table that a relation to this child gives the person, whether it holds now or not."""
    if relation.startswith("consented:"):
        grant = next(g for g in dossier.grants if f"consented:{g.id}" == relation)
        return granted(grant.sections, grant.sensitive, grant.entries_of)
    if relation.startswith("assigned:"):
        task = next(task for task in dossier.assignments if f"assigned:{task.id}" == relation)
        return ASSIGNED[task.function]
    return row_of(relation, who) or RightsOfRelation({}, Sensitive.NONE)


def row_of(relation: str, who: Who) -> RightsOfRelation | None:
    """Return the row of the table for a relation; None for one that a grant or a task says more of."""
    return MATRIX.get(f"responsible_{min(who.level, 2)}" if relation == "responsible" else relation)


def _covers(access: Access, need: Need) -> bool:
    held = zip(access.relations, access.rights, strict=True)
    sections = (need.section, *need.also)
    cells = [r.right(s) for name, r in held if not need.relations or name in need.relations for s in sections]
    if need.verb == "write":
        return any(cell.write for cell in cells)
    if need.verb == "contacts":
        return any(cell.write or cell.contacts for cell in cells)
    if need.verb == "authorise":
        return any(cell.authorise for cell in cells)
    return any(cell.scope is not Scope.NOTHING for cell in cells)
