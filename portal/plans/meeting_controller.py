"""Setting, moving and calling off the next meeting about the plan."""

from typing import Any

from litestar import Controller, Response, post
from litestar.params import FromPath

from auth.permissions import Permission
from documents.model import day_of
from documents.store import AlreadySo, Changed
from portal.events.rules import Message, number_in, one
from portal.forms import read_form
from portal.page import Request, changed, page
from portal.plans.answering import PAGE, open_plan, plan_context
from portal.plans.meeting import read_meeting, set_meeting
from portal.runtime import runtime

WRITE = Permission.PLAN_WRITE


class MeetingController(Controller):
    """`/dossiers/{id}/plan/meeting`."""

    @post("/dossiers/{dossier_id:str}/plan/meeting", name="set_meeting", opt={"permission": WRITE, "draft": PAGE})
    async def set(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The day, the time, the place; or off."""
        opened = await open_plan(request, dossier_id, WRITE)
        values, _ = await read_form(request)
        off, conflict, errors = one(values, "step") == "off", False, dict[str, Message]()
        said, wrong = (None, {}) if off else read_meeting(values, day_of(opened.now))
        if wrong:
            errors = wrong
        else:
            try:
                await set_meeting(runtime(request).store, opened.who, dossier_id, said, number_in(values), opened.now)
            except AlreadySo:
                pass
            except Changed:
                conflict = True
        if errors or conflict:
            opened = await open_plan(request, dossier_id, Permission.PLAN_READ, quiet=False)
            context = plan_context(opened, values, errors, conflict=conflict)
            return page(request, "plans/plan.html", status=409 if conflict else 422, **context)
        return changed(request, PAGE.format(dossier_id=dossier_id), "meeting_off" if off else "meeting_set")
