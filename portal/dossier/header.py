"""The child's band on every dossier page, as far as the viewer may see it."""

from collections.abc import Sequence
from typing import Literal, cast

from auth.access import Opened
from auth.matrix import Scope
from auth.permissions import Permission, Section
from auth.place import knows_place, place_hidden
from documents.involvement import CaseManager
from documents.model import day_of
from portal.dossier.seen import Seen, documents_in, seen_in_any_order
from portal.dossier.view import Alert, ChildHeader, Contact, Sex, dossier_tabs
from portal.formats import age_text, datetime_text
from portal.translations import gettext

HELPLINE = "116 111"  # the national one: it tells nobody where a protected child is
SEXES: dict[str, Sex] = {"f": "female", "m": "male"}
TABS = {
    "overview": Permission.BASE_READ,
    "timeline": Permission.TIMELINE_READ,
    "assessments": Permission.ASSESSMENTS_READ,
    "plan": Permission.PLAN_READ,
    "family": Permission.FAMILY_READ,
    "documents": Permission.DOCUMENTS_READ,
    "decisions": Permission.DECISIONS_READ,
    "access-log": Permission.ACCESS_LOG_READ,
    "naming": Permission.PEOPLE_NAME,
    "team": Permission.TEAM_EDIT,
    "messages": Permission.MESSAGES_READ,
}


def header_of(opened: Opened, seen: Sequence[Seen] | None = None) -> ChildHeader:
    """Return the band: name, birth date and school only for whoever reads base data, tabs as far as rights go.

    `seen` are the entries of the whole life, where the page has worked them out already.
    """
    dossier, child = opened.dossier, opened.dossier.child
    today = day_of(opened.now)
    named = bool(opened.access.scopes(Section.BASE))
    level = cast(Literal[1, 2, 3, 4], dossier.level) if dossier.opened else None
    since = day_of(dossier.levels[-1].at) if dossier.levels else None
    return ChildHeader(
        id=dossier.id,
        number=dossier.short_id,
        name=child.name if named else child.initials,
        initials=child.initials,
        sex=SEXES.get(child.sex, "unknown"),
        age=age_text(child.birth_date, today) if named else "",
        birth_year=child.birth_date.year,
        birth_date=child.birth_date if named else None,
        approximate=child.birth_date_approximate,
        school=school_of(opened) if named else None,
        level=level,
        level_since=since,
        case_manager=manager_contact(opened, dossier.case_manager),
        alerts=tuple(_alerts(opened)),
        tabs=dossier_tabs(dossier.id, _counts(opened, seen), {t for t, p in TABS.items() if opened.can(p)}),
    )


def manager_contact(opened: Opened, manager: CaseManager | None) -> Contact | None:
    """The case manager and how to reach them; of a protected child families see no institution that tells the place."""
    if manager is None:
        return None
    initials = "".join(part[:1] for part in manager.name.split()[:2]).upper()
    if place_hidden(opened.access, opened.dossier):
        return Contact(manager.name, initials, gettext("Children's helpline, day and night"), HELPLINE)
    return Contact(manager.name, initials, manager.institution_name, manager.phone or None, manager.email or None)


def school_of(opened: Opened) -> str | None:
    """The school as a clause of the sentence under the name; hidden where it would tell a protected place."""
    school = opened.dossier.base.get("school")
    if school is None or not school.value or not knows_place(opened.access, opened.dossier):
        return None
    group = opened.dossier.base.get("class")
    if group and group.value:
        return gettext("class %(class)s, %(school)s") % {"class": group.value, "school": school.value}
    return school.value


def _counts(opened: Opened, seen: Sequence[Seen] | None) -> dict[str, int]:
    """How many entries and documents this viewer will find behind the tabs: never more than they may see.

    Where part of the life lies in the archive and was not read, no count is better than a wrong one.
    """
    if seen is None:
        if opened.dossier.archived:
            return {}
        seen = list(seen_in_any_order(opened))
    return {"timeline": len(seen), "documents": documents_in(seen)}


def _alerts(opened: Opened) -> list[Alert]:
    alerts = []
    if opened.dossier.child.protected:
        alerts.append(
            Alert(
                "danger",
                gettext("Protected address."),
                gettext("Do not tell anybody where the child lives, learns or is treated."),
            )
        )
    if opened.dossier.child.provisional and Scope.ALL in opened.access.scopes(Section.BASE):
        alerts.append(
            Alert(
                "warning",
                gettext("Provisional identity."),
                gettext("No Latvian personal code is known. Once it is, the dossier is joined with the register's."),
            )
        )
    if "emergency" in opened.access.relations:
        alerts.append(_emergency(opened))
    if Scope.ALL in opened.access.scopes(Section.FAMILY):
        alerts += [
            Alert("warning", gettext("Contact with %(name)s is limited.") % {"name": r.name}, r.note)
            for r in opened.dossier.relationships
            if any(role.role == "contact_limited" and role.covers(day_of(opened.now)) for role in r.legal_roles)
        ]
    if opened.dossier.case_manager is None:
        alerts.append(Alert("warning", gettext("No case manager yet."), gettext("Somebody has to take the lead.")))
    return alerts


def _emergency(opened: Opened) -> Alert:
    """By what right this is read, for how long yet, and the way to say what was done."""
    role = opened.who.role.id if opened.who.role else ""
    mine = next((e for e in opened.dossier.emergencies if e.role_id == role and e.in_force(opened.now)), None)
    told = gettext("You read this dossier by emergency access. The case manager knows and will review it.")
    if mine is None:
        return Alert("danger", gettext("Emergency access."), told)
    minutes = max(0, int((mine.until - opened.now).total_seconds() // 60))
    left = gettext("It ends on %(moment)s, in %(hours)s h %(minutes)s min.") % {
        "moment": datetime_text(mine.until),
        "hours": minutes // 60,
        "minutes": minutes % 60,
    }
    if mine.event_id:
        return Alert("danger", gettext("Emergency access."), f"{told} {left}")
    address = f"/dossiers/{opened.dossier.id}/emergency-help"
    return Alert("danger", gettext("Emergency access."), f"{told} {left}", address, gettext("Write what you did"))
