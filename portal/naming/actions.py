"""Naming who is responsible and who stands in: one transaction with its record and the notices."""

from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Forbidden, NotFound, Opened, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.policy import denied
from auth.reasons import NOT_YOUR_SECTION
from auth.relations import derived
from auth.who import Who
from documents.acts import Act
from documents.dossier import Dossier
from documents.involvement import Involvement, Responsible
from documents.model import day_of, to_bson
from documents.person import Person
from documents.store import AlreadySo, Changed, Store, Transaction
from portal.naming.rules import (
    CannotName,
    below,
    current,
    ended,
    heads_institution,
    in_time,
    named_as,
    own_involvements,
    room_in,
    waiting_involvements,
)
from portal.notices import tell
from portal.translations import N_


@dataclass(frozen=True)
class Naming:
    """A choice of the form: whom, in whose place, under which version; a substitute with both days."""

    role_id: str
    instead_of: str
    version: int
    since: date | None = None
    to: date | None = None


async def person_with_role(transaction: Transaction, role_id: str) -> Person | None:
    """Return who holds, or held, a role, as it stands in this transaction."""
    row = await transaction.store.people.find_one({"roles.id": role_id}, session=transaction.session)
    return Person.model_validate(row) if row else None


async def name_responsible(
    store: Store, who: Who, dossier_id: str, involvement_id: str, naming: Naming, now: datetime
) -> None:
    """Name somebody responsible from today on, in another's place or beside.

    Raises NotFound, Forbidden, CannotName, and Changed when somebody named another since the form was made.
    """
    today = day_of(now)

    async def work(transaction: Transaction) -> None:
        opened, index, involvement = await _opened(transaction, who, dossier_id, involvement_id, now)
        held = current(involvement, today)
        if any(person.role_id == naming.role_id for person in held):
            raise AlreadySo
        if involvement.version != naming.version:
            raise Changed
        person = await person_with_role(transaction, naming.role_id)
        named, _ = named_as(who, person, naming.role_id, opened.dossier, now, today)
        left = _replaced(who, involvement, naming.instead_of, today)
        # Who stood in for them goes with them.
        gone = [p for p in involvement.responsible if left and left.role_id in (p.role_id, p.substitute_for)]
        gone = [p for p in gone if p.to is None or today <= p.to]
        involvement.responsible = [ended(p, today) if p in gone else p for p in involvement.responsible]
        involvement.responsible.append(Responsible(**named.model_dump(), since=today))
        await _save(transaction, opened.dossier, index, involvement, who, now)
        tell(transaction, [f"r:{named.role_id}"], "responsible_named", now, dossier_id, involvement.id)
        tell(transaction, [f"r:{p.role_id}" for p in gone], "responsible_replaced", now, dossier_id, involvement.id)

    await store.transact(work)


async def name_first(
    store: Store, who: Who, dossier_id: str, involvement_id: str, naming: Naming, now: datetime
) -> None:
    """Name the first one responsible in an involvement of the own institution, whose case the head does not reach yet.

    Raises NotFound, CannotName, AlreadySo, also where somebody else was named meanwhile.
    """
    today = day_of(now)

    async def work(transaction: Transaction) -> None:
        dossier = await transaction.dossier(dossier_id)
        if dossier is None or dossier.opened is None or not heads_institution(who):
            raise NotFound
        if who.person_id in dossier.family_ids or denied(who, dossier.denials, now):
            raise NotFound
        if any(p.role_id == naming.role_id for _, i in own_involvements(who, dossier, now) for p in current(i, today)):
            raise AlreadySo
        waiting = waiting_involvements(who, dossier, today)
        found = next(((index, each) for index, each in waiting if each.id == involvement_id), None)
        if found is None:
            if any(i.id == involvement_id for _, i in own_involvements(who, dossier, now)):
                raise CannotName(N_("Meanwhile somebody else named a person here."))
            raise NotFound
        person = await person_with_role(transaction, naming.role_id)
        named, _ = named_as(who, person, naming.role_id, dossier, now, today)
        index, involvement = found
        involvement.responsible.append(Responsible(**named.model_dump(), since=today))
        await _save(transaction, dossier, index, involvement, who, now)
        tell(transaction, [f"r:{named.role_id}"], "responsible_named", now, dossier_id, involvement.id)

    await store.transact(work)


async def name_substitute(
    store: Store, who: Who, dossier_id: str, involvement_id: str, naming: Naming, now: datetime
) -> None:
    """Let somebody stand in for a responsible person between two days. Raises as `name_responsible` does."""
    since, to = naming.since or day_of(now), naming.to

    async def work(transaction: Transaction) -> None:
        opened, index, involvement = await _opened(transaction, who, dossier_id, involvement_id, now)
        for p in involvement.responsible:
            if (p.role_id, p.substitute_for, p.since, p.to) == (naming.role_id, naming.instead_of, since, to):
                raise AlreadySo
        if involvement.version != naming.version:
            raise Changed
        stead = next((p for p in current(involvement, day_of(now)) if p.role_id == naming.instead_of), None)
        if stead is None or not below(who, stead):
            raise CannotName(N_("Choose for whom the person stands in."), "instead_of")
        person = await person_with_role(transaction, naming.role_id)
        named, role = named_as(who, person, naming.role_id, opened.dossier, now, since)
        if any(p.role_id == naming.role_id and in_time(p, since) for p in involvement.responsible):
            raise CannotName(N_("This person is responsible then anyway. Choose somebody else."))
        if to is None or (role.to and role.to < to):
            raise CannotName(N_("The role of this person ends earlier. Choose an earlier day."), "to")
        involvement.responsible.append(
            Responsible(**named.model_dump(), since=since, to=to, substitute_for=stead.role_id)
        )
        await _save(transaction, opened.dossier, index, involvement, who, now)
        tell(transaction, [f"r:{named.role_id}"], "substitute_named", now, dossier_id, involvement.id)

    await store.transact(work)


async def _opened(
    transaction: Transaction, who: Who, dossier_id: str, involvement_id: str, now: datetime
) -> tuple[Opened, int, Involvement]:
    opened = await dossier_to_change(transaction, who, dossier_id, Permission.PEOPLE_NAME, now)
    own = own_involvements(who, opened.dossier, now)
    found = next(((index, each) for index, each in own if each.id == involvement_id), None)
    if found is None:
        raise Forbidden(NOT_YOUR_SECTION)
    return opened, *found


def _replaced(who: Who, involvement: Involvement, role_id: str, today: date) -> Responsible | None:
    """Whose place is taken: the one chosen, the only one, or nobody's where there is room."""
    held = current(involvement, today)
    if not role_id and room_in(involvement, today) > 0:
        return None
    chosen = held if not role_id and len(held) == 1 else [person for person in held if person.role_id == role_id]
    if not chosen or not below(who, chosen[0]):
        raise CannotName(N_("Choose in whose place."), "instead_of")
    return chosen[0]


async def _save(
    transaction: Transaction, dossier: Dossier, index: int, involvement: Involvement, who: Who, now: datetime
) -> None:
    involvement.version += 1
    await transaction.change(dossier, {"$set": {f"involvements.{index}": to_bson(involvement), **derived(dossier)}})
    transaction.record(entry_for(who, Act.PEOPLE_NAMED, now, dossier_id=dossier.id, subject=involvement.id))
