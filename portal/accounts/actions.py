"""Looking after accounts. Each change is one transaction with its record; nobody changes the own account."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from auth.access import Forbidden, NotFound, entry_for
from auth.reasons import ABOUT_ONESELF
from auth.sessions import Sessions
from auth.who import Who
from documents.acts import Act
from documents.copies import COPIES
from documents.institution import Institution
from documents.model import new_id, to_bson
from documents.names import words
from documents.outbox import OutboxItem
from documents.person import Person, Role
from documents.rates import Limit, within_rates
from documents.store import Changed, Store, Transaction
from portal.accounts.rules import NewAccount
from portal.search.actions import TooMany

SHOWN = 100
SEARCHES: tuple[Limit, ...] = ((60, timedelta(hours=1)),)


async def account_by_code(store: Store, who: Who, code_hash: str, now: datetime) -> str | None:
    """Return the id of whom a personal code belongs to; the question is on record. Raises TooMany."""
    await _count(store, who, now)
    row = await store.people.find_one({"code_hash": code_hash}, {"_id": 1})
    found = str(row["_id"]) if row else None
    entry = entry_for(who, Act.ACCOUNTS_SEARCHED, now, subject=found, outcome="allowed" if found else "nothing")
    await store.audit.record(entry)
    return found


async def staff_of(store: Store, who: Who, institution: Institution, name: str, now: datetime) -> list[Person]:
    """Return who has, had or will have a role in the institution, by family name; on record. Raises TooMany."""
    await _count(store, who, now)
    rows = store.people.find({"roles.institution_id": institution.id}).sort("family_name", 1)
    wanted, found = words(name), list[Person]()
    async for row in rows:
        person = Person.model_validate(row)
        if all(any(part.startswith(word) for part in words(person.name)) for word in wanted):
            found.append(person)
        if len(found) > SHOWN:
            break
    entry = entry_for(who, Act.ACCOUNTS_SEARCHED, now, subject=institution.id, count=len(found[:SHOWN]))
    await store.audit.record(entry)
    return found


async def open_account(store: Store, who: Who, person_id: str, now: datetime) -> Person:
    """Return an account to be shown; on record. Raises NotFound."""
    person = await find_person(store, person_id)
    await store.audit.record(entry_for(who, Act.ACCOUNT_READ, now, subject=person_id))
    return person


async def find_person(store: Store, person_id: str) -> Person:
    """Return a person. Raises NotFound."""
    row = await store.people.find_one({"_id": person_id})
    if row is None:
        raise NotFound
    return Person.model_validate(row)


async def find_institution(store: Store, institution_id: str) -> Institution:
    """Return an institution. Raises NotFound."""
    row = await store.institutions.find_one({"_id": institution_id})
    if row is None:
        raise NotFound
    return Institution.model_validate(row)


async def colleagues_in(store: Store, institution_id: str, today: date) -> list[tuple[Role, str]]:
    """Return the roles held in the institution on `today` with the names of their holders."""
    rows = store.people.find({"roles.institution_id": institution_id}).sort("family_name", 1).limit(2 * SHOWN)
    people = [Person.model_validate(row) async for row in rows]
    return [
        (role, person.name)
        for person in people
        for role in person.roles
        if role.institution_id == institution_id and role.held_on(today)
    ]


async def make_account(store: Store, who: Who, new: NewAccount, now: datetime) -> str:
    """Make an account without any role and return its id; that of the person, if there is one with this code."""
    code_hash = new.code.hash(store.code_key)
    sealed = await store.secrets.seal(new.code.text, "identity", now.year)
    person = Person(
        id=new_id(),
        given_name=new.given_name,
        family_name=new.family_name,
        birth_date=new.code.birth_date,
        code_hash=code_hash,
        code=sealed,
    )

    async def work(transaction: Transaction) -> None:
        await transaction.insert(store.people, person)
        transaction.record(entry_for(who, Act.ACCOUNT_MADE, now, subject=person.id))

    try:
        await store.transact(work)
    except DuplicateKeyError:
        row = await store.people.find_one({"code_hash": code_hash}, {"_id": 1})
        if row is None:
            raise
        return str(row["_id"])
    return person.id


async def give_role(store: Store, who: Who, person_id: str, role: Role, revision: int, now: datetime) -> None:
    """Give a role. Raises Changed when the account changed since the form was made, Forbidden for oneself."""

    def given(person: Person) -> dict[str, Any]:
        return {"roles": [to_bson(each) for each in (*person.roles, role)]}

    await _change(store, who, person_id, revision, Act.ROLE_GIVEN, given, now, role_id=role.id)


async def end_role(
    store: Store, who: Who, person_id: str, role_id: str, last: date, revision: int, now: datetime
) -> None:
    """Let a role end with the day `last`. Raises Changed, Forbidden, NotFound."""
    await _change_role(store, who, person_id, role_id, {"to": last}, revision, Act.ROLE_ENDED, now)


async def change_contacts(
    store: Store, who: Who, person_id: str, role_id: str, phone: str, email: str, revision: int, now: datetime
) -> None:
    """Change how somebody is reached in a role; the copies in dossiers follow. Raises Changed, Forbidden, NotFound."""
    contacts = {"phone": phone, "email": email}
    await _change_role(store, who, person_id, role_id, contacts, revision, Act.ACCOUNT_CONTACTS, now, copies=True)


async def close_account(
    store: Store, sessions: Sessions, who: Who, person_id: str, revision: int, now: datetime
) -> None:
    """Close an account: from the next click on nothing opens, everywhere. Raises Changed, Forbidden, NotFound."""
    await _change(store, who, person_id, revision, Act.ACCOUNT_CLOSED, lambda _: {"deactivated": True}, now)
    await sessions.end_by_person(person_id, now)


async def reopen_account(store: Store, who: Who, person_id: str, revision: int, now: datetime) -> None:
    """Open a closed account again, with the roles that still run. Raises Changed, Forbidden, NotFound."""
    await _change(store, who, person_id, revision, Act.ACCOUNT_REOPENED, lambda _: {"deactivated": False}, now)


def not_oneself(who: Who, person_id: str) -> None:
    """Refuse what somebody would do to the own account. Raises Forbidden."""
    if who.person_id == person_id:
        raise Forbidden(ABOUT_ONESELF)


async def _change_role(
    store: Store,
    who: Who,
    person_id: str,
    role_id: str,
    values: dict[str, Any],
    revision: int,
    act: Act,
    now: datetime,
    *,
    copies: bool = False,
) -> None:
    def changed(person: Person) -> dict[str, Any]:
        if role_id not in {role.id for role in person.roles}:
            raise NotFound
        roles = [role.model_copy(update=values) if role.id == role_id else role for role in person.roles]
        return {"roles": [to_bson(role) for role in roles]}

    await _change(store, who, person_id, revision, act, changed, now, role_id=role_id, copies=copies)


async def _change(
    store: Store,
    who: Who,
    person_id: str,
    revision: int,
    act: Act,
    values: Callable[[Person], dict[str, Any]],
    now: datetime,
    *,
    role_id: str | None = None,
    copies: bool = False,
) -> None:
    try:
        not_oneself(who, person_id)
    except Forbidden as error:
        refusal = entry_for(who, act, now, subject=person_id, outcome="refused", reason=error.reason.code)
        await store.audit.record(refusal)
        raise

    async def work(transaction: Transaction) -> None:
        person = await transaction.person(person_id)
        if person is None:
            raise NotFound
        if person.revision != revision:
            raise Changed(person)
        await transaction.change_person(person, values(person))
        if copies:
            transaction.send(OutboxItem(kind=COPIES, at=now, subject=person_id))
        transaction.record(entry_for(who, act, now, subject=person_id, series=role_id))

    await store.transact(work)


async def _count(store: Store, who: Who, now: datetime) -> None:
    if not await within_rates(store, f"{Act.ACCOUNTS_SEARCHED}:{who.person_id}", SEARCHES, now):
        refusal = entry_for(who, Act.ACCOUNTS_SEARCHED, now, outcome="refused", reason="too_many")
        await store.audit.record(refusal)
        raise TooMany
