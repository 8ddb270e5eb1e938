"""Puts the portal together: routes, the guard, errors, headers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from portal.access_log.controller import AccessLogController
from portal.access_requests.controller import AccessRequestController
from portal.accounts.controller import AccountController
from portal.accounts.invitation_controller import InvitationController
from portal.accounts.role_controller import RoleController
from portal.admin.audit_controller import AuditController
from portal.admin.explain_controller import ExplainController
from portal.analytics.controller import AnalyticsController
from portal.assessments.controller import AssessmentsController
from portal.assessments.writing import AssessmentWritingController
from portal.assets.serving import assets
from portal.attachments.controller import AttachmentController
from portal.contacts.controller import ContactsController
from portal.decisions.controller import DecisionController
from portal.decisions.court_controller import CourtController
from portal.decisions.one_controller import OneDecisionController
from portal.decisions.verify_controller import VerifyController
from portal.desk.controller import DeskController
from portal.dossier.controller import DossierController
from portal.emergency.controller import EmergencyController
from portal.errors import HANDLERS
from portal.events.controller import EventController
from portal.exchange.app import Exchange
from portal.family.controller import FamilyController
from portal.files.controller import FilesController
from portal.grants.controller import GrantController
from portal.guard import check_change, guard
from portal.headers import SecurityHeaders
from portal.health import healthz, readyz
from portal.identities.controller import NewcomerController
from portal.identity import Identity
from portal.incoming import Request
from portal.levels.controller import LevelController
from portal.mail.controller import DemoMailController
from portal.messages.controller import MessageController
from portal.naming.answer_controller import NamingAnswerController
from portal.naming.controller import NamingController
from portal.needs.controller import NeedController
from portal.notices.controller import NoticeController
from portal.oversight.controller import OversightController
from portal.plans.controller import PlanController
from portal.plans.item_controller import PlanItemController
from portal.plans.meeting_controller import MeetingController
from portal.plans.tasks_controller import TasksController
from portal.plans.team_controller import TeamController
from portal.public.controller import PublicController
from portal.reports.controller import ReportController
from portal.reports.deciding_controller import DecidingController
from portal.runtime import Runtime
from portal.search.controller import SearchController
from portal.sessions.controller import SessionController
from portal.sign_in.controller import SignInController
from portal.sign_in.step_up import StepUpController
from portal.timeline.controller import TimelineController
from portal.turns import Turns
from portal.waiting import Waiting

CONTROLLERS: list[ControllerRouterHandler] = [
    AccessLogController,
    AccessRequestController,
    AccountController,
    AnalyticsController,
    AssessmentWritingController,
    AssessmentsController,
    AttachmentController,
    AuditController,
    ContactsController,
    CourtController,
    DecisionController,
    OneDecisionController,
    DecidingController,
    DeskController,
    DossierController,
    EmergencyController,
    EventController,
    ExplainController,
    FamilyController,
    FilesController,
    GrantController,
    InvitationController,
    LevelController,
    MeetingController,
    MessageController,
    NamingAnswerController,
    NamingController,
    NeedController,
    NewcomerController,
    NoticeController,
    OversightController,
    PlanController,
    PlanItemController,
    PublicController,
    ReportController,
    RoleController,
    SearchController,
    SessionController,
    SignInController,
    StepUpController,
    TasksController,
    TeamController,
    TimelineController,
    VerifyController,
    assets,
    healthz,
    readyz,
]
BODY_LIMIT = 1_000_000  # bytes; forms with files say their own


def create_app(
    held: Runtime,
    *,
    more_routes: tuple[ControllerRouterHandler, ...] = (),
    background: Callable[[Runtime], Any] | None = None,
) -> Litestar:
    """Return the portal. `more_routes` are the demo's identity provider; `background` runs beside it."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        if background is None:
            yield
        else:
            async with background(held):
                yield

    for_the_demo = [DemoMailController] if held.settings.demo else []
    app = Litestar(
        route_handlers=[*CONTROLLERS, *for_the_demo, *more_routes],
        guards=[guard],
        before_request=check_change,  # type: ignore[arg-type]
        exception_handlers=HANDLERS,
        request_class=Request,
        request_max_body_size=BODY_LIMIT,
        openapi_config=None,
        lifespan=[lifespan],
        debug=False,
        logging_config=None,
    )
    app.state.runtime = held
    # Around the router too: an unknown address is answered with the same headers, in the same language.
    https = held.settings.public_url.startswith("https")
    app.asgi_handler = SecurityHeaders(
        Waiting(Exchange(Identity(Turns(app.asgi_handler), held), held), held), held.settings.oidc_issuer, https
    )
    return app
