"""The law's exceptions from a family's right to read who looked: classifier log_exceptions, put to one act."""

from collections.abc import Sequence
from datetime import timedelta

from auth.access import Opened
from documents.acts import Act
from documents.audit import AuditEntry
from documents.classifiers import LogException, classifiers
from documents.dossier import Grant
from documents.event import Event
from documents.model import day_of
from documents.person import Role

Institution = tuple[str, str]  # id and type; without a type where the role is not known any more


def exceptions_in_force(opened: Opened) -> list[LogException]:
    """Return the exceptions of today: the page tells every family all of them, so that none tells anything."""
    return classifiers().log_exceptions.in_force(day_of(opened.now))


def exception_for(opened: Opened, entry: AuditEntry, role: Role | None, hidden: Sequence[Event]) -> LogException | None:
    """Return what keeps this act from the family member who reads, the strictest; `hidden` are entries kept back."""
    found = [one for one in exceptions_in_force(opened) if _holds(one, opened, entry, role, hidden)]
    return min(found, key=lambda one: one.shown != "omitted", default=None)


def grant_of(opened: Opened, entry: AuditEntry) -> Grant | None:
    """The grant whose giving or taking back an entry records."""
    if entry.act not in (Act.ACCESS_GRANTED, Act.ACCESS_REVOKED):
        return None
    return next((grant for grant in opened.dossier.grants if grant.id == entry.subject), None)


def _holds(one: LogException, opened: Opened, entry: AuditEntry, role: Role | None, hidden: Sequence[Event]) -> bool:
    if one.days and day_of(opened.now) > day_of(entry.at) + timedelta(days=one.days):
        return False
    if one.acts and entry.act not in one.acts:
        return False
    grant = grant_of(opened, entry)
    if one.purposes and not {entry.purpose, grant.purpose if grant else None} & set(one.purposes):
        return False
    if one.condition == "refused":
        return entry.outcome == "refused" and (not one.institution_types or bool(_named(one, entry, role, grant)))
    if one.condition == "always":
        return not one.institution_types or bool(_named(one, entry, role, grant))
    institutions = _named(one, entry, role, grant)
    if one.condition == "protected_child":
        return opened.dossier.child.protected and bool(institutions)
    return bool(institutions & {event.institution_id for event in hidden})


def _named(one: LogException, entry: AuditEntry, role: Role | None, grant: Grant | None) -> set[str]:
    """Ids of the institutions the line would name, who acted and who got access, as far as the exception is theirs.

    Of what type somebody was whose role is gone nobody knows any more: that must not open anything.
    """
    institutions: list[Institution] = []
    if role:
        institutions.append((role.institution_id, role.institution_type))
    elif entry.institution_id:
        institutions.append((entry.institution_id, ""))
    if grant and grant.to:
        institutions.append((grant.to.institution_id, grant.to.institution_type))
    return {known for known, of_type in institutions if _is_of(one, of_type)}


def _is_of(one: LogException, institution_type: str) -> bool:
    if not one.institution_types or not institution_type:
        return True
    return any(classifiers().is_type(institution_type, wider) for wider in one.institution_types)
