"""Asking about a child: counted, held against the ground, recorded before anything is said. Registering a client."""

from datetime import datetime, timedelta

from auth.access import entry_for, refused
from auth.permissions import Permission, Section
from auth.technical import Machine, NoGround, may_be_asked, subject_of
from documents.acts import Act
from documents.archive import with_archive
from documents.audit import AuditEntry
from documents.classifiers import TechnicalClient, classifiers
from documents.dossier import Dossier
from documents.institution import Institution
from documents.model import day_of, new_id, to_bson
from documents.person import LinkedIdentity, Person, Role
from documents.personal_code import PersonalCode
from documents.rates import within_rates
from documents.reading import find_by_code
from documents.store import Store, Transaction
from documents.trouble import Trouble
from portal.exchange.answer import ChildData, answer_for

_SECTION = {"representatives": Section.FAMILY, "custody_limits": Section.FAMILY}
PROVIDER = "client"


class TooOften(Exception):
    """More questions than the client's row allows."""


class NoSuchClient(Trouble):
    """The client cannot be registered; says why."""


async def child_data(store: Store, machine: Machine, code: PersonalCode, now: datetime) -> ChildData:
    """Return the client's fields of the child with this code; the look is on record first.

    Raises TooOften; NoGround, alike for a child without a ground, without a dossier, and for nobody.
    """
    who, client = machine.who, machine.client
    entry = entry_for(who, Act.TECHNICAL_READ, now, purpose=client.purpose)
    limits = ((client.per_minute, timedelta(minutes=1)), (client.per_day, timedelta(days=1)))
    if not await within_rates(store, f"{Act.TECHNICAL_READ}:{client.code}", limits, now):
        await store.audit.record(entry.model_copy(update={"outcome": "refused", "reason": "too_many"}))
        raise TooOften
    row = await find_by_code(store, code)
    dossier = Dossier.model_validate(row) if row else None
    if dossier is not None and dossier.archived:
        dossier = await with_archive(store, dossier)
    entry = entry.model_copy(update={"dossier_id": dossier.id if dossier and dossier.opened else None})
    try:
        dossier = may_be_asked(client, dossier, now)
    except NoGround as error:
        await store.audit.record(refused(entry, Permission.TECHNICAL_READ, error.reason))
        raise
    sections = sorted({_SECTION.get(name, Section.BASE).value for name in client.fields})
    await store.audit.record(entry.model_copy(update={"sections": sections}))
    return answer_for(client, dossier, day_of(now))


async def register_client(store: Store, issuer: str, name: str, institution_id: str, now: datetime) -> str:
    """Let the client be known by its name at the provider, as a machine of the institution; again changes nothing.

    Returns the id of its account, which stewards can close. Raises NoSuchClient.
    """
    client = classifiers().technical_clients.get(name)
    if client is None:
        raise NoSuchClient(f"{name} is no client of technical_clients.csv.")
    row = await store.institutions.find_one({"_id": institution_id})
    if row is None:
        raise NoSuchClient(f"There is no institution with the id {institution_id}.")
    institution = Institution.model_validate(row)
    wanted = classifiers().positions[client.position].institution_type
    if not classifiers().is_type(institution.type, wanted):
        raise NoSuchClient(f"{client.en} is run by an institution of the type {wanted}; {institution_id} is none.")

    async def work(transaction: Transaction) -> str:
        held = {"roles.institution_id": institution_id, "roles.position": client.position}
        found = await store.people.find_one(held, session=transaction.session)
        person = Person.model_validate(found) if found else _machine(client, institution, now)
        link = LinkedIdentity(issuer=issuer, subject=subject_of(name), provider=PROVIDER, since=now)
        if found is None:
            await transaction.insert(store.people, person)
            transaction.record(AuditEntry(act=Act.ACCOUNT_MADE, at=now, subject=person.id))
        others = [each for each in person.identities if each.provider != PROVIDER]
        known = any((each.issuer, each.subject) == (issuer, link.subject) for each in person.identities)
        if not known:
            await transaction.change_person(person, {"identities": [to_bson(each) for each in (*others, link)]})
        transaction.record(AuditEntry(act=Act.IDENTITY_LINKED, at=now, subject=person.id))
        return person.id

    return await store.transact(work)


def _machine(client: TechnicalClient, institution: Institution, now: datetime) -> Person:
    role = Role(
        id=new_id(),
        institution_id=institution.id,
        institution_type=institution.type,
        institution_name=institution.name,
        municipality=institution.municipality,
        position=client.position,
        level=classifiers().positions[client.position].level,
        since=day_of(now),
    )
    return Person(id=new_id(), given_name=client.lv, family_name="saskarne", roles=[role])
