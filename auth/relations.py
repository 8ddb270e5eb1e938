"""How somebody stands to a child: every relation of a dossier as a reader key with its window of time.

Keys: r:<role> for named specialists, i:<institution> and u:<unit> for the heads above them, a:<institution> for
those an entry was sent to, p:<person> for parents and the young person. Derived from the dossier at each write; both
the decision and the query filter read the result, so they cannot differ.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from documents.classifiers import classifiers
from documents.dossier import Dossier, Reader
from documents.family import LegalRole, Relationship
from documents.involvement import Professional
from documents.model import FOREVER, LONG_AGO, start_of

Window = tuple[datetime, datetime]
ANSWERING = frozenset({"case_manager", "family_case_manager", "team", "responsible", "supervises"})
MAJORITY = 18
OWN_VOICE = 14  # from this age the young person reads "My support plan"


def readers_of(dossier: Dossier) -> list[Reader]:
    """Return every key that reaches the dossier. One that is not open, or was joined with another, has none."""
    if dossier.opened is None or dossier.joined_into is not None:
        return []
    readers = [*_professionals(dossier), *_time_bound(dossier), *_by_entries(dossier), *_family(dossier)]
    unique = {(r.key, r.relation, r.since, r.until): r for r in readers if r.since < r.until}
    return sorted(unique.values(), key=lambda r: (r.key, r.relation, r.since))


def family_ids_of(dossier: Dossier) -> list[str]:
    """Return the people who may never act professionally here: child, parents, carers, relatives."""
    kinds = classifiers().relationship_kinds
    ids = {r.person_id for r in dossier.relationships if r.person_id and (kinds[r.kind].family or r.legal_roles)}
    if dossier.child.person_id:
        ids.add(dossier.child.person_id)
    return sorted(ids)


def derived(dossier: Dossier) -> dict[str, object]:
    """Return the fields to store after any change of relations: readers, family, what heads find cases by."""
    readers = readers_of(dossier)
    return {
        "readers": [reader.model_dump() for reader in readers],
        "family_ids": family_ids_of(dossier),
        "answering": answering_of(readers),
        "unanswered": unanswered_of(dossier) if readers else [],
    }


def answering_of(readers: Iterable[Reader]) -> list[str]:
    """Return the keys a head's list is found by, of whatever time: who answers for the case, and the heads above."""
    return sorted({reader.key for reader in readers if reader.relation in ANSWERING})


def unanswered_of(dossier: Dossier) -> list[str]:
    """Return the institutions at work, or that were, in an involvement nobody is named responsible of for good."""
    open_ended = {i.id for i in dossier.involvements if any(not (p.to or p.substitute_for) for p in i.responsible)}
    return sorted({i.institution_id for i in dossier.involvements if i.id not in open_ended and i.to is None})


def _professionals(dossier: Dossier) -> Iterator[Reader]:
    managers = (("case_manager", dossier.case_manager), ("family_case_manager", dossier.family_case_manager))
    for relation, manager in managers:
        if manager is not None and manager.accepted:
            yield from _named(manager, relation, (manager.since, FOREVER))
    for member in dossier.team:
        yield from _named(member, "team", _window(member.since, member.to))
    for involvement in dossier.involvements:
        active = _window(involvement.since, involvement.to)
        for person in involvement.responsible:
            window = _overlap(active, _window(person.since, person.to))
            yield from _named(person, "responsible", window)


def _named(person: Professional, relation: str, window: Window) -> Iterator[Reader]:
    yield _reader(f"r:{person.role_id}", relation, window)
    yield _reader(f"i:{person.institution_id}", "supervises", window)
    if person.unit_id:
        yield _reader(f"u:{person.unit_id}", "supervises", window)


def _time_bound(dossier: Dossier) -> Iterator[Reader]:
    for grant in dossier.grants:
        until = min(grant.until, grant.revoked_at or FOREVER)
        yield _reader(f"r:{grant.role_id}", f"consented:{grant.id}", (grant.since, until))
    for emergency in dossier.emergencies:
        until = min(emergency.until, emergency.reviewed_at or FOREVER)
        yield _reader(f"r:{emergency.role_id}", "emergency", (emergency.since, until))

    for seat in dossier.group:
        yield _reader(f"r:{seat.role_id}", "group", (seat.since, seat.until))
    for task in dossier.assignments:
        until = min(task.until, task.done_at or FOREVER)
        yield _reader(f"r:{task.role_id}", f"assigned:{task.id}", (task.since, until))


def _by_entries(dossier: Dossier) -> Iterator[Reader]:
    """Who recorded an entry keeps reading it, and those it was sent to read it, for ever."""
    yield from (recorder(role_id) for role_id in dossier.writers)
    yield from (
        _reader(f"a:{institution_id}", "addressed", (LONG_AGO, FOREVER)) for institution_id in dossier.addressees
    )


def recorder(role_id: str) -> Reader:
    """The key of somebody who recorded an entry: the same for each of them."""
    return _reader(f"r:{role_id}", "recorded", (LONG_AGO, FOREVER))


def _family(dossier: Dossier) -> Iterator[Reader]:
    born = dossier.child.birth_date
    adult = start_of(_birthday(born, MAJORITY))
    for relationship in dossier.relationships:
        if relationship.person_id:
            for since, until in _access_windows(relationship):
                yield _reader(f"p:{relationship.person_id}", "parent", (since, min(until, adult)))
    if dossier.child.person_id:
        yield _reader(f"p:{dossier.child.person_id}", "self", (start_of(_birthday(born, OWN_VOICE)), FOREVER))


def _access_windows(relationship: Relationship) -> list[Window]:
    """When a legal role gives access, less the times in which another one (suspended custody) takes it away."""
    roles = classifiers().legal_roles
    gives = [_of(r) for r in relationship.legal_roles if roles[r.role].gives_access]
    ends = [_of(r) for r in relationship.legal_roles if roles[r.role].ends_access]
    return [part for window in gives for part in _without(window, ends)]


def _without(window: Window, gaps: Iterable[Window]) -> list[Window]:
    parts = [window]
    for gap_since, gap_until in gaps:
        parts = [
            part
            for since, until in parts
            for part in ((since, min(until, gap_since)), (max(since, gap_until), until))
            if part[0] < part[1]
        ]
    return parts


def _of(role: LegalRole) -> Window:
    return _window(role.since, role.to)


def _window(since: date | None, to: date | None) -> Window:
    """Days count whole: from the midnight in Riga that begins `since` to the one that ends `to`."""
    return (
        start_of(since) if since else LONG_AGO,
        start_of(to + timedelta(days=1)) if to else FOREVER,
    )


def _overlap(a: Window, b: Window) -> Window:
    return max(a[0], b[0]), min(a[1], b[1])


def _birthday(born: date, age: int) -> date:
    """The day somebody born on `born` reaches `age`; who is born on 29 February does so on 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def _reader(key: str, relation: str, window: Window) -> Reader:
    return Reader(key=key, relation=relation, since=window[0], until=window[1])
