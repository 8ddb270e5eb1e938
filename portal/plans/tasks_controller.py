"""My tasks."""

from typing import Any

from litestar import Controller, Response, get

from auth.permissions import Permission
from portal.page import Request, page
from portal.plans.tasks import my_tasks
from portal.runtime import runtime


class TasksController(Controller):
    """`/tasks`."""

    @get("/tasks", name="my_tasks", opt={"permission": Permission.TASKS_READ})
    async def list(self, request: Request) -> Response[Any]:
        """All my open tasks, the late ones first."""
        state = request.scope["state"]
        found = await my_tasks(runtime(request).store, state["who"], state["now"])
        return page(request, "plans/tasks.html", tasks=found, late=sum(bool(each.task.late) for each in found))
