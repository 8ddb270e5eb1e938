"""Who leads the case: a head names somebody, who takes over by accepting; until then nothing changes."""

from datetime import datetime

from auth.access import Forbidden, NotFound, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.policy import denied
from auth.reasons import DENIED, NOT_YOUR_SECTION, OWN_FAMILY
from auth.relations import derived
from auth.who import Who
from documents.access_request import WAITING
from documents.acts import Act
from documents.dossier import Dossier
from documents.involvement import CaseManager, NamedManager, Professional
from documents.model import day_of, to_bson
from documents.store import AlreadySo, Changed, Store, Transaction
from portal.naming.actions import person_with_role
from portal.naming.rules import (
    CannotName,
    checked_to_lead,
    named_as,
    names_family_manager,
    names_manager,
    state_of_leading,
)
from portal.notices import tell
from portal.plans.people import at_work_now
from portal.translations import N_


async def name_manager(
    store: Store, who: Who, dossier_id: str, role_id: str, state: str, now: datetime, *, request_id: str = ""
) -> None:
    """Ask somebody of the own subtree to lead the case. `state` is who led and was asked when the form was made.

    With `request_id`, by the head to whom a request about an unled case was routed. Raises NotFound, Forbidden,
    CannotName, Changed, AlreadySo.
    """

    async def work(transaction: Transaction) -> None:
        dossier = await _to_name(transaction, who, dossier_id, request_id, now)
        if dossier.next_manager and dossier.next_manager.role_id == role_id:
            raise AlreadySo
        if state_of_leading(dossier) != state:
            raise Changed
        if dossier.case_manager and dossier.case_manager.role_id == role_id:
            raise CannotName(N_("This person leads the case already."))
        person = await person_with_role(transaction, role_id)
        named, _ = named_as(who, person, role_id, dossier, now, day_of(now), leads=True)
        await _ask(transaction, who, dossier, named, now)

    await store.transact(work)


async def hand_over_lead(store: Store, who: Who, dossier_id: str, role_id: str, state: str, now: datetime) -> None:
    """The case manager asks somebody at work for the child, or a colleague, to take over; accepting does it.

    `state` is who led and was asked when the form was made. Raises NotFound, Forbidden, CannotName, Changed, AlreadySo.
    """

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.TEAM_EDIT, now)
        dossier = opened.dossier
        if dossier.next_manager and dossier.next_manager.role_id == role_id:
            raise AlreadySo
        if state_of_leading(dossier) != state:
            raise Changed
        if dossier.case_manager and dossier.case_manager.role_id == role_id:
            raise CannotName(N_("This person leads the case already."))
        person = await person_with_role(transaction, role_id)
        role = next((role for role in person.roles if role.id == role_id), None) if person else None
        near = {p.role_id for p in at_work_now(dossier, now)}
        if person is None or role is None or not (role_id in near or role.institution_id == who.institution_id):
            raise CannotName(N_("Choose a colleague, or somebody who works with the child."))
        named = checked_to_lead(person, role, dossier, now)
        await _ask(transaction, who, dossier, named, now)

    await store.transact(work)


async def name_family_manager(
    store: Store, who: Who, dossier_id: str, role_id: str, instead_of: str, now: datetime
) -> None:
    """Name who works with the family beside the case manager, from now on. `instead_of` is who did by the form.

    Raises NotFound, Forbidden, CannotName, Changed, AlreadySo.
    """

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PEOPLE_NAME, now)
        dossier = opened.dossier
        if not names_family_manager(who, dossier):
            raise Forbidden(NOT_YOUR_SECTION)
        before = dossier.family_case_manager
        if before and before.role_id == role_id:
            raise AlreadySo
        if (before.role_id if before else "") != instead_of:
            raise Changed
        if dossier.case_manager and dossier.case_manager.role_id == role_id:
            raise CannotName(N_("This person leads the case already."))
        person = await person_with_role(transaction, role_id)
        named, _ = named_as(who, person, role_id, dossier, now, day_of(now), family=True)
        dossier.family_case_manager = CaseManager(**named.model_dump(), since=now)
        changes = {"family_case_manager": to_bson(dossier.family_case_manager), **derived(dossier)}
        await transaction.change(dossier, {"$set": changes})
        transaction.record(entry_for(who, Act.PEOPLE_NAMED, now, dossier_id=dossier.id, subject=named.role_id))
        tell(transaction, [f"r:{named.role_id}"], "family_manager_named", now, dossier.id, dossier.id)
        if before:
            tell(transaction, [f"r:{before.role_id}"], "responsible_replaced", now, dossier.id, dossier.id)

    await store.transact(work)


