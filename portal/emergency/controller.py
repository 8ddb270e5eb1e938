"""Emergency access: from the search's answer, with proof; what was done; the review."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from auth.access import Forbidden, NotFound, Opened, dossier_for, record_look
from auth.permissions import Permission
from auth.reasons import NOT_YOUR_SECTION
from documents.classifiers import classifiers
from documents.dossier import Emergency
from documents.model import day_of, new_id
from documents.store import Changed
from portal.access_requests.form import about_dossier
from portal.access_requests.kept import KeptRequest, find_kept, forget_kept
from portal.access_requests.rules import legal_bases, purposes
from portal.dossier.header import header_of
from portal.emergency.actions import explain_help, own_emergency, review_emergency, use_emergency
from portal.emergency.rules import OCCASION, read_emergency, read_help, read_verdict, reviews_as
from portal.events.form import say
from portal.events.rules import Message, one
from portal.forms import Values, read_form, submission_of
from portal.needs.tokens import need_token, read_need_token
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import language
from portal.typed_before import typed_before

FORM = "/emergencies/new"
USE = b"emergency"
HELP = "/dossiers/{dossier_id}/emergency-help"
REVIEW = "/dossiers/{dossier_id}/emergencies/{emergency_id}/review"
OPENING = {"permission": Permission.EMERGENCY_USE, "step_up": True, "draft": FORM}


class EmergencyController(Controller):
    """`/emergencies` and `/dossiers/{id}/emergencies…`."""

    @post(FORM, name="emergency_form", status_code=200, opt=OPENING)
    async def form(self, request: Request) -> Response[Any]:
        """The form about the child just found."""
        values, _ = await read_form(request)
        return await _show(request, _child(request, values), {}, {})

    @get(FORM, name="emergency_again", opt={"permission": Permission.EMERGENCY_USE, "step_up": True})
    async def again(self, request: Request) -> Response[Any]:
        """The form again after proving who one is, with what was typed; where nothing waits, the search."""
        kept = await find_kept(runtime(request), request.scope["state"]["who"], form=FORM, use=USE)
        if kept is None or not kept.dossier_id:
            return Redirect("/search", status_code=303)
        return await _show(request, kept.dossier_id, {}, {}, kept)

    @post("/emergencies", name="use_emergency", opt=OPENING)
    async def use(self, request: Request) -> Response[Any]:
        """Open the dossier for a day."""
        held, state = runtime(request), request.scope["state"]
        values, _ = await read_form(request)
        dossier_id = _child(request, values)
        draft, errors = read_emergency(values, day_of(state["now"]))
        if draft is None:
            return await _show(request, dossier_id, values, errors)
        await use_emergency(held.store, state["who"], dossier_id, draft, state["now"], submission_of(values))
        await forget_kept(held, state["who"], FORM)
        return changed(request, f"/dossiers/{dossier_id}", "emergency_opened")

    @get(HELP.replace("_id}", "_id:str}"), name="emergency_help_form", opt={"permission": Permission.EMERGENCY_EXPLAIN})
    async def help_form(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """What did you find, what did you do? The one entry this access allows."""
        opened, _ = await _own(request, dossier_id)
        values = await typed_before(request, HELP.format(dossier_id=dossier_id))
        return page(request, "emergency/help.html", **_help_context(opened, values, {}))

    @post(
        HELP.replace("_id}", "_id:str}"),
        name="emergency_help",
        opt={"permission": Permission.EMERGENCY_EXPLAIN, "draft": HELP},
    )
    async def help(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Keep it as an entry of the life course."""
        opened, _ = await _own(request, dossier_id)
        values, _ = await read_form(request)
        words, errors = read_help(values)
        if errors:
            return refused(request, "emergency/help.html", "main", **_help_context(opened, values, errors))
        try:
            entry = await explain_help(runtime(request).store, opened.who, dossier_id, words, opened.now)
        except Changed:
            return changed(request, f"/dossiers/{dossier_id}/timeline")
        return changed(request, f"/dossiers/{dossier_id}/events/{entry}", "event_saved")

    @get(
        "/dossiers/{dossier_id:str}/emergencies/{emergency_id:str}/review",
        name="emergency_review_form",
        opt={"permission": Permission.EMERGENCY_REVIEW},
    )
    async def review_form(
        self, request: Request, dossier_id: FromPath[str], emergency_id: FromPath[str]
    ) -> Response[Any]:
        """Who opened the dossier, when, why, and what others have said of it."""
        opened, emergency = await _reviewed(request, dossier_id, emergency_id)
        values = await typed_before(request, REVIEW.format(dossier_id=dossier_id, emergency_id=emergency_id))
        return page(request, "emergency/review.html", **_review_context(opened, emergency, values, {}))

    @post(
        "/dossiers/{dossier_id:str}/emergencies/{emergency_id:str}/review",
        name="review_emergency",
        opt={"permission": Permission.EMERGENCY_REVIEW, "draft": REVIEW},
    )
    async def review(self, request: Request, dossier_id: FromPath[str], emergency_id: FromPath[str]) -> Response[Any]:
        """Give the verdict; it ends the access."""
        opened, emergency = await _reviewed(request, dossier_id, emergency_id)
        values, _ = await read_form(request)
        verdict, errors = read_verdict(values)
        template = "emergency/review.html"
        if verdict is None:
            return refused(request, template, "main", **_review_context(opened, emergency, values, errors))
        try:
            await review_emergency(runtime(request).store, opened.who, dossier_id, emergency_id, verdict, opened.now)
        except Changed:
            opened, emergency = await _reviewed(request, dossier_id, emergency_id)
            return page(request, template, status=409, **_review_context(opened, emergency, values, {}, conflict=True))
        return changed(request, "/access-requests", "emergency_reviewed")


