"""What was typed into a form that was not taken then: the session had ended, the role changed, proof was asked."""

from documents.draft import find_draft, forget_draft
from portal.forms import Values
from portal.page import Request
from portal.runtime import runtime


async def typed_before(request: Request, form: str) -> Values:
    """Return what waits for this role under the form's address, once: then it is forgotten. Empty where nothing is."""
    store, who = runtime(request).store, request.scope["state"]["who"]
    role = who.role.id if who.role else who.person_id
    draft = await find_draft(store, role, form)
    if draft is None:
        return {}
    await forget_draft(store, role, form)
    return draft[0]
