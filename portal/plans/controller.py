"""The plan's page: its versions, proposing, the family's word, putting in force; and how a task goes."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound, record_look
from auth.entries import Sight
from auth.permissions import Permission
from auth.plans import plan_seer
from documents.acts import Act
from documents.file_names import attachment_header
from documents.model import day_of
from documents.plan import Plan, Task, in_force
from documents.store import AlreadySo, Changed
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, number_in, one
from portal.forms import Values, read_form
from portal.page import Request, changed, page
from portal.pdf.making import made_aside
from portal.plans.actions import begin_plan, report_task
from portal.plans.agreeing import answer, into_force, propose, take_back, write_word
from portal.plans.answering import PAGE, open_plan, plan_answer, plan_context, shown, template_of
from portal.plans.document import plan_document
from portal.plans.form import REASON_LETTERS, STATES
from portal.plans.paper import paper_of
from portal.plans.rules import CannotPlan, find_item
from portal.plans.view import chosen_version, task_view
from portal.runtime import runtime
from portal.translations import N_, gettext
from portal.typed_before import typed_before

READ, WRITE, TASK = Permission.PLAN_READ, Permission.PLAN_WRITE, Permission.PLAN_TASK
TASK_FORM = "/dossiers/{dossier_id}/plan/tasks/{task_id}"


class PlanController(Controller):
    """`/dossiers/{id}/plan`."""

    path = "/dossiers/{dossier_id:str}/plan"

    @get("/", name="plan", opt={"permission": READ})
    async def show(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Goals, tasks, services; for the family in plain words."""
        opened = await open_plan(request, dossier_id, READ, quiet=False)
        values = await typed_before(request, PAGE.format(dossier_id=dossier_id))
        number = request.query_params.get("version", "")
        return page(request, template_of(opened), **plan_context(opened, values, {}, number=number))

    @get("/file", name="plan_file", opt={"permission": READ})
    async def file(self, request: Request, dossier_id: FromPath[str]) -> Response[bytes]:
        """The version as a PDF, as this reader sees it; saved, never shown in the browser, and on record."""
        opened = await open_plan(request, dossier_id, READ)
        plan = chosen_version(opened, request.query_params.get("version", ""))
        if plan is None:
            raise NotFound
        content = await made_aside(plan_document, paper_of(opened, plan))
        await record_look(runtime(request).store, opened, act=Act.PLAN_SAVED)
        name = gettext("support-plan-%(dossier)s-%(number)s.pdf")
        headers = {
            "Content-Disposition": attachment_header(
                name % {"dossier": opened.dossier.short_id, "number": plan.number}
            ),
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type="application/pdf", headers=headers)

    @post("/", name="begin_plan", opt={"permission": WRITE})
    async def begin(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """A new version."""
        opened = await open_plan(request, dossier_id, WRITE)
        work = begin_plan(runtime(request).store, opened.who, dossier_id, opened.now)
        answered = await plan_answer(request, opened, {}, work, "plan_begun")
        return changed(request, _draft(dossier_id), "plan_begun") if (answered.status_code or 200) < 400 else answered

    @post("/proposal", name="propose_plan", opt={"permission": WRITE})
    async def propose(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Propose the draft to the family, or take it back."""
        opened = await open_plan(request, dossier_id, WRITE)
        values, _ = await read_form(request)
        back = one(values, "step") == "back"
        work = (take_back if back else propose)(runtime(request).store, opened.who, dossier_id, opened.now)
        return await plan_answer(request, opened, values, work, "plan_taken_back" if back else "plan_proposed")

    @post("/answer", name="answer_plan", opt={"permission": Permission.PLAN_ANSWER, "draft": PAGE})
    async def answer(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """One's own word."""
        opened = await open_plan(request, dossier_id, Permission.PLAN_ANSWER)
        values, _ = await read_form(request)
        store, said = runtime(request).store, _said(values)
        work = answer(store, opened.who, dossier_id, said, one(values, "proposal"), opened.now)
        return await plan_answer(request, opened, values, work, "plan_answered")

    @post("/words", name="plan_word", opt={"permission": WRITE, "draft": PAGE})
    async def word(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Somebody's word as told."""
        opened = await open_plan(request, dossier_id, WRITE)
        values, _ = await read_form(request)
        who, store, person = opened.who, runtime(request).store, one(values, "person")[:64]
        work = write_word(store, who, dossier_id, person, _said(values), one(values, "proposal"), opened.now)
        return await plan_answer(request, opened, values, work, "plan_word")

    @post("/in-force", name="plan_in_force", opt={"permission": WRITE})
    async def in_force(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """From now on it does not change."""
        opened = await open_plan(request, dossier_id, WRITE)
        values, _ = await read_form(request)
        work = into_force(runtime(request).store, opened.who, dossier_id, one(values, "proposal"), opened.now)
        return await plan_answer(request, opened, values, work, "plan_in_force")

    @get("/tasks/{task_id:str}", name="plan_task", opt={"permission": TASK})
    async def task(self, request: Request, dossier_id: FromPath[str], task_id: FromPath[str]) -> Response[Any]:
        """One task in force: how it goes."""
        opened = await open_plan(request, dossier_id, TASK, quiet=False)
        values = await typed_before(request, TASK_FORM.format(dossier_id=dossier_id, task_id=task_id))
        return page(request, "plans/task.html", **_task_context(opened, task_id, values, {}))

    @post("/tasks/{task_id:str}", name="report_task", opt={"permission": TASK, "draft": TASK_FORM})
    async def report(self, request: Request, dossier_id: FromPath[str], task_id: FromPath[str]) -> Response[Any]:
        """Say how it goes."""
        opened = await open_plan(request, dossier_id, TASK)
        values, _ = await read_form(request)
        state, result = one(values, "state"), one(values, "result")[:REASON_LETTERS]
        store, errors = runtime(request).store, dict[str, Message]()
        if state not in STATES:
            errors["state"] = Message(N_("Choose how it goes."))
        else:
            try:
                await report_task(store, opened.who, dossier_id, task_id, state, result, number_in(values), opened.now)
            except AlreadySo:
                pass
            except CannotPlan as wrong:
                errors[wrong.field] = wrong.message
            except Changed:
                opened = await open_plan(request, dossier_id, TASK, quiet=False)
                context = _task_context(opened, task_id, values, {}, conflict=True)
                return page(request, "plans/task.html", status=409, **context)
        if errors:
            context = _task_context(opened, task_id, values, errors)
            await shown(request, opened)
            return page(request, "plans/task.html", status=422, **context)
        back = "/tasks" if one(values, "back") == "tasks" else PAGE.format(dossier_id=dossier_id)
        return changed(request, back, "task_reported")


def _draft(dossier_id: str) -> str:
    return f"{PAGE.format(dossier_id=dossier_id)}?version=new"


def _said(values: Values) -> tuple[str, str]:
    return one(values, "word"), one(values, "reason")[:REASON_LETTERS]


def _task_context(
    opened: Any, task_id: str, values: Values, errors: dict[str, Message], *, conflict: bool = False
) -> dict[str, Any]:
    plan: Plan | None = in_force(opened.dossier.plans)
    task = find_item(plan, task_id) if plan else None
    see = plan_seer(opened.who, opened.access, opened.dossier, day_of(opened.now))
    if plan is None or not isinstance(task, Task) or see(plan, task) is not Sight.FULL:
        raise NotFound
    return {
        "child": header_of(opened),
        "task": task_view(opened, plan, task),
        "states": [(code, gettext(words)) for code, words in STATES.items()],
        "typed": bool(values),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "conflict": conflict,
        "here": "plan",
    }
