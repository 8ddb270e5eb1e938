"""Who takes part in a thread, whom one may begin one with, and what a message may be."""

from enum import StrEnum

from auth.access import Opened
from auth.permissions import Permission
from auth.place import is_family
from documents.involvement import Professional
from documents.thread import QUESTION, Thread
from portal.events.rules import Cannot, Message, Values, one
from portal.naming.rules import below, staff_at_work
from portal.plans.people import Answerer, answerers
from portal.translations import N_

LETTERS = 4000
LEADING = frozenset({"case_manager", "family_case_manager"})


class CannotSay(Cannot):
    """This cannot be sent."""

    where = "text"


class Side(StrEnum):
    """As what somebody takes part."""

    HEAD = "head"
    ASKED = "asked"
    LEADS = "leads"
    FAMILY = "family"


def side_of(opened: Opened, thread: Thread) -> Side | None:
    """As what this person takes part in a thread; none for whom it is not.

    A question is for whoever was asked and the heads above, the family's talk for the one who began it and whoever
    leads the case now: narrower than the section, for the circle stays small.
    """
    if thread.kind == QUESTION and thread.to:
        if opened.who.role and opened.who.role.id == thread.to.role_id:
            return Side.ASKED
        return Side.HEAD if opened.can(Permission.QUESTION_ASK) and below(opened.who, thread.to) else None
    if is_family(opened.access):
        return Side.FAMILY if thread.person_id == opened.who.person_id else None
    return Side.LEADS if leads(opened) else None


def leads(opened: Opened) -> bool:
    """Whether the person leads the case, or works with the family."""
    return not LEADING.isdisjoint(opened.access.relations)


def askable(opened: Opened) -> list[Professional]:
    """Whom a head may ask: the own staff at work on the case now."""
    return staff_at_work(opened.who, opened.dossier, opened.now) if opened.can(Permission.QUESTION_ASK) else []


def family_to_write(opened: Opened) -> list[Answerer]:
    """Whom of the family whoever leads the case may write to: those who read the support plan."""
    return answerers(opened.dossier, opened.now) if leads(opened) else []


def managers_of(opened: Opened) -> list[str]:
    """The keys of those the family writes to: the case manager and, beside, the family's."""
    managers = (opened.dossier.case_manager, opened.dossier.family_case_manager)
    return [f"r:{manager.role_id}" for manager in managers if manager and manager.accepted]


def read_text(values: Values) -> tuple[str, dict[str, Message]]:
    """Read what was written."""
    text = one(values, "text")
    if not text:
        return "", {"text": Message(N_("Write what you want to say."))}
    if len(text) > LETTERS:
        said: dict[str, str | int] = {"limit": LETTERS, "count": len(text)}
        return text, {"text": Message(N_("Shorten it to %(limit)s letters; it has %(count)s."), said)}
    return text, {}
