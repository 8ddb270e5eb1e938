"""Adding, correcting and withdrawing an entry."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import record_look
from auth.permissions import Permission
from documents.event import Event
from documents.files import NotYours
from documents.model import day_of
from documents.store import Changed
from portal.events.actions import add_event, correct_event, withdraw_event
from portal.events.content import opened_content
from portal.events.form import values_of
from portal.events.rules import Message, read_reason
from portal.events.typed import (
    Typed,
    demand_proof_for,
    draft_or,
    form_context,
    open_for,
    own_event,
    show_form,
    typed_form,
    withdrawal_context,
)
from portal.forms import read_form
from portal.page import Request, changed, page, refused, region
from portal.translations import N_

UPLOAD_LIMIT = 90_000_000  # bytes of one form: a few files of 20 MB each
SEVERAL = {"siblings", "withheld_for", "named_people", "files", "files_kept"}  # boxes and files: as many as fit
ADD, CHANGE = Permission.EVENT_ADD, Permission.EVENT_CHANGE
FILES_GONE = Message(N_("The files waited too long. Attach them once more."))
READ_AGAIN = Message(N_("Somebody changed the entry meanwhile. Read it once more, then decide."))


class EventController(Controller):
    """`/dossiers/{id}/events…`."""

    path = "/dossiers/{dossier_id:str}/events"

    @get("/new", name="event_form", opt={"permission": ADD})
    async def form(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The empty form, or the draft kept from before."""
        held, opened = await open_for(request, dossier_id, ADD)
        typed, kept_at = await draft_or(held, opened, None, {"day": [f"{day_of(opened.now):%d.%m.%Y}."]})
        return await show_form(request, typed, kept_at=kept_at)

    @post(
        "/",
        name="add_event",
        request_max_body_size=UPLOAD_LIMIT,
        opt={"permission": ADD, "many": SEVERAL, "draft": "/dossiers/{dossier_id}/events/new"},
    )
    async def add(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Save the entry, the draft, or only show the fields of the kind chosen – as the button says."""
        typed = await typed_form(request, dossier_id, ADD)
        opened = typed.opened
        if typed.step == "draft" and not typed.errors:
            await typed.keep()
            return changed(request, f"/dossiers/{dossier_id}", "draft_kept")
        draft = None if typed.step else await typed.read()
        if draft is None:
            await typed.keep()
            return await show_form(request, typed, kept_at=opened.now)
        try:
            ids = await add_event(
                typed.held.store, opened.who, dossier_id, draft, typed.attachments, opened.now, typed.submission
            )
        except NotYours:
            typed.errors["files"] = FILES_GONE
            return await show_form(request, typed, kept_at=opened.now)
        await typed.forget()
        return changed(request, f"/dossiers/{dossier_id}/events/{ids[dossier_id]}", "event_saved")

    @post("/preview", name="event_preview", status_code=200, opt={"permission": ADD, "many": SEVERAL})
    async def preview(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """As choices change: the fields of the kind, the classes it allows, who will read it."""
        return await _preview(request, await typed_form(request, dossier_id, ADD))

    @post("/draft", name="event_draft", status_code=200, opt={"permission": ADD, "many": SEVERAL})
    async def draft(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Keep what is being typed; the answer says when."""
        typed = await typed_form(request, dossier_id, ADD)
        await typed.keep()
        return region(request, "events/form.html", "kept", kept_at=typed.opened.now)

    @get("/{event_id:str}/correction", name="correction_form", opt={"permission": CHANGE})
    async def correction(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """The entry in its form, to be put right."""
        held, opened = await open_for(request, dossier_id, CHANGE, subject=event_id)
        event = await own_event(held, opened, event_id)
        demand_proof_for(opened, event)
        fresh = values_of(event, await opened_content(held.store, event))
        typed, kept_at = await draft_or(held, opened, event, fresh)
        return await show_form(request, typed, kept_at=kept_at)

    @post(
        "/{event_id:str}/correction",
        name="correct_event",
        request_max_body_size=UPLOAD_LIMIT,
        opt={
            "permission": CHANGE,
            "many": SEVERAL,
            "draft": "/dossiers/{dossier_id}/events/{event_id}/correction",
        },
    )
    async def correct(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """Save the correction; where somebody was faster, show both and lose nothing."""
        typed = await typed_form(request, dossier_id, CHANGE, event_id)
        opened = typed.opened
        reason, missing = read_reason(typed.values)
        typed.errors |= {} if typed.step else missing
        draft = None if typed.step else await typed.read()
        if draft is None:
            await typed.keep()
            return await show_form(request, typed, kept_at=opened.now)
        try:
            await correct_event(
                typed.held.store,
                opened.who,
                dossier_id,
                event_id,
                typed.version,
                draft,
                typed.attachments,
                reason,
                opened.now,
            )
        except NotYours:
            typed.errors["files"] = FILES_GONE
            return await show_form(request, typed, kept_at=opened.now)
        except Changed as conflict:
            await typed.keep()
            theirs = Event.model_validate(conflict.theirs)
            typed.values["version"] = [str(theirs.version)]
            context = await form_context(typed, kept_at=opened.now, theirs=theirs)
            return page(request, "events/form.html", status=409, **context)
        await typed.forget()
        return changed(request, f"/dossiers/{dossier_id}/events/{event_id}", "event_corrected")

    @post(
        "/{event_id:str}/correction/preview",
        name="correction_preview",
        status_code=200,
        opt={"permission": CHANGE, "many": SEVERAL},
    )
    async def preview_correction(
        self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]
    ) -> Response[Any]:
        """The same while correcting: who will read this entry, with all that is withheld of it already."""
        return await _preview(request, await typed_form(request, dossier_id, CHANGE, event_id))

    @get("/{event_id:str}/withdrawal", name="withdrawal_form", opt={"permission": CHANGE})
    async def withdrawal(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """Ask once, with the reason."""
        held, opened = await open_for(request, dossier_id, CHANGE, subject=event_id)
        event = await own_event(held, opened, event_id)
        demand_proof_for(opened, event)
        await record_look(held.store, opened)
        return page(request, "events/withdrawal.html", **withdrawal_context(opened, event, {}, {}))

    @post("/{event_id:str}/withdrawal", name="withdraw_event", opt={"permission": CHANGE})
    async def withdraw(self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str]) -> Response[Any]:
        """Withdraw the entry: it stays, marked."""
        held, opened = await open_for(request, dossier_id, CHANGE, subject=event_id)
        values, _ = await read_form(request)
        reason, errors = read_reason(values)
        event = await own_event(held, opened, event_id)
        if errors:
            await record_look(held.store, opened)
            return refused(
                request, "events/withdrawal.html", "section", **withdrawal_context(opened, event, values, errors)
            )
        version = (values.get("version") or [""])[0]
        try:
            made_under = int(version) if version.isdecimal() and len(version) < 6 else 0
            await withdraw_event(held.store, opened.who, dossier_id, event_id, made_under, reason, opened.now)
        except Changed:
            _, opened = await open_for(request, dossier_id, CHANGE, subject=event_id)
            event = await own_event(held, opened, event_id)
            await record_look(held.store, opened)
            fresh = withdrawal_context(opened, event, values, {"reason": READ_AGAIN})
            return page(request, "events/withdrawal.html", status=409, **fresh)
        return changed(request, f"/dossiers/{dossier_id}/events/{event_id}", "event_withdrawn")


async def _preview(request: Request, typed: Typed) -> Response[Any]:
    context = await form_context(typed)
    return region(request, "events/form.html", ["kind_fields", "circle", "readers"], fragment=True, **context)
