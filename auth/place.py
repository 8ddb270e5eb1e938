"""Where a protected child is: told to those who work with the child, kept from the family (access.md, "Visibility")."""

from auth.policy import Access
from documents.dossier import Dossier

FAMILY = frozenset({"parent", "self"})
_WORKS_WITH = frozenset({"case_manager", "family_case_manager", "team", "responsible", "emergency"})
_LEADS = _WORKS_WITH - {"responsible"}


def is_family(access: Access) -> bool:
    """Whether somebody reads as the child or its family, not as a professional."""
    return bool(access.relations) and FAMILY.issuperset(access.relations)


def place_hidden(access: Access, dossier: Dossier) -> bool:
    """Whether institutions that tell the place are hidden: of a protected child, from all of the family."""
    return dossier.child.protected and is_family(access)


def knows_place(access: Access, dossier: Dossier) -> bool:
    """Whether somebody may read school, doctor and addresses: of a protected child only who works with it."""
    return not dossier.child.protected or not _WORKS_WITH.isdisjoint(access.relations)


def reads_protected_address(access: Access) -> bool:
    """Whether somebody may read the protected address itself: the managers, the team, who helps in an emergency."""
    return not _LEADS.isdisjoint(access.relations)
