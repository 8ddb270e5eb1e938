"""Who of ours an identity of the provider is: linked once, by the personal code a trusted broker asserts, never by
e-mail or name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from auth.oidc import Identity
from documents.acts import Act
from documents.audit import AuditEntry
from documents.model import to_bson
from documents.person import LinkedIdentity, Person
from documents.personal_code import PersonalCode, WrongCode, parse
from documents.store import Store, Transaction

# A name id of SAML as Keycloak writes it down: five fields, N for none or V and the value; the third is the name.
# latvija.lv's is "PK:" and eleven digits; whoever acts for somebody else, or an institution, has more around it.
_NAME_ID = re.compile(r"(?:N|V[^;]*);(?:N|V[^;]*);VPK:(\d{11});(?:N|V[^;]*);(?:N|V[^;]*)")
# As certificates write it, or plain.
_CODE = re.compile(r"(?:PNOLV-)?(\d{6}-?\d{5})")


class _Linked(Exception):
    """Somebody was faster."""


def asserted_code(text: str | None, *, accept_invented: bool) -> PersonalCode | None:
    """Return the personal code a broker asserts of the person who signed in; None for anything else."""
    found = _NAME_ID.fullmatch(text or "") or _CODE.fullmatch(text or "")
    if found is None:
        return None
    try:
        return parse(found[1], accept_invented=accept_invented)
    except WrongCode:
        return None


async def person_behind(
    store: Store,
    identity: Identity,
    asserted: Callable[[], Awaitable[str | None]],
    *,
    trusted: Collection[str],
    accept_invented: bool,
    now: datetime,
    origin: str = "",
) -> Person | None:
    """Return the person an identity belongs to, also a deactivated one; None if we know nobody.

    The first time, and only from a broker among `trusted`, it is asked what personal code was `asserted`; who has it
    is linked, which is recorded.
    """
    known = await _linked(store, identity)
    if known or identity.provider not in trusted:
        return known
    code = asserted_code(await asserted(), accept_invented=accept_invented)
    if code is None:
        return None
    row = await store.people.find_one({"code_hash": code.hash(store.code_key)}, {"_id": 1})
    if row is None:
        return None
    try:
        return await _link(store, row["_id"], identity, now, origin)
    except (_Linked, DuplicateKeyError):
        return await _linked(store, identity)  # the same sign-in in two tabs: one of them was first


async def _linked(store: Store, identity: Identity) -> Person | None:
    same = {"issuer": identity.issuer, "subject": identity.sub}
    # The plain equality lets the planner take the index, which holds only people with identities.
    row = await store.people.find_one({"identities.subject": identity.sub, "identities": {"$elemMatch": same}})
    return Person.model_validate(row) if row else None


async def _link(store: Store, person_id: str, identity: Identity, now: datetime, origin: str) -> Person | None:
    linked = LinkedIdentity(issuer=identity.issuer, subject=identity.sub, provider=identity.provider or "", since=now)

    async def work(transaction: Transaction) -> Person | None:
        person = await transaction.person(person_id)
        entry = AuditEntry(
            act=Act.IDENTITY_LINKED, at=now, person_id=person_id, subject=identity.provider, origin=origin or None
        )
        if person and any((one.issuer, one.subject) == (identity.issuer, identity.sub) for one in person.identities):
            raise _Linked
        if person is None or person.deactivated:
            transaction.record(entry.model_copy(update={"outcome": "refused", "reason": "account_closed"}))
            return person
        operations = {"$push": {"identities": to_bson(linked)}, "$inc": {"revision": 1}}
        await store.people.update_one({"_id": person_id}, operations, session=transaction.session)
        transaction.record(entry)
        return person.model_copy(update={"identities": [*person.identities, linked]})

    return await store.transact(work)
