"""Risks and needs: the triangle with the list of assessments, one assessment, and how to ask for the rest of it."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from auth.access import Forbidden, NotFound, record_look
from auth.assessments import shower
from auth.permissions import Permission, Section
from auth.policy import may
from documents.model import day_of
from portal.access_requests.form import about_dossier, form_context, from_assessment
from portal.assessments.lines import assessment_lines
from portal.assessments.one import assessment_page, read_one
from portal.assessments.seen import seen_assessments
from portal.assessments.triangle import triangle_of
from portal.assessments.typed import looking, open_for, tool_choices
from portal.dossier.header import header_of
from portal.page import Request, page

READ = Permission.ASSESSMENTS_READ
ONE = "/{assessment_id:str}"


class AssessmentsController(Controller):
    """`/dossiers/{id}/assessments…`."""

    path = "/dossiers/{dossier_id:str}/assessments"

    @get("/", name="assessments", opt={"permission": READ})
    async def all(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Risks and needs in one frame, and every assessment there is, as far as this person may see them."""
        held, opened = await open_for(request, dossier_id, READ)
        await record_look(held.store, looking(opened, [Section.ASSESSMENTS_OVERVIEW]))
        seen = seen_assessments(opened)
        may_add = opened.can(Permission.ASSESSMENT_ADD) and bool(tool_choices(opened))
        return page(
            request,
            "assessments/assessments.html",
            child=header_of(opened),
            triangle=triangle_of(opened, seen),
            lines=assessment_lines(opened, seen),
            may_add=may_add,
            here="assessments",
        )

    @get(ONE, name="assessment", opt={"permission": READ})
    async def one(self, request: Request, dossier_id: FromPath[str], assessment_id: FromPath[str]) -> Response[Any]:
        """One assessment, as far as this person sees it."""
        held, opened = await open_for(request, dossier_id, READ, subject=assessment_id)
        read = await read_one(held, opened, assessment_id)
        return page(
            request,
            "assessments/assessment.html",
            child=header_of(opened),
            assessment=assessment_page(read),
            here="assessments",
        )

    @get(f"{ONE}/access-request", name="ask_for_assessment", opt={"permission": READ})
    async def ask(self, request: Request, dossier_id: FromPath[str], assessment_id: FromPath[str]) -> Response[Any]:
        """The form that asks for what one does not see of it: the assessments of its institution."""
        held, opened = await open_for(request, dossier_id, READ, subject=assessment_id)
        found = next((a for a in opened.dossier.assessments if a.id == assessment_id), None)
        show = shower(opened.who, opened.access, opened.dossier, day_of(opened.now))
        if found is None or not show(found):
            raise NotFound
        asks = may(opened.who, Permission.ACCESS_ASK)
        if not asks.allowed:
            raise Forbidden(asks.reason)
        await record_look(held.store, looking(opened, [Section.ASSESSMENTS_OVERVIEW]))
        about = await about_dossier(request, dossier_id)
        return page(request, "access_requests/ask.html", **form_context(request, about, from_assessment(found), {}))
