"""Reporting a concern: routed by data, told at once to those concerned, one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.access import Forbidden, NotFound, entry_for, refused
from auth.permissions import Permission
from auth.policy import may
from auth.reasons import OWN_FAMILY
from auth.who import Who
from documents.acts import Act
from documents.classifiers import ReportRoute, classifiers
from documents.dossier import Dossier
from documents.model import day_of, new_id
from documents.personal_code import PersonalCode
from documents.rates import Limit, within_rates
from documents.reading import find_by_code
from documents.report import RECEIVED, Report, Reporter
from documents.store import NOT_FOR_RIGHTS, Store, Transaction
from portal.notices import tell
from portal.reports.routing import Destination, destination_of, told_to_decide, told_to_note
from portal.reports.rules import Concern, route_for
from portal.search.actions import TooMany

# Nobody has so many worries in a day; whoever names more codes is trying them.
LIMITS: tuple[Limit, ...] = ((10, timedelta(minutes=10)), (40, timedelta(days=1)))
NEED = "need"


@dataclass(frozen=True)
class About:
    """The child: a dossier in hand, a code of which nothing is told, or (neither) as the concern tells it."""

    dossier_id: str = ""
    code: PersonalCode | None = None


@dataclass(frozen=True)
class NoticedNeed:
    """A need somebody identified where a dossier is open already."""

    kind: str
    level: int
    legal_basis: str


class SentTwice(Exception):
    """The same form came again: the report is there."""


async def report_concern(
    store: Store, who: Who, about: About, concern: Concern, now: datetime, submission: str = ""
) -> Report | None:
    """Make a report and tell whoever its route names; none where this very form was sent before.

    Nobody reports the own family's child in a professional role. A report by code is taken whether or not there is
    such a child. Raises Forbidden, NotFound, TooMany.
    """
    permitted = may(who, Permission.REPORT)
    if not permitted.allowed:
        raise Forbidden(permitted.reason)
    if not await within_rates(store, f"{Act.CONCERN_REPORTED}:{who.person_id}", LIMITS, now):
        await store.audit.record(entry_for(who, Act.CONCERN_REPORTED, now, outcome="refused", reason="too_many"))
        raise TooMany
    sealed = await store.secrets.seal(_sealed_words(concern, about), "report", now.year)
    dossier_id = about.dossier_id or await _named(store, about.code)

    async def work(transaction: Transaction) -> Report:
        if await sent_before(transaction, who, submission):
            raise SentTwice
        dossier = await transaction.dossier(dossier_id) if dossier_id else None
        if dossier is None and about.dossier_id:
            raise NotFound
        route = route_for(concern.kind, concern.danger, day_of(now))
        report = _report(who, about, concern, dossier, route, sealed, now, submission)
        await send(transaction, who, report, dossier, route, now)
        return report

    try:
        return await store.transact(work)
    except SentTwice:
        return None
    except Forbidden as refusal:
        entry = entry_for(who, Act.CONCERN_REPORTED, now, dossier_id=dossier_id or None)
        await store.audit.record(refused(entry, Permission.REPORT, refusal.reason))
        raise


async def sent_before(transaction: Transaction, who: Who, submission: str) -> bool:
    """Whether this person's form with this id is a report already."""
    query = {"_id": submission, "by.person_id": who.person_id}
    found = await transaction.store.reports.find_one(query, {"_id": 1}, session=transaction.session)
    return found is not None


async def send(
    transaction: Transaction, who: Who, report: Report, dossier: Dossier | None, route: ReportRoute, now: datetime
) -> None:
    """Route a report, keep it, tell those concerned. Raises Forbidden for a professional of the child's family."""
    if dossier is not None and not who.in_family_role and who.person_id in dossier.family_ids:
        raise Forbidden(OWN_FAMILY)
    to = await destination_of(transaction, route, dossier, report.present, report.by.person_id)
    report.route, report.place, report.fell_back = route.code, to.place, to.fell_back
    report.decides, report.named = to.decides, to.named
    report.told, report.not_found = to.told, to.not_found
    report.due = route.acknowledge_within.after(now)
    if await transaction.store.reports.find_one({"_id": report.id}, {"_id": 1}, session=transaction.session):
        report.id = new_id()  # somebody else's form had this id: nobody learns that from ours
    await transaction.insert(transaction.store.reports, report)
    await _tell(transaction, report, dossier, to, now)
    transaction.record(
        entry_for(who, Act.CONCERN_REPORTED, now, dossier_id=dossier.id if dossier else None, subject=report.id)
    )


