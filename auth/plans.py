"""How much of a support plan somebody sees: all of it, goals and own tasks, own tasks, states and windows, or less."""

from collections.abc import Callable
from datetime import date

from auth.entries import Sight, withheld_from
from auth.matrix import RightsOfRelation, Scope
from auth.permissions import Permission, Section
from auth.policy import Access
from auth.who import Who
from documents.dossier import Dossier
from documents.plan import Doer, Goal, Item, Plan, Task

SeePlan = Callable[[Plan, Item], Sight]


def plan_seer(who: Who, access: Access, dossier: Dossier, today: date) -> SeePlan:
    """Return the rule that says how much of a line of a plan the person sees: the most any of the relations gives."""
    ways = [_by(who, rights, dossier, today) for rights in access.rights if rights.entries_of is None]
    return lambda plan, item: max((see(plan, item) for see in ways), default=Sight.NOTHING)


def sees_version(access: Access, plan: Plan) -> bool:
    """A draft is for those who read the whole plan; the family and others see it once it is proposed."""
    scopes = access.scopes(Section.PLAN)
    return Scope.ALL in scopes or (bool(scopes) and plan.state != "draft")


def is_own(who: Who, doer: Doer) -> bool:
    """Whether the task is this person's: by role, by institution, or by person in the family."""
    if doer.kind == "family":
        return who.in_family_role and doer.id == who.person_id
    if doer.kind == "institution":
        return who.institution_id == doer.id
    return who.role is not None and who.role.id == doer.id


def may_report(who: Who, access: Access, task: Task) -> bool:
    """State and result: of the own task, and the case managers' for everybody."""
    return access.may(Permission.PLAN_WRITE) or (access.may(Permission.PLAN_TASK) and is_own(who, task.doer))


def _by(who: Who, rights: RightsOfRelation, dossier: Dossier, today: date) -> SeePlan:
    scope = rights.right(Section.PLAN).scope
    if scope is Scope.FAMILY:
        return _by_family(who, dossier, today)

    def see(plan: Plan, item: Item) -> Sight:
        if scope is Scope.ALL:
            return Sight.FULL
        if plan.state == "draft" or scope is Scope.NOTHING:
            return Sight.NOTHING
        if scope is Scope.LINE:
            return Sight.RECORD if isinstance(item, Task) else Sight.NOTHING
        if isinstance(item, Task):
            return Sight.FULL if is_own(who, item.doer) else Sight.NOTHING
        return Sight.FULL if scope is Scope.GOALS and isinstance(item, Goal) else Sight.NOTHING

    return see


def _by_family(who: Who, dossier: Dossier, today: date) -> SeePlan:
    """What is not withheld, once proposed. Another adult's tasks are that adult's; the young person's are shared."""
    kinds = {r.kind for r in dossier.relationships if r.person_id == who.person_id}
    is_child = dossier.child.person_id == who.person_id

    def hidden(item: Item) -> bool:
        return withheld_from(item, who.person_id, kinds, is_child=is_child, today=today)

    def see(plan: Plan, item: Item) -> Sight:
        if plan.state == "draft" or hidden(item):
            return Sight.NOTHING
        if isinstance(item, Task):
            others = item.doer.kind == "family" and item.doer.id not in (who.person_id, dossier.child.person_id)
            if others or any(hidden(goal) for goal in plan.goals if goal.id == item.goal_id):
                return Sight.NOTHING
        return Sight.FULL

    return see
