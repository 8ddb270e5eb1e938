"""What somebody typed of a need when the session ended or the role changed: kept for that role, about that child."""

from dataclasses import dataclass
from datetime import datetime

from auth.who import Who
from documents.draft import find_draft, forget_draft
from portal.events.rules import one
from portal.forms import Values
from portal.needs.tokens import read_need_token
from portal.runtime import Runtime

FORM = "/needs/new"


@dataclass(frozen=True)
class KeptNeed:
    """The words, the dossier they are about, and when they were kept (UTC)."""

    dossier_id: str
    values: Values
    at: datetime


async def find_kept_need(held: Runtime, who: Who, dossier_id: str = "") -> KeptNeed | None:
    """Return what waits for this role, about the given child if one is given; none otherwise.

    Its sealed reference to the child must have been good when it was kept: by now its hour may be over.
    """
    draft = await find_draft(held.store, _role(who), FORM)
    if draft is None:
        return None
    values, at = draft
    about = read_need_token(held.cookie_key, who, one(values, "child"), at)
    if about is None or dossier_id not in ("", about):
        return None
    return KeptNeed(about, values, at)


async def forget_kept_need(held: Runtime, who: Who, dossier_id: str) -> None:
    """The need of this child is saved: what waited about it has done its work."""
    if await find_kept_need(held, who, dossier_id):
        await forget_draft(held.store, _role(who), FORM)


def _role(who: Who) -> str:
    return who.role.id if who.role else who.person_id