def reporter_of(who: Who) -> Reporter:
    """The copy of whoever reports."""
    if who.role is None:
        return Reporter(person_id=who.person_id, name=who.person.name, phone=who.person.phone, email=who.person.email)
    return Reporter.model_validate(who.as_professional().model_dump())


async def _tell(
    transaction: Transaction, report: Report, dossier: Dossier | None, to: Destination, now: datetime
) -> None:
    own = f"r:{report.by.role_id}"
    about, today = report.dossier_id, day_of(now)
    family = dossier.family_ids if dossier else []
    deciding = [f"r:{to.named.role_id}"] if to.named else []
    if to.decides is not None and to.named is None:
        deciding = await told_to_decide(transaction, report, to.decides, today, family)
    tell(transaction, {*deciding} - {own}, "report_to_decide", now, about, report.id)
    told = {key for place in to.told for key in await told_to_note(transaction, report, place, today, family)}
    tell(transaction, told - {own, *deciding}, "report_told", now, about, report.id)
    knowing = {own, *deciding, *told}
    for child_id, key in await _managers(transaction, report, dossier):
        tell(transaction, {key} - knowing, "reported", now, child_id, report.id)
        knowing.add(key)


async def _managers(transaction: Transaction, report: Report, dossier: Dossier | None) -> list[tuple[str, str]]:
    """The accepted case managers of the child and of the ticked brothers and sisters, but for the child's family."""
    query = {"_id": {"$in": report.siblings}, "erased": None}
    rows = transaction.store.dossiers.find(query, NOT_FOR_RIGHTS, session=transaction.session)
    siblings = [Dossier.model_validate(row) async for row in rows] if report.siblings else []
    family = set(dossier.family_ids) if dossier else set()
    return [
        (each.id, f"r:{each.case_manager.role_id}")
        for each in [*([dossier] if dossier else []), *siblings]
        if each.opened and each.case_manager and each.case_manager.accepted
        if each.case_manager.person_id not in family
    ]


def _report(
    who: Who,
    about: About,
    concern: Concern,
    dossier: Dossier | None,
    route: ReportRoute,
    sealed: bytes,
    now: datetime,
    submission: str,
) -> Report:
    child = dossier.child if dossier else None
    return Report(
        id=submission or new_id(),
        dossier_id=dossier.id if dossier else None,
        initials=child.initials if child else "",
        birth_year=child.birth_date.year if child else 0,
        blind=about.code is not None,
        asked_for=about.code.text[:6] if about.code else "",
        protected=child.protected if child else False,
        by=reporter_of(who),
        at=now,
        kind=concern.kind,
        day=concern.day,
        ongoing=concern.ongoing,
        danger=concern.danger,
        family_knows=concern.family_knows,
        siblings=list(concern.siblings),
        present=concern.present,
        sealed=sealed,
        state=RECEIVED,
        due=route.acknowledge_within.after(now),
    )


async def report_need(
    transaction: Transaction,
    who: Who,
    dossier: Dossier,
    need: NoticedNeed,
    sealed: bytes,
    now: datetime,
    submission: str,
) -> None:
    """Where a dossier is open, a need somebody identifies is a report. Raises SentTwice."""
    if await sent_before(transaction, who, submission):
        raise SentTwice
    route = route_for(NEED, "unknown", day_of(now))
    report = Report(
        id=submission,
        dossier_id=dossier.id,
        initials=dossier.child.initials,
        birth_year=dossier.child.birth_date.year,
        protected=dossier.child.protected,
        by=reporter_of(who),
        at=now,
        kind=NEED,
        need_kind=need.kind,
        level=need.level,
        legal_basis=need.legal_basis,
        sealed=sealed,
        state=RECEIVED,
        due=route.acknowledge_within.after(now),
    )
    await send(transaction, who, report, dossier, route, now)


def _sealed_words(concern: Concern, about: About) -> dict[str, object]:
    words: dict[str, object] = {"text": concern.words}
    if concern.siblings_words:
        words["siblings"] = concern.siblings_words
    if concern.child is not None:
        words["child"] = dict(vars(concern.child))
    if about.code is not None:
        words["code"] = about.code.text
    return words


async def _named(store: Store, code: PersonalCode | None) -> str:
    row = await find_by_code(store, code, {"_id": 1}) if code else None
    return str(row["_id"]) if row else ""


def type_name(code: str, lang: str) -> str:
    """What a type of institution is called; the code where the classifier lost it."""
    types = classifiers().institution_types
    return types[code].label(lang) if code in types else code
