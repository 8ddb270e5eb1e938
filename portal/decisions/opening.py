"""Opening a child for its decisions, one decision, a draft of the own court: whoever may not is refused on record."""

from auth.access import LONGEST_ID, Forbidden, NotFound, Opened, dossier_for, record_look, record_refusal
from auth.decisions import drafts_here, reads_decision
from auth.permissions import Permission
from auth.reasons import NOT_YOUR_SECTION
from documents.acts import Act
from documents.decision import CourtDecision, find_decision
from portal.page import Request
from portal.runtime import runtime

DRAFT, READ = Permission.DECISION_DRAFT, Permission.DECISIONS_READ
ALL = "/dossiers/{dossier_id:str}/decisions"
ONE = ALL + "/{decision_id:str}"
ONE_FORM = "/dossiers/{dossier_id}/decisions/{decision_id}"


async def open_child(request: Request, dossier_id: str, permission: Permission, subject: str | None = None) -> Opened:
    """Open the dossier; the look is recorded once it is known what is shown."""
    store, state = runtime(request).store, request.scope["state"]
    return await dossier_for(store, state["who"], dossier_id, permission, state["now"], subject=subject, quiet=True)


async def open_decision(
    request: Request, dossier_id: str, decision_id: str, act: Act, *, with_file: bool = False
) -> tuple[Opened, CourtDecision]:
    """Return a decision this person reads, and record the look. Raises NotFound, Forbidden."""
    store = runtime(request).store
    opened = await open_child(request, dossier_id, READ, decision_id[:64])
    decision = await find_decision(store, dossier_id, decision_id)
    reads = decision is not None and reads_decision(opened.who, opened.access, decision)
    if decision is None or not reads or (with_file and decision.file is None):
        await record_refusal(store, opened, READ, NOT_YOUR_SECTION, act=act)
        raise NotFound
    await record_look(store, opened, act=act)
    return opened, decision


async def open_draft(request: Request, dossier_id: str, decision_id: str, act: Act) -> tuple[Opened, CourtDecision]:
    """Return a draft of the own court; a refusal is recorded. Raises NotFound, also for an issued one; Forbidden."""
    store = runtime(request).store
    opened = await open_child(request, dossier_id, DRAFT, decision_id[:LONGEST_ID])
    decision = await find_decision(store, dossier_id, decision_id)
    if decision is not None and not decision.issued and drafts_here(opened.who, opened.access, decision):
        return opened, decision
    await record_refusal(store, opened, DRAFT, NOT_YOUR_SECTION, act=act)
    if decision is None or decision.issued:
        raise NotFound
    raise Forbidden(NOT_YOUR_SECTION)
