"""The one door to a dossier: unreachable is not found, reachable but not allowed says what to do, all is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auth.moved import joined_with
from auth.permissions import Permission, Section
from auth.policy import NEEDS, Access, decide, decide_as, denied, reach, standing
from auth.reasons import DENIED, NO_RELATION, OWN_FAMILY, Reason
from auth.who import Who
from documents.acts import Act
from documents.archive import with_archive
from documents.audit import AuditEntry
from documents.dossier import Denial, Dossier
from documents.looks import find_with_last_look
from documents.reading import NO_NARRATIVE
from documents.store import Store, Transaction

LONGEST_ID = 64  # of what stands in an address and goes to the log: nobody fills it with letters


class NotFound(Exception):
    """No such dossier for this person: whether it exists is not said."""


class Moved(NotFound):
    """Nothing is under this address any more; what stood here is in another dossier, which the person reaches."""

    def __init__(self, dossier_id: str, to: str) -> None:
        super().__init__(dossier_id)
        self.dossier_id, self.to = dossier_id, to


class Forbidden(Exception):
    """Reachable, but not this; `reason.advice` says what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


class Denied(Forbidden):
    """On the child's list of denials; `call` says whom to call instead."""

    def __init__(self, call: str) -> None:
        super().__init__(DENIED)
        self.call = call


class Elsewhere(Exception):
    """Not this page of the dossier, but the one that needs `permission`: a head reads the life course only."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(permission)
        self.permission = permission


@dataclass(frozen=True)
class Opened:
    """A dossier somebody may see, with what they may do in it."""

    who: Who
    dossier: Dossier
    access: Access
    now: datetime
    look: AuditEntry | None = None  # of a quiet opening: to be recorded before anything is shown
    looked: datetime | None = None  # the person's visit before this one, where it was asked for

    def can(self, permission: Permission) -> bool:
        """Whether another permission is covered too: templates ask this before showing a button or tab."""
        return decide_as(self.access, self.who, permission).allowed


async def dossier_for(
    store: Store,
    who: Who,
    dossier_id: str,
    permission: Permission,
    now: datetime,
    *,
    sections: Sequence[Section] = (),
    whole_life: bool = False,
    subject: str | None = None,
    narrative: bool = True,
    quiet: bool = False,
    or_else: Permission | None = None,
    last_look: bool = False,
) -> Opened:
    """Open a dossier for reading and record it before anything is shown.

    `sections` are those the page shows beside the permission's own; `whole_life` joins archived events; without
    `narrative` entries come without what they say, for a page that shows none of them (`last_look` reads all);
    `quiet` is for a change that shows nothing (`record_look` before it shows something after all). Where
    `permission` is not given but `or_else` is, Elsewhere is raised and nothing recorded: the page it leads to
    does that. `last_look` also tells when the person was here before. Raises Moved where the dossier was joined
    with another that the person reaches, NotFound, Forbidden.
    """
    entry = entry_for(who, Act.DOSSIER_READ, now, dossier_id=dossier_id[:LONGEST_ID], subject=subject)
    query, looked = {"_id": dossier_id, **reach(who, now)}, None
    if last_look:
        found = await find_with_last_look(store, query, who.person_id, dossier_id, now)
        row, looked = found or (None, None)
    else:
        row = await store.dossiers.find_one(query, None if narrative else NO_NARRATIVE)
    if row is None:
        if to := await joined_with(store, who, dossier_id, now):
            raise Moved(dossier_id, to)
        await store.audit.record(refused(entry, permission, await _why_unreachable(store, who, dossier_id, now)))
        raise NotFound
    dossier = Dossier.model_validate(row)
    stands = standing(who, dossier, now)
    access = decide_as(stands, who, permission)
    if not access.allowed and or_else and decide_as(stands, who, or_else).allowed:
        raise Elsewhere(or_else)
    if not access.allowed:
        await store.audit.record(refused(entry, permission, access.reason))
        raise Forbidden(access.reason)
    shown = [section for section in (NEEDS[permission].section, *sections) if access.scopes(section)]
    look = entry.model_copy(
        update={
            "relation": access.relation,
            "purpose": purpose_of(who, dossier, access.relation),
            "sections": list(map(str, shown)),
        }
    )
    if not quiet:
        await store.audit.record(look)
    if whole_life and dossier.archived:
        dossier = await with_archive(store, dossier)
    return Opened(who, dossier, access, now, look if quiet else None, looked)


def purpose_of(who: Who, dossier: Dossier, relation: str | None) -> str | None:
    """What a grant was given for, on what ground somebody helps in an emergency; else the purpose follows by itself."""
    way, _, grant_id = (relation or "").partition(":")
    if way == "emergency" and who.role is not None:
        own = (e.ground for e in reversed(dossier.emergencies) if e.role_id == who.role.id and e.ground)
        return next(own, None)
    return next((grant.purpose for grant in dossier.grants if grant.id == grant_id), None)


async def record_look(store: Store, opened: Opened, children: Sequence[str] = (), act: Act = Act.DOSSIER_READ) -> None:
    """Record a quiet opening whose dossier is shown after all: before the answer, like every look.

    `children` are the dossiers of others that the page names.
    """
    if opened.look is not None:
        await store.audit.record(opened.look.model_copy(update={"act": act.value, "children": list(children)}))


async def record_refusal(
    store: Store, opened: Opened, permission: Permission, reason: Reason, act: Act = Act.DOSSIER_READ
) -> None:
    """Record that a quiet opening led to an entry which is not for this person."""
    if opened.look is not None:
        look = opened.look.model_copy(update={"act": act.value, "sections": []})
        await store.audit.record(refused(look, permission, reason))


async def _why_unreachable(store: Store, who: Who, dossier_id: str, now: datetime) -> Reason:
    """What the log keeps of a dossier out of reach; the page says the same of one that does not exist."""
    row = await store.dossiers.find_one({"_id": dossier_id, "erased": None}, {"family_ids": 1, "denials": 1})
    if row is None:
        return NO_RELATION
    if not who.in_family_role and who.person_id in row.get("family_ids", ()):
        return OWN_FAMILY
    denials = [Denial.model_validate(denial) for denial in row.get("denials", ())]
    return DENIED if denied(who, denials, now) else NO_RELATION


async def dossier_to_change(
    transaction: Transaction, who: Who, dossier_id: str, permission: Permission, now: datetime, *, lean: bool = False
) -> Opened:
    """Open a dossier inside a write: rights are decided on the state that is changed. Raises NotFound, Forbidden.

    `lean` reads only what rights are decided on, for a change that adds without looking at what is there.
    """
    dossier = await transaction.dossier(dossier_id, reach(who, now), lean=lean)
    if dossier is None:
        raise NotFound
    access = decide(who, permission, dossier, now)
    if not access.allowed:
        raise Forbidden(access.reason)
    return Opened(who, dossier, access, now)


def entry_for(who: Who, act: Act, now: datetime, **about: object) -> AuditEntry:
    """Return an audit entry of this person in this role; `about` adds dossier, subject, sections …"""
    entry = AuditEntry(
        act=Act(act).value,
        at=now,
        person_id=who.person_id,
        role_id=who.role.id if who.role else None,
        institution_id=who.institution_id,
        origin=who.origin or None,
    )
    return entry.model_copy(update=about)


def refused(entry: AuditEntry, permission: Permission, reason: Reason) -> AuditEntry:
    """Return the entry of an attempt that was refused."""
    return entry.model_copy(
        update={"outcome": "refused", "reason": reason.code, "subject": entry.subject or permission}
    )