def _child(request: Request, values: Values) -> str:
    state = request.scope["state"]
    token = one(values, "child")
    dossier_id = read_need_token(runtime(request).cookie_key, state["who"], token, state["now"], USE)
    if dossier_id is None:
        raise NotFound
    return dossier_id


async def _show(
    request: Request,
    dossier_id: str,
    values: Values,
    errors: Mapping[str, Message],
    kept: KeptRequest | None = None,
) -> Response[Any]:
    held, state, lang = runtime(request), request.scope["state"], language()
    today = day_of(state["now"])
    typed = kept.values if kept else values
    context: dict[str, Any] = {
        "about": (await about_dossier(request, dossier_id)).words,
        "token": need_token(held.cookie_key, state["who"], dossier_id, state["now"], USE),
        "submission": submission_of(values) or new_id(),
        "kept_at": kept.at if kept and one(typed, "reason") else None,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(typed, name),
        "grounds": [(row.code, row.label(lang).capitalize()) for row in purposes(today, OCCASION)],
        "bases": [(row.code, row.label(lang)) for row in legal_bases(today, OCCASION)],
    }
    if errors:
        return refused(request, "emergency/form.html", "main", **context)
    return page(request, "emergency/form.html", **context)


async def _own(request: Request, dossier_id: str) -> tuple[Opened, Emergency]:
    """The dossier with the emergency access the person is there by, not yet explained."""
    store, state = runtime(request).store, request.scope["state"]
    opened = await dossier_for(store, state["who"], dossier_id, Permission.EMERGENCY_EXPLAIN, state["now"], quiet=True)
    index = own_emergency(opened.who, opened.dossier, opened.now)
    if index is None or opened.dossier.emergencies[index].event_id:
        raise Forbidden(NOT_YOUR_SECTION)
    await record_look(store, opened)
    return opened, opened.dossier.emergencies[index]


async def _reviewed(request: Request, dossier_id: str, emergency_id: str) -> tuple[Opened, Emergency]:
    """The emergency access for who reviews it, or has."""
    store, state = runtime(request).store, request.scope["state"]
    opened = await dossier_for(
        store,
        state["who"],
        dossier_id,
        Permission.EMERGENCY_REVIEW,
        state["now"],
        subject=emergency_id[:64],
        quiet=True,
    )
    emergency = next((each for each in opened.dossier.emergencies if each.id == emergency_id), None)
    if emergency is None:
        raise NotFound
    mine = any(review.by.person_id == opened.who.person_id for review in emergency.reviews)
    if not mine and not reviews_as(opened.who, opened.dossier, emergency, opened.now):
        raise Forbidden(NOT_YOUR_SECTION)
    await record_look(store, opened)
    return opened, emergency


def _help_context(opened: Opened, values: Values, errors: Mapping[str, Message]) -> dict[str, Any]:
    return {
        "child": header_of(opened),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "here": "timeline",
    }


def _review_context(
    opened: Opened, emergency: Emergency, values: Values, errors: Mapping[str, Message], *, conflict: bool = False
) -> dict[str, Any]:
    known, lang = classifiers(), language()
    ground, basis = known.purposes.get(emergency.ground), known.legal_bases.get(emergency.legal_basis)
    by = emergency.by
    return {
        "child": header_of(opened),
        "emergency": emergency,
        "title": known.positions[by.title].label(lang) if by and by.title in known.positions else "",
        "ground": ground.label(lang) if ground else "",
        "basis": basis.label(lang) if basis else "",
        "entry": emergency.event_id if opened.can(Permission.BASE_READ) else "",
        "reviews": emergency.reviews,
        "reviews_now": bool(reviews_as(opened.who, opened.dossier, emergency, opened.now)),
        "ended": not emergency.in_force(opened.now),
        "conflict": conflict,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "here": "access-log",
    }
