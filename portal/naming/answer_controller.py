"""Being asked to lead a case: what is told before one accepts, and the answer."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import NotFound, entry_for, refused
from auth.permissions import Permission, Section
from auth.reasons import NO_RELATION
from documents.acts import Act
from documents.dossier import Dossier
from documents.store import NOT_FOR_RIGHTS, AlreadySo
from portal.events.rules import one
from portal.forms import read_form
from portal.naming.leading import answer_naming
from portal.page import Request, changed, page
from portal.runtime import runtime

ACCEPT = Permission.CASE_ACCEPT
ADDRESS = "/case-offers/{offer_id:str}"  # the id of the dossier, which stays closed
FIELDS = {name: 0 for name in NOT_FOR_RIGHTS if name != "involvements"}


class NamingAnswerController(Controller):
    """`/case-offers/{id of the dossier}`: only for whom is asked to lead it; the dossier stays closed until then."""

    @get(ADDRESS, name="case_offer", opt={"permission": ACCEPT})
    async def show(self, request: Request, offer_id: FromPath[str]) -> Response[Any]:
        """The child by initials and year, the level, who asks."""
        if await _declined(request, offer_id):
            return changed(request, "/desk", "manager_declined_already")
        dossier = await _asked(request, offer_id)
        if dossier.next_manager is None:
            return changed(request, f"/dossiers/{offer_id}")
        return page(
            request,
            "naming/offer.html",
            dossier_id=dossier.id,
            initials=dossier.child.initials,
            year=dossier.child.birth_date.year,
            level_now=dossier.level,
            asked=dossier.next_manager,
            leads=dossier.case_manager,
        )

    @post(f"{ADDRESS}/answer", name="answer_case_offer", opt={"permission": ACCEPT})
    async def answer(self, request: Request, offer_id: FromPath[str]) -> Response[Any]:
        """Take the case over, or decline."""
        state = request.scope["state"]
        if await _declined(request, offer_id):
            return changed(request, "/desk", "manager_declined_already")
        await _asked(request, offer_id)
        values, _ = await read_form(request)
        accepts = one(values, "answer") == "accept"
        if not accepts and one(values, "answer") != "decline":
            return changed(request, ADDRESS.replace(":str", "").format(offer_id=offer_id))
        try:
            await answer_naming(runtime(request).store, state["who"], offer_id, state["now"], accepts=accepts)
        except AlreadySo:
            accepts = True
        if accepts:
            return changed(request, f"/dossiers/{offer_id}", "manager_accepted")
        return changed(request, "/desk", "manager_declined")


async def _declined(request: Request, dossier_id: str) -> bool:
    """Whether this person was asked, declined, and was not asked anew: told from the own acts of the log."""
    store, who = runtime(request).store, request.scope["state"]["who"]
    query = {"person_id": who.person_id, "act": Act.MANAGER_DECLINED.value, "dossier_id": dossier_id[:64]}
    said = await store.audit_entries.find_one(query, {"role_id": 1}, sort=[("at", -1)])
    role = who.role.id if who.role else ""
    if said is None or said.get("role_id") != role:
        return False
    row = await store.dossiers.find_one({"_id": dossier_id, "erased": None}, {"next_manager": 1, "case_manager": 1})
    named = [(row or {}).get(name) or {} for name in ("next_manager", "case_manager")]
    return all(each.get("role_id") != role for each in named)


async def _asked(request: Request, dossier_id: str) -> Dossier:
    """The dossier for whom is asked to lead it, or has accepted; on record. Raises NotFound."""
    store, state = runtime(request).store, request.scope["state"]
    who, now = state["who"], state["now"]
    entry = entry_for(who, Act.DOSSIER_READ, now, dossier_id=dossier_id[:64], sections=[Section.EXISTENCE.value])
    row = await store.dossiers.find_one({"_id": dossier_id, "erased": None}, FIELDS)
    dossier = Dossier.model_validate(row) if row else None
    role = who.role.id if who.role else ""
    if dossier is not None:
        asked, leads = dossier.next_manager, dossier.case_manager
        if (asked and asked.role_id == role) or (asked is None and leads and leads.role_id == role):
            await store.audit.record(entry)
            return dossier
    await store.audit.record(refused(entry.model_copy(update={"sections": []}), ACCEPT, NO_RELATION))
    raise NotFound
