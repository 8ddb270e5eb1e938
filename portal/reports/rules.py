"""What a report and a decision must say, which route fits, and as what somebody sees a report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from auth.permissions import Permission
from auth.policy import may
from auth.who import Who
from documents.classifiers import ConcernKind, ReportRoute, classifiers
from documents.report import ACKNOWLEDGED, RECEIVED, Place, Report
from portal.events.rules import Message, many, one, read_day
from portal.identities.rules import NAME_LETTERS
from portal.translations import N_

WORDS = 4000
REASON = 2000
AT_LEAST = 10
DANGER = {"yes": N_("yes"), "no": N_("no"), "unknown": N_("not known")}
FAMILY_KNOWS = {
    "knows": N_("The family knows that I report this"),
    "not_told": N_("The family has not been told"),
    "must_not": N_("The family must not know: it would endanger the child"),
    "unknown": N_("I do not know"),
}

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class TypedChild:
    """A child as the reporter knows it, where it has no personal code at hand."""

    given_name: str = ""
    family_name: str = ""
    born: str = ""
    lives: str = ""


@dataclass(frozen=True)
class Concern:
    """A report as written. `child` stands where the reporter does not name it by code."""

    kind: str
    day: date
    ongoing: bool
    danger: str
    family_knows: str
    present: str
    siblings: tuple[str, ...]  # dossier ids
    siblings_words: str
    words: str
    child: TypedChild | None = None


class Side(StrEnum):
    """As what somebody sees a report."""

    REPORTER = "reporter"
    RESPONSIBLE = "responsible"  # acknowledged it
    MAY_TAKE = "may_take"  # may acknowledge it; no narrative before
    COLLEAGUE = "colleague"  # of the deciding institution; another one has it
    TOLD = "told"  # of an institution that was told; no narrative before it takes note
    TOLD_READS = "told_reads"
    HEAD = "head"


READS = {Side.REPORTER, Side.RESPONSIBLE, Side.TOLD_READS}


def kinds_to_choose(today: date) -> list[ConcernKind]:
    """The concerns somebody may choose."""
    return [kind for kind in classifiers().concern_kinds.in_force(today) if kind.chosen]


def route_for(kind: str, danger: str, today: date) -> ReportRoute:
    """The first route that fits; the last one takes everything (checked at start)."""
    return next(
        route
        for route in classifiers().report_routes.in_force(today)
        if (not route.kinds or kind in route.kinds) and route.danger in (None, danger)
    )


def place_of(route: ReportRoute, declared: str, present: str) -> str:
    """The municipality a report is routed by: the one its route asks for, else the other."""
    first, second = (declared, present) if route.place == "declared" else (present, declared)
    return first or second


def read_concern(
    values: Values, today: date, *, siblings: Iterable[str] = (), unknown: bool = False
) -> tuple[Concern | None, dict[str, Message]]:
    """Read the form. `siblings` are the dossiers that may be named too; `unknown`: the child is told in words."""
    errors: dict[str, Message] = {}
    child = _child(values, errors) if unknown else None
    kind = one(values, "kind")
    if kind not in {row.code for row in kinds_to_choose(today)}:
        errors["kind"] = Message(N_("Choose what worries you most."))
    day = read_day(one(values, "day"))
    if isinstance(day, Message):
        errors["day"] = day
    elif day is None:
        errors["day"] = Message(N_("Write the day when you saw or heard it; for what goes on, the last one."))
    elif day > today:
        errors["day"] = Message(N_("This day is still to come. Write when you saw or heard it."))
    elif day.year < today.year - 18:
        errors["day"] = Message(N_("Write a day in the child's life."))
    danger = one(values, "danger")
    if danger not in DANGER:
        errors["danger"] = Message(N_("Choose; if you are not sure, choose “not known”."))
    family_knows = one(values, "family_knows")
    if family_knows not in FAMILY_KNOWS:
        errors["family_knows"] = Message(N_("Choose what the family knows."))
    present = one(values, "present")
    if present not in {row.code for row in classifiers().current_municipalities(today)}:
        errors["present"] = Message(N_("Choose the municipality where the child is now: it tells who has to act."))
    words = one(values, "words")
    _letters(words, "words", Message(N_("Write in a few sentences what you saw or heard.")), WORDS, errors)
    siblings_words = one(values, "siblings_words")
    if len(siblings_words) > REASON:
        _letters(siblings_words, "siblings_words", Message(""), REASON, errors)
    if errors or not day or isinstance(day, Message):
        return None, errors
    chosen = tuple(each for each in many(values, "siblings") if each in set(siblings))
    ongoing = bool(one(values, "ongoing"))
    return Concern(kind, day, ongoing, danger, family_knows, present, chosen, siblings_words, words, child), {}


def _child(values: Values, errors: dict[str, Message]) -> TypedChild:
    child = TypedChild(
        *(" ".join(one(values, name).split()) for name in ("given_name", "family_name", "born", "lives"))
    )
    if not (child.given_name or child.family_name or child.lives):
        errors["given_name"] = Message(N_("Write the name, or at least where the child can be found."))
    for name in ("given_name", "family_name", "born", "lives"):
        text = getattr(child, name)
        if len(text) > 2 * NAME_LETTERS:
            errors[name] = _shorter(text, 2 * NAME_LETTERS)
    return child


@dataclass(frozen=True)
class Decided:
    """A decision as written: open or take up, refer to a type of institution in a place, or close."""

    outcome: str  # open, take_up, refer, close
    reason: str = ""
    to_type: str = ""
    to_place: str = ""


def read_decided(values: Values, today: date, outcomes: Iterable[str]) -> tuple[Decided | None, dict[str, Message]]:
    """Read which decision it is; what a need must say is read on its own (`portal.needs.rules`)."""
    errors: dict[str, Message] = {}
    outcome = one(values, "outcome")
    if outcome not in set(outcomes):
        return None, {"outcome": Message(N_("Choose what you decide."))}
    reason = one(values, "reason")
    if outcome != "open":
        asked = {
            "take_up": N_("Write in a sentence what is done about it."),
            "refer": N_("Write in a sentence why somebody else has to decide."),
            "close": N_("Write in a sentence why nothing more is needed."),
        }
        _letters(reason, "reason", Message(asked[outcome]), REASON, errors)
    to_type, to_place = one(values, "to_type"), one(values, "to_place")
    if outcome == "refer":
        if to_type not in deciding_types():
            errors["to_type"] = Message(N_("Choose who has to decide."))
        if to_place not in {row.code for row in classifiers().current_municipalities(today)}:
            errors["to_place"] = Message(N_("Choose the municipality."))
    return (None, errors) if errors else (Decided(outcome, reason, to_type, to_place), {})


def deciding_types() -> list[str]:
    """The types of institution in which somebody decides reports, in the order of their classifier."""
    deciding = {row.institution_type for row in classifiers().positions.values() if row.decides_reports}
    return [code for code in classifiers().institution_types if code in deciding]


def side_of(who: Who, report: Report) -> Side | None:
    """As what this person, in this role, sees the report; none for whom it does not concern.

    Who reported never decides. The head of whoever reported is nobody here: only the deciding institution's is.
    """
    role_id = who.role.id if who.role else None
    if report.by.person_id == who.person_id:
        return Side.REPORTER if report.by.role_id == role_id else None
    if who.role is None:
        return None
    if may(who, Permission.REPORT_HAND_OVER).allowed:
        return Side.HEAD if heads(who, report) else None
    if not may(who, Permission.REPORT_DECIDE).allowed:
        return None
    if report.responsible is not None and report.responsible.role_id == role_id:
        return Side.RESPONSIBLE
    if report.decides is not None and works_at(who, report.decides):
        free = report.state == RECEIVED and (report.named is None or report.named.role_id == role_id)
        return Side.MAY_TAKE if free else Side.COLLEAGUE
    for place in report.told:
        if works_at(who, place):
            mine = place.acknowledged_by is not None and place.acknowledged_by.role_id == role_id
            return Side.TOLD_READS if mine else Side.TOLD
    return None


def works_at(who: Who, place: Place) -> bool:
    """Whether the role is of that institution, and of its unit where the report went to one."""
    if who.role is None or who.institution_id != place.institution_id:
        return False
    return place.unit_id is None or who.role.unit_id in (None, place.unit_id)


def heads(who: Who, report: Report) -> bool:
    """Whether the person heads the institution that decides, or the unit in whose hands the report is."""
    if who.role is None or report.decides is None or who.institution_id != report.decides.institution_id:
        return False
    if who.role.unit_id is None:
        return True
    holder = report.responsible or report.named
    return (holder.unit_id if holder else report.decides.unit_id) in who.subtree


def outcomes_for(report: Report, *, dossier_open: bool, identifies: bool) -> tuple[str, ...]:
    """What whoever acknowledged the report may decide."""
    if report.state != ACKNOWLEDGED:
        return ()
    if dossier_open:
        return ("take_up", "refer", "close")
    return ("open", "refer", "close") if identifies else ("refer", "close")


def urgency(report: Report) -> tuple[int, float]:
    """Danger first, then the oldest."""
    return (("yes", "unknown", "no").index(report.danger), report.at.timestamp())


def _letters(text: str, name: str, missing: Message, limit: int, errors: dict[str, Message]) -> None:
    if len(text) < AT_LEAST:
        errors[name] = missing
    elif len(text) > limit:
        errors[name] = _shorter(text, limit)


def _shorter(text: str, limit: int) -> Message:
    return Message(N_("Shorten it to %(limit)s letters; it has %(count)s."), {"limit": limit, "count": len(text)})
