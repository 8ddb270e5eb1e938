"""Entries of the audit log in words: staff by name, dossiers by their short number, families without a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from documents.audit import AuditEntry
from documents.classifiers import Row, classifiers
from documents.person import Person, Role
from portal.admin.act_words import ACT_WORDS
from portal.formats import in_riga
from portal.translations import N_, gettext, language

HEADINGS = (
    N_("When"),
    N_("Who"),
    N_("Account"),
    N_("Position"),
    N_("Institution"),
    N_("What"),
    N_("Code of the act"),
    N_("Dossier"),
    N_("Sections"),
    N_("About"),
    N_("Relation"),
    N_("Purpose"),
    N_("Outcome"),
    N_("Reason code"),
    N_("Network address"),
    N_("Entry"),
)
OUTCOMES = {"allowed": N_("allowed"), "refused": N_("refused"), "nothing": N_("nothing found")}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as the page shows it."""

    at: datetime
    who: str
    account: str
    position: str
    institution: str
    institution_id: str
    act: str
    dossier: str
    children: int
    sections: tuple[str, ...]
    about: str
    relation: str
    purpose: str
    outcome: str
    refused: bool
    reason: str
    origin: str
    words: str


def audit_row(entry: AuditEntry, people: Mapping[str, Person], words: Mapping[str, str] = {}) -> AuditRow:
    """Return an entry in the language spoken now."""
    person = people.get(entry.person_id or "")
    role = _role(person, entry.role_id)
    known, subject = classifiers(), people.get(entry.subject or "")
    return AuditRow(
        at=entry.at,
        who=_name(person, entry),
        account=person.id if person and person.roles else "",  # families are not to be followed from entry to entry
        position=_label(known.positions, role.position) if role else "",
        institution=role.institution_name if role else "",
        institution_id=entry.institution_id or "",
        act=gettext(ACT_WORDS[entry.act]) if entry.act in ACT_WORDS else entry.act,
        dossier=short(entry.dossier_id) if entry.dossier_id else "",
        children=len(entry.children),
        sections=tuple(_label(known.sections, section) for section in entry.sections),
        about=_person(subject) if subject else entry.subject or "",
        relation=_label(known.relations, entry.relation.partition(":")[0]) if entry.relation else "",
        purpose=_label(known.purposes, entry.purpose) if entry.purpose else "",
        outcome=gettext(OUTCOMES[entry.outcome]) if entry.outcome in OUTCOMES else entry.outcome,
        refused=entry.outcome == "refused",
        reason=entry.reason or "",
        origin=entry.origin or "",
        words=words.get(entry.subject or "", ""),
    )


def cells(entry: AuditEntry, people: Mapping[str, Person]) -> list[str]:
    """Return an entry as a line of the exported table, in the order of HEADINGS."""
    row = audit_row(entry, people)
    return [
        in_riga(entry.at).isoformat(),
        row.who,
        row.account,
        row.position,
        row.institution,
        row.act,
        entry.act,
        " ".join(map(short, filter(None, [entry.dossier_id, *entry.children]))),
        "; ".join(row.sections),
        row.about,
        row.relation,
        row.purpose,
        row.outcome,
        row.reason,
        row.origin,
        entry.id,
    ]


def short(dossier_id: str) -> str:
    """What people call a dossier by; never the name."""
    return dossier_id[-5:].upper()


def act_choices() -> list[tuple[str, str]]:
    """Every act with its words, in the order of the words."""
    return sorted(((code, gettext(words)) for code, words in ACT_WORDS.items()), key=lambda pair: pair[1])


def purpose_choices() -> Sequence[tuple[str, str]]:
    """The purposes for which the log may be searched."""
    purposes = classifiers().purposes.values()
    return [(p.code, p.label(language()).capitalize()) for p in purposes if "audit_search" in p.asked_for]


def _name(person: Person | None, entry: AuditEntry) -> str:
    if entry.person_id is None:
        return gettext("the system")
    if person is None:
        return gettext("not known")
    return _person(person)


def _person(person: Person) -> str:
    return person.name if person.roles else gettext("a member of the family")


def _role(person: Person | None, role_id: str | None) -> Role | None:
    return next((role for role in person.roles if role.id == role_id), None) if person else None


def _label(table: Mapping[str, Row], code: str) -> str:
    return table[code].label(language()) if code in table else code
