"""Why may somebody, or not? A steward's page: ids, relations and windows, no data of the child."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from litestar import Controller, Response, get, post

from auth.permissions import Permission
from documents.model import day_of, start_of
from documents.store import Store
from portal.admin.explain_words import ACTIONS, Answer, answer_of
from portal.admin.explaining import EXPLAINED, AboutOneself, NothingToExplain, Question, explained
from portal.admin.finding import person_id_of
from portal.events.form import say
from portal.events.rules import Message, Values, one, read_day
from portal.forms import read_form
from portal.page import Request, page, refused
from portal.runtime import runtime
from portal.translations import N_, gettext
from portal.typed_before import typed_before

MISSING = {
    "person": Message(N_("There is no account with this id or code.")),
    "role": Message(N_("This account has no such role.")),
    "dossier": Message(N_("There is no open dossier with this id.")),
}
FORM = "/admin/explain"
ABOUT_ONESELF = Message(N_("This concerns yourself or your own family. Another steward has to look."))


class ExplainController(Controller):
    """`/admin/explain`."""

    path = "/admin/explain"

    @get("/", name="explain_form", opt={"permission": Permission.EXPLAIN, "step_up": True})
    async def form(self, request: Request) -> Response[Any]:
        """The question."""
        return page(request, "admin/explain.html", **_context(await typed_before(request, FORM), {}))

    @post("/", name="explain", status_code=200, opt={"permission": Permission.EXPLAIN, "step_up": True, "draft": FORM})
    async def answer(self, request: Request) -> Response[Any]:
        """The answer for each role; the question is on record."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        values, _ = await read_form(request)
        question, errors = await _read(held.store, values, now, invented=held.settings.demo)
        answers = []
        if question is not None:
            try:
                answers = [answer_of(each) for each in await explained(held.store, who, question, now)]
            except NothingToExplain as nothing:
                errors = {nothing.what: MISSING[nothing.what]}
            except AboutOneself:
                errors = {"person": ABOUT_ONESELF}
        if errors:
            return refused(request, "admin/explain.html", "main", **_context(values, errors))
        return page(request, "admin/explain.html", **_context(values, {}, answers=answers))


async def _read(
    store: Store, values: Values, now: datetime, *, invented: bool
) -> tuple[Question | None, dict[str, Message]]:
    errors: dict[str, Message] = {}
    action, dossier_id = one(values, "action"), one(values, "dossier").lower()
    if action not in EXPLAINED:
        errors["action"] = Message(N_("Choose what it is about."))
    if not dossier_id:
        errors["dossier"] = Message(N_("Write the dossier's id: it stands in the address of its pages."))
    person_id = await person_id_of(store, one(values, "person"), invented=invented)
    if not person_id:
        errors["person"] = Message(N_("Write the id of the account, or the personal code."))
    at = _moment(values, now)
    if isinstance(at, Message):
        errors["day"] = at
    if errors or isinstance(at, Message):
        return None, errors
    return Question(person_id, Permission(action), dossier_id, at, one(values, "role")[:64]), {}


def _moment(values: Values, now: datetime) -> datetime | Message:
    """The moment asked about: now, or noon of another day."""
    day = read_day(one(values, "day"))
    if isinstance(day, Message):
        return day
    return now if day is None or day == day_of(now) else start_of(day) + timedelta(hours=12)


def _context(values: Values, errors: Mapping[str, Message], *, answers: Sequence[Answer] = ()) -> dict[str, Any]:
    return {
        "one": lambda name: one(values, name),
        "errors": {name: say(message) for name, message in errors.items()},
        "actions": [(code.value, gettext(ACTIONS[code]).capitalize()) for code in EXPLAINED],
        "answers": answers,
    }
