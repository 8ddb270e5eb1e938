"""The team of a case: who, as what, since when and what for; the family reads it too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auth.access import NotFound, Opened, dossier_to_change, entry_for
from auth.permissions import Permission
from auth.place import is_family, place_hidden
from auth.policy import denied
from auth.relations import derived
from auth.who import Who, who_is
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.involvement import Professional, TeamMember
from documents.model import day_of, to_bson
from documents.person import Person, Role
from documents.store import AlreadySo, Store, Transaction
from portal.dossier.people import title_of
from portal.events.rules import Message, Values, one
from portal.naming.actions import person_with_role
from portal.naming.rules import CannotName, fits, positions_for
from portal.naming.staff import held_in, people_found
from portal.notices import tell
from portal.plans.people import at_work_now
from portal.translations import N_

FUNCTION_LETTERS, WHY_LETTERS, MOST = 80, 300, 30


@dataclass(frozen=True)
class Joining:
    """Who joins – of those at work, or by the work e-mail –, as what, what for."""

    role_id: str
    email: str
    function: str
    why: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """One of the team as the reader may know them; `role_id` for the button that ends it."""

    role_id: str
    name: str
    place: str
    function: str
    since: date
    why: str


def read_joining(values: Values) -> tuple[Joining, dict[str, Message]]:
    """Read the form; every field to put right has its sentence."""
    errors: dict[str, Message] = {}
    joining = Joining(
        one(values, "person")[:64], one(values, "email")[:120].lower(), one(values, "function"), one(values, "why")
    )
    if not joining.role_id and not joining.email:
        errors["person"] = Message(N_("Choose somebody who works with the child, or write a work e-mail."))
    too_long = N_("Shorten it to %(limit)s letters; it has %(count)s.")
    if not joining.function:
        errors["function"] = Message(N_("Write as what the person is in the team."))
    elif len(joining.function) > FUNCTION_LETTERS:
        errors["function"] = Message(too_long, {"limit": FUNCTION_LETTERS, "count": len(joining.function)})
    if not joining.why:
        errors["why"] = Message(N_("Write what the team needs this person for; the family reads it."))
    elif len(joining.why) > WHY_LETTERS:
        errors["why"] = Message(too_long, {"limit": WHY_LETTERS, "count": len(joining.why)})
    return joining, errors


async def join_team(store: Store, who: Who, dossier_id: str, joining: Joining, now: datetime) -> None:
    """Take somebody into the team from today on. Raises NotFound, Forbidden, CannotName, AlreadySo."""
    today = day_of(now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.TEAM_EDIT, now)
        dossier = opened.dossier
        person, role = await _whom(transaction, opened, joining)
        if any(member.role_id == role.id for member in members_on(dossier, today)):
            raise AlreadySo
        if len(members_on(dossier, today)) >= MOST:
            raise CannotName(N_("A team this large is a crowd. Let somebody leave first."))
        member = person.as_professional(role).model_dump()
        dossier.team.append(TeamMember(**member, function=joining.function, since=today, why=joining.why))
        await _save(transaction, opened, role.id)
        tell(transaction, [f"r:{role.id}"], "team_joined", now, dossier_id, role.id)

    await store.transact(work)


async def leave_team(store: Store, who: Who, dossier_id: str, role_id: str, now: datetime) -> None:
    """Let somebody leave at once; what they wrote they keep reading. Raises NotFound, Forbidden, AlreadySo."""
    today = day_of(now)

    async def work(transaction: Transaction) -> None:
        opened = await dossier_to_change(transaction, who, dossier_id, Permission.TEAM_EDIT, now)
        dossier = opened.dossier
        if not any(member.role_id == role_id for member in members_on(dossier, today)):
            if any(member.role_id == role_id for member in dossier.team):
                raise AlreadySo
            raise NotFound
        yesterday = date.fromordinal(today.toordinal() - 1)
        gone = [m.role_id == role_id and (m.to is None or today <= m.to) for m in dossier.team]
        dossier.team = [
            member.model_copy(update={"to": yesterday}) if ends else member
            for member, ends in zip(dossier.team, gone, strict=True)
        ]
        await _save(transaction, opened, role_id)
        tell(transaction, [f"r:{role_id}"], "team_left", now, dossier_id, role_id)

    await store.transact(work)


def members_on(dossier: Dossier, day: date) -> list[TeamMember]:
    """Who is in the team on a day."""
    return [member for member in dossier.team if member.since <= day and (member.to is None or day <= member.to)]


def team_view(opened: Opened) -> list[MemberView]:
    """The team as this reader may know it: of a protected child the family reads nothing that would tell the place."""
    if place_hidden(opened.access, opened.dossier):
        return []
    shown = []
    for member in members_on(opened.dossier, day_of(opened.now)):
        titled = "" if is_family(opened.access) else title_of(member)
        place = ", ".join(part for part in (titled, member.institution_name) if part)
        shown.append(MemberView(member.role_id, member.name, place, member.function, member.since, member.why))
    return shown


def who_may_join(opened: Opened) -> list[Professional]:
    """Those at work for the child who are not in the team yet and whose position has a place in one."""
    today = day_of(opened.now)
    inside = {member.role_id for member in members_on(opened.dossier, today)}
    managers = (opened.dossier.case_manager, opened.dossier.family_case_manager)
    inside |= {manager.role_id for manager in managers if manager}
    fitting = {code for code, position in classifiers().positions.items() if "team" in position.relations}
    people = at_work_now(opened.dossier, opened.now)
    return [person for person in people if person.role_id not in inside and person.title in fitting]


async def _whom(transaction: Transaction, opened: Opened, joining: Joining) -> tuple[Person, Role]:
    """The person and role. Raises CannotName with what speaks against it."""
    if joining.role_id:
        found = await person_with_role(transaction, joining.role_id)
        role = next((role for role in found.roles if role.id == joining.role_id), None) if found else None
        if joining.role_id not in {each.role_id for each in who_may_join(opened)}:
            already = {member.role_id for member in members_on(opened.dossier, day_of(opened.now))}
            if joining.role_id not in already:
                raise CannotName(N_("Choose somebody who works with the child, or write a work e-mail."))
        field = "person"
    else:
        row = await transaction.store.people.find_one({"roles.email": joining.email}, session=transaction.session)
        found = Person.model_validate(row) if row else None
        role = next((role for role in found.roles if role.email.lower() == joining.email), None) if found else None
        field = "email"
    if found is None or role is None or found.deactivated or not role.held_on(day_of(opened.now)):
        raise CannotName(N_("Nobody works under this address. Check it, or call the person."), field)
    position = classifiers().positions[role.position]
    if "team" not in position.relations or role.level != position.level:
        raise CannotName(N_("This position has no place in a team. Give access by a request instead."), field)
    if found.id in opened.dossier.family_ids:
        raise CannotName(N_("Nobody works on a case of the own family. Choose somebody else."), field)
    if denied(who_is(found, role.id, None, opened.now), opened.dossier.denials, opened.now):
        raise CannotName(N_("Access to this dossier is denied to this person. Choose somebody else."), field)
    return found, role


async def _save(transaction: Transaction, opened: Opened, role_id: str) -> None:
    dossier = opened.dossier
    values = {"team": [to_bson(member) for member in dossier.team], **derived(dossier)}
    await transaction.change(dossier, {"$set": values})
    about = {"dossier_id": dossier.id, "subject": role_id}
    transaction.record(entry_for(opened.who, Act.TEAM_CHANGED, opened.now, **about))


async def colleagues(
    store: Store, opened: Opened, at_work: Sequence[Professional]
) -> tuple[list[tuple[str, str]], int]:
    """Whom the case manager may ask to take over: who works with the child, and the own institution's specialists.

    Those of the own unit are all there; of a large institution returns too how many others have no place in the list.
    """
    positions, own, who = classifiers().positions, opened.dossier.case_manager, opened.who
    found = {p.role_id: p for p in at_work if p.title in positions and positions[p.title].leads_cases}
    place, leading, today = who.institution_id, positions_for(leads=True), day_of(opened.now)
    people, unshown = await people_found(store, held_in(place, leading, today, None))
    if unshown and who.role and who.role.unit_id:
        near, _ = await people_found(store, held_in(place, leading, today, [who.role.unit_id]))
        known = {person.id for person in people}
        people += [person for person in near if person.id not in known]
        unshown -= sum(person.id not in known for person in near)
    for person in people:
        for role in person.roles:
            held = role.institution_id == place and role.held_on(today)
            if held and fits(role, leads=True):
                found.setdefault(role.id, person.as_professional(role))
    if own:
        found.pop(own.role_id, None)
    named = sorted(found.values(), key=lambda person: person.name)
    return [(p.role_id, ", ".join((p.name, title_of(p), p.institution_name))) for p in named], unshown
