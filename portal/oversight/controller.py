"""A head's pages: the cases of the own staff, handing them over, and children nobody answers for yet."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.permissions import Permission
from documents.model import day_of
from documents.store import AlreadySo
from portal.counters.reading import own_counts
from portal.events.form import say
from portal.events.rules import Message, many, one
from portal.forms import Values, read_form
from portal.naming.actions import name_first
from portal.naming.form import read_naming
from portal.naming.rules import CannotName
from portal.naming.view import choices
from portal.oversight.cases import COUNTED, cases_of
from portal.oversight.filters import SHOWS, Filters, read_filters
from portal.oversight.handing import Handed, hand_over, read_order
from portal.oversight.staff import by_load, staff_with_cases
from portal.oversight.unanswered import unanswered_by
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import gettext
from portal.typed_before import typed_before

OVERSIGHT = Permission.OVERSIGHT
UNANSWERED = "/oversight/unanswered"


class OversightController(Controller):
    """`/oversight`."""

    @get("/oversight", name="oversight", opt={"permission": OVERSIGHT})
    async def list(self, request: Request) -> Response[Any]:
        """The cases, as far as the filters say; of one of the staff with the form that hands them over."""
        values = await typed_before(request, "/oversight")
        asked = {"staff": one(values, "staff")} if values else dict(request.query_params)
        return page(request, "oversight/cases.html", **await _context(request, read_filters(asked), values, {}))

    @post("/oversight", name="hand_over", opt={"permission": OVERSIGHT, "draft": "/oversight", "many": {"case"}})
    async def hand(self, request: Request) -> Response[Any]:
        """Hand the chosen cases over; those that cannot go stay, each with the reason."""
        state = request.scope["state"]
        values, _ = await read_form(request)
        order, errors = read_order(values, day_of(state["now"]))
        filters = read_filters({"staff": order.instead_of})
        handed = None
        if not errors:
            handed = await hand_over(runtime(request).store, state["who"], order, state["now"])
            if not handed.refused:
                return changed(request, filters.href(), "cases_handed")
        context = await _context(request, filters, values, errors, handed)
        return refused(request, "oversight/cases.html", "main", **context)

    @get(UNANSWERED, name="unanswered", opt={"permission": OVERSIGHT})
    async def unanswered(self, request: Request) -> Response[Any]:
        """Children the own institution is at work for without anybody named."""
        values = await typed_before(request, UNANSWERED)
        return page(request, "oversight/unanswered.html", **await _unanswered(request, values, {}))

    @post(
        f"{UNANSWERED}/{{offer_id:str}}/{{involvement_id:str}}",
        name="name_first",
        opt={"permission": OVERSIGHT, "draft": UNANSWERED},
    )
    async def name_first(
        self, request: Request, offer_id: FromPath[str], involvement_id: FromPath[str]
    ) -> Response[Any]:
        """Name the first one; the id is the dossier's, which stays closed to the head until somebody answers for it."""
        state = request.scope["state"]
        values, _ = await read_form(request)
        naming, errors = read_naming(values)
        if not errors:
            try:
                store = runtime(request).store
                await name_first(store, state["who"], offer_id, involvement_id, naming, state["now"])
            except AlreadySo:
                pass
            except CannotName as wrong:
                errors = {wrong.field: wrong.message}
        if errors:
            context = await _unanswered(request, values, errors, form=involvement_id)
            return refused(request, "oversight/unanswered.html", "main", **context)
        return changed(request, UNANSWERED, "people_named")


async def _context(
    request: Request, filters: Filters, values: Values, errors: dict[str, Message], handed: Handed | None = None
) -> dict[str, Any]:
    store, state = runtime(request).store, request.scope["state"]
    who, now = state["who"], state["now"]
    staff = await staff_with_cases(store, who, now, filters.staff)
    if filters.staff not in dict(staff):
        filters = Filters(filters.show, "", filters.page)
    cases = await cases_of(store, who, filters, now)
    own = await own_counts(store, who)
    ticked = many(values, "case")
    return {
        "own": own,
        "loads": by_load(staff, own.loads) if own else [],
        "cases": cases,
        "filters": filters,
        "shows": [(show, gettext(words)) for show, words in SHOWS.items()],
        "counted": COUNTED,
        "staff": staff,
        "staff_name": dict(staff).get(filters.staff, ""),
        "takers": await choices(store, who, now, leads=False) if filters.staff else [],
        "leaders": await choices(store, who, now, leads=True) if filters.staff else [],
        "handed": handed,
        "kept": {dossier_id: say(why) for dossier_id, why in handed.refused.items()} if handed else {},
        "ticked": lambda value: value in ticked or not values,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
    }


async def _unanswered(
    request: Request, values: Values, errors: dict[str, Message], *, form: str = ""
) -> dict[str, Any]:
    store, state = runtime(request).store, request.scope["state"]
    return {
        "children": await unanswered_by(store, state["who"], state["now"]),
        "staff": await choices(store, state["who"], state["now"], leads=False),
        "form": form,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
    }
