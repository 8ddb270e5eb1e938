"""Adding, correcting and withdrawing an entry."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound, Opened, dossier_for
from auth.entries import may_change
from auth.permissions import Permission
from documents.draft import find_draft, forget_draft, keep_draft
from documents.event import Event
from documents.model import day_of, new_id
from documents.store import Changed
from portal.attachments.actions import pending_attachments, take_uploads
from portal.dossier.header import header_of
from portal.events.actions import add_event, correct_event, withdraw_event
from portal.events.content import opened_content
from portal.events.form import people_on_the_case, say, siblings_to_write_for, values_of, view
from portal.events.rules import Message, many, one, read_draft, read_reason
from portal.forms import Values, kept, read_form
from portal.page import Request, changed, page, refused, region
from portal.runtime import Runtime, runtime
from portal.scanning import scanner_of
from portal.translations import N_

UPLOAD_LIMIT = 90_000_000  # bytes of one form: a few files of 20 MB each


class EventController(Controller):
    """`/dossiers/{id}/events…`."""

    path = "/dossiers/{dossier_id:str}/events"

    @get("/new", name="event_form", opt={"permission": Permission.EVENT_ADD})
    async def form(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The empty form, or the draft kept from before."""
        held, opened = await _open(request, dossier_id, Permission.EVENT_ADD)
        draft = await find_draft(held.store, _role(opened), _address(dossier_id))
        values = draft[0] if draft else {"day": [f"{day_of(opened.now):%d.%m.%Y}."]}
        return await _show(request, opened, values, kept_at=draft[1] if draft else None)

    @post(
        "/",
        name="add_event",
        request_max_body_size=UPLOAD_LIMIT,
        opt={"permission": Permission.EVENT_ADD, "draft": "/dossiers/{dossier_id}/events/new"},
    )
    async def add(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Save the entry, the draft, or only show the fields of the kind chosen – as the button says."""
        held, opened = await _open(request, dossier_id, Permission.EVENT_ADD, quiet=True)
        values, files = await read_form(request)
        form = _address(dossier_id)
        if other := await _other_role(request, opened, values, form):
            return other
        if one(values, "step") in ("kind", "draft"):
            await keep_draft(held.store, _role(opened), form, kept(values), opened.now)
            if one(values, "step") == "draft":
                return changed(request, f"/dossiers/{dossier_id}", "draft_kept")
            return await _show(request, opened, values, kept_at=opened.now)
        siblings = await siblings_to_write_for(held.store, opened)
        draft, errors = _read(opened, values, {s.id for s in siblings})
        attachments = await pending_attachments(held.store, opened.who, many(values, "files_kept"))
        taken, problems = await take_uploads(held.store, opened.who, files, scanner_of(held), opened.now)
        attachments += taken
        if problems:
            errors["files"] = problems[0]
        if draft is None or errors:
            await keep_draft(held.store, _role(opened), form, kept(values), opened.now)
            return await _show(request, opened, values, errors, attachments=attachments, kept_at=opened.now)
        ids = await add_event(
            held.store, opened.who, dossier_id, draft, attachments, opened.now, submission=_submission(values)
        )
        await forget_draft(held.store, _role(opened), form)
        return changed(request, f"/dossiers/{dossier_id}/events/{ids[dossier_id]}", "event_saved")

    @post("/preview", name="event_preview", status_code=200, opt={"permission": Permission.EVENT_ADD})
    async def preview(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """As choices change: the fields of the kind, the classes it allows, who will read it."""
        held, opened = await _open(request, dossier_id, Permission.EVENT_ADD, quiet=True)
        values, _ = await read_form(request)
        shown = view(opened, await siblings_to_write_for(held.store, opened), values, {})
        return region(
            request, "events/form.html", ["kind_fields", "circle", "readers"], **_context(opened, shown, values)
        )

    @post("/draft", name="event_draft", status_code=200, opt={"permission": Permission.EVENT_ADD})
    async def draft(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Keep what is being typed; the answer says when."""
        held, opened = await _open(request, dossier_id, Permission.EVENT_ADD, quiet=True)
        values, _ = await read_form(request)
        await keep_draft(held.store, _role(opened), _address(dossier_id), kept(values), opened.now)
        return region(request, "events/form.html", "kept", kept_at=opened.now)

    @get("/{event_id:str}/correction", name="correction_form", opt={"permission": Permission.EVENT_CHANGE})
    async def correction(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """The entry in its form, to be put right."""
        held, opened = await _open(request, dossier_id, Permission.EVENT_CHANGE, subject=event_id)
        event = _own(opened, event_id)
        form = _address(dossier_id, event_id)
        draft = await find_draft(held.store, _role(opened), form)
        values = draft[0] if draft else values_of(event, await opened_content(held.store, event))
        return await _show(request, opened, values, event=event, kept_at=draft[1] if draft else None)

    @post(
        "/{event_id:str}/correction",
        name="correct_event",
        request_max_body_size=UPLOAD_LIMIT,
        opt={"permission": Permission.EVENT_CHANGE, "draft": "/dossiers/{dossier_id}/events/{event_id}/correction"},
    )
    async def correct(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """Save the correction; where somebody was faster, show both and lose nothing."""
        held, opened = await _open(request, dossier_id, Permission.EVENT_CHANGE, quiet=True)
        values, files = await read_form(request)
        event, form = _own(opened, event_id), _address(dossier_id, event_id)
        if other := await _other_role(request, opened, values, form):
            return other
        draft, errors = _read(opened, values, set())
        reason, missing = read_reason(values)
        errors |= missing
        attachments = await pending_attachments(held.store, opened.who, many(values, "files_kept"))
        taken, problems = await take_uploads(held.store, opened.who, files, scanner_of(held), opened.now)
        attachments += taken
        if problems:
            errors["files"] = problems[0]
        if draft is None or errors or one(values, "step") == "kind":
            await keep_draft(held.store, _role(opened), form, kept(values), opened.now)
            return await _show(
                request, opened, values, errors, event=event, attachments=attachments, kept_at=opened.now
            )
        try:
            await correct_event(
                held.store, opened.who, dossier_id, event_id, _version(values), draft, attachments, reason, opened.now
            )
        except Changed as conflict:
            await keep_draft(held.store, _role(opened), form, kept(values), opened.now)
            return await _conflict(request, opened, values, conflict.theirs)
        await forget_draft(held.store, _role(opened), form)
        return changed(request, f"/dossiers/{dossier_id}/events/{event_id}", "event_corrected")

    @get("/{event_id:str}/withdrawal", name="withdrawal_form", opt={"permission": Permission.EVENT_CHANGE})
    async def withdrawal(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """Ask once, with the reason."""
        _, opened = await _open(request, dossier_id, Permission.EVENT_CHANGE, subject=event_id)
        event = _own(opened, event_id)
        return page(request, "events/withdrawal.html", **_withdrawal(opened, event, {}, {}))

    @post("/{event_id:str}/withdrawal", name="withdraw_event", opt={"permission": Permission.EVENT_CHANGE})
    async def withdraw(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """Withdraw the entry: it stays, marked."""
        held, opened = await _open(request, dossier_id, Permission.EVENT_CHANGE, quiet=True)
        values, _ = await read_form(request)
        event = _own(opened, event_id)
        reason, errors = read_reason(values)
        if errors:
            return refused(request, "events/withdrawal.html", "section", **_withdrawal(opened, event, values, errors))
        try:
            await withdraw_event(held.store, opened.who, dossier_id, event_id, _version(values), reason, opened.now)
        except Changed:
            errors = {"reason": Message(N_("Somebody changed the entry meanwhile. Read it once more, then decide."))}
            _, opened = await _open(request, dossier_id, Permission.EVENT_CHANGE, quiet=True)
            fresh = _withdrawal(opened, _own(opened, event_id), values, errors)
            return page(request, "events/withdrawal.html", status=409, **fresh)
        return changed(request, f"/dossiers/{dossier_id}/events/{event_id}", "event_withdrawn")


async def _open(
    request: Request, dossier_id: str, permission: Permission, *, subject: str | None = None, quiet: bool = False
) -> tuple[Runtime, Opened]:
    held, state = runtime(request), request.scope["state"]
    opened = await dossier_for(
        held.store, state["who"], dossier_id, permission, state["now"], whole_life=True, subject=subject, quiet=quiet
    )
    return held, opened


def _own(opened: Opened, event_id: str) -> Event:
    """The entry to change; one that is not theirs to change is not found for them here."""
    event = next((e for e in opened.dossier.events if e.id == event_id), None)
    if event is None or not may_change(opened.who, opened.access, event):
        raise NotFound
    return event


def _read(opened: Opened, values: Values, siblings: set[str]) -> tuple[Any, dict[str, Message]]:
    return read_draft(
        values,
        born=opened.dossier.child.birth_date,
        today=day_of(opened.now),
        may_name={p["id"] for p in people_on_the_case(opened.dossier, opened.who.person_id)},
        siblings=siblings,
    )


async def _show(
    request: Request,
    opened: Opened,
    values: Values,
    errors: Mapping[str, Message] | None = None,
    *,
    event: Event | None = None,
    attachments: Sequence[Any] = (),
    kept_at: Any = None,
) -> Response[Any]:
    held = runtime(request)
    siblings = [] if event else await siblings_to_write_for(held.store, opened)
    shown = view(opened, siblings, values, errors or {})
    context = _context(opened, shown, values, event=event, attachments=attachments, kept_at=kept_at)
    if errors:
        return refused(request, "events/form.html", "main", **context)
    return page(request, "events/form.html", **context)


def _context(opened: Opened, shown: Any, values: Values, **more: Any) -> dict[str, Any]:
    event = more.get("event")
    base = f"/dossiers/{opened.dossier.id}/events"
    return {
        "child": header_of(opened),
        "form": shown,
        "event": event,
        "attachments": more.get("attachments", ()),
        "kept_at": more.get("kept_at"),
        "role": _role(opened),
        "submission": _submission(values) or new_id(),
        "address": f"{base}/{event.id}/correction" if event else base,
        "base": base,
        "theirs": more.get("theirs"),
    }


def _withdrawal(opened: Opened, event: Event, values: Values, errors: Mapping[str, Message]) -> dict[str, Any]:
    return {
        "child": header_of(opened),
        "event": event,
        "reason": one(values, "reason"),
        "errors": {name: say(message) for name, message in errors.items()},
        "address": f"/dossiers/{opened.dossier.id}/events/{event.id}/withdrawal",
        "back": f"/dossiers/{opened.dossier.id}/events/{event.id}",
    }


async def _conflict(request: Request, opened: Opened, values: Values, theirs: object) -> Response[Any]:
    """Both texts side by side; saving again goes on top of what stands now."""
    held = runtime(request)
    assert isinstance(theirs, Event)  # noqa: S101 - what correct_event raises
    typed = {name: list(given) for name, given in values.items()} | {"version": [str(theirs.version)]}
    shown = view(opened, [], typed, {})
    standing = {"event": theirs, "content": await opened_content(held.store, theirs)}
    context = _context(opened, shown, typed, event=theirs, kept_at=opened.now, theirs=standing)
    return page(request, "events/form.html", status=409, **context)


async def _other_role(request: Request, opened: Opened, values: Values, form: str) -> Response[Any] | None:
    """A form made under another role (switched in another tab) is not saved under this one; its text is kept."""
    if one(values, "role") in ("", _role(opened)):
        return None
    held = runtime(request)
    await keep_draft(held.store, _role(opened), form, kept(values), opened.now)
    return page(request, "errors/role_changed.html", status=409, back=request.url.path)


def _role(opened: Opened) -> str:
    return opened.who.role.id if opened.who.role else opened.who.person_id


def _address(dossier_id: str, event_id: str = "") -> str:
    return f"/dossiers/{dossier_id}/events/{event_id or 'new'}"


def _submission(values: Values) -> str:
    text = one(values, "submission")
    return text if len(text) == 13 and text.isalnum() and text.isascii() else ""


def _version(values: Values) -> int:
    text = one(values, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
