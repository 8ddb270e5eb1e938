"""The log in words: when, who, where from, what was looked at, why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auth.access import Opened
from auth.place import is_family
from documents.audit import AuditEntry
from documents.classifiers import LogException, Row, classifiers
from portal.access_log.exceptions import exceptions_in_force, grant_of
from portal.access_log.rules import LogLine, own_staff_only
from portal.dossier.base_data import source_name
from portal.translations import N_, gettext, language

ACTS = {
    "audit.searched": N_("searched the audit log"),
    "access.explained": N_("asked why somebody may or may not look"),
    "dossier.read": N_("looked at the dossier"),
    "desk.read": N_("saw the child in the list on the own desk"),
    "search.answered": N_("found the child while searching"),
    "search.nation": N_("asked whether there is a dossier"),
    "base.changed": N_("corrected base data"),
    "contacts.changed": N_("corrected contacts"),
    "access.asked": N_("asked for access"),
    "access.granted": N_("gave somebody access"),
    "access.refused": N_("refused access"),
    "access.revoked": N_("took access back"),
    "access.denied": N_("denied somebody access"),
    "access_requests.read": N_("read a request for access"),
    "decision.changed": N_("changed a draft of a decision"),
    "decision.discarded": N_("deleted a draft of a decision"),
    "decision.drafted": N_("wrote a draft of a decision"),
    "decision.issued": N_("issued a decision"),
    "decision.read": N_("read decisions"),
    "decision.saved": N_("saved a decision as a file"),
    "decisions.listed": N_("saw the child in the orphan's court's list"),
    "denial.lifted": N_("lifted a denial"),
    "denial.reviewed": N_("reviewed a denial"),
    "emergency.opened": N_("opened the dossier in an emergency"),
    "emergency.reviewed": N_("reviewed an emergency access"),
    "assessment.added": N_("completed an assessment"),
    "assessment.corrected": N_("corrected an assessment"),
    "assessment.withdrawn": N_("withdrew an assessment"),
    "event.added": N_("added an entry"),
    "event.corrected": N_("corrected an entry"),
    "event.withdrawn": N_("withdrew an entry"),
    "file.read": N_("opened a document"),
    "level.changed": N_("changed the prevention level"),
    "notices.read": N_("saw the child named in the own notices"),
    "manager.accepted": N_("took over the leading of the case"),
    "manager.declined": N_("declined to lead the case"),
    "manager.named": N_("named a case manager"),
    "message.sent": N_("wrote a message"),
    "oversight.read": N_("saw the case in the list of cases of the own staff"),
    "question.asked": N_("asked one of the staff about the case"),
    "question.closed": N_("closed a question about the case"),
    "people.named": N_("named who is responsible"),
    "plan.begun": N_("began a new version of the plan"),
    "plan.changed": N_("changed the plan"),
    "plan.in_force": N_("put the plan in force"),
    "plan.proposed": N_("proposed the plan to the family"),
    "plan.taken_back": N_("took the proposed plan back to change it"),
    "plan.saved": N_("saved the plan as a file"),
    "meeting.set": N_("set when everybody meets about the plan"),
    "team.changed": N_("changed who is in the team"),
    "plan.word": N_("wrote down the family's word on the plan"),
    "task.reported": N_("said how a task of the plan goes"),
    "tasks.read": N_("saw the own tasks for the child"),
    "technical.read": N_("asked for named data through the interface between systems"),
    "need.identified": N_("identified a need"),
    "concern.reported": N_("reported a concern"),
    "report.acknowledged": N_("acknowledged a report of a concern"),
    "report.child_named": N_("said which child a report is about"),
    "report.decided": N_("decided a report of a concern"),
    "report.handed_over": N_("handed a report of a concern to somebody else"),
    "report.noted": N_("took note of a report of a concern"),
    "reports.read": N_("read a report of a concern"),
}
TRIED = N_("tried to open the dossier")
OTHER_ACT = N_("did something else with the dossier")


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line; ids are there for the filters, names as far as the reader may see them."""

    at: datetime
    who: str
    title: str
    institution: str
    person_id: str
    institution_id: str
    act: str
    subject_href: str
    sections: tuple[str, ...]
    why: str
    times: int
    refused: bool


@dataclass(frozen=True, slots=True)
class LogView:
    """The page of the log."""

    rows: tuple[LogRow, ...]
    names_staff: bool
    own_staff: bool
    kept_back: tuple[tuple[str, str], ...]  # for families: what the law keeps back, and its ground


def log_view(opened: Opened, lines: Sequence[LogLine]) -> LogView:
    """Return the page; families read institution, section, time and reason, not staff."""
    family = is_family(opened.access)
    shown = {event.id for event in opened.dossier.events}
    rows = tuple(_row(opened, line, shown, family=family) for line in lines)
    return LogView(rows, not family, own_staff_only(opened), _kept_back(opened) if family else ())


def _kept_back(opened: Opened) -> tuple[tuple[str, str], ...]:
    return tuple((one.label(language()), _ground(one)) for one in exceptions_in_force(opened))


def _ground(exception: LogException) -> str:
    return "; ".join(classifiers().cite(clause, language()) for clause in exception.legal_basis)


def _row(opened: Opened, line: LogLine, events: set[str], *, family: bool) -> LogRow:
    entry, person, role, by_law = line.entry, line.person, line.role, line.by_law
    own = entry.person_id == opened.who.person_id
    of_family = person is not None and role is None and entry.role_id is None
    named = person is not None and (own or not family)
    return LogRow(
        at=entry.at,
        who=person.name if named and person else gettext("a member of the family") if of_family else "",
        title=_label(classifiers().positions, role.position) if role and not family else "",
        institution=role.institution_name if role and not by_law else gettext("an authority, by law") if by_law else "",
        person_id=entry.person_id or "" if not family else "",
        institution_id=entry.institution_id or "" if not by_law else "",
        act=_act(entry, "" if by_law else _to_whom(opened, entry)),
        subject_href=f"/dossiers/{opened.dossier.id}/events/{entry.subject}" if entry.subject in events else "",
        sections=tuple(_label(classifiers().sections, section) for section in entry.sections),
        why=_ground(by_law) if by_law else _why(entry.relation, entry.purpose),
        times=line.times,
        refused=entry.outcome == "refused",
    )


def _to_whom(opened: Opened, entry: AuditEntry) -> str:
    """The institution that got or lost access: families read it too, without the person."""
    grant = grant_of(opened, entry)
    return grant.to.institution_name if grant and grant.to else ""


def _act(entry: AuditEntry, institution: str = "") -> str:
    if institution and entry.act == "access.granted":
        return gettext("gave access to: %(institution)s") % {"institution": institution}
    if institution and entry.act == "access.revoked":
        return gettext("took back the access of: %(institution)s") % {"institution": institution}
    if entry.outcome == "refused" and entry.act == "dossier.read":
        return gettext(TRIED)
    return gettext(ACTS.get(entry.act, OTHER_ACT))


def _why(relation: str | None, purpose: str | None) -> str:
    """The purpose where it was asked, else the relation it follows from."""
    if purpose:
        return _label(classifiers().purposes, purpose)
    return _label(classifiers().relations, relation.partition(":")[0]) if relation else ""


def _label(table: Mapping[str, Row], code: str) -> str:
    return table[code].label(language()) if code in table else source_name(code)
