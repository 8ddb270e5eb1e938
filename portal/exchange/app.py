"""The interface as an application of its own: tokens instead of sessions, JSON instead of pages, its own refusals."""

import traceback
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar, MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, OAuthFlow, OAuthFlows, SecurityScheme
from litestar.plugins.pydantic import PydanticPlugin
from litestar.types import ASGIApp, Receive, Scope, Send
from pymongo.errors import PyMongoError

from auth.access import Forbidden
from auth.oidc import ProviderUnavailable
from auth.permissions import Permission
from auth.policy import may
from auth.technical import NoGround, UnknownClient, machine_of
from auth.tokens import TokenRefused
from documents.audit import AuditUnavailable
from documents.personal_code import WrongCode
from portal.exchange.actions import TooOften
from portal.exchange.controller import PREFIX, ChildrenController, Problem
from portal.guard import UndeclaredPermission
from portal.identity import origin_of
from portal.runtime import Runtime, runtime

log = structlog.get_logger("exchange")
BODY_LIMIT = 10_000  # bytes; a question has fifty
WAIT_SECONDS = 60


class Exchange:
    """ASGI: what is below the prefix goes to the interface, everything else to the pages."""

    def __init__(self, pages: ASGIApp, held: Runtime) -> None:
        self.pages, self.interface = pages, exchange_app(held)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Part the ways before cookies are looked at: the interface knows none."""
        path = scope["path"] if scope["type"] == ScopeType.HTTP else ""
        inside = path == PREFIX or path.startswith(f"{PREFIX}/")
        await (self.interface if inside else self.pages)(scope, receive, send)


def exchange_app(held: Runtime) -> Litestar:
    """Return the interface."""
    issuer = held.settings.oidc_issuer
    flow = OAuthFlow(token_url=f"{issuer}/protocol/openid-connect/token", scopes={})
    scheme = SecurityScheme(type="oauth2", flows=OAuthFlows(client_credentials=flow))
    app = Litestar(
        route_handlers=[ChildrenController],
        guards=[by_token],
        exception_handlers=_HANDLERS,
        request_max_body_size=BODY_LIMIT,
        plugins=[PydanticPlugin(exclude_unset=True)],
        openapi_config=OpenAPIConfig(
            title="Atbalsts",
            version="1",
            description="Named fields of a child for which the client has a ground. Every question is recorded.",
            components=Components(security_schemes={"client": scheme}),
            security=[{"client": []}],
        ),
        debug=False,
        logging_config=None,
    )
    app.state.runtime = held
    return app


async def by_token(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in a client whose token the provider made for us, in its position of today."""
    if connection.scope.get("method") == "OPTIONS":
        raise MethodNotAllowedException
    declared = handler.opt.get("permission")
    if declared is None:
        raise UndeclaredPermission(str(handler))
    permission = Permission(declared)
    if permission is Permission.PUBLIC:
        return
    held = runtime(connection)
    now = held.now()
    words = connection.headers.getall("authorization", [])
    scheme, _, token = words[0].partition(" ") if len(words) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise TokenRefused("none given")
    client_id = await held.oidc.client_of(token.strip(), now)
    machine = await machine_of(held.store, held.oidc.issuer, client_id, origin_of(connection.scope, held), now)
    access = may(machine.who, permission)
    if not access.allowed:
        raise Forbidden(access.reason)
    connection.scope["state"]["machine"], connection.scope["state"]["now"] = machine, now


def _say(status: int, detail: str, **headers: str) -> Response[Problem]:
    problem = Problem(status=status, detail=detail)
    return Response(problem, status_code=status, media_type=MediaType.JSON, headers=headers)


def _no_token(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    log.info("token_refused", check=str(error))  # which check, never the token
    words = "Ask the identity provider for a token (client_credentials) and send it as Authorization: Bearer."
    return _say(401, words, **{"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _unknown(_: Request[Any, Any, Any], __: Exception) -> Response[Problem]:
    return _say(403, "This client may not ask here. Its institution agrees it with the system's controller.")


def _no_ground(_: Request[Any, Any, Any], __: Exception) -> Response[Problem]:
    return _say(404, "There is no child with this code for which you have a ground to ask.")


def _wrong_code(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    return _say(422, str(error))


def _too_often(_: Request[Any, Any, Any], __: Exception) -> Response[Problem]:
    return _say(429, "More questions than agreed. Wait a minute.", **{"Retry-After": str(WAIT_SECONDS)})


def _away(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    log.error("exchange_unavailable", error=type(error).__name__)
    return _say(503, "The register cannot answer now. Try again.", **{"Retry-After": str(WAIT_SECONDS)})


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Litestar's own refusals; what was sent is not said back."""
    words = {
        400: 'The body must be JSON like {"personal_code": "010120-23456"}, and nothing else.',
        404: "There is nothing at this address; see /api/v1/openapi.json.",
        405: "This method is not for this address; see /api/v1/openapi.json.",
        413: "The body is too large.",
    }
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    return _say(error.status_code, words.get(error.status_code, "This cannot be done."), **headers)


def _too_deep(request: Request[Any, Any, Any], _: Exception) -> Response[Problem]:
    """JSON nested deeper than anybody's question."""
    return _http(request, HTTPException(status_code=400))


def _unexpected(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-6:]]
    log.error("unexpected", kind=type(error).__name__, frames=frames)
    return _say(500, "A mistake of ours. It is noted; try again later.")


_HANDLERS: Any = {
    TokenRefused: _no_token,
    UnknownClient: _unknown,
    Forbidden: _unknown,
    NoGround: _no_ground,
    WrongCode: _wrong_code,
    TooOften: _too_often,
    AuditUnavailable: _away,
    PyMongoError: _away,
    ProviderUnavailable: _away,
    HTTPException: _http,
    RecursionError: _too_deep,
    Exception: _unexpected,
}
