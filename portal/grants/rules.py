"""Who takes a grant back, who denies whom, and what a denial must say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Opened
from auth.permissions import Permission
from documents.access_request import end_of
from documents.dossier import Denial, Dossier, Grant
from documents.involvement import Professional
from portal.events.rules import Message, one, read_day
from portal.translations import N_

REASON_LETTERS = 500
CALL_LETTERS = 160


@dataclass(frozen=True)
class DenialDraft:
    """A denial as written: one of the people offered, or somebody by the work e-mail address."""

    person_id: str
    email: str
    reason: str
    call: str
    until: datetime | None


def may_revoke(opened: Opened, grant: Grant) -> bool:
    """The case manager any grant; the team one on entries of the own institution."""
    if not in_force(grant, opened.now):
        return False
    own = grant.entries_of is not None and grant.entries_of == opened.who.institution_id
    return opened.can(Permission.ACCESS_GRANT) or (own and opened.can(Permission.ACCESS_GRANT_OWN))


def may_deny(opened: Opened, *, of_family: bool) -> bool:
    """Members of the family only the orphan's court denies; others the case manager too."""
    court = opened.can(Permission.ACCESS_DENY_FAMILY)
    return court or (not of_family and opened.can(Permission.ACCESS_DENY))


def in_force(grant: Grant, now: datetime) -> bool:
    """Whether the grant gives access now."""
    return grant.since <= now < grant.until and (grant.revoked_at is None or now < grant.revoked_at)


def people_to_deny(opened: Opened) -> list[tuple[str, str]]:
    """Ids and names of those a denial may be about: at work for the child, granted access, of the family."""
    dossier = opened.dossier
    people: dict[str, str] = {}
    if may_deny(opened, of_family=False):
        people |= {p.person_id: f"{p.name}, {p.institution_name}" for p in _professionals(dossier)}
    people.pop(opened.who.person_id, None)
    for person_id in dossier.family_ids:
        people.pop(person_id, None)
    if may_deny(opened, of_family=True):
        people |= {r.person_id: r.name for r in dossier.relationships if r.person_id in dossier.family_ids}
    held = {denial.person_id for denial in dossier.denials if denial.in_force(opened.now)}
    return sorted(((k, name) for k, name in people.items() if k and k not in held), key=lambda pair: pair[1])


def read_denial(
    values: Mapping[str, Sequence[str]], offered: set[str], today: date
) -> tuple[DenialDraft | None, dict[str, Message]]:
    """Read a denial: whom, why, whom to call instead; until lifted, or until a day."""
    errors: dict[str, Message] = {}
    person, email = one(values, "person"), one(values, "email")[:CALL_LETTERS].lower()
    if person not in offered and not email:
        errors["person"] = Message(N_("Choose the person, or write the work e-mail address."))
    reason = one(values, "reason")[:REASON_LETTERS]
    if len(reason) < 10:
        errors["reason"] = Message(N_("Write in a sentence why. The supervisor reads it."))
    call = one(values, "call")[:CALL_LETTERS]
    if not call:
        errors["call"] = Message(N_("Write whom they call instead, with the telephone number."))
    day = read_day(one(values, "until"))
    if isinstance(day, Message):
        errors["until"] = day
    elif day is not None and day < today:
        errors["until"] = Message(N_("Write a day from today on, or leave it empty."))
    if errors or isinstance(day, Message):
        return None, errors
    chosen = person if person in offered else ""
    return DenialDraft(chosen, "" if chosen else email, reason, call, end_of(day) if day else None), {}


def standing_denials(dossier: Dossier, now: datetime) -> list[Denial]:
    """The denials in force, the newest first."""
    return sorted((d for d in dossier.denials if d.in_force(now)), key=lambda d: d.since, reverse=True)


def _professionals(dossier: Dossier) -> list[Professional]:
    managers = [m for m in (dossier.case_manager, dossier.family_case_manager) if m]
    involved = [person for involvement in dossier.involvements for person in involvement.responsible]
    return [*managers, *dossier.team, *involved, *(grant.to for grant in dossier.grants if grant.to)]