async def _ask(transaction: Transaction, who: Who, dossier: Dossier, named: Professional, now: datetime) -> None:
    """Ask somebody to lead the case; whoever was asked before need not answer any more."""
    before = dossier.next_manager
    dossier.next_manager = NamedManager(**named.model_dump(), named_at=now, named_by=who.as_professional())
    await transaction.change(dossier, {"$set": {"next_manager": to_bson(dossier.next_manager)}})
    transaction.record(entry_for(who, Act.MANAGER_NAMED, now, dossier_id=dossier.id, subject=named.role_id))
    tell(transaction, [f"r:{named.role_id}"], "manager_named", now, dossier.id, dossier.id)
    if before:
        tell(transaction, [f"r:{before.role_id}"], "manager_not_needed", now, dossier.id, dossier.id)


async def answer_naming(store: Store, who: Who, dossier_id: str, now: datetime, *, accepts: bool) -> None:
    """Take over the case, or decline. Requests that waited for a case manager are the new one's at once.

    Raises NotFound for whom was not asked, Forbidden, AlreadySo.
    """

    async def work(transaction: Transaction) -> None:
        dossier = await named_to_lead(transaction, who, dossier_id, now)
        asked, before = dossier.next_manager, dossier.case_manager
        if asked is None:
            raise AlreadySo
        head = f"r:{asked.named_by.role_id}"
        if not accepts:
            await transaction.change(dossier, {"$unset": {"next_manager": ""}})
            transaction.record(entry_for(who, Act.MANAGER_DECLINED, now, dossier_id=dossier.id))
            tell(transaction, [head], "manager_declined", now, dossier.id, dossier.id)
            return
        copied = Professional(**who.as_professional().model_dump())
        dossier.case_manager, dossier.next_manager = CaseManager(**copied.model_dump(), since=now), None
        changes = {"$set": {"case_manager": to_bson(dossier.case_manager), **derived(dossier)}}
        await transaction.change(dossier, changes | {"$unset": {"next_manager": ""}})
        transaction.record(entry_for(who, Act.MANAGER_ACCEPTED, now, dossier_id=dossier.id))
        tell(transaction, [head], "manager_accepted", now, dossier.id, dossier.id)
        if before:
            tell(transaction, [f"r:{before.role_id}"], "manager_replaced", now, dossier.id, dossier.id)
        await _take_over_requests(transaction, who, dossier.id, now)

    await store.transact(work)


async def named_to_lead(transaction: Transaction, who: Who, dossier_id: str, now: datetime) -> Dossier:
    """Return the dossier for whom is asked to lead it, or leads it already. Raises NotFound, Forbidden."""
    role = who.role.id if who.role else ""
    dossier = await transaction.dossier(dossier_id)
    if dossier is None or dossier.opened is None:
        raise NotFound
    asked, leads = dossier.next_manager, dossier.case_manager
    if not (asked and asked.role_id == role) and not (asked is None and leads and leads.role_id == role):
        raise NotFound
    if who.person_id in dossier.family_ids:
        raise Forbidden(OWN_FAMILY)
    if denied(who, dossier.denials, now):
        raise Forbidden(DENIED)
    return dossier


async def _to_name(transaction: Transaction, who: Who, dossier_id: str, request_id: str, now: datetime) -> Dossier:
    if not request_id:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.PEOPLE_NAME, now)
        if not names_manager(who, opened.dossier):
            raise Forbidden(NOT_YOUR_SECTION)
        return opened.dossier
    query = {"_id": request_id, "dossier_id": dossier_id, "routed_to": who.institution_id, "state": WAITING}
    waits = await transaction.store.access_requests.find_one(query, {"_id": 1}, session=transaction.session)
    dossier = await transaction.dossier(dossier_id)
    heads = who.level == 3 and who.role is not None and who.role.unit_id is None and "supervises" in who.may
    if waits is None or dossier is None or not heads or dossier.case_manager is not None:
        raise NotFound
    if who.person_id in dossier.family_ids or denied(who, dossier.denials, now):
        raise NotFound
    return dossier


async def _take_over_requests(transaction: Transaction, who: Who, dossier_id: str, now: datetime) -> None:
    """What waited with the head for somebody to lead waits for that person now."""
    requests, role = transaction.store.access_requests, f"r:{who.role.id if who.role else ''}"
    waiting = {"dossier_id": dossier_id, "state": WAITING}
    for row in await requests.find(waiting, {"_id": 1}, session=transaction.session).to_list():
        tell(transaction, [role], "access_asked", now, dossier_id, row["_id"])
    await requests.update_many(waiting, {"$unset": {"routed_to": ""}}, session=transaction.session)
