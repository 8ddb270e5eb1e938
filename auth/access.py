"""The one door to a dossier: unreachable is not found, reachable but not allowed says what to do, all is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auth.permissions import Permission, Section
from auth.policy import NEEDS, Access, decide, reach
from auth.reasons import NO_RELATION, Reason
from auth.who import Who
from documents.archive import with_archive
from documents.audit import AuditEntry
from documents.dossier import Dossier
from documents.store import Store, Transaction


class NotFound(Exception):
    """No such dossier for this person: whether it exists is not said."""


class Forbidden(Exception):
    """Reachable, but not this; `reason.advice` says what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


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

    def can(self, permission: Permission) -> bool:
        """Whether another permission is covered too: templates ask this before showing a button or tab."""
        return decide(self.who, permission, self.dossier, self.now).allowed


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
    quiet: bool = False,
    or_else: Permission | None = None,
) -> Opened:
    """Open a dossier for reading and record it before anything is shown.

    `sections` are those the page shows beside the permission's own; `whole_life` joins archived events;
    `quiet` is for a change that shows nothing (`record_look` before it shows something after all). Where
    `permission` is not given but `or_else` is, Elsewhere is raised and nothing recorded: the page it leads to
    does that. Raises NotFound, Forbidden.
    """
    entry = entry_for(who, "dossier.read", now, dossier_id=dossier_id, subject=subject)
    row = await store.dossiers.find_one({"_id": dossier_id, **reach(who, now)})
    if row is None:
        await store.audit.record(refused(entry, permission, NO_RELATION))
        raise NotFound
    dossier = Dossier.model_validate(row)
    access = decide(who, permission, dossier, now)
    if not access.allowed and or_else and decide(who, or_else, dossier, now).allowed:
        raise Elsewhere(or_else)
    if not access.allowed:
        await store.audit.record(refused(entry, permission, access.reason))
        raise Forbidden(access.reason)
    shown = [section for section in (NEEDS[permission].section, *sections) if access.scopes(section)]
    look = entry.model_copy(update={"relation": access.relation, "sections": list(map(str, shown))})
    if not quiet:
        await store.audit.record(look)
    if whole_life and dossier.archived:
        dossier = await with_archive(store, dossier)
    return Opened(who, dossier, access, now, look if quiet else None)


async def record_look(store: Store, opened: Opened) -> None:
    """Record a quiet opening whose dossier is shown after all (a refused form): before the answer, like every look."""
    if opened.look is not None:
        await store.audit.record(opened.look)


async def dossier_to_change(
    transaction: Transaction, who: Who, dossier_id: str, permission: Permission, now: datetime
) -> Opened:
    """Open a dossier inside a write: rights are decided on the state that is changed. Raises NotFound, Forbidden."""
    dossier = await transaction.dossier(dossier_id, reach(who, now))
    if dossier is None:
        raise NotFound
    access = decide(who, permission, dossier, now)
    if not access.allowed:
        raise Forbidden(access.reason)
    return Opened(who, dossier, access, now)


def entry_for(who: Who, act: str, now: datetime, **about: object) -> AuditEntry:
    """Return an audit entry of this person in this role; `about` adds dossier, subject, sections …"""
    entry = AuditEntry(
        act=act,
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
