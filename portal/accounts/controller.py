"""Accounts: find one, look at it, close it and open it again. What is typed travels in the body."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.permissions import Permission
from documents.model import day_of
from documents.stewards import Proposal
from documents.store import Changed
from portal.accounts.actions import (
    SHOWN,
    account_by_code,
    close_account,
    find_person,
    make_account,
    open_account,
    reopen_account,
    staff_of,
)
from portal.accounts.rules import read_account, read_code
from portal.accounts.stewards import decide_proposal, names_of, open_proposals
from portal.accounts.view import account_of, person_row, position_label
from portal.admin.finding import AT_MOST, institutions_named
from portal.events.form import say
from portal.events.rules import Message, Values, number_in, one
from portal.forms import read_form
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import N_
from portal.typed_before import typed_before

ADMIN: dict[str, Any] = {"permission": Permission.ACCOUNTS_MANAGE, "step_up": True}
NEW = "/admin/people/new"  # what was typed before a step-up is kept under this name


class AccountController(Controller):
    """`/admin/people`."""

    path = "/admin/people"

    @get("/", name="accounts", opt=ADMIN)
    async def form(self, request: Request) -> Response[Any]:
        """Find an account; what waits for a second steward."""
        return page(request, "accounts/find.html", **await _context(request, {}, {}))

    @post("/", name="find_account", status_code=200, opt=ADMIN)
    async def find(self, request: Request) -> Response[Any]:
        """By exact personal code one account; by institution, and the beginning of names, its staff."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        values, _ = await read_form(request)
        errors: dict[str, Message] = {}
        if one(values, "code"):
            code = read_code(values, errors, invented=held.settings.demo)
            if code is not None:
                found = await account_by_code(held.store, who, code.hash(held.store.code_key), now)
                if found:
                    return changed(request, f"/admin/people/{found}")
                return page(request, "accounts/new.html", **_form(values, {}), nobody=True)
        elif one(values, "institution"):
            institutions = await institutions_named(held.store, one(values, "institution"))
            exact = [each for each in institutions if each.name == one(values, "institution")] or institutions
            if len(exact) == 1:
                staff = await staff_of(held.store, who, exact[0], one(values, "name"), now)
                rows = [person_row(person, exact[0].id, day_of(now)) for person in staff[:SHOWN]]
                more = {"institution": exact[0], "staff": rows, "more": len(staff) > SHOWN}
                return page(request, "accounts/find.html", **await _context(request, values, {}) | more)
            several = institutions[:AT_MOST]
            if not several:
                errors["institution"] = Message(N_("No institution's name begins so."))
            else:
                more = {"several": several}
                return page(request, "accounts/find.html", **await _context(request, values, {}) | more)
        else:
            errors["code"] = Message(N_("Write the personal code, or an institution."))
        return refused(request, "accounts/find.html", "main", **await _context(request, values, errors))

    @get("/new", name="account_form", opt=ADMIN)
    async def new(self, request: Request) -> Response[Any]:
        """A new account."""
        return page(request, "accounts/new.html", **_form(await typed_before(request, NEW), {}), nobody=False)

    @post("/new", name="make_account", opt=ADMIN | {"draft": NEW})
    async def make(self, request: Request) -> Response[Any]:
        """Make an account without any role; where there is one with this code, lead to it."""
        held, state = runtime(request), request.scope["state"]
        values, _ = await read_form(request)
        new, errors = read_account(values, invented=held.settings.demo)
        if new is None:
            return refused(request, "accounts/new.html", "main", **_form(values, errors), nobody=False)
        person_id = await make_account(held.store, state["who"], new, state["now"])
        return changed(request, f"/admin/people/{person_id}", "account_saved")

    @get("/{person_id:str}", name="account", opt=ADMIN)
    async def show(self, request: Request, person_id: FromPath[str]) -> Response[Any]:
        """The account with its roles."""
        held, state = runtime(request), request.scope["state"]
        await open_account(held.store, state["who"], person_id[:64], state["now"])
        return await _account_page(request, person_id[:64])

    @post("/{person_id:str}/closure", name="close_account", opt=ADMIN)
    async def close(self, request: Request, person_id: FromPath[str]) -> Response[Any]:
        """Close the account: nothing opens from the next click on."""
        held, state = runtime(request), request.scope["state"]
        try:
            revision = await revision_of(request)
            await close_account(held.store, held.sessions, state["who"], person_id[:64], revision, state["now"])
        except Changed:
            return await _account_page(request, person_id[:64], conflict=True)
        return changed(request, f"/admin/people/{person_id}", "account_saved")

    @post("/{person_id:str}/reopening", name="reopen_account", opt=ADMIN)
    async def reopen(self, request: Request, person_id: FromPath[str]) -> Response[Any]:
        """Open a closed account again."""
        held, state = runtime(request), request.scope["state"]
        try:
            await reopen_account(held.store, state["who"], person_id[:64], await revision_of(request), state["now"])
        except Changed:
            return await _account_page(request, person_id[:64], conflict=True)
        return changed(request, f"/admin/people/{person_id}", "account_saved")

    @post("/proposals/{proposal_id:str}/{decision:str}", name="decide_steward", opt=ADMIN)
    async def decide(self, request: Request, proposal_id: FromPath[str], decision: FromPath[str]) -> Response[Any]:
        """A second steward confirms a new one (`confirmation`), or anybody of them rejects it."""
        store, state = runtime(request).store, request.scope["state"]
        confirmed = decision == "confirmation"
        await decide_proposal(store, state["who"], proposal_id[:64], confirmed=confirmed, now=state["now"])
        return changed(request, "/admin/people", "account_saved")


async def revision_of(request: Request) -> int:
    """The revision of the account the form was made under; -1 for nonsense."""
    values, _ = await read_form(request)
    return number_in(values, "revision", digits=9)


async def _account_page(request: Request, person_id: str, *, conflict: bool = False) -> Response[Any]:
    held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
    person = await find_person(held.store, person_id)
    living = len(await held.sessions.of_person(person_id, now))
    account = account_of(person, day_of(now), own=person.id == who.person_id, sessions=living)
    return page(request, "accounts/account.html", status=409 if conflict else 200, account=account, conflict=conflict)


def _form(values: Values, errors: Mapping[str, Message]) -> dict[str, Any]:
    return {
        "one": lambda name: one(values, name),
        "errors": {name: say(message) for name, message in errors.items()},
    }


async def _context(request: Request, values: Values, errors: Mapping[str, Message]) -> dict[str, Any]:
    proposals = await open_proposals(runtime(request).store)
    names = await names_of(runtime(request).store, [one for p in proposals for one in (p.person_id, p.proposed_by)])
    me = request.scope["state"]["who"].person_id
    return {
        **_form(values, errors),
        "institution": None,
        "staff": [],
        "more": False,
        "several": [],
        "proposals": [_proposal(each, names, me) for each in proposals],
    }


def _proposal(proposal: Proposal, names: Mapping[str, str], me: str) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "name": names.get(proposal.person_id, ""),
        "by": names.get(proposal.proposed_by, ""),
        "at": proposal.at,
        "position": position_label(proposal.role.position),
        "may_confirm": me not in (proposal.person_id, proposal.proposed_by),
        "may_reject": me != proposal.person_id,
    }
