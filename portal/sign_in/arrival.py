"""Whoever the identity provider sends: one of ours or not, and in which role to begin. Refusals are recorded."""

from dataclasses import dataclass
from datetime import datetime

from auth.access import entry_for
from auth.assurance import suffices
from auth.identities import person_behind
from auth.oidc import Identity
from auth.policy import reach
from auth.who import FAMILY_ROLE, Who, who_is
from documents.acts import Act
from documents.audit import AuditEntry
from documents.person import Person
from documents.store import Store
from portal.runtime import Runtime


@dataclass(frozen=True)
class TurnedAway:
    """Confirmed by the provider, but not let in: `unknown_person`, `account_closed` or `level_too_low`."""

    reason: str


async def arrive(held: Runtime, identity: Identity, now: datetime, origin: str) -> Who | TurnedAway:
    """Return who signed in, in the only role they may act in with this sign-in, if it is only one."""

    async def asserted() -> str | None:
        return await held.oidc.asserted_code(identity)

    person = await person_behind(
        held.store,
        identity,
        asserted,
        trusted=held.settings.trusted_providers,
        accept_invented=held.settings.demo,
        now=now,
        origin=origin,
    )
    if person is None:
        return await _turn_away(held, identity, None, "unknown_person", now, origin)
    if person.deactivated:
        return await _turn_away(held, identity, person, "account_closed", now, origin)
    choices = await role_choices(held.store, person, now)
    enough = [role_id for role_id in choices if suffices(identity.acr, role_id)]
    if choices and not enough:
        return await _turn_away(held, identity, person, "level_too_low", now, origin)
    who = who_is(person, enough[0] if len(choices) == 1 else None, None, now, origin=origin)
    await held.store.audit.record(entry_for(who, Act.SESSION_STARTED, now))
    return who


async def role_choices(store: Store, person: Person, now: datetime) -> list[str]:
    """Return the roles the person may choose among, their family last."""
    roles = [role.id for role in who_is(person, None, None, now).roles]
    return roles + ([FAMILY_ROLE] if await has_family(store, person, now) else [])


async def has_family(store: Store, person: Person, now: datetime) -> bool:
    """Whether the person has a child, or an own plan, to see here: an aunt is family, but has nothing to open."""
    as_family = who_is(person, FAMILY_ROLE, None, now)
    return as_family.in_family_role and await store.dossiers.find_one(reach(as_family, now), {"_id": 1}) is not None


async def _turn_away(
    held: Runtime, identity: Identity, person: Person | None, reason: str, now: datetime, origin: str
) -> TurnedAway:
    entry = AuditEntry(
        act=Act.SIGN_IN_REFUSED,
        at=now,
        person_id=person.id if person else None,
        subject=identity.provider,
        outcome="refused",
        reason=reason,
        origin=origin or None,
    )
    await held.store.audit.record(entry)
    return TurnedAway(reason)
