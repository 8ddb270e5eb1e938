"""Who stands above a case: the heads above the case manager, or above those responsible where there is none."""

from datetime import datetime

from auth.who import Who
from documents.dossier import Dossier
from documents.involvement import Professional
from documents.model import day_of


def supervisor_keys(dossier: Dossier, now: datetime) -> list[str]:
    """Return the reader keys of the heads who are told of denials, emergencies and late decisions, and review them."""
    manager = dossier.case_manager
    if manager is not None and manager.accepted:
        return sorted(_above(manager))
    today = day_of(now)
    responsible = [
        person
        for involvement in dossier.involvements
        if involvement.to is None or today <= involvement.to
        for person in involvement.responsible
        if person.since <= today and (person.to is None or today <= person.to)
    ]
    return sorted({key for person in responsible for key in _above(person)})


def supervises(who: Who, dossier: Dossier, now: datetime) -> bool:
    """Whether the person heads the unit or institution that answers for this case."""
    return who.level == 3 and not set(who.keys).isdisjoint(supervisor_keys(dossier, now))


def _above(person: Professional) -> set[str]:
    unit = {f"u:{person.unit_id}"} if person.unit_id else set()
    return {f"i:{person.institution_id}"} | unit
