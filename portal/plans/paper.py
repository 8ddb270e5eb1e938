"""What the plan's file says, from the page's own view of it: nobody gets more on paper than on the screen."""

from dataclasses import dataclass

from auth.access import Opened
from auth.matrix import Scope
from auth.permissions import Permission, Section
from auth.place import is_family
from documents.plan import Plan
from portal.dossier.header import manager_contact
from portal.formats import date_text, datetime_text
from portal.plans.meeting import next_meeting
from portal.plans.team import team_view
from portal.plans.view import PlanView, plan_view
from portal.translations import gettext


@dataclass(frozen=True)
class Paper:
    """The words of the file; `number` stands in its properties instead of the name."""

    title: str
    number: str
    child: str
    plan: PlanView
    meeting: str
    helpers: list[str]
    saved: str


def paper_of(opened: Opened, plan: Plan) -> Paper:
    """Return what this reader's file says."""
    child = opened.dossier.child
    named = bool(opened.access.scopes(Section.BASE))
    born = {"name": child.name, "date": date_text(child.birth_date)}
    known = {"initials": child.initials, "year": child.birth_date.year}
    met = next_meeting(opened)
    by = opened.who.signed
    return Paper(
        title=gettext("Support plan, version %(number)s") % {"number": plan.number},
        number=opened.dossier.short_id,
        child=gettext("%(name)s, born %(date)s") % born if named else gettext("%(initials)s, born in %(year)s") % known,
        plan=plan_view(opened, plan),
        meeting=", ".join(part for part in (datetime_text(met[0]), met[1]) if part) if met and shows(opened) else "",
        helpers=_helpers(opened),
        saved=gettext("Saved by %(name)s, %(date)s") % {"name": by, "date": datetime_text(opened.now)},
    )


def shows(opened: Opened) -> bool:
    """Who reads of the meeting and the team: the family and those who read the plan's words, not a head."""
    return (
        is_family(opened.access) or Scope.ALL in opened.access.scopes(Section.PLAN) or opened.can(Permission.PLAN_TASK)
    )


def _helpers(opened: Opened) -> list[str]:
    if not shows(opened):
        return []
    manager = manager_contact(opened, opened.dossier.case_manager)
    lines = []
    if manager:
        reach = (manager.name, gettext("case manager"), manager.institution, manager.phone, manager.email)
        lines.append(", ".join(part for part in reach if part))
    for member in team_view(opened):
        since = gettext("since %(date)s") % {"date": date_text(member.since)}
        lines.append(", ".join(part for part in (member.name, member.function, member.place, since) if part))
    return lines
