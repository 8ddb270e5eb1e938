"""One guard for all routes: each declares its permission, each change carries its token."""

from dataclasses import replace
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import MethodNotAllowedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from auth.access import Forbidden, entry_for, refused
from auth.permissions import Permission
from auth.policy import NEEDS, may
from auth.sessions import Session, csrf_valid, request_origin_ok
from auth.step_up import StepUpNeeded, demand_proof, proved_now
from auth.who import FAMILY_ROLE, Who
from documents.acts import Act
from documents.draft import keep_draft
from portal.events.typed import RoleChanged
from portal.forms import kept, read_form
from portal.page import Request
from portal.runtime import runtime

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SignInFirst(Exception):
    """Nobody is signed in, or the session has ended; `back` is the form whose text was kept."""

    def __init__(self, back: str = "") -> None:
        super().__init__("sign in first")
        self.back = back


class ChooseRole(Exception):
    """Signed in, with no role chosen."""


class UndeclaredPermission(RuntimeError):
    """A route without a declared permission: a mistake of ours, refused for everybody."""


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse the undeclared, the anonymous, and roles whose position does not include what the route does."""
    if connection.scope.get("method") == "OPTIONS":
        raise MethodNotAllowedException  # Litestar answers it for each route by itself; nobody needs to ask
    declared = handler.opt.get("permission")
    if declared is None:
        raise UndeclaredPermission(str(handler))
    permission = Permission(declared)
    if permission is Permission.PUBLIC:
        return
    if error := connection.scope["state"].get("unrecognised"):
        raise error
    who: Who | None = connection.scope["state"].get("who")
    if who is None:
        if handler.opt.get("draft") and connection.scope["state"].get("lapsed"):
            return  # `check_change` keeps what was typed, then leads to sign-in
        raise SignInFirst
    if permission is Permission.SIGNED_IN:
        return
    await _check_position(connection, who, permission)
    if handler.opt.get("step_up") and connection.scope.get("method") in SAFE_METHODS:
        demand_proof(who, connection.scope["state"]["now"])  # of a change `check_change`, which keeps what was typed


async def _check_position(connection: ASGIConnection[Any, Any, Any, Any], who: Who, permission: Permission) -> None:
    """Refuse what the role's position does not include. Raises ChooseRole, Forbidden."""
    if who.role is None and not who.in_family_role and permission is not Permission.ROLE_CHOOSE:
        raise ChooseRole
    if permission in NEEDS:
        return  # the door decides: it knows the child
    access = may(who, permission)
    if not access.allowed:
        held = runtime(connection)
        entry = entry_for(who, Act.ROUTE_REFUSED, connection.scope["state"]["now"])
        await held.store.audit.record(refused(entry, permission, access.reason))
        raise Forbidden(access.reason)


async def check_change(request: Request) -> None:
    """Before every handler: one answer to each question, and a change needs a token of its session and no foreign page.

    Raises GivenTwice, PermissionDeniedException, SignInFirst, RoleChanged, StepUpNeeded.
    """
    request.check_parameters()
    if request.method in SAFE_METHODS or request.route_handler.opt.get("csrf") == "checked by the protocol":
        return
    settings = runtime(request).settings
    if not request_origin_ok(request.headers, {settings.public_url}):
        raise PermissionDeniedException("foreign origin")
    session = request.scope["state"].get("session")
    if session is None:
        if Permission(request.route_handler.opt["permission"]) is Permission.PUBLIC:
            return
        raise SignInFirst(await _keep_typed(request, request.scope["state"].get("lapsed")))
    form = await request.form()
    token = request.headers.get("x-csrf-token") or form.get("csrf")
    if not isinstance(token, str) or not _made_in_this_stay(session, token):
        if session.earlier_secret and await _keep_typed(request, _before_the_change(session)):
            raise RoleChanged
        raise PermissionDeniedException("csrf")
    who, now = request.scope["state"].get("who"), request.scope["state"]["now"]
    if request.route_handler.opt.get("step_up") and who is not None and not proved_now(who, now):
        raise StepUpNeeded(await _keep_typed(request, session))


def _made_in_this_stay(session: Session, token: str) -> bool:
    """A form of this stay, also one made before a step-up: that changed neither person nor role."""
    if csrf_valid(session, token):
        return True
    return session.earlier_role == session.role_id and csrf_valid(_before_the_change(session), token)


def _before_the_change(session: Session) -> Session:
    """The stay as it was in the role before, only to know its forms."""
    return replace(session, role_id=session.earlier_role, csrf_secret=session.earlier_secret or b"")


async def _keep_typed(request: Request, lapsed: Session | None) -> str:
    """Keep the text of a form whose session ran out or changed its role meanwhile; returns where its form is."""
    form = request.route_handler.opt.get("draft", "")
    if lapsed is None or lapsed.role_id is None or not form:
        return ""
    values, _ = await read_form(request)
    if not _made_in_this_stay(lapsed, (values.get("csrf") or [""])[0]):
        return ""
    address = form.format(**request.path_params)
    held = runtime(request)
    # All families share one role: what a parent typed is the person's.
    writer = lapsed.person_id if lapsed.role_id == FAMILY_ROLE else lapsed.role_id
    await keep_draft(held.store, writer, address, kept(values), held.now())
    return str(address)
