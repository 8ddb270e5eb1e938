"""Messages of a dossier: the threads one takes part in, asking, writing, answering, closing."""

from collections.abc import Coroutine, Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import LONGEST_ID, NotFound, Opened, dossier_for, record_look
from auth.permissions import Permission
from auth.place import is_family
from documents.model import new_id
from documents.store import Changed
from documents.thread import Thread, from_row
from portal.dossier.header import header_of, manager_contact
from portal.events.form import say
from portal.events.rules import Message, number_in, one
from portal.forms import Values, read_form, refused_at, submission_of
from portal.messages.actions import ask, close, ids_of, reply, write
from portal.messages.rules import CannotSay, Side, askable, family_to_write, managers_of, read_text, side_of
from portal.messages.view import messages_of, threads_of, title_of
from portal.page import Request, changed, page, refused
from portal.plans.view import kin
from portal.runtime import runtime
from portal.typed_before import typed_before

READ, WRITE, ASK = Permission.MESSAGES_READ, Permission.MESSAGE_WRITE, Permission.QUESTION_ASK
PAGE = "/dossiers/{dossier_id}/messages"
ONE = "/dossiers/{dossier_id}/messages/{thread_id}"


class MessageController(Controller):
    """`/dossiers/{id}/messages`."""

    path = "/dossiers/{dossier_id:str}"

    @get("/messages", name="messages", opt={"permission": READ})
    async def list(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The threads, and the form that begins one."""
        opened = await _open(request, dossier_id, READ, quiet=False)
        values = await typed_before(request, PAGE.format(dossier_id=dossier_id))
        return page(request, "messages/list.html", **await _context(request, opened, values, {}))

    @post("/questions", name="ask_question", opt={"permission": ASK, "draft": PAGE})
    async def ask(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """A head asks one of the staff."""
        opened = await _open(request, dossier_id, ASK)
        values, _ = await read_form(request)
        text, errors = read_text(values)
        store, person = runtime(request).store, one(values, "person")[:64]
        work = ask(store, opened.who, dossier_id, person, text, submission_of(values), opened.now)
        return await _sent(request, opened, values, errors, work, "question_asked")

    @post("/messages", name="write_message", opt={"permission": WRITE, "draft": PAGE})
    async def write(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The family to whoever leads the case, or the other way round."""
        opened = await _open(request, dossier_id, WRITE)
        values, _ = await read_form(request)
        text, errors = read_text(values)
        store, person = runtime(request).store, one(values, "person")[:64]
        work = write(store, opened.who, dossier_id, person, text, submission_of(values), opened.now)
        return await _sent(request, opened, values, errors, work, "message_sent")

    @get("/messages/{thread_id:str}", name="thread", opt={"permission": READ})
    async def thread(self, request: Request, dossier_id: FromPath[str], thread_id: FromPath[str]) -> Response[Any]:
        """One thread, and the form to go on."""
        opened = await _open(request, dossier_id, READ, subject=thread_id)
        thread, side = await _thread(request, opened, thread_id)
        await record_look(runtime(request).store, opened)
        values = await typed_before(request, ONE.format(dossier_id=dossier_id, thread_id=thread_id))
        return page(request, "messages/thread.html", **await _one(request, opened, thread, side, values, {}))

    @post("/messages/{thread_id:str}", name="reply", opt={"permission": WRITE, "draft": ONE})
    async def reply(self, request: Request, dossier_id: FromPath[str], thread_id: FromPath[str]) -> Response[Any]:
        """Go on with it."""
        opened = await _open(request, dossier_id, WRITE, subject=thread_id)
        thread, side = await _thread(request, opened, thread_id)
        values, _ = await read_form(request)
        text, errors = read_text(values)
        if not errors:
            sent = submission_of(values)
            try:
                await reply(runtime(request).store, opened.who, dossier_id, thread_id, text, sent, opened.now)
            except CannotSay as wrong:
                errors = {wrong.field: wrong.message}
                thread, side = await _thread(request, opened, thread_id)
        if errors:
            await record_look(runtime(request).store, opened)
            context = await _one(request, opened, thread, side, values, errors)
            return refused(request, "messages/thread.html", "main", **context)
        return changed(request, ONE.format(dossier_id=dossier_id, thread_id=thread_id), "message_sent")

    @post("/messages/{thread_id:str}/closure", name="close_question", opt={"permission": ASK})
    async def close(self, request: Request, dossier_id: FromPath[str], thread_id: FromPath[str]) -> Response[Any]:
        """Nobody has to answer any more; what came meanwhile is shown first."""
        opened = await _open(request, dossier_id, ASK)
        values, _ = await read_form(request)
        try:
            await close(runtime(request).store, opened.who, dossier_id, thread_id, number_in(values), opened.now)
        except Changed:
            opened = await _open(request, dossier_id, READ, quiet=False, subject=thread_id)
            thread, side = await _thread(request, opened, thread_id)
            context = await _one(request, opened, thread, side, {}, {}, conflict=True)
            return page(request, "messages/thread.html", status=409, **context)
        return changed(request, ONE.format(dossier_id=dossier_id, thread_id=thread_id), "question_closed")


async def _open(
    request: Request, dossier_id: str, permission: Permission, *, quiet: bool = True, subject: str = "messages"
) -> Opened:
    store, state = runtime(request).store, request.scope["state"]
    about = subject[:LONGEST_ID]
    return await dossier_for(store, state["who"], dossier_id, permission, state["now"], quiet=quiet, subject=about)


async def _thread(request: Request, opened: Opened, thread_id: str) -> tuple[Thread, Side]:
    """The thread of this dossier, for who takes part. Raises NotFound."""
    row = await runtime(request).store.threads.find_one({"_id": thread_id})
    thread = from_row(row) if row else None
    side = side_of(opened, thread) if thread and thread.dossier_id in ids_of(opened) else None
    if thread is None or side is None:
        raise NotFound
    return thread, side


async def _sent(
    request: Request,
    opened: Opened,
    values: Values,
    errors: Mapping[str, Message],
    work: Coroutine[Any, Any, object],
    notice: str,
) -> Response[Any]:
    if errors := await refused_at(work, errors):
        await record_look(runtime(request).store, opened)
        return refused(request, "messages/list.html", "main", **await _context(request, opened, values, errors))
    return changed(request, PAGE.format(dossier_id=opened.dossier.id), notice)


async def _context(request: Request, opened: Opened, values: Values, errors: Mapping[str, Message]) -> dict[str, Any]:
    return {
        "child": header_of(opened),
        "threads": await threads_of(runtime(request).store, opened),
        "staff": [(person.role_id, person.name) for person in askable(opened)],
        "relatives": [(p.person_id, f"{p.name}, {kin(p.kind)}") for p in family_to_write(opened)],
        "family": is_family(opened.access),
        "manager": manager_contact(opened, opened.dossier.case_manager),
        "led": bool(managers_of(opened)),
        "heads": opened.can(ASK),
        "submission": submission_of(values) or new_id(),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "here": "messages",
    }


async def _one(
    request: Request,
    opened: Opened,
    thread: Thread,
    side: Side,
    values: Values,
    errors: Mapping[str, Message],
    *,
    conflict: bool = False,
) -> dict[str, Any]:
    return {
        "child": header_of(opened),
        "thread": thread,
        "title": title_of(opened, thread, side),
        "messages": await messages_of(runtime(request).store, opened, thread),
        "may_close": side is Side.HEAD and thread.closed_at is None,
        "submission": submission_of(values) or new_id(),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "conflict": conflict,
        "here": "messages",
    }
