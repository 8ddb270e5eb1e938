"""My notices: all of the role, marked as read one by one or at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.permissions import Permission
from portal.events.rules import one
from portal.forms import page_number, read_form
from portal.notices.actions import mark_all_read, mark_read, read_notices
from portal.notices.view import notice_rows
from portal.page import Request, changed, page
from portal.runtime import runtime

READ = Permission.NOTICES_READ
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoticeController(Controller):
    """`/notices`."""

    @get("/notices", name="notices", opt={"permission": READ})
    async def list(self, request: Request) -> Response[Any]:
        """The newest first, twenty-five a page."""
        state = request.scope["state"]
        number = page_number(request.query_params.get("page", ""))
        found = await read_notices(runtime(request).store, state["who"], number, state["now"])
        return page(
            request,
            "notices/list.html",
            notices=notice_rows(found, state["who"], state["now"]),
            unread=found.unread_count,
            number=number,
            older=number + 1 if found.more else 0,
            until=(state["now"] - _EPOCH) // timedelta(milliseconds=1),
        )

    @post("/notices/{notice_id:str}/reading", name="mark_notice", opt={"permission": READ})
    async def mark(self, request: Request, notice_id: FromPath[str]) -> Response[Any]:
        """One is read."""
        state = request.scope["state"]
        await mark_read(runtime(request).store, state["who"], notice_id, state["now"])
        return changed(request, "/notices")

    @post("/notices/reading", name="mark_notices", opt={"permission": READ})
    async def mark_all(self, request: Request) -> Response[Any]:
        """All that the page could show are read."""
        state = request.scope["state"]
        values, _ = await read_form(request)
        until = min(_moment(one(values, "until")) or state["now"], state["now"])
        await mark_all_read(runtime(request).store, state["who"], until, state["now"])
        return changed(request, "/notices")


def _moment(text: str) -> datetime | None:
    """The moment the page was made, in milliseconds; none for nonsense."""
    return _EPOCH + timedelta(milliseconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 15 else None
