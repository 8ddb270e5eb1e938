"""Correcting base data, and how the people of the family are reached."""

from collections.abc import Collection, Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound, Opened, dossier_for, record_look
from auth.permissions import Permission, Section
from documents.draft import find_draft, forget_draft, keep_draft
from documents.family import Relationship
from documents.model import day_of
from documents.store import Changed
from portal.contacts.actions import (
    base_standing,
    change_base,
    change_contacts,
    contact_standing,
    current_contacts,
)
from portal.contacts.form import FieldView, Form, base_fields, contact_fields, person_title
from portal.contacts.rules import CONTACTS, Edit, editable, read_edits
from portal.contacts.words import only_told
from portal.dossier.header import header_of
from portal.events.rules import Message, Values, one
from portal.events.typed import RoleChanged, role_of
from portal.forms import kept, read_form
from portal.page import Request, changed, page, refused
from portal.runtime import runtime

WRITE = Permission.CONTACTS_WRITE
BASE = "/dossiers/{dossier_id}/base"
CONTACTS_OF = "/dossiers/{dossier_id}/family/{relationship_id}/contacts"


class ContactsController(Controller):
    """`/dossiers/{id}/base` and `/dossiers/{id}/family/{relationship}/contacts`."""

    @get("/dossiers/{dossier_id:str}/base", name="base_form", opt={"permission": WRITE})
    async def base(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The fields people know, as they stand, or as somebody was typing them before."""
        opened = await _open(request, dossier_id)
        draft = await _draft(request, opened, BASE.format(dossier_id=dossier_id))
        return await _base_page(request, opened, draft, {})

    @post("/dossiers/{dossier_id:str}/base", name="change_base", opt={"permission": WRITE, "draft": BASE})
    async def change_base(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Save what was changed; where somebody was faster with the same field, show both."""
        opened, address = await _open(request, dossier_id), BASE.format(dossier_id=dossier_id)
        values = await _typed(request, opened, address)
        edits, errors = read_edits(values, editable(opened), only_told(opened.dossier.base))
        if errors:
            return await _base_page(request, opened, values, errors)
        store = runtime(request).store
        try:
            await change_base(store, opened.who, dossier_id, edits, opened.now)
        except Changed as conflict:
            await _keep(request, opened, address, values)
            return await _base_page(request, await _open(request, dossier_id), values, {}, _names(conflict, edits))
        await forget_draft(store, role_of(opened), address)
        return changed(request, f"/dossiers/{dossier_id}", "base_changed")

    @get(
        "/dossiers/{dossier_id:str}/family/{relationship_id:str}/contacts",
        name="contacts_form",
        opt={"permission": WRITE},
    )
    async def contacts(
        self, request: Request, dossier_id: FromPath[str], relationship_id: FromPath[str]
    ) -> Response[Any]:
        """Telephone and e-mail of somebody of the family."""
        opened = await _open(request, dossier_id, relationship_id)
        address = CONTACTS_OF.format(dossier_id=dossier_id, relationship_id=relationship_id)
        draft = await _draft(request, opened, address)
        return await _contacts_page(request, opened, relationship_id, draft, {})

    @post(
        "/dossiers/{dossier_id:str}/family/{relationship_id:str}/contacts",
        name="change_contacts",
        opt={"permission": WRITE, "draft": CONTACTS_OF},
    )
    async def change_contacts(
        self, request: Request, dossier_id: FromPath[str], relationship_id: FromPath[str]
    ) -> Response[Any]:
        """Save what was changed, here at once and in the other dossiers of this person soon after."""
        opened = await _open(request, dossier_id, relationship_id)
        address = CONTACTS_OF.format(dossier_id=dossier_id, relationship_id=relationship_id)
        values = await _typed(request, opened, address)
        edits, errors = read_edits(values, CONTACTS)
        if errors:
            return await _contacts_page(request, opened, relationship_id, values, errors)
        store = runtime(request).store
        try:
            await change_contacts(store, opened.who, dossier_id, relationship_id, edits, opened.now)
        except Changed as conflict:
            await _keep(request, opened, address, values)
            opened = await _open(request, dossier_id, relationship_id)
            return await _contacts_page(request, opened, relationship_id, values, {}, _names(conflict, edits))
        await forget_draft(store, role_of(opened), address)
        return changed(request, f"/dossiers/{dossier_id}/family", "contacts_changed")


async def _open(request: Request, dossier_id: str, subject: str | None = None) -> Opened:
    """Open quietly: the look is recorded once it is known what is shown."""
    state, store = request.scope["state"], runtime(request).store
    shown = (Section.FAMILY,) if subject else ()
    return await dossier_for(
        store, state["who"], dossier_id, WRITE, state["now"], sections=shown, subject=subject, quiet=True
    )


async def _typed(request: Request, opened: Opened, address: str) -> Values:
    """What was typed. Raises RoleChanged when the form was made under another role; its text is kept."""
    values, _ = await read_form(request)
    if one(values, "role") not in ("", role_of(opened)):
        await _keep(request, opened, address, values)
        raise RoleChanged
    return values


async def _keep(request: Request, opened: Opened, address: str, values: Values) -> None:
    typed = kept({name: list(given) for name, given in values.items()})
    await keep_draft(runtime(request).store, role_of(opened), address, typed, opened.now)


async def _draft(request: Request, opened: Opened, address: str) -> Values:
    found = await find_draft(runtime(request).store, role_of(opened), address)
    return found[0] if found else {}


async def _base_page(
    request: Request, opened: Opened, values: Values, errors: Mapping[str, Message], conflicts: Collection[str] = ()
) -> Response[Any]:
    standing = await base_standing(runtime(request).store, opened)
    fields = base_fields(opened, Form(standing, values, errors, conflicts))
    back = f"/dossiers/{opened.dossier.id}"
    return await _answer(request, opened, fields, errors, conflicts, action=f"{back}/base", back=back, person=None)


async def _contacts_page(
    request: Request,
    opened: Opened,
    relationship_id: str,
    values: Values,
    errors: Mapping[str, Message],
    conflicts: Collection[str] = (),
) -> Response[Any]:
    """The page of one person; the person's own state decides, the copy in the dossier may be a moment behind."""
    store, dossier = runtime(request).store, opened.dossier
    relationship = next((r for r in dossier.relationships if r.id == relationship_id), None)
    if relationship is None:
        raise NotFound
    owner = await current_contacts(store, relationship)
    form = Form(contact_standing(owner, day_of(opened.now)), values, errors, conflicts)
    back = f"/dossiers/{dossier.id}/family"
    return await _answer(
        request,
        opened,
        contact_fields(opened, owner, form),
        errors,
        conflicts,
        action=f"{back}/{relationship_id}/contacts",
        back=back,
        person=relationship,
    )


async def _answer(
    request: Request,
    opened: Opened,
    fields: list[FieldView],
    errors: Mapping[str, Message],
    conflicts: Collection[str],
    *,
    action: str,
    back: str,
    person: Relationship | None,
) -> Response[Any]:
    await record_look(runtime(request).store, opened)
    context = {
        "child": header_of(opened),
        "fields": fields,
        "errors": [(f"{field.label}: {field.error}", field.name) for field in fields if field.error],
        "conflict": bool(conflicts),
        "role": role_of(opened),
        "action": action,
        "back": back,
        "person": person_title(person) if person else "",
    }
    if errors:
        return refused(request, "contacts/form.html", "main", **context)
    return page(request, "contacts/form.html", status=409 if conflicts else 200, **context)


def _names(conflict: Changed, edits: list[Edit]) -> list[str]:
    """The fields two people wrote differently."""
    return conflict.theirs if isinstance(conflict.theirs, list) else [edit.name for edit in edits]
