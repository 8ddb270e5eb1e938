"""The form of a request: what it is about, choices, and what was typed before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auth.access import NotFound
from auth.who import Who
from documents.access_request import LONGEST, AccessRequest
from documents.assessment import Assessment
from documents.dossier import Dossier
from documents.model import day_of, new_id
from documents.personal_code import PersonalCode, WrongCode, parse
from documents.store import NOT_FOR_RIGHTS
from portal.access_requests.actions import Target
from portal.access_requests.kept import USE, KeptRequest
from portal.access_requests.rules import USUAL, grantable, legal_bases, purposes
from portal.events.form import say
from portal.events.rules import Message, many, one
from portal.forms import Values, submission_of
from portal.needs.tokens import need_token, read_need_token
from portal.page import Request
from portal.runtime import runtime
from portal.translations import N_, gettext, language


@dataclass(frozen=True)
class About:
    """The child a request is about, as far as the asker may know; nothing where it is asked by a code."""

    dossier_id: str
    words: str


async def about_dossier(request: Request, dossier_id: str) -> About:
    """Initials and year: what the search tells of a dossier. Raises NotFound."""
    row = await runtime(request).store.dossiers.find_one({"_id": dossier_id, "erased": None}, NOT_FOR_RIGHTS)
    dossier = Dossier.model_validate(row) if row else None
    if dossier is None or dossier.opened is None:
        raise NotFound
    child = dossier.child
    words = gettext("%(initials)s, born in %(year)s") % {"initials": child.initials, "year": child.birth_date.year}
    return About(dossier_id, words)


def target_of(request: Request, values: Values, errors: dict[str, Message]) -> Target:
    """What the form is about: the child of its sealed reference, or the code written in it. Raises NotFound."""
    held, state = runtime(request), request.scope["state"]
    token = one(values, "child")
    if token:
        dossier_id = read_need_token(held.cookie_key, state["who"], token, state["now"], USE)
        if dossier_id is None:
            raise NotFound
        return Target(dossier_id, event_id=one(values, "event")[:64], renews=one(values, "renews")[:64])
    return Target(code=_code(one(values, "code"), errors, accept_invented=held.settings.demo))


def _code(text: str, errors: dict[str, Message], *, accept_invented: bool) -> PersonalCode | None:
    try:
        return parse(text, accept_invented=accept_invented)
    except WrongCode as wrong:
        errors["code"] = Message(str(wrong) if text else N_("Write the child's personal code."))
        return None


def from_entry(event_id: str, recorded_by: str) -> Values:
    """The form as it opens beside an entry of which only the presence is seen: as narrow as what is needed."""
    return {
        "event": [event_id],
        "place": [recorded_by],
        "only_entries": ["yes"],
        "sections": ["timeline", "event_detail"],
        "sensitive": ["yes"],
    }


def from_assessment(assessment: Assessment) -> Values:
    """The form as it opens beside an assessment: its institution's assessments, whole."""
    return {
        "event": [assessment.id],
        "place": [assessment.institution_name],
        "only_entries": ["yes"],
        "sections": ["assessments_overview", "assessments_summary", "assessments_content"],
        "sensitive": ["yes"] if assessment.confidentiality == "sensitive" else [],
    }


def from_request(earlier: AccessRequest) -> Values:
    """The form of a renewal: as the earlier request, for a new time."""
    return {
        "renews": [earlier.id],
        "sections": list(earlier.decision.sections if earlier.decision else earlier.sections),
        "sensitive": ["yes"] if earlier.sensitive else [],
        "purpose": [earlier.purpose],
        "legal_basis": [earlier.legal_basis],
    }


def form_context(
    request: Request,
    about: About | None,
    values: Values,
    errors: Mapping[str, Message],
    kept: KeptRequest | None = None,
) -> dict[str, Any]:
    """What `access_requests/ask.html` needs."""
    held, state, lang = runtime(request), request.scope["state"], language()
    who: Who = state["who"]
    now: datetime = state["now"]
    today = day_of(now)
    typed = kept.values if kept else values
    usual = f"{today + USUAL:%d.%m.%Y}."
    return {
        "about": about.words if about else "",
        "token": need_token(held.cookie_key, who, about.dossier_id, now, USE) if about else "",
        "submission": submission_of(values) or new_id(),
        "kept_at": kept.at if kept else None,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(typed, name),
        "many": lambda name: many(typed, name),
        "until": one(typed, "until") if "until" in typed else usual,
        "longest": today + timedelta(days=LONGEST),
        "sections": [(row.code, row.label(lang).capitalize()) for row in grantable()],
        "purposes": [(row.code, row.label(lang)) for row in purposes(today)],
        "bases": [(row.code, row.label(lang)) for row in legal_bases(today)],
    }
