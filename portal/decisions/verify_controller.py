"""The page that tells anybody whether a decision is genuine."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from auth.permissions import Permission
from documents.acts import Act
from documents.audit import AuditEntry
from portal.decisions.verifying import LARGEST, TooOften, Verdict, by_code, by_file, count_asking
from portal.events.form import say
from portal.events.rules import Message, one
from portal.forms import read_form
from portal.page import Request, page, refused
from portal.runtime import runtime
from portal.translations import N_

PUBLIC = {"permission": Permission.PUBLIC}


class VerifyController(Controller):
    """`/verify`. A code in the address says nothing of anybody, and comes from the picture on the paper."""

    @get("/verify", name="verify", opt=PUBLIC)
    async def form(self, request: Request) -> Response[Any]:
        """Ask for a code or a file."""
        return page(request, "decisions/verify.html", verdict=None, error="", by_file=False)

    @get("/verify/{code:str}", name="verify_code", opt=PUBLIC)
    async def code(self, request: Request, code: FromPath[str]) -> Response[Any]:
        """The verdict on the code of the picture."""
        return await _answer(request, code)

    @post("/verify", name="verify_decision", opt=PUBLIC, status_code=200, request_max_body_size=LARGEST + 50_000)
    async def check(self, request: Request) -> Response[Any]:
        """The verdict on what was written or chosen."""
        values, files = await read_form(request)
        code = one(values, "code")
        if not code and not files:
            return _again(request, Message(N_("Write the code, or choose the file.")))
        return await _answer(request, code, files[0] if files else None)


async def _answer(request: Request, code: str, file: UploadFile | None = None) -> Response[Any]:
    held, state = runtime(request), request.scope["state"]
    store, now = held.store, state["now"]
    try:
        await count_asking(store, state.get("origin") or "", now)
    except TooOften:
        return _again(request, Message(N_("You have checked many times. Wait a quarter of an hour and go on.")))
    verdict: Verdict = await (by_file(store, _blocks(file), now) if file else by_code(store, code, now))
    outcome = {"outcome": "allowed" if verdict.genuine else "refused"}
    await store.audit.record(AuditEntry(act=Act.DECISION_VERIFIED, at=now, origin=state.get("origin"), **outcome))
    return page(request, "decisions/verify.html", verdict=verdict, error="", by_file=file is not None)


def _again(request: Request, message: Message) -> Response[Any]:
    return refused(request, "decisions/verify.html", "main", verdict=None, error=say(message), by_file=False)


async def _blocks(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while block := await file.read(1 << 16):
        yield block
