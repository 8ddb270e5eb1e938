"""What the log of a dossier shows to whom: nothing that gives away an entry the reader does not see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from auth.access import Opened
from auth.matrix import Scope
from auth.permissions import Section
from auth.place import is_family
from documents.acts import Act
from documents.audit import AuditEntry
from documents.classifiers import classifiers
from documents.event import Event
from documents.involvement import Professional
from documents.person import Person, Role
from portal.dossier.seen import Seen

# Acts on one entry or file: where that is hidden, so is the act.
_OF_ENTRIES = ("event.", "file.")
# Institutions whose look, beside an entry kept from the family, would tell of an investigation.
_INVESTIGATE = {"interior", "justice"}

# Of whom the door was closed to, the family is not told.
_DENIALS = {Act.ACCESS_DENIED, Act.DENIAL_LIFTED, Act.DENIAL_REVIEWED}


@dataclass(frozen=True)
class LogLine:
    """One act; `times` where the entries of one search are shown as one."""

    entry: AuditEntry
    person: Person | None
    role: Role | None
    times: int = 1


def own_staff_only(opened: Opened) -> bool:
    """A head sees the accesses of the own staff, nobody else's."""
    return opened.access.scopes(Section.ACCESS_LOG) == {Scope.OWN}


def log_lines(
    opened: Opened, seen: Sequence[Seen], entries: Sequence[AuditEntry], people: Mapping[str, Person]
) -> list[LogLine]:
    """Return the lines this reader may see, in the order given; those of one search become one."""
    shown = {one.event.id for one in seen} | {a.file_id for one in seen for a in one.event.attachments}
    hidden = [event for event in opened.dossier.events if event.id not in shown]
    lines: list[LogLine] = []
    for entry in entries:
        person = people.get(entry.person_id or "")
        role = next((role for role in person.roles if role.id == entry.role_id), None) if person else None
        if not _visible(opened, entry, role, hidden, shown):
            continue
        cleaned = _without_hidden_subject(entry, hidden)
        before = lines[-1] if lines else None
        if before and entry.series and before.entry.series == entry.series and before.entry.act == entry.act:
            lines[-1] = LogLine(before.entry, before.person, before.role, before.times + 1)
        else:
            lines.append(LogLine(cleaned, person, role))
    return lines


def _visible(
    opened: Opened, entry: AuditEntry, role: Role | None, hidden: Sequence[Event], shown: Collection[str]
) -> bool:
    if entry.person_id is None:
        return False  # work of the system itself: nobody looked
    if entry.act.startswith(_OF_ENTRIES) and entry.subject and entry.subject not in shown:
        return False
    if own_staff_only(opened):
        return _of_own_staff(opened, entry, role)
    if not is_family(opened.access):
        return True
    return not _tells_of_investigation(entry, role, hidden) and not _grants_to_investigators(opened, entry, hidden)


def _of_own_staff(opened: Opened, entry: AuditEntry, role: Role | None) -> bool:
    """The own institution; for the head of a unit the own subtree."""
    who = opened.who
    if entry.institution_id != who.institution_id:
        return False
    return who.role is None or who.role.unit_id is None or (role is not None and role.unit_id in who.subtree)


def _tells_of_investigation(entry: AuditEntry, role: Role | None, hidden: Sequence[Event]) -> bool:
    """Refused attempts, denials; police or court looking in while they wrote what the family does not see."""
    if entry.outcome == "refused" or entry.act in _DENIALS:
        return True
    if role is None:
        return False
    domain = classifiers().institution_types[role.institution_type].domain
    return domain in _INVESTIGATE and any(event.institution_id == role.institution_id for event in hidden)


def _grants_to_investigators(opened: Opened, entry: AuditEntry, hidden: Sequence[Event]) -> bool:
    """Access given to those who have written what the family does not see tells as much as their own look."""
    to = granted_to(opened, entry)
    if to is None:
        return False
    domain = classifiers().institution_types[to.institution_type].domain
    return domain in _INVESTIGATE and any(event.institution_id == to.institution_id for event in hidden)


def granted_to(opened: Opened, entry: AuditEntry) -> Professional | None:
    """Who got or lost the access an entry speaks of."""
    if entry.act not in (Act.ACCESS_GRANTED, Act.ACCESS_REVOKED):
        return None
    return next((grant.to for grant in opened.dossier.grants if grant.id == entry.subject), None)


def _without_hidden_subject(entry: AuditEntry, hidden: Sequence[Event]) -> AuditEntry:
    """A look at an entry the reader does not see is shown as a look at the dossier."""
    if entry.subject and any(event.id == entry.subject for event in hidden):
        return entry.model_copy(update={"subject": None})
    return entry
