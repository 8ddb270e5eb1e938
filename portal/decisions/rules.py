"""What somebody wrote in a draft: read against the dossier, refused with a sentence that says what to do."""

from dataclasses import dataclass
from datetime import date, timedelta

from documents.classifiers import DecisionKind, classifiers
from documents.decision import ISSUED, CourtDecision, Party
from documents.dossier import Dossier
from documents.family import Relationship
from portal.events.rules import Message, Values, many, one, read_day
from portal.translations import N_

REASONS_LETTERS, TERMS_LETTERS, BASIS_LETTERS = 12_000, 2_000, 300
LATEST = timedelta(days=60)  # a decision that begins later is written later
OWN_VOICE = 14
COUPLE = 2
CARER_CODES = ("carer_code", "second_carer_code")  # the fields they are written in
SIBLINGS = ("brother", "sister", "half_brother", "half_sister")
ENDED = ("custody_removed",)  # only a court of law gives this back
PAIR = {"custody_suspended": "custody_renewed", "custody_renewed": "custody_suspended"}
REPLACED_MEANWHILE = N_("The earlier decision was replaced meanwhile. Choose again.")


class Refused(Exception):
    """The decision cannot be made so; `message` says what to do, at the field it concerns."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message.text)
        self.field, self.message = field, message


@dataclass(frozen=True)
class Choices:
    """What a draft about this child may name: code and name."""

    concerned: dict[str, str]
    parties: dict[str, Party]
    addressed: dict[str, str]
    centres: dict[str, str]
    replaces: dict[str, str]


@dataclass(frozen=True)
class DecisionDraft:
    """A draft as written, checked against the choices."""

    kind: str
    concerned: tuple[str, ...]
    carer_codes: tuple[str, ...]  # as the fields stand: one may be empty
    centre_id: str | None
    contact: str
    terms: str
    until: date | None
    heard: bool
    protect_from: tuple[str, ...]
    parties: tuple[Party, ...]
    addressed_to: tuple[str, ...]
    legal_basis: str
    in_force_from: date
    reasons: str
    replaces: str | None


def concerned_choices(kind: DecisionKind, dossier: Dossier, today: date) -> dict[str, str]:
    """Whom a decision of this kind may be about on `today`: relationships by id, foster carers by person."""
    found = [r for r in dossier.relationships if _fits(kind.concerned, r, today)]
    if kind.concerned == "carer":
        return {r.person_id: r.name for r in found if r.person_id}
    return {r.id: r.name for r in found if r.person_id or kind.concerned == "relative"}


def _fits(concerned: str, relationship: Relationship, today: date) -> bool:
    if concerned == "with_custody":
        return holds_custody(relationship, today)
    if concerned == "suspended":
        return is_suspended(relationship, today)
    if concerned == "carer":
        return relationship.kind == "foster_carer"
    return relationship.dossier_id is None or relationship.kind in SIBLINGS


def party_choices(dossier: Dossier, today: date) -> dict[str, Party]:
    """To whom it may be issued: who has or had a legal role for the child, and the young person from 14."""
    found = {
        r.person_id: Party(person_id=r.person_id, name=r.name, kind=r.kind)
        for r in dossier.relationships
        if r.person_id and any(role.role != "no_legal_role" for role in r.legal_roles)
    }
    child = dossier.child
    if child.person_id and child.age_on(today) >= OWN_VOICE:
        found[child.person_id] = Party(person_id=child.person_id, name=child.name, kind="self")
    return found


def holds_custody(relationship: Relationship, today: date) -> bool:
    """Whether the person has custody now, and nothing has suspended or ended it."""
    held = {role.role for role in relationship.legal_roles if role.covers(today)}
    return bool(held & {"custody", "sole_custody"}) and not held & {"custody_suspended", *ENDED}


def is_suspended(relationship: Relationship, today: date) -> bool:
    """Whether custody is suspended now, or from a day to come, and was not taken away for good."""
    held = [role for role in relationship.legal_roles if role.to is None or role.to >= today]
    return any(r.role == "custody_suspended" for r in held) and not any(r.role in ENDED for r in held)


def may_be_replaced(earlier: CourtDecision, kind: str, court_id: str | None) -> bool:
    """Whether the court's decision of `kind` may take the place of this one: the same kind, or its pair of custody.

    An order of another kind would undo what it says nothing of: docs/decisions/0073.
    """
    stands = earlier.state == ISSUED and earlier.ended_by is None
    return stands and earlier.court_id == court_id and earlier.kind in (kind, PAIR.get(kind))


def why_not_replaced(decision: CourtDecision, earlier: CourtDecision | None) -> Message | None:
    """What speaks against `decision` in the place of the earlier one; a placement is about the child itself."""
    if earlier is None or earlier.state != ISSUED or earlier.ended_by is not None:
        return Message(REPLACED_MEANWHILE)
    if not may_be_replaced(earlier, decision.kind, decision.court_id):
        return Message(
            N_("Choose an earlier decision of the same kind, or one that suspended or renewed this custody.")
        )
    if decision.kind == "foster_placement":
        return None
    if not set(earlier.concerned) & set(decision.concerned):
        return Message(N_("Choose an earlier decision about the same person."))
    if earlier.kind != decision.kind and not set(earlier.concerned) <= set(decision.concerned):
        return Message(N_("The earlier decision is about somebody else too and goes on for them. Choose “No” here."))
    return None


def read_decision(
    values: Values, kind: DecisionKind, choices: Choices, today: date
) -> tuple[DecisionDraft | None, dict[str, Message]]:
    """Read the form. Returns the draft, or none with one message for each field to put right."""
    errors: dict[str, Message] = {}
    concerned = tuple(each for each in many(values, "concerned") if each in choices.concerned)
    codes = tuple(one(values, name) for name in CARER_CODES) if kind.concerned == "carer" else ()
    if not concerned and not any(codes):
        errors["concerned"] = Message(N_("Choose whom the decision is about."))
    if len(concerned) > 1 and kind.concerned == "relative":
        errors["concerned"] = Message(N_("Choose one person; a decision for another is written apart."))
    if len(concerned) + sum(map(bool, codes)) > COUPLE and kind.concerned == "carer":
        errors["concerned"] = Message(N_("A foster family is one person or a couple: choose two at most."))
    centre = one(values, "centre") if "centre" in kind.asks else ""
    if "centre" in kind.asks and centre not in choices.centres:
        errors["centre"] = Message(N_("Choose which centre supports the foster family."))
    contact = one(values, "contact") if "contact" in kind.asks else ""
    if "contact" in kind.asks and contact not in classifiers().contact_rules:
        errors["contact"] = Message(N_("Choose how contact takes place."))
    terms = _text(values, "terms", TERMS_LETTERS, errors) if "terms" in kind.asks else ""
    in_force = _in_force(values, today, errors)
    until = _until(values, in_force, errors) if "until" in kind.asks else None
    parties = tuple(choices.parties[each] for each in many(values, "parties") if each in choices.parties)
    basis = _text(values, "legal_basis", BASIS_LETTERS, errors).replace("\n", " ")
    if not basis and "legal_basis" not in errors:
        errors["legal_basis"] = Message(N_("Write the law and the section it rests on."))
    reasons = _text(values, "reasons", REASONS_LETTERS, errors)
    if not reasons and "reasons" not in errors:
        errors["reasons"] = Message(N_("Write what the court has found."))
    protect = tuple(each for each in many(values, "protect_from") if each in choices.parties)
    replaces = one(values, "replaces")
    if replaces and replaces not in choices.replaces:
        errors["replaces"] = Message(REPLACED_MEANWHILE)
    if errors or in_force is None:
        return None, errors
    draft = DecisionDraft(
        kind=kind.code,
        concerned=concerned,
        carer_codes=codes,
        centre_id=centre or None,
        contact=contact,
        terms=terms,
        until=until,
        heard=bool(one(values, "heard")) and "heard" in kind.asks,
        protect_from=protect if "protect" in kind.asks else (),
        parties=parties,
        addressed_to=tuple(each for each in many(values, "addressed_to") if each in choices.addressed),
        legal_basis=basis,
        in_force_from=in_force,
        reasons=reasons,
        replaces=replaces or None,
    )
    return draft, {}


def _in_force(values: Values, today: date, errors: dict[str, Message]) -> date | None:
    day = _day(values, "in_force_from", errors)
    if day is None and "in_force_from" not in errors:
        errors["in_force_from"] = Message(N_("Write from which day it is in force."))
    if day is not None and not today <= day <= today + LATEST:
        errors["in_force_from"] = Message(
            N_("Write a day from today to %(latest)s."), {"latest": f"{today + LATEST:%d.%m.%Y}."}
        )
        return None
    return day


def _until(values: Values, since: date | None, errors: dict[str, Message]) -> date | None:
    day = _day(values, "until", errors)
    if day is not None and since is not None and day < since:
        errors["until"] = Message(N_("Write a day after the decision is in force, or leave it empty."))
    return day


def _day(values: Values, name: str, errors: dict[str, Message]) -> date | None:
    found = read_day(one(values, name))
    if isinstance(found, Message):
        errors[name] = found
        return None
    return found


def _text(values: Values, name: str, limit: int, errors: dict[str, Message]) -> str:
    text = one(values, name)
    if len(text) > limit:
        too_long = N_("Shorten it to %(limit)s letters; it has %(count)s.")
        errors[name] = Message(too_long, {"limit": limit, "count": len(text)})
    return text
