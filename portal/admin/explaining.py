"""Asking why somebody may or may not: the people and the dossier as they stand, the question on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auth.access import LONGEST_ID, entry_for
from auth.explain import Explanation, explain
from auth.permissions import Permission
from auth.policy import LEVELS, NEEDS
from auth.who import FAMILY_ROLE, Who, roles_open_to, who_is
from documents.acts import Act
from documents.audit import AuditEntry
from documents.dossier import Dossier
from documents.institution import Institution
from documents.model import day_of
from documents.person import Person
from documents.store import NOT_FOR_RIGHTS, Store

EXPLAINED = tuple(sorted((*NEEDS, *(set(LEVELS) - set(NEEDS)))))
"""Every permission that can be asked about."""


# All that rights rest on and who gives them; nothing of a life is even read.
_FIELDS = {name: 0 for name in NOT_FOR_RIGHTS if name != "involvements"}


class NothingToExplain(Exception):
    """No such person, role or open dossier; `what` says which."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class AboutOneself(Exception):
    """A steward never looks into what concerns oneself or the own family."""


@dataclass(frozen=True)
class Question:
    """Who, what, which child, when; without a role every role of that moment is explained."""

    person_id: str
    permission: Permission
    dossier_id: str
    at: datetime
    role_id: str = ""


async def explained(store: Store, asker: Who | None, question: Question, now: datetime) -> list[Explanation]:
    """Answer a question, one explanation for each role, after it is on record. `asker`: none on the console.

    Raises NothingToExplain; AboutOneself, also where the steward belongs to the child's family.
    """
    person = await _person(store, question.person_id)
    if asker and person and asker.person_id == person.id:
        await _record(store, asker, question, now, outcome="refused", reason="about_oneself")
        raise AboutOneself
    row = await store.dossiers.find_one(
        {"_id": question.dossier_id[:LONGEST_ID], "erased": None, "opened": {"$exists": True}},
        _FIELDS,
    )
    dossier = Dossier.model_validate(row) if row else None
    if asker and dossier and asker.person_id in dossier.family_ids:
        await _record(store, asker, question, now, outcome="refused", reason="own_family")
        raise AboutOneself
    await _record(store, asker, question, now)
    if person is None:
        raise NothingToExplain("person")
    if dossier is None:
        raise NothingToExplain("dossier")
    return [explain(who, question.permission, dossier, question.at) for who in await _whos(store, person, question)]


async def _person(store: Store, person_id: str) -> Person | None:
    row = await store.people.find_one({"_id": person_id})
    return Person.model_validate(row) if row else None


async def _whos(store: Store, person: Person, question: Question) -> Sequence[Who]:
    """The person in the role asked about, or in each role of that moment; without any once, as nobody in office."""
    roles = {role.id: role for role in person.roles}
    if question.role_id and question.role_id != FAMILY_ROLE and question.role_id not in roles:
        raise NothingToExplain("role")
    wanted = [question.role_id] if question.role_id else [r.id for r in roles_open_to(person, day_of(question.at))]
    if not question.role_id and person.children:
        wanted.append(FAMILY_ROLE)
    found = []
    for role_id in wanted or [""]:
        role = roles.get(role_id)
        row = await store.institutions.find_one({"_id": role.institution_id}) if role and role.unit_id else None
        institution = Institution.model_validate(row) if row else None
        found.append(who_is(person, role_id or None, institution, question.at))
    return found


async def _record(store: Store, asker: Who | None, question: Question, now: datetime, **outcome: str) -> None:
    need = NEEDS.get(question.permission)
    about = {
        "dossier_id": question.dossier_id[:LONGEST_ID],
        "subject": question.person_id[:LONGEST_ID],
        "sections": [need.section.value] if need else [],
        **outcome,
    }
    if asker is None:
        await store.audit.record(AuditEntry(act=Act.ACCESS_EXPLAINED, at=now, **about))
    else:
        await store.audit.record(entry_for(asker, Act.ACCESS_EXPLAINED, now, **about))
