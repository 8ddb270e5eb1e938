"""Taking a report: acknowledged by who is from then on responsible, noted by who was told, handed to another."""

from datetime import datetime
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from auth.access import Forbidden, NotFound, entry_for
from auth.permissions import Permission
from auth.policy import may
from auth.reasons import NOT_YOUR_POSITION
from auth.who import Who
from documents.acts import Act
from documents.classifiers import classifiers
from documents.involvement import Professional
from documents.model import day_of, to_bson
from documents.report import ACKNOWLEDGED, OPEN_STATES, RECEIVED, Place, Report, Step, from_row
from documents.store import Changed, Row, Store, Transaction
from portal.notices import tell
from portal.reports.routing import specialists
from portal.reports.rules import Side, side_of, works_at


async def acknowledge(store: Store, who: Who, report_id: str, now: datetime) -> None:
    """Take a report: from now on this person answers for it. Once more by the same person changes nothing.

    Raises NotFound, and Changed (with the report) where somebody else took it first.
    """

    async def work(transaction: Transaction) -> None:
        report = await mine(transaction, who, report_id)
        match side_of(who, report):
            case Side.RESPONSIBLE:
                transaction.record(entry_for(who, Act.REPORTS_READ, now, subject=report.id))
            case Side.MAY_TAKE:
                await _take(transaction, who, report, now)
            case Side.COLLEAGUE:
                raise Changed(report)
            case _:
                raise NotFound

    await store.transact(work)


async def note(store: Store, who: Who, report_id: str, now: datetime) -> None:
    """Say for an institution that was told that the report is read there; who says so reads its words.

    Once more by the same person changes nothing. Raises NotFound, and Changed where a colleague was first.
    """

    async def work(transaction: Transaction) -> None:
        report = await mine(transaction, who, report_id)
        side = side_of(who, report)
        if side not in (Side.TOLD, Side.TOLD_READS):
            raise NotFound
        number = next(n for n, place in enumerate(report.told) if works_at(who, place))
        if side is Side.TOLD and report.told[number].acknowledged_at is not None:
            raise Changed(report)
        if side is Side.TOLD:
            # Beside the version: whoever decides meanwhile is not disturbed.
            noted = {"acknowledged_at": now, "acknowledged_by": to_bson(who.as_professional())}
            await store.reports.update_one(
                {"_id": report.id},
                {"$set": {f"told.{number}.{name}": value for name, value in noted.items()}},
                session=transaction.session,
            )
        transaction.record(entry_for(who, Act.REPORT_NOTED, now, dossier_id=report.dossier_id, subject=report.id))

    await store.transact(work)


async def hand_over(store: Store, who: Who, report_id: str, role_id: str, version: int, now: datetime) -> None:
    """A head names who has to acknowledge the report instead. Raises NotFound, Forbidden, Changed."""

    async def work(transaction: Transaction) -> None:
        report = await mine(transaction, who, report_id)
        if side_of(who, report) is not Side.HEAD:
            raise NotFound
        if report.state not in OPEN_STATES or report.version != version:
            raise Changed(report)
        named = next(
            (p for p in await people_to_name(store, who, report, now, transaction.session) if p.role_id == role_id),
            None,
        )
        if named is None:
            raise Forbidden(NOT_YOUR_POSITION)
        step = Step(what="handed_over", at=now, by=who.as_professional(), to=named.name)
        due = _acknowledge_by(report, now)
        values = {"named": to_bson(named), "state": RECEIVED, "due": due}
        await change(transaction, report, values, step, ("responsible",))
        tell(transaction, [f"r:{named.role_id}"], "report_to_decide", now, report.dossier_id, report.id)
        transaction.record(entry_for(who, Act.REPORT_HANDED_OVER, now, dossier_id=report.dossier_id, subject=report.id))

    await store.transact(work)


async def people_to_name(
    store: Store, who: Who, report: Report, now: datetime, session: AsyncClientSession | None = None
) -> list[Professional]:
    """Whom a head may hand a report to: who decides reports there (below the head of a unit), but not who made it."""
    if report.decides is None:
        return []
    subtree = who.subtree if who.role and who.role.unit_id else ()
    place = Place(**report.decides.model_dump(include={"institution_id", "name", "type"}))
    family = await family_of(store, report, session)
    holder = report.responsible or report.named
    found = []
    for person, role in await specialists(store, place, day_of(now), session):
        excluded = {report.by.person_id, *family} | ({holder.person_id} if holder else set())
        if person.id in excluded or (subtree and role.unit_id not in subtree):
            continue
        found.append(person.as_professional(role))
    return sorted(found, key=lambda p: p.name)


async def mine(transaction: Transaction, who: Who, report_id: str) -> Report:
    """The report in this transaction, if it is this person's to see and not about the own family. Raises NotFound."""
    row = await transaction.store.reports.find_one({"_id": report_id}, session=transaction.session)
    report = from_row(row) if row else None
    if report is None or side_of(who, report) in (None, Side.REPORTER):
        raise NotFound
    if who.person_id in await family_of(transaction.store, report, transaction.session):
        raise NotFound
    return report


async def family_of(store: Store, report: Report, session: AsyncClientSession | None = None) -> set[str]:
    """The people who may never act professionally about this child."""
    if report.dossier_id is None:
        return set()
    row = await store.dossiers.find_one({"_id": report.dossier_id}, {"family_ids": 1}, session=session)
    return set(row.get("family_ids", ())) if row else set()


async def change(
    transaction: Transaction, report: Report, values: Row, step: Step | None = None, without: tuple[str, ...] = ()
) -> None:
    """Change a report read in this transaction. Raises Changed when somebody was faster."""
    operations: dict[str, Any] = {"$set": values, "$inc": {"version": 1}}
    if step is not None:
        operations["$push"] = {"steps": to_bson(step)}
    if without:
        operations["$unset"] = dict.fromkeys(without, "")
    stored = report.version if report.version > 1 else {"$in": [1, None]}  # absent: the default
    if report.version == 1:
        operations["$inc"] = {}
        operations["$set"] = values | {"version": 2}
    done = await transaction.store.reports.update_one(
        {"_id": report.id, "version": stored},
        {name: inner for name, inner in operations.items() if inner},
        session=transaction.session,
    )
    if done.matched_count == 0:
        raise Changed(report)


async def _take(transaction: Transaction, who: Who, report: Report, now: datetime) -> None:
    if not may(who, Permission.REPORT_DECIDE).allowed:
        raise Forbidden(NOT_YOUR_POSITION)
    by = who.as_professional()
    routes = classifiers().report_routes
    due = routes[report.route].decide_within.after(now) if report.route in routes else report.due
    values: Row = {"state": ACKNOWLEDGED, "responsible": to_bson(by), "due": due}
    await change(transaction, report, values, Step(what="acknowledged", at=now, by=by))
    transaction.record(entry_for(who, Act.REPORT_ACKNOWLEDGED, now, dossier_id=report.dossier_id, subject=report.id))
    tell(transaction, reporter_key(report), "report_acknowledged", now, None, report.id)


def reporter_key(report: Report) -> list[str]:
    """Whom a notice of what became of a report goes to: the reporter's role, or the parent."""
    return [f"r:{report.by.role_id}"] if report.by.role_id else [f"p:{report.by.person_id}"]


def _acknowledge_by(report: Report, now: datetime) -> datetime:
    routes = classifiers().report_routes
    return routes[report.route].acknowledge_within.after(now) if report.route in routes else report.due
