"""What people read when something cannot be done: a sentence that helps, nothing about the inside."""

import traceback
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from pymongo.errors import PyMongoError

from auth.access import Denied, Forbidden, Moved, NotFound
from auth.oidc import ProviderUnavailable
from auth.step_up import StepUpNeeded
from documents.audit import AuditUnavailable
from portal.events.typed import RoleChanged
from portal.guard import SAFE_METHODS, ChooseRole, SignInFirst
from portal.incoming import GivenTwice
from portal.page import Request, page
from portal.search.actions import TooMany
from portal.translations import N_, gettext

log = structlog.get_logger("portal")

# Pages of their own; every other refusal is shown as one of them.
PAGES = {403, 404, 409, 422, 429, 500, 503}
ADVICE = {
    400: N_("The address or form is damaged. Go back and try once more."),
    413: N_("A file may have 20 MB. Make it smaller or split it."),
}
SIGN_IN_LATER = N_("The sign-in service does not answer. Try again in a few minutes.")
TWO_ANSWERS = N_("In the address or form one question has two answers. Go back and try once more.")
FORM_TOO_OLD = N_("The form is too old or comes from another page. Go back, reload it and try again.")
NOT_SAVED = N_(
    "The system does not answer, so nothing was saved. Load this page again in a minute: "
    "the browser sends the same once more. In danger to life call 112."
)
NOT_KNOWN = N_(
    "The system does not answer, and it is not known whether what you sent was saved. Load this page again in a "
    "minute: the browser sends the same once more, and it is saved only once. In danger to life call 112."
)


def _show(request: Request, status: int, advice: str = "") -> Response[bytes]:
    named = status if status in PAGES else 404 if status == 405 else 422 if status < 500 else 500
    words = advice or ADVICE.get(status, "")
    return page(request, f"errors/{named}.html", status=status, advice=gettext(words) if words else "")


def not_found(request: Request, _: Exception) -> Response[bytes]:
    """The same page for what does not exist and what is not for this person."""
    return _show(request, 404)


def moved(request: Request, error: Moved) -> Response[object]:
    """The dossier was joined with another: the same page of that one; a form is sent on with all that was typed."""
    path = request.url.path.replace(f"/dossiers/{error.dossier_id}", f"/dossiers/{error.to}", 1)
    address = f"{path}?{request.url.query}" if request.url.query else path
    return Redirect(address, status_code=303 if request.method == "GET" else 307)


def forbidden(request: Request, error: Forbidden) -> Response[bytes]:
    """Reachable, but not this: says what to do."""
    return _show(request, 403, error.reason.advice)


def denied(request: Request, error: Denied) -> Response[bytes]:
    """On the list of denials: says whom to call instead."""
    return page(request, "errors/denied.html", status=403, call=error.call)


def sign_in_first(request: Request, error: SignInFirst) -> Response[object]:
    """Lead to sign-in and back to the page that was asked for, or to the form whose text was kept."""
    back = error.back or (request.url.path if request.method == "GET" else "/desk")
    address = f"/sign-in?return={quote(back)}"
    if request.htmx:
        return Response(b"", status_code=401, headers={"HX-Redirect": address})
    return Redirect(address, status_code=303)


def step_up(request: Request, error: StepUpNeeded) -> Response[object]:
    """Lead to proving anew who one is, and back to the page asked for, or to the form whose text was kept."""
    back = error.back or (request.url.path if request.method == "GET" else "/desk")
    address = f"/step-up?return={quote(back)}"
    if request.htmx:
        return Response(b"", status_code=401, headers={"HX-Redirect": address})
    return Redirect(address, status_code=303)


def choose_role(request: Request, _: Exception) -> Response[object]:
    """Signed in without a role: choose one first."""
    if request.htmx:
        return Response(b"", status_code=401, headers={"HX-Redirect": "/roles"})
    return Redirect("/roles", status_code=303)


def role_changed(request: Request, _: Exception) -> Response[bytes]:
    """The form was made under another role; its text is kept."""
    return page(request, "errors/role_changed.html", status=409)


def too_many(request: Request, _: Exception) -> Response[bytes]:
    """Asked too often."""
    return _show(request, 429)


def unavailable(request: Request, error: Exception) -> Response[bytes]:
    """The store or its audit log does not take what must be written: pages fail closed.

    Only where not even the person was recognised it is certain that a form left nothing: later the result of a commit
    may be unknown, or a first step saved. The same form again is safe either way.
    """
    log.error("store_unavailable", error=type(error).__name__)
    if request.method in SAFE_METHODS:
        return _show(request, 503)
    return _show(request, 503, NOT_SAVED if error is request.scope["state"].get("unrecognised") else NOT_KNOWN)


def http(request: Request, error: HTTPException) -> Response[bytes]:
    """Litestar's own refusals: unknown address, wrong method, too large."""
    return _show(request, error.status_code, FORM_TOO_OLD if error.status_code == 403 else "")


def given_twice(request: Request, _: Exception) -> Response[bytes]:
    """A name twice where one value is expected."""
    return _show(request, 400, TWO_ANSWERS)


def unexpected(request: Request, error: Exception) -> Response[bytes]:
    """A mistake of ours: the log gets kind and place but not the message, which may quote a document."""
    frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-6:]]
    handler = getattr(request.scope.get("route_handler"), "name", None)
    log.error("unexpected", route=handler, kind=type(error).__name__, frames=frames)
    return _show(request, 500)


def provider_away(request: Request, error: Exception) -> Response[bytes]:
    """The identity provider does not answer: nobody can sign in for a while."""
    log.error("identity_provider_unavailable", step=str(error))
    return _show(request, 503, SIGN_IN_LATER)


HANDLERS: dict[int | type[Exception], Any] = {
    NotFound: not_found,
    Moved: moved,
    Forbidden: forbidden,
    Denied: denied,
    SignInFirst: sign_in_first,
    ChooseRole: choose_role,
    StepUpNeeded: step_up,
    RoleChanged: role_changed,
    TooMany: too_many,
    AuditUnavailable: unavailable,
    PyMongoError: unavailable,
    ProviderUnavailable: provider_away,
    GivenTwice: given_twice,
    HTTPException: http,
    Exception: unexpected,
}
