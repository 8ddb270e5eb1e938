"""What a request for access and a decision must say, who decides, and what the asker is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from auth.permissions import Permission, Section
from auth.policy import Access, decide_as
from auth.who import Who
from documents.access_request import LONGEST, WAITING, AccessRequest, end_of
from documents.classifiers import LegalBasis, Purpose, classifiers
from documents.classifiers import Section as SectionRow
from documents.dossier import Grant
from documents.involvement import Professional
from documents.model import new_id
from portal.events.rules import Message, many, one, read_day
from portal.translations import N_

MESSAGE_LETTERS = 2000
USUAL = timedelta(days=30)
# What one institution's entries can be read in; base data, family and plan are nobody's entries.
OF_ENTRIES = ("timeline", "event_detail", "assessments_overview", "assessments_summary", "assessments_content")

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """A request as written; `only_entries`: of the institution that recorded the entry asked from."""

    sections: tuple[str, ...]
    sensitive: bool
    only_entries: bool
    purpose: str
    legal_basis: str
    until: date
    message: str


@dataclass(frozen=True)
class Decided:
    """A decision as written: access to `sections` until a day, or a refusal (no sections) with its reason."""

    sections: tuple[str, ...]
    sensitive: bool
    until: date | None
    reason: str


def grantable() -> list[SectionRow]:
    """The sections one may ask for, in the order of the page."""
    return sorted((row for row in classifiers().sections.values() if row.grantable), key=lambda row: row.order)


def purposes(today: date, occasion: str = "consent") -> list[Purpose]:
    """The purposes that may be chosen on an occasion."""
    return [row for row in classifiers().purposes.in_force(today) if occasion in row.asked_for]


def legal_bases(today: date, occasion: str = "consent") -> list[LegalBasis]:
    """The legal bases that may be chosen on an occasion."""
    return [row for row in classifiers().legal_bases.in_force(today) if occasion in row.asked_for]


def read_asked(values: Values, today: date) -> tuple[Asked | None, dict[str, Message]]:
    """Read a request: sections, purpose, legal basis, at most 90 days, and why."""
    errors: dict[str, Message] = {}
    only_entries = bool(one(values, "only_entries"))
    sections = _sections(many(values, "sections"), {row.code for row in grantable()})
    if only_entries:
        sections = tuple(code for code in sections if code in OF_ENTRIES)
    if not sections:
        errors["sections"] = Message(N_("Choose what you need to read."))
    purpose = one(values, "purpose")
    if purpose not in {row.code for row in purposes(today)}:
        errors["purpose"] = Message(N_("Choose what you need it for."))
    basis = one(values, "legal_basis")
    if basis not in {row.code for row in legal_bases(today)}:
        errors["legal_basis"] = Message(N_("Choose the legal basis."))
    until = _until(values, today, today + timedelta(days=LONGEST), errors)
    message = one(values, "message")
    if len(message) < 10:
        errors["message"] = Message(N_("Write in a sentence or two why your work with the child needs this."))
    elif len(message) > MESSAGE_LETTERS:
        errors["message"] = Message(
            N_("Shorten it to %(limit)s letters; it has %(count)s."), {"limit": MESSAGE_LETTERS, "count": len(message)}
        )
    if errors or until is None:
        return None, errors
    return Asked(sections, bool(one(values, "sensitive")), only_entries, purpose, basis, until, message), {}


def read_decided(values: Values, asked: AccessRequest, today: date) -> tuple[Decided | None, dict[str, Message]]:
    """Read a decision: never more, never longer than was asked; a refusal says why."""
    errors: dict[str, Message] = {}
    outcome = one(values, "outcome")
    reason = one(values, "reason")[:MESSAGE_LETTERS]
    if outcome == "refuse":
        if len(reason) < 10:
            return None, {"reason": Message(N_("Write in a sentence why you refuse."))}
        return Decided((), sensitive=False, until=None, reason=reason), {}
    if outcome != "grant":
        return None, {"outcome": Message(N_("Choose: give access or refuse."))}
    if asked.until < today:
        return None, {"outcome": Message(N_("The time asked for is over. Refuse; they can ask anew."))}
    sections = _sections(many(values, "sections"), set(asked.sections))
    if not sections:
        errors["sections"] = Message(N_("Choose at least one section, or refuse."))
    until = _until(values, today, min(asked.until, today + timedelta(days=LONGEST)), errors)
    if errors or until is None:
        return None, errors
    return Decided(sections, asked.sensitive and bool(one(values, "sensitive")), until, reason), {}


def outcome_of(decided: Decided, asked: AccessRequest) -> str:
    """One word for the decision: granted, narrower or refused."""
    if not decided.sections:
        return "refused"
    full = set(decided.sections) == set(asked.sections) and decided.sensitive == asked.sensitive
    return "granted" if full and decided.until == asked.until else "narrower"


def grant_of(asked: AccessRequest, decided: Decided, by: Professional, at: datetime) -> Grant:
    """The grant a decision gives: from that moment to the end of its last day. Raises ValueError for a refusal."""
    if decided.until is None:
        raise ValueError("A refusal gives nothing.")
    return Grant(
        id=new_id(),
        role_id=asked.by.role_id,
        person_id=asked.by.person_id,
        to=asked.by,
        sections=list(decided.sections),
        sensitive=decided.sensitive,
        entries_of=asked.entries_of,
        purpose=asked.purpose,
        legal_basis=asked.legal_basis,
        since=at,
        until=end_of(decided.until),
        decided_by=by,
        request_id=asked.id,
    )


def authority(stands: Access, who: Who, asked: AccessRequest) -> Permission | None:
    """By which right somebody decides this request: the case manager's, the team's for own entries, or none.

    Nobody decides the own request, in whatever role it was made.
    """
    if asked.by.person_id == who.person_id:
        return None
    if decide_as(stands, who, Permission.ACCESS_GRANT).allowed:
        return Permission.ACCESS_GRANT
    own = asked.entries_of is not None and asked.entries_of == who.institution_id
    if own and decide_as(stands, who, Permission.ACCESS_GRANT_OWN).allowed:
        return Permission.ACCESS_GRANT_OWN
    return None


def told(asked: AccessRequest, now: datetime) -> str:
    """What the asker learns: waiting, granted, narrower, refused – or silent.

    Who asked by a code learns of a grant alone. Refused, never decided and no such dossier look the same at every
    moment: waiting until the due time, then silent.
    """
    if not asked.blind or asked.state in ("granted", "narrower"):
        return asked.state
    return WAITING if now < asked.due else "silent"


def _sections(chosen: Sequence[str], allowed: set[str]) -> tuple[str, ...]:
    """Details stand in the life course: who reads them, reads its lines."""
    wanted = set(chosen) & allowed
    if Section.EVENT_DETAIL in wanted and Section.TIMELINE in allowed:
        wanted.add(Section.TIMELINE)
    return tuple(row.code for row in grantable() if row.code in wanted)


def _until(values: Values, today: date, latest: date, errors: dict[str, Message]) -> date | None:
    found = read_day(one(values, "until"))
    if found is None:
        errors["until"] = Message(N_("Write until which day."))
        return None
    if isinstance(found, Message):
        errors["until"] = found
        return None
    if not today <= found <= latest:
        errors["until"] = Message(N_("Write a day from today to %(latest)s."), {"latest": f"{latest:%d.%m.%Y}."})
        return None
    return found
