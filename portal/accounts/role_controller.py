"""Roles of an account: given for a time, ended, reached by telephone and e-mail."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound
from documents.institution import Institution
from documents.model import day_of
from documents.person import Person, Role
from documents.stewards import administers
from documents.store import Changed
from portal.accounts.actions import (
    change_contacts,
    colleagues_in,
    end_role,
    find_institution,
    find_person,
    give_role,
    not_oneself,
    open_account,
)
from portal.accounts.controller import ADMIN, revision_of
from portal.accounts.rules import CONTACT_LETTERS, positions_for, read_end, read_role, second_levels_of
from portal.accounts.stewards import propose
from portal.accounts.view import level_label, position_label, role_row
from portal.admin.finding import AT_MOST, institutions_named
from portal.events.form import say
from portal.events.rules import Message, Values, one
from portal.forms import read_form
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import language
from portal.typed_before import typed_before

# What was typed before a step-up is kept under the address of its form.
GIVE = "/admin/people/{person_id}/roles/new"
CHANGE = "/admin/people/{person_id}/roles/{role_id}"


class RoleController(Controller):
    """`/admin/people/{person_id}/roles`."""

    path = "/admin/people/{person_id:str}/roles"

    @get("/new", name="role_form", opt=ADMIN)
    async def form(self, request: Request, person_id: FromPath[str]) -> Response[Any]:
        """First the institution, then the role in it."""
        store, state = runtime(request).store, request.scope["state"]
        not_oneself(state["who"], person_id)
        person = await open_account(store, state["who"], person_id[:64], state["now"])
        typed = await typed_before(request, GIVE.format(person_id=person_id))
        asked = (request.query_params.get("institution", "").strip() or one(typed, "institution"))[:120]
        institutions = await institutions_named(store, asked) if asked else []
        if len(institutions) != 1:
            found: dict[str, Any] = {"asked": asked, "several": institutions[:AT_MOST]}
            return page(request, "accounts/institution.html", person=_short(person), **found)
        return page(request, "accounts/role.html", **await _context(request, person, institutions[0], typed, {}))

    @post("/", name="give_role", opt=ADMIN | {"draft": GIVE})
    async def give(self, request: Request, person_id: FromPath[str]) -> Response[Any]:
        """Give the role; to become a steward takes another steward's word."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        not_oneself(who, person_id)
        values, _ = await read_form(request)
        person = await find_person(store, person_id[:64])
        institution = await find_institution(store, one(values, "institution")[:64])
        colleagues = [role for role, _ in await colleagues_in(store, institution.id, day_of(now))]
        role, errors = read_role(values, person, institution, colleagues, day_of(now))
        if role is None:
            context = await _context(request, person, institution, values, errors)
            return refused(request, "accounts/role.html", "main", **context)
        steward = administers(role.position)
        try:
            await (propose if steward else give_role)(store, who, person.id, role, await revision_of(request), now)
        except Changed:
            fresh = await find_person(store, person.id)
            context = await _context(request, fresh, institution, values, {}, conflict=True)
            return page(request, "accounts/role.html", status=409, **context)
        return changed(request, f"/admin/people/{person.id}", "steward_proposed" if steward else "account_saved")

    @get("/{role_id:str}", name="role", opt=ADMIN)
    async def show(self, request: Request, person_id: FromPath[str], role_id: FromPath[str]) -> Response[Any]:
        """One role: how its holder is reached, and when it ends."""
        store, state = runtime(request).store, request.scope["state"]
        person = await open_account(store, state["who"], person_id[:64], state["now"])
        typed = await typed_before(request, CHANGE.format(person_id=person_id, role_id=role_id))
        return page(request, "accounts/change.html", **_change(request, person, role_id, typed, {}))

    @post("/{role_id:str}/contacts", name="change_role_contacts", opt=ADMIN | {"draft": CHANGE})
    async def contacts(self, request: Request, person_id: FromPath[str], role_id: FromPath[str]) -> Response[Any]:
        """Change telephone and e-mail; dossiers show them within seconds."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        values, _ = await read_form(request)
        phone, email = (one(values, name)[:CONTACT_LETTERS] for name in ("phone", "email"))
        try:
            await change_contacts(store, who, person_id, role_id, phone, email, await revision_of(request), now)
        except Changed:
            return await _conflict(request, person_id, role_id, values)
        return changed(request, f"/admin/people/{person_id}", "account_saved")

    @post("/{role_id:str}/end", name="end_role", opt=ADMIN | {"draft": CHANGE})
    async def end(self, request: Request, person_id: FromPath[str], role_id: FromPath[str]) -> Response[Any]:
        """End the role: at once, or with a day to come."""
        store, who, now = runtime(request).store, request.scope["state"]["who"], request.scope["state"]["now"]
        values, _ = await read_form(request)
        person = await find_person(store, person_id[:64])
        last, errors = read_end(values, _role(person, role_id), day_of(now))
        if last is None:
            context = _change(request, person, role_id, values, errors)
            return refused(request, "accounts/change.html", "main", **context)
        try:
            await end_role(store, who, person.id, role_id, last, await revision_of(request), now)
        except Changed:
            return await _conflict(request, person_id, role_id, values)
        return changed(request, f"/admin/people/{person.id}", "account_saved")


async def _conflict(request: Request, person_id: str, role_id: str, values: Values) -> Response[Any]:
    person = await find_person(runtime(request).store, person_id)
    context = _change(request, person, role_id, values, {}, conflict=True)
    return page(request, "accounts/change.html", status=409, **context)


async def _context(
    request: Request,
    person: Person,
    institution: Institution,
    values: Values,
    errors: Mapping[str, Message],
    *,
    conflict: bool = False,
) -> dict[str, Any]:
    today = day_of(request.scope["state"]["now"])
    colleagues = await colleagues_in(runtime(request).store, institution.id, today)
    positions = positions_for(institution, today)
    return {
        "person": _short(person),
        "institution": institution,
        "units": [(unit.id, unit.name) for unit in institution.units],
        "positions": [(p.code, p.label(language()).capitalize()) for p in positions],
        "levels": [(str(level), level_label(level)) for level in second_levels_of(positions)],
        "colleagues": [
            (role.id, f"{name}, {position_label(role.position)}")
            for role, name in colleagues
            if role.id not in {own.id for own in person.roles}
        ],
        "one": lambda name: one(values, name),
        "errors": {name: say(message) for name, message in errors.items()},
        "conflict": conflict,
    }


def _change(
    request: Request,
    person: Person,
    role_id: str,
    values: Values,
    errors: Mapping[str, Message],
    *,
    conflict: bool = False,
) -> dict[str, Any]:
    role = _role(person, role_id)
    return {
        "person": _short(person),
        "role": role_row(role, day_of(request.scope["state"]["now"])),
        "own": request.scope["state"]["who"].person_id == person.id,
        "phone": one(values, "phone") if "phone" in values else role.phone,
        "email": one(values, "email") if "email" in values else role.email,
        "to": one(values, "to"),
        "errors": {name: say(message) for name, message in errors.items()},
        "conflict": conflict,
    }


def _role(person: Person, role_id: str) -> Role:
    role = next((role for role in person.roles if role.id == role_id), None)
    if role is None:
        raise NotFound
    return role


def _short(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name, "revision": person.revision}
