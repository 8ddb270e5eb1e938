"""What the top bar says of who is signed in."""

from dataclasses import dataclass

from auth.permissions import Permission
from auth.policy import may
from auth.who import Who
from documents.classifiers import classifiers


@dataclass(frozen=True)
class Viewer:
    """Name, role and what the menu offers."""

    name: str
    initials: str
    role_title: str
    institution_name: str
    roles_count: int
    level: int
    family: bool
    searches: bool  # whether the search for a child is shown
    administers: bool  # whether the menu offers a steward's pages
    oversees: bool  # whether the menu offers the cases of the own staff
    decisions: bool  # whether the menu offers the orphan's court's list
    analytics: bool  # whether the menu offers figures for governance
    reports: bool  # whether reports of concerns are: to make, to decide, or to see decided in time
    requests: bool  # whether requests for access are: to make, to decide, or to see decided in time


def viewer_of(who: Who, language: str) -> Viewer:
    """Return the viewer for the top bar in the given language."""
    role = who.role
    return Viewer(
        name=who.person.name,
        initials=f"{who.person.given_name[:1]}{who.person.family_name[:1]}".upper(),
        role_title=classifiers().positions[role.position].label(language) if role else "",
        institution_name=role.institution_name if role else "",
        roles_count=len(who.roles) + bool(who.person.children),
        level=who.level,
        family=who.in_family_role,
        searches=who.level in (1, 2),
        administers="administers" in who.may,
        oversees=may(who, Permission.OVERSIGHT).allowed,
        decisions=may(who, Permission.DECISIONS_LIST).allowed,
        analytics=may(who, Permission.ANALYTICS_READ).allowed,
        reports=may(who, Permission.REPORTS_READ).allowed,
        requests=who.level in (1, 2, 3) or may(who, Permission.ACCESS_ASK).allowed,
    )
