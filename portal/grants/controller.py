"""Who else may read this dossier, and who may not."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import Opened, dossier_for, record_look
from auth.permissions import Permission
from documents.draft import find_draft, forget_draft
from documents.model import day_of
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, one
from portal.forms import Values, read_form
from portal.grants.actions import NobodyKnown, deny_access, lift_denial, review_denial, revoke_grant
from portal.grants.rules import people_to_deny, read_denial
from portal.grants.view import lists_of
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import N_

LIST = Permission.ACCESS_LIST_READ
ADDRESS = "/dossiers/{dossier_id}/grants"
NOBODY = Message(N_("Nobody works under this address. Check it, or choose from the list."))


class GrantController(Controller):
    """`/dossiers/{id}/grants` and `…/denials`; who may change what is decided on the state that is changed."""

    path = "/dossiers/{dossier_id:str}"

    @get("/grants", name="grants", opt={"permission": LIST})
    async def list(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Grants in force and past, denials, and the form of a denial."""
        opened = await _open(request, dossier_id, quiet=False)
        draft = await find_draft(runtime(request).store, _role(opened), ADDRESS.format(dossier_id=dossier_id))
        return page(request, "grants/grants.html", **_context(opened, draft[0] if draft else {}, {}))

    @post("/grants/{grant_id:str}/revocation", name="revoke_grant", opt={"permission": LIST})
    async def revoke(self, request: Request, dossier_id: FromPath[str], grant_id: FromPath[str]) -> Response[Any]:
        """Take access back, at once."""
        opened = await _open(request, dossier_id)
        await revoke_grant(runtime(request).store, opened.who, dossier_id, grant_id, opened.now)
        return changed(request, f"/dossiers/{dossier_id}/grants", "access_revoked")

    @post("/denials", name="deny_access", opt={"permission": LIST, "draft": ADDRESS})
    async def deny(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Put somebody on the list of denials."""
        opened = await _open(request, dossier_id)
        values, _ = await read_form(request)
        offered = {person_id for person_id, _ in people_to_deny(opened)}
        draft, errors = read_denial(values, offered, day_of(opened.now))
        if draft is not None:
            try:
                await deny_access(runtime(request).store, opened.who, dossier_id, draft, opened.now)
            except NobodyKnown:
                errors = {"email": NOBODY}
        if errors:
            await record_look(runtime(request).store, opened)
            return refused(request, "grants/grants.html", "main", **_context(opened, values, errors))
        await forget_draft(runtime(request).store, _role(opened), ADDRESS.format(dossier_id=dossier_id))
        return changed(request, f"/dossiers/{dossier_id}/grants", "access_denied")

    @post("/denials/{denial_id:str}/lifting", name="lift_denial", opt={"permission": LIST})
    async def lift(self, request: Request, dossier_id: FromPath[str], denial_id: FromPath[str]) -> Response[Any]:
        """End a denial."""
        opened = await _open(request, dossier_id)
        await lift_denial(runtime(request).store, opened.who, dossier_id, denial_id, opened.now)
        return changed(request, f"/dossiers/{dossier_id}/grants", "denial_lifted")

    @post("/denials/{denial_id:str}/review", name="review_denial", opt={"permission": Permission.ACCESS_REVIEW})
    async def review(self, request: Request, dossier_id: FromPath[str], denial_id: FromPath[str]) -> Response[Any]:
        """The supervisor has looked at it."""
        opened = await _open(request, dossier_id)
        await review_denial(runtime(request).store, opened.who, dossier_id, denial_id, opened.now)
        return changed(request, f"/dossiers/{dossier_id}/grants", "denial_reviewed")


async def _open(request: Request, dossier_id: str, *, quiet: bool = True) -> Opened:
    state = request.scope["state"]
    return await dossier_for(runtime(request).store, state["who"], dossier_id, LIST, state["now"], quiet=quiet)


def _context(opened: Opened, values: Values, errors: Mapping[str, Message]) -> dict[str, Any]:
    manager = opened.dossier.case_manager
    call = f"{manager.name}, {manager.phone}" if manager and manager.phone else ""
    return {
        "child": header_of(opened),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "call": one(values, "call") if values else call,
        "here": "access-log",
        **lists_of(opened),
    }


def _role(opened: Opened) -> str:
    return opened.who.role.id if opened.who.role else opened.who.person_id
