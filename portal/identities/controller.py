"""Identify a need for a child without a Latvian personal code: newborn, foreign or unknown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post

from auth.permissions import Permission
from auth.who import Who
from documents.draft import find_draft, forget_draft, keep_draft
from documents.model import day_of, new_id
from portal.events.form import say
from portal.events.rules import Message, Values, one
from portal.events.typed import RoleChanged
from portal.forms import kept, read_form, submission_of
from portal.identities.actions import identify_newcomer
from portal.identities.rules import read_newcomer
from portal.needs.controller import need_fields
from portal.needs.rules import read_need
from portal.page import Request, changed, page, refused
from portal.runtime import runtime

FORM = "/needs/without-code"
LABELS_IN_ORDER = ("given_name", "family_name", "born", "sex", "kind", "description", "level", "legal_basis")


class NewcomerController(Controller):
    """`/needs/without-code`."""

    @get(FORM, name="newcomer_form", opt={"permission": Permission.NEED_IDENTIFY})
    async def form(self, request: Request) -> Response[Any]:
        """The form, with what was typed when a session ended."""
        found = await find_draft(runtime(request).store, _role(request), FORM)
        typed, at = found if found else ({}, None)
        return page(request, "identities/newcomer.html", **_context(request, typed, {}, at))

    @post(FORM, name="identify_newcomer", opt={"permission": Permission.NEED_IDENTIFY, "draft": FORM})
    async def identify(self, request: Request) -> Response[Any]:
        """Open the dossier under a provisional identity."""
        store, now = runtime(request).store, request.scope["state"]["now"]
        values, _ = await read_form(request)
        if one(values, "role") not in ("", _role(request)):
            await keep_draft(store, _role(request), FORM, kept(values), now)
            raise RoleChanged
        newcomer, errors = read_newcomer(values, day_of(now))
        draft, more = read_need(values, day_of(now))
        if newcomer is None or draft is None:
            return refused(request, "identities/newcomer.html", "main", **_context(request, values, errors | more))
        dossier_id = await identify_newcomer(store, _who(request), newcomer, draft, now, submission_of(values))
        await forget_draft(store, _role(request), FORM)
        return changed(request, f"/dossiers/{dossier_id}", "dossier_opened")


def _who(request: Request) -> Who:
    who: Who = request.scope["state"]["who"]
    return who


def _role(request: Request) -> str:
    who = _who(request)
    return who.role.id if who.role else who.person_id


def _context(
    request: Request, values: Values, errors: Mapping[str, Message], kept_at: datetime | None = None
) -> dict[str, Any]:
    told = {name: say(errors[name]) for name in LABELS_IN_ORDER if name in errors}
    return {
        "submission": submission_of(values) or new_id(),
        "role": _role(request),
        "kept_at": kept_at,
        "errors": told,
        "one": lambda name: one(values, name),
        **need_fields(day_of(request.scope["state"]["now"])),
    }
