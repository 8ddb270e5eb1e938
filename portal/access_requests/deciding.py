"""Deciding a request: in full, narrower, or not at all – once, by somebody else than the asker."""

from datetime import datetime

from auth.access import Forbidden, NotFound, entry_for
from auth.policy import reach, standing
from auth.reasons import NOT_YOUR_SECTION, OWN_REQUEST
from auth.relations import derived
from auth.who import Who
from documents.access_request import WAITING, AccessRequest, Decision, from_row
from documents.acts import Act
from documents.dossier import Dossier
from documents.model import to_bson
from documents.store import Changed, Store, Transaction
from portal.access_requests.rules import Decided, authority, grant_of, outcome_of
from portal.notices import tell


async def decide_request(store: Store, who: Who, request_id: str, decided: Decided, now: datetime) -> str:
    """Decide; returns the outcome. A grant acts at the asker's next click.

    Raises NotFound, Forbidden, and Changed (with the request as it stands) when somebody decided before.
    """
    sealed = None
    if decided.reason:
        sealed = await store.secrets.seal({"text": decided.reason}, "access_request", now.year)

    async def work(transaction: Transaction) -> str:
        row = await store.access_requests.find_one({"_id": request_id}, session=transaction.session)
        request = from_row(row) if row else None
        dossier = await transaction.dossier(request.dossier_id or "", reach(who, now)) if request else None
        if request is None or dossier is None:
            raise NotFound
        if request.by.person_id == who.person_id:
            raise Forbidden(OWN_REQUEST)
        if authority(standing(who, dossier, now), who, request) is None:
            raise Forbidden(NOT_YOUR_SECTION)
        if request.state != WAITING:
            raise Changed(request)
        decision = Decision(outcome=outcome_of(decided, request), at=now, by=who.as_professional(), sealed=sealed)
        if decided.until is not None:
            await _give(transaction, dossier, request, decided, decision)
        await _settle(transaction, request, decision)
        _record(transaction, who, request, decision)
        return decision.outcome

    return await store.transact(work)


async def _give(
    transaction: Transaction, dossier: Dossier, request: AccessRequest, decided: Decided, decision: Decision
) -> None:
    """Put the grant into the dossier: who reads it is derived anew."""
    grant = grant_of(request, decided, decision.by, decision.at)
    decision.grant_id, decision.sections = grant.id, grant.sections
    decision.sensitive, decision.until = grant.sensitive, decided.until
    dossier.grants.append(grant)
    await transaction.change(dossier, {"$set": derived(dossier), "$push": {"grants": to_bson(grant)}})


async def _settle(transaction: Transaction, request: AccessRequest, decision: Decision) -> None:
    done = await transaction.store.access_requests.update_one(
        {"_id": request.id, "state": WAITING},
        {"$set": {"state": decision.outcome, "decision": to_bson(decision)}},
        session=transaction.session,
    )
    if done.matched_count == 0:
        raise Changed(request)


def _record(transaction: Transaction, who: Who, request: AccessRequest, decision: Decision) -> None:
    given = decision.grant_id is not None
    act = Act.ACCESS_GRANTED if given else Act.ACCESS_REFUSED
    transaction.record(
        entry_for(
            who,
            act,
            decision.at,
            dossier_id=request.dossier_id,
            subject=decision.grant_id or request.id,
            sections=decision.sections,
            purpose=request.purpose,
        )
    )
    if given or not request.blind:  # who asked by a code is not told of a refusal: it would say that there is a dossier
        tell(transaction, [f"r:{request.by.role_id}"], "access_decided", decision.at, request.dossier_id, request.id)
