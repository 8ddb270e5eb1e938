"""What somebody typed of a request when the session ended or the role changed: kept for that role."""

from dataclasses import dataclass
from datetime import datetime

from auth.who import Who
from documents.draft import find_draft, forget_draft
from portal.events.rules import one
from portal.forms import Values
from portal.needs.tokens import read_need_token
from portal.runtime import Runtime

FORM = "/access-requests/new"
USE = b"access"


@dataclass(frozen=True)
class KeptRequest:
    """The text, the dossier it is about (none where it was asked by a code), and when it was kept."""

    dossier_id: str
    values: Values
    at: datetime


async def find_kept(
    held: Runtime, who: Who, dossier_id: str | None = None, *, form: str = FORM, use: bytes = USE
) -> KeptRequest | None:
    """Return what waits for this role; with `dossier_id` only what is about that child.

    A sealed reference to the child must have been good when it was kept: by now its hour may be over.
    """
    draft = await find_draft(held.store, _role(who), form)
    if draft is None:
        return None
    values, at = draft
    token = one(values, "child")
    about = read_need_token(held.cookie_key, who, token, at, use) if token else ""
    if about is None or dossier_id not in (None, about):
        return None
    return KeptRequest(about, values, at)


async def forget_kept(held: Runtime, who: Who, form: str = FORM) -> None:
    """What was asked is done: its draft has done its work."""
    await forget_draft(held.store, _role(who), form)


def _role(who: Who) -> str:
    return who.role.id if who.role else who.person_id
