"""Threads as pages show them: with whom, when, what waits; a thread's messages opened for whoever takes part."""

from dataclasses import dataclass
from datetime import datetime

from auth.access import Opened
from auth.place import is_family, place_hidden
from documents.store import Store
from documents.thread import FAMILY, QUESTION, Message, Thread, from_row
from portal.messages.actions import ids_of
from portal.messages.rules import Side, side_of
from portal.plans.view import kin
from portal.translations import gettext

SHOWN = 100


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread in the list; `waits`: for this reader's answer."""

    id: str
    title: str
    count: int
    last_at: datetime
    last_by: str
    words: str
    tone: str
    waits: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message."""

    name: str
    place: str
    at: datetime
    text: str
    mine: bool


async def threads_of(store: Store, opened: Opened) -> list[ThreadRow]:
    """Return the threads this reader takes part in, the newest first."""
    rows = store.threads.find({"dossier_id": {"$in": ids_of(opened)}}).sort("last_at", -1).limit(SHOWN)
    found = [from_row(row) async for row in rows]
    return [row_of(opened, thread, side) for thread in found if (side := side_of(opened, thread))]


def row_of(opened: Opened, thread: Thread, side: Side) -> ThreadRow:
    """One thread as this reader sees it in the list."""
    last = thread.messages[-1]
    words, tone, waits = _state(thread, side, last)
    return ThreadRow(
        thread.id, title_of(opened, thread, side), len(thread.messages), thread.last_at, last.name, words, tone, waits
    )


def title_of(opened: Opened, thread: Thread, side: Side) -> str:
    """Who asks whom, or with whom one talks."""
    if thread.kind == QUESTION and thread.by and thread.to:
        said = {"by": thread.by.name, "to": thread.to.name}
        return gettext("Question by %(by)s to %(to)s") % said
    if side is Side.FAMILY:
        return gettext("Talk with the case manager")
    return gettext("Talk with %(name)s") % {"name": f"{thread.name}{_kin(opened, thread.person_id)}"}


async def messages_of(store: Store, opened: Opened, thread: Thread) -> list[MessageView]:
    """Return the messages with their words; what institution somebody is of is kept where it would tell a place."""
    hidden = place_hidden(opened.access, opened.dossier)
    shown = []
    for message in thread.messages:
        text = (await store.secrets.open(message.sealed)).get("text", "")
        place = message.by.institution_name if message.by and not hidden else ""
        shown.append(MessageView(message.name, place, message.at, text, message.person_id == opened.who.person_id))
    return shown


def _state(thread: Thread, side: Side, last: Message) -> tuple[str, str, bool]:
    if thread.closed_at:
        return gettext("closed"), "neutral", False
    by_family = last.by is None
    mine = {
        Side.HEAD: not thread.waits_for_asker,
        Side.ASKED: thread.waits_for_asker,
        Side.FAMILY: by_family,
        Side.LEADS: not by_family,
    }[side]
    if mine:
        return gettext("sent, waits for an answer"), "info", False
    if thread.kind == FAMILY or side is Side.HEAD:
        return gettext("answered") if side in (Side.HEAD, Side.FAMILY) else gettext("new"), "success", True
    return gettext("waits for your answer"), "warning", True


def _kin(opened: Opened, person_id: str) -> str:
    """What the person of the family is to the child, after a comma."""
    if is_family(opened.access):
        return ""
    own = person_id == opened.dossier.child.person_id
    kind = "self" if own else next((r.kind for r in opened.dossier.relationships if r.person_id == person_id), "")
    return f", {kin(kind)}" if kind else ""
