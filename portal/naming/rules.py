"""Who may be named, by whom, for what; each refusal says what to do instead."""

from datetime import date, datetime, timedelta

from auth.policy import RESPONSIBLE, denied
from auth.who import Who, who_is
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.involvement import Involvement, Professional, Responsible
from documents.model import day_of
from documents.person import Person, Role
from portal.events.rules import Cannot
from portal.translations import N_


class CannotName(Cannot):
    """This person, or this day, will not do."""

    where = "person"


def below(who: Who, place: Professional | Role) -> bool:
    """Whether a person or role belongs to the head's own subtree: the institution, or the units of a unit's head."""
    if who.role is None or place.institution_id != who.institution_id:
        return False
    return who.role.unit_id is None or place.unit_id in who.subtree


def fits(role: Role, *, leads: bool, family: bool = False) -> bool:
    """Whether the position can be responsible for a child, lead its case, or be the family's case manager."""
    level = classifiers().positions[role.position].level
    return role.level == level and role.position in positions_for(leads=leads, family=family)


def positions_for(*, leads: bool, family: bool = False) -> set[str]:
    """The positions whose holders may be responsible for a child, lead its case, or be the family's case manager."""
    wanted = "family_case_manager" if family else "responsible"
    every = classifiers().positions.values()
    return {each.code for each in every if (each.leads_cases if leads and not family else wanted in each.relations)}


def named_as(
    who: Who,
    person: Person | None,
    role_id: str,
    dossier: Dossier,
    now: datetime,
    since: date,
    *,
    leads: bool = False,
    family: bool = False,
) -> tuple[Professional, Role]:
    """Return the person as named from `since` on. Raises CannotName with what speaks against it."""
    role = next((role for role in person.roles if role.id == role_id), None) if person else None
    if person is None or role is None or not below(who, role):
        raise CannotName(
            N_("Choose somebody of your own staff. Who is missing has no account or role here: ask the steward.")
        )
    return _checked(person, role, dossier, now, since, leads=leads, family=family), role


def checked_to_lead(person: Person, role: Role, dossier: Dossier, now: datetime) -> Professional:
    """Return who is asked to lead the case, from wherever. Raises CannotName with what speaks against it."""
    return _checked(person, role, dossier, now, day_of(now), leads=True, family=False)


def _checked(
    person: Person, role: Role, dossier: Dossier, now: datetime, since: date, *, leads: bool, family: bool
) -> Professional:
    if person.deactivated or not role.held_on(since):
        raise CannotName(N_("This role is not held then. Choose somebody else, or ask the steward to renew it."))
    if not fits(role, leads=leads, family=family):
        message = (
            N_("This position cannot lead a case. Choose a specialist.")
            if leads or family
            else N_("This position cannot be responsible for a child. Choose a specialist.")
        )
        raise CannotName(message)
    if person.id in dossier.family_ids:
        raise CannotName(N_("Nobody works on a case of the own family. Choose somebody else."))
    named = who_is(person, role.id, None, now)
    if denied(named, dossier.denials, now):
        raise CannotName(N_("Access to this dossier is denied to this person. Choose somebody else."))
    return person.as_professional(role)


def staff_at_work(who: Who, dossier: Dossier, now: datetime) -> list[Professional]:
    """Return who of the head's own subtree works on the case now: leading it, in its team, responsible, standing in."""
    at_work = {r.key for r in dossier.readers if r.relation in RESPONSIBLE and r.since <= now < r.until}
    people: list[Professional] = [m for m in (dossier.case_manager, dossier.family_case_manager) if m]
    people += [*dossier.team, *(person for each in dossier.involvements for person in each.responsible)]
    found = {p.role_id: p for p in people if f"r:{p.role_id}" in at_work and below(who, p)}
    return sorted(found.values(), key=lambda person: person.name)


def current(involvement: Involvement, today: date) -> list[Responsible]:
    """Who is responsible now, without those who stand in."""
    return [person for person in involvement.responsible if in_time(person, today) and not person.substitute_for]


def in_time(person: Responsible, today: date) -> bool:
    """Whether somebody is responsible, or stands in, on the day."""
    return person.since <= today and (person.to is None or today <= person.to)


def room_in(involvement: Involvement, today: date) -> int:
    """How many more may be responsible beside those who are."""
    return classifiers().involvement_kinds[involvement.kind].max_responsible - len(current(involvement, today))


def own_involvements(who: Who, dossier: Dossier, now: datetime) -> list[tuple[int, Involvement]]:
    """The active involvements of the head's institution with their places in the dossier."""
    today = day_of(now)
    return [
        (index, each)
        for index, each in enumerate(dossier.involvements)
        if each.institution_id == who.institution_id
        and each.since <= today
        and (each.to is None or today <= each.to)
        and (not current(each, today) or any(below(who, person) for person in current(each, today)))
    ]


def heads_institution(who: Who) -> bool:
    """Whether somebody heads a whole institution, not one of its units."""
    return who.level == 3 and who.role is not None and who.role.unit_id is None and "supervises" in who.may


def waiting_involvements(who: Who, dossier: Dossier, today: date) -> list[tuple[int, Involvement]]:
    """The active involvements of the head's institution nobody is responsible in, with their places in the dossier."""
    return [
        (index, each)
        for index, each in enumerate(dossier.involvements)
        if each.institution_id == who.institution_id
        and each.since <= today
        and (each.to is None or today <= each.to)
        and not current(each, today)
    ]


def names_family_manager(who: Who, dossier: Dossier) -> bool:
    """A head replaces the family's case manager of the own subtree; without one, the social service names one."""
    held = dossier.family_case_manager
    if held is not None:
        return below(who, held)
    return who.role is not None and who.role.institution_type in works_with_families()


def works_with_families() -> set[str]:
    """The types of institution whose specialists may be the family's case manager."""
    positions = classifiers().positions.values()
    return {position.institution_type for position in positions if "family_case_manager" in position.relations}


def names_manager(who: Who, dossier: Dossier) -> bool:
    """A head replaces a case manager of the own subtree; where nobody leads, each head above the case may name one."""
    return dossier.case_manager is None or below(who, dossier.case_manager)


def state_of_leading(dossier: Dossier) -> str:
    """Who leads and who is asked to, as the form carries it: what differs later was changed meanwhile."""
    leads, asked = dossier.case_manager, dossier.next_manager
    return f"{leads.role_id if leads else ''}|{asked.role_id if asked else ''}"


def ended(person: Responsible, today: date) -> Responsible:
    """The same person with yesterday as the last day."""
    return person.model_copy(update={"to": today - timedelta(days=1)})
