"""What the forms of an entry share: opening the door, reading what was typed, and showing it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Response

from auth.access import NotFound, Opened, dossier_for, record_look, record_refusal
from auth.entries import may_change
from auth.permissions import Permission
from auth.reasons import NOT_YOUR_ENTRY
from auth.step_up import StepUpNeeded, demand_proof
from documents.draft import find_draft, forget_draft, keep_draft
from documents.event import Attachment, Event
from documents.model import day_of, new_id
from portal.attachments.actions import pending_attachments, take_uploads
from portal.dossier.header import header_of
from portal.events.content import opened_content
from portal.events.form import people_on_the_case, say, siblings_to_write_for, view
from portal.events.rules import EventDraft, Message, many, number_in, one, read_draft
from portal.forms import Values, kept, read_form, submission_of
from portal.page import Request, page, refused
from portal.runtime import Runtime, runtime
from portal.scanning import scanner_of
from portal.translations import N_


class RoleChanged(Exception):
    """The form was made under another role (switched in another tab); what was typed is kept."""


@dataclass
class Typed:
    """A form as it came: the dossier it is about, what was typed, the files taken and what is to put right."""

    held: Runtime
    opened: Opened
    values: Values
    event: Event | None = None
    attachments: list[Attachment] = field(default_factory=list)
    errors: dict[str, Message] = field(default_factory=dict)
    refused_files: list[Message] = field(default_factory=list)

    @property
    def step(self) -> str:
        """Which button was pressed: save (nothing), kind or draft."""
        return one(self.values, "step")

    @property
    def version(self) -> int:
        """The version the form was made under; one that fits none for nonsense."""
        return number_in(self.values)

    @property
    def submission(self) -> str:
        """The id this form was given when it was shown: the same form twice is one record."""
        return submission_of(self.values)

    async def read(self) -> EventDraft | None:
        """The entry as written, or none with `errors` filled."""
        siblings = [] if self.event else await siblings_to_write_for(self.held.store, self.opened)
        draft, errors = read_draft(
            self.values,
            born=self.opened.dossier.child.birth_date,
            today=day_of(self.opened.now),
            may_name={p["id"] for p in people_on_the_case(self.opened.dossier, self.opened.who.person_id)},
            siblings={sibling.id for sibling in siblings},
        )
        self.errors = errors | self.errors
        return draft if not self.errors else None

    async def keep(self) -> None:
        """Keep it as a draft."""
        now = self.opened.now
        await keep_draft(
            self.held.store, role_of(self.opened), form_address(self.opened, self.event), kept(self.values), now
        )

    async def forget(self) -> None:
        """Its text is saved: the draft has done its work."""
        await forget_draft(self.held.store, role_of(self.opened), form_address(self.opened, self.event))


async def open_for(
    request: Request, dossier_id: str, permission: Permission, *, subject: str | None = None
) -> tuple[Runtime, Opened]:
    """Open the door for a form: quietly, the look is recorded once it is known what is shown."""
    held, state = runtime(request), request.scope["state"]
    opened = await dossier_for(
        held.store, state["who"], dossier_id, permission, state["now"], whole_life=True, subject=subject, quiet=True
    )
    return held, opened


async def typed_form(request: Request, dossier_id: str, permission: Permission, event_id: str = "") -> Typed:
    """Read a posted form with its files. Raises RoleChanged when it was made under another role."""
    held, opened = await open_for(request, dossier_id, permission, subject=event_id or None)
    values, files = await read_form(request)
    event = await own_event(held, opened, event_id) if event_id else None
    typed = Typed(held, opened, values, event)
    typed.attachments = await pending_attachments(held.store, opened.who, many(values, "files_kept"))
    taken, typed.refused_files = await take_uploads(held.store, opened.who, files, scanner_of(held), opened.now)
    typed.attachments += taken
    values["files_kept"] = [attachment.file_id for attachment in typed.attachments]
    if len(typed.refused_files) == 1:
        typed.errors["files"] = typed.refused_files[0]
    elif typed.refused_files:
        typed.errors["files"] = Message(N_("%(count)s files were not taken."), {"count": len(typed.refused_files)})
    if one(values, "role") not in ("", role_of(opened)):
        await typed.keep()
        raise RoleChanged
    try:
        demand_proof_for(opened, event)
    except StepUpNeeded as needed:
        await typed.keep()
        raise StepUpNeeded(form_address(opened, event)) from needed
    return typed


def demand_proof_for(opened: Opened, event: Event | None) -> None:
    """A restricted entry opens, also for correcting, only to who proved a moment ago who they are.

    Raises StepUpNeeded.
    """
    if event is not None and event.confidentiality == "restricted":
        demand_proof(opened.who, opened.now)


async def own_event(held: Runtime, opened: Opened, event_id: str) -> Event:
    """The entry to change; one that is not theirs to change is not found for them here, and the attempt recorded."""
    event = next((e for e in opened.dossier.events if e.id == event_id), None)
    if event is None or not may_change(opened.who, opened.access, event):
        await record_refusal(held.store, opened, Permission.EVENT_CHANGE, NOT_YOUR_ENTRY)
        raise NotFound
    return event


async def show_form(
    request: Request, typed: Typed, *, kept_at: datetime | None = None, status: int = 200
) -> Response[Any]:
    """The form with what was typed; with errors it is refused, and nothing is lost."""
    context = await form_context(typed, kept_at=kept_at)
    if typed.errors:
        return refused(request, "events/form.html", "main", **context)
    return page(request, "events/form.html", status=status, **context)


async def form_context(typed: Typed, *, kept_at: datetime | None = None, theirs: Event | None = None) -> dict[str, Any]:
    """What `events/form.html` needs; `theirs` is what stands now where somebody was faster."""
    opened, event = typed.opened, typed.event
    siblings = [] if event else await siblings_to_write_for(typed.held.store, opened)
    await record_look(typed.held.store, opened, children=[sibling.id for sibling in siblings])
    base = f"/dossiers/{opened.dossier.id}/events"
    standing = {"event": theirs, "content": await opened_content(typed.held.store, theirs)} if theirs else None
    return {
        "child": header_of(opened),
        "form": view(opened, siblings, typed.values, typed.errors, event),
        "event": event,
        "attachments": typed.attachments,
        "refused_files": [say(message) for message in typed.refused_files] if len(typed.refused_files) > 1 else [],
        "kept_at": kept_at,
        "role": role_of(opened),
        "submission": typed.submission or new_id(),
        "address": f"{base}/{event.id}/correction" if event else base,
        "base": base,
        "theirs": standing,
    }


async def draft_or(held: Runtime, opened: Opened, event: Event | None, fresh: Values) -> tuple[Typed, datetime | None]:
    """What was typed before and kept, with its files; otherwise the fresh form."""
    draft = await find_draft(held.store, role_of(opened), form_address(opened, event))
    typed = Typed(held, opened, draft[0] if draft else fresh, event)
    typed.attachments = await pending_attachments(held.store, opened.who, many(typed.values, "files_kept"))
    return typed, draft[1] if draft else None


def role_of(opened: Opened) -> str:
    """The role drafts belong to and forms are made under."""
    return opened.who.role.id if opened.who.role else opened.who.person_id


def form_address(opened: Opened, event: Event | None) -> str:
    """Where the form is: drafts are kept under this name."""
    base = f"/dossiers/{opened.dossier.id}/events"
    return f"{base}/{event.id}/correction" if event else f"{base}/new"


def withdrawal_context(
    opened: Opened, event: Event, values: Mapping[str, Sequence[str]], errors: Mapping[str, Message]
) -> dict[str, Any]:
    """What `events/withdrawal.html` needs."""
    entry = f"/dossiers/{opened.dossier.id}/events/{event.id}"
    return {
        "child": header_of(opened),
        "event": event,
        "reason": one(values, "reason"),
        "errors": {name: say(message) for name, message in errors.items()},
        "address": f"{entry}/withdrawal",
        "back": entry,
    }
