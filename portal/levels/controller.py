"""Changing the prevention level."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import Opened, dossier_for, record_look
from auth.permissions import Permission
from documents.classifiers import classifiers
from documents.draft import find_draft, forget_draft
from documents.model import day_of
from documents.store import Changed
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, Values, one
from portal.forms import read_form
from portal.levels.actions import change_level
from portal.levels.rules import read_level
from portal.needs.controller import basis_choices, level_choices
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import gettext, language

FORM = "/dossiers/{dossier_id}/level"  # its text is kept under this name


class LevelController(Controller):
    """`/dossiers/{id}/level`."""

    path = "/dossiers/{dossier_id:str}/level"

    @get("/", name="level_form", opt={"permission": Permission.LEVEL_CHANGE})
    async def form(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """The form with the levels until now; with what was typed when the session ended, if something waits."""
        opened = await _open(request, dossier_id)
        draft = await find_draft(runtime(request).store, _role(opened), FORM.format(dossier_id=dossier_id))
        values, kept_at = draft or ({}, None)
        return page(request, "levels/form.html", **_context(opened, values, {}, kept_at=kept_at))

    @post("/", name="change_level", opt={"permission": Permission.LEVEL_CHANGE, "draft": FORM})
    async def change(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Set the level; where somebody was faster, say so and keep what was written."""
        opened = await _open(request, dossier_id, quiet=True)
        values, _ = await read_form(request)
        draft, errors = read_level(values, opened.dossier.level)
        version = one(values, "version")
        if len(opened.dossier.levels) != (int(version) if version.isdecimal() and len(version) < 6 else -1):
            await record_look(runtime(request).store, opened)
            return page(request, "levels/form.html", status=409, **_context(opened, values, {}, conflict=True))
        if draft is None:
            await record_look(runtime(request).store, opened)
            return refused(request, "levels/form.html", "main", **_context(opened, values, errors))
        try:
            await change_level(runtime(request).store, opened.who, dossier_id, draft, int(version), opened.now)
        except Changed:
            opened = await _open(request, dossier_id)
            return page(request, "levels/form.html", status=409, **_context(opened, values, {}, conflict=True))
        await forget_draft(runtime(request).store, _role(opened), FORM.format(dossier_id=dossier_id))
        return changed(request, f"/dossiers/{dossier_id}", "level_changed")


async def _open(request: Request, dossier_id: str, *, quiet: bool = False) -> Opened:
    state = request.scope["state"]
    store = runtime(request).store
    return await dossier_for(store, state["who"], dossier_id, Permission.LEVEL_CHANGE, state["now"], quiet=quiet)


def _role(opened: Opened) -> str:
    return opened.who.role.id if opened.who.role else opened.who.person_id


def _context(
    opened: Opened,
    values: Values,
    errors: Mapping[str, Message],
    *,
    conflict: bool = False,
    kept_at: datetime | None = None,
) -> dict[str, Any]:
    today, lang = day_of(opened.now), language()
    levels = opened.dossier.levels
    return {
        "child": header_of(opened),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "version": len(levels),
        "levels": level_choices(lang, (1, 2, 3, 4)),
        "reasons": _reasons(today, lang),
        "bases": basis_choices(lang, today),
        "conflict": conflict,
        "kept_at": kept_at,
        "history": [
            {
                "level": change.level,
                "at": change.at,
                "who": f"{change.by.name}, {change.by.institution_name}" if change.by else "",
                "reason": _reason(change.reason, lang),
                "words": change.words,
            }
            for change in reversed(levels)
        ],
    }


def _reasons(today: Any, lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    names = {"raise": gettext("The level rises"), "lower": gettext("The level falls"), "either": gettext("Either")}
    rows = classifiers().level_change_reasons.in_force(today)
    return [
        (names[direction], [(r.code, r.label(lang).capitalize()) for r in rows if r.direction == direction])
        for direction in names
    ]


def _reason(code: str, lang: str) -> str:
    reasons = classifiers().level_change_reasons
    return reasons[code].label(lang) if code in reasons else ""
