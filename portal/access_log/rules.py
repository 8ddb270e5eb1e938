"""What the log of a dossier shows to whom: nothing that gives away an entry the reader does not see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from auth.access import Opened
from auth.matrix import Scope
from auth.permissions import Section
from auth.place import is_family
from documents.acts import Act
from documents.audit import AuditEntry
from documents.classifiers import LogException
from documents.event import Event
from documents.person import Person, Role
from portal.access_log.exceptions import exception_for
from portal.dossier.seen import Seen

# Acts on one entry or file: where that is hidden, so is the act.
_OF_ENTRIES = ("event.", "file.")

# Who reported a child, and who read and decided it: of the dossier's readers only the case manager is told. A school's
# head would else read it among the own staff's acts, a family among those who looked.
_OF_REPORTS = {
    Act.CONCERN_REPORTED,
    Act.REPORT_ACKNOWLEDGED,
    Act.REPORT_CHILD_NAMED,
    Act.REPORT_DECIDED,
    Act.REPORT_HANDED_OVER,
    Act.REPORT_NOTED,
    Act.REPORTS_READ,
}


@dataclass(frozen=True)
class LogLine:
    """One act; `times` where the entries of one search are shown as one. `by_law`: its institution is not named."""

    entry: AuditEntry
    person: Person | None
    role: Role | None
    times: int = 1
    by_law: LogException | None = None


def own_staff_only(opened: Opened) -> bool:
    """A head sees the accesses of the own staff, nobody else's."""
    return opened.access.scopes(Section.ACCESS_LOG) == {Scope.OWN}


def log_lines(
    opened: Opened,
    seen: Sequence[Seen],
    entries: Sequence[AuditEntry],
    people: Mapping[str, Person],
    *,
    of_institution: bool = False,
) -> list[LogLine]:
    """Return the lines this reader may see, in the order given; those of one search become one.

    `of_institution`: the reader asked for one institution; what does not name it must not answer either.
    """
    shown = {one.event.id for one in seen} | {a.file_id for one in seen for a in one.event.attachments}
    hidden = [event for event in opened.dossier.events if event.id not in shown]
    lines: list[LogLine] = []
    for entry in entries:
        person = people.get(entry.person_id or "")
        role = next((role for role in person.roles if role.id == entry.role_id), None) if person else None
        if not _visible(opened, entry, role, shown):
            continue
        by_law = exception_for(opened, entry, role, hidden) if is_family(opened.access) else None
        if by_law and (by_law.shown == "omitted" or of_institution):
            continue
        cleaned = _without_hidden_subject(entry, hidden)
        before = lines[-1] if lines else None
        if before and entry.series and before.entry.series == entry.series and before.entry.act == entry.act:
            lines[-1] = replace(before, times=before.times + 1)
        else:
            lines.append(LogLine(cleaned, person, role, by_law=by_law))
    return lines


def _visible(opened: Opened, entry: AuditEntry, role: Role | None, shown: Collection[str]) -> bool:
    if entry.person_id is None:
        return False  # work of the system itself: nobody looked
    if entry.act.startswith(_OF_ENTRIES) and entry.subject and entry.subject not in shown:
        return False
    if entry.act in _OF_REPORTS and "case_manager" not in opened.access.relations:
        return False
    if own_staff_only(opened):
        return _of_own_staff(opened, entry, role)
    return True


def _of_own_staff(opened: Opened, entry: AuditEntry, role: Role | None) -> bool:
    """The own institution; for the head of a unit the own subtree."""
    who = opened.who
    if entry.institution_id != who.institution_id:
        return False
    return who.role is None or who.role.unit_id is None or (role is not None and role.unit_id in who.subtree)


def _without_hidden_subject(entry: AuditEntry, hidden: Sequence[Event]) -> AuditEntry:
    """A look at an entry the reader does not see is shown as a look at the dossier."""
    if entry.subject and any(event.id == entry.subject for event in hidden):
        return entry.model_copy(update={"subject": None})
    return entry
