"""The form of a report: which child it is about, the choices, what was typed before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auth.access import NotFound
from auth.permissions import Section
from auth.policy import reach, standing
from auth.who import Who
from documents.dossier import Dossier
from documents.model import day_of, new_id
from documents.personal_code import WrongCode, parse
from documents.store import NOT_FOR_RIGHTS, Store
from portal.access_requests.kept import KeptRequest
from portal.events.form import say
from portal.events.rules import Message, many, one
from portal.forms import Values, submission_of
from portal.needs.tokens import need_token, read_need_token
from portal.page import Request
from portal.reports.actions import About
from portal.reports.one import municipalities
from portal.reports.rules import DANGER, FAMILY_KNOWS, kinds_to_choose
from portal.runtime import runtime
from portal.translations import N_, gettext, language

FORM = "/reports/new"
USE = b"report"


@dataclass(frozen=True)
class Child:
    """A child the reporter may know of: `words` as far as that goes, and siblings it may be about too."""

    dossier_id: str
    words: str
    siblings: tuple[tuple[str, str], ...] = ()  # dossier and name


async def own_children(store: Store, who: Who, now: Any) -> list[Child]:
    """The children a parent, or a young person, may report about: open dossiers they reach, and those not open."""
    if not who.in_family_role:
        return []
    mine = {"_id": {"$in": who.person.children}, "erased": None, "family_ids": who.person_id}
    rows = await store.dossiers.find(mine, {"child": 1, "opened": 1}).sort("_id", 1).to_list(50)
    opened = [row["_id"] for row in rows if row.get("opened")]
    reached = {
        row["_id"]
        async for row in store.dossiers.find(
            {"_id": {"$in": opened}, **reach(who, now, ("parent", "self"))}, {"_id": 1}
        )
    }
    return [
        Child(row["_id"], row["child"]["given_name"]) for row in rows if row["_id"] in reached or not row.get("opened")
    ]


async def child_of(store: Store, who: Who, dossier_id: str, now: Any) -> Child:
    """The child of a sealed reference: by name and with siblings for who reads them, else initials and year.

    Raises NotFound.
    """
    row = await store.dossiers.find_one({"_id": dossier_id, "erased": None, "joined_into": None}, NOT_FOR_RIGHTS)
    if row is None:
        raise NotFound
    dossier = Dossier.model_validate(row)
    stands = standing(who, dossier, now)
    if stands.allowed and stands.scopes(Section.BASE):
        siblings = await _siblings(store, who, dossier, now) if stands.scopes(Section.FAMILY) else ()
        return Child(dossier_id, dossier.child.name, siblings)
    child = dossier.child
    words = gettext("%(initials)s, born in %(year)s") % {"initials": child.initials, "year": child.birth_date.year}
    return Child(dossier_id, words)


async def _siblings(store: Store, who: Who, dossier: Dossier, now: Any) -> tuple[tuple[str, str], ...]:
    """The brothers and sisters whose dossiers the reporter reaches: nobody else is even named."""
    ids = [r.dossier_id for r in dossier.relationships if r.dossier_id]
    rows = store.dossiers.find({"_id": {"$in": ids}, **reach(who, now)}, {"child": 1}) if ids else None
    found = await rows.to_list() if rows is not None else []
    return tuple((row["_id"], f"{row['child']['given_name']} {row['child']['family_name']}") for row in found)


async def about_of(request: Request, values: Values, errors: dict[str, Message]) -> tuple[About, list[str], bool]:
    """Which child the form is about, whose siblings may be ticked, and whether the child is told in words.

    Raises NotFound for a reference that is forged, old or another role's.
    """
    held, state = runtime(request), request.scope["state"]
    who, now = state["who"], state["now"]
    if who.in_family_role:
        children = await own_children(held.store, who, now)
        number = one(values, "own")
        if not (number.isascii() and number.isdigit() and 0 < int(number[:3]) <= len(children)):
            errors["own"] = Message(N_("Choose which child it is about."))
            return About(), [], False
        chosen = children[int(number[:3]) - 1].dossier_id
        return About(chosen), [child.dossier_id for child in children if child.dossier_id != chosen], False
    token = one(values, "child")
    if token:
        dossier_id = read_need_token(held.cookie_key, who, token, now, USE)
        if dossier_id is None:
            raise NotFound
        child = await child_of(held.store, who, dossier_id, now)
        return About(dossier_id), [sibling_id for sibling_id, _ in child.siblings], False
    known = one(values, "known")
    if known == "no":
        return About(), [], True
    text = one(values, "code")
    try:
        return About(code=parse(text, accept_invented=held.settings.demo)), [], False
    except WrongCode as wrong:
        empty = N_("Write the child's personal code, or choose that you do not know it.")
        errors["code"] = Message(str(wrong) if text else empty)
        return About(), [], False


def siblings_typed(who: Who, values: Values, children: list[Child]) -> Values:
    """A parent ticks the own children by their numbers: turned into dossiers."""
    if not who.in_family_role:
        return values
    by_number = {str(n): child.dossier_id for n, child in enumerate(children, 1)}
    ticked = [by_number[number] for number in many(values, "siblings") if number in by_number]
    return values | {"siblings": ticked}


async def form_context(
    request: Request,
    dossier_id: str,
    values: Values,
    errors: Mapping[str, Message],
    kept: KeptRequest | None = None,
) -> dict[str, Any]:
    """What `reports/form.html` needs; `dossier_id` of a child that was found, or nothing."""
    held, state, lang = runtime(request), request.scope["state"], language()
    who, now = state["who"], state["now"]
    children = await own_children(held.store, who, now)
    child = await child_of(held.store, who, dossier_id, now) if dossier_id and not who.in_family_role else None
    typed = kept.values if kept else values
    siblings = list(child.siblings) if child else []
    if len(children) > 1:
        siblings = [(str(number), each.words) for number, each in enumerate(children, 1)]
    return {
        "about": child.words if child else "",
        "token": need_token(held.cookie_key, who, dossier_id, now, USE) if child else "",
        "children": [(str(number), each.words) for number, each in enumerate(children, 1)],
        "family": who.in_family_role,
        "siblings": siblings,
        "submission": submission_of(values) or new_id(),
        "kept_at": kept.at if kept else None,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(typed, name),
        "many": lambda name: many(typed, name),
        "kinds": [(kind.code, kind.label(lang).capitalize()) for kind in kinds_to_choose(day_of(now))],
        "dangers": [(code, gettext(words).capitalize()) for code, words in DANGER.items()],
        "knows": [(code, gettext(words)) for code, words in FAMILY_KNOWS.items()],
        "municipalities": municipalities(now),
    }
