"""What becomes of the true dossier when a provisional one is joined with it: nothing said in either is lost.

Where both know the same thing, the true dossier's word stands and the provisional one's stays beside it. What
protects a child – a denial, a protected address, the end of custody – counts from whichever side it comes.
"""

from datetime import datetime

from documents.child import BaseField, Child, Mismatch
from documents.dossier import RECENT_KEPT, Dossier, LevelChange
from documents.family import Relationship
from documents.involvement import CaseManager, TeamMember
from documents.model import day_of
from documents.plan import Plan, doers_of, due_of, in_force, in_work

HERE = "atbalsts"
LED_BEFORE = "gadījuma vadītājs līdz profilu apvienošanai"  # a function, as people write it: in Latvian
# What is told twice is the same by these; the rest is simply put together.
PARTS = (
    *("child", "municipality", "base", "protected_address", "protected_residence", "protected_from"),
    *("relationships", "involvements", "case_manager", "next_manager", "family_case_manager", "team"),
    *("opened", "level", "levels"),
    *("needs", "summary", "assessments", "recent", "grants", "denials", "emergencies"),
    *("group", "assignments", "writers", "addressees", "plans", "meeting", "doers", "due", "touched"),
)


def merged(true: Dossier, provisional: Dossier, now: datetime) -> Dossier:
    """Return the true dossier with everything of the provisional one but its entries (and sealed addresses)."""
    plans = _plans(true.plans, provisional.plans, now)
    update: dict[str, object] = {
        "child": _child(true.child, provisional.child),
        "municipality": true.municipality or provisional.municipality,
        "base": _base(true.base, provisional.base),
        "protected_residence": true.protected_residence or provisional.protected_residence,
        "protected_from": sorted({*true.protected_from, *provisional.protected_from}),
        "relationships": _relationships(true.relationships, provisional.relationships),
        "involvements": [*true.involvements, *provisional.involvements],
        "case_manager": true.case_manager or provisional.case_manager,
        "next_manager": true.next_manager or provisional.next_manager,
        "family_case_manager": true.family_case_manager or provisional.family_case_manager,
        "team": _team(true, provisional, now),
        "opened": min((d.opened for d in (true, provisional) if d.opened), default=None),
        "needs": [*true.needs, *provisional.needs],
        "summary": true.summary or provisional.summary,
        "recent": sorted([*true.recent, *provisional.recent], key=lambda change: change.at)[-RECENT_KEPT:],
        "assessments": [*true.assessments, *provisional.assessments],
        "grants": [*true.grants, *provisional.grants],
        "denials": [*true.denials, *provisional.denials],
        "emergencies": [*true.emergencies, *provisional.emergencies],
        "group": [*true.group, *provisional.group],
        "assignments": [*true.assignments, *provisional.assignments],
        "writers": sorted({*true.writers, *provisional.writers}),
        "addressees": sorted({*true.addressees, *provisional.addressees}),
        "plans": plans,
        "meeting": true.meeting or provisional.meeting,
        "doers": doers_of(plans),
        "due": due_of(plans),
        "touched": max((d.touched for d in (true, provisional) if d.touched), default=None),
    }
    return true.model_copy(update=update | _level(true, provisional, now))


def _plans(true: list[Plan], provisional: list[Plan], now: datetime) -> list[Plan]:
    """All versions in the order they were begun; of two in force, or in work, the true dossier's goes on."""
    taken = {state for plan in (in_force(true), in_work(true)) if plan for state in _rivals(plan.state)}
    closed = {"state": "replaced", "replaced_at": now}
    others = [plan.model_copy(update=closed) if plan.state in taken else plan for plan in provisional]
    in_order = sorted([*true, *others], key=lambda plan: plan.begun_at)
    return [plan.model_copy(update={"number": number}) for number, plan in enumerate(in_order, 1)]


def _rivals(state: str) -> tuple[str, ...]:
    return ("draft", "proposed") if state in ("draft", "proposed") else (state,)


def _child(true: Child, provisional: Child) -> Child:
    update = {
        "protected": true.protected or provisional.protected,
        "person_id": true.person_id or provisional.person_id,
        "sex": true.sex or provisional.sex,
    }
    return true.model_copy(update=update)


def _base(true: dict[str, BaseField], provisional: dict[str, BaseField]) -> dict[str, BaseField]:
    base = dict(true)
    for name, field in provisional.items():
        if name not in base:
            base[name] = field
        elif field.value and field.value != base[name].value:
            word = field.said_here or Mismatch(source=field.source, value=field.value, as_of=field.as_of, by=field.by)
            of_people = word.source == HERE and base[name].source != HERE
            slot = "said_here" if of_people else "mismatch"
            if getattr(base[name], slot) is None:
                base[name] = base[name].model_copy(update={slot: word, "version": base[name].version + 1})
    return base


def same_people(true: list[Relationship], provisional: list[Relationship]) -> dict[str, str]:
    """Who is the same person or other child: by the provisional line's id the true one's."""
    found = {_whom(r): r.id for r in true if _whom(r)}
    return {r.id: found[_whom(r)] for r in provisional if _whom(r) in found}


def _relationships(true: list[Relationship], provisional: list[Relationship]) -> list[Relationship]:
    """Everybody once: who is the same keeps the true one's line, with all legal roles."""
    same = same_people(true, provisional)
    added = [_relinked(r, same) for r in provisional if r.id not in same]
    told = {same[r.id]: r for r in provisional if r.id in same}
    return [*(_with_roles(r, told[r.id]) if r.id in told else r for r in true), *added]


def _whom(relationship: Relationship) -> str:
    return relationship.person_id or relationship.dossier_id or ""


def _with_roles(true: Relationship, told: Relationship) -> Relationship:
    roles = [*true.legal_roles, *(role for role in told.legal_roles if role not in true.legal_roles)]
    return true if roles == true.legal_roles else true.model_copy(update={"legal_roles": roles})


def _relinked(relationship: Relationship, same: dict[str, str]) -> Relationship:
    parents = [same.get(parent, parent) for parent in relationship.parent_ids]
    partner = relationship.partner_of and same.get(relationship.partner_of, relationship.partner_of)
    return relationship.model_copy(update={"parent_ids": parents, "partner_of": partner})


def _team(true: Dossier, provisional: Dossier, now: datetime) -> list[TeamMember]:
    """Both teams; who led the provisional case beside another manager goes on as a member of the team."""
    known = {member.role_id for member in true.team if member.to is None}
    team = [*true.team, *(m for m in provisional.team if m.to is not None or m.role_id not in known)]
    for left, stays in (
        (provisional.case_manager, true.case_manager),
        (provisional.family_case_manager, true.family_case_manager),
    ):
        if left and stays and left.accepted and left.role_id not in {stays.role_id, *known}:
            team.append(_member(left, now))
    return team


def _member(manager: CaseManager, now: datetime) -> TeamMember:
    values = manager.model_dump(exclude={"since", "accepted"})
    return TeamMember(**values, function=LED_BEFORE, since=day_of(now), sees_sensitive=True)


def _level(true: Dossier, provisional: Dossier, now: datetime) -> dict[str, object]:
    """The higher level holds until somebody decides otherwise; the history tells whose it was."""
    levels = sorted([*true.levels, *provisional.levels], key=lambda change: change.at)
    level = max(true.level, provisional.level)
    if levels and levels[-1].level != level:
        higher = provisional if provisional.level == level else true
        last = higher.levels[-1] if higher.levels else LevelChange(level=level, at=now)
        levels.append(last.model_copy(update={"at": now}))
    return {"level": level, "levels": levels}
