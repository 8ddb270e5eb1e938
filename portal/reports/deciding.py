"""Deciding a report: open the dossier, take it up where one is open, refer it, or close it."""

from dataclasses import dataclass
from datetime import datetime

from auth.access import Forbidden, NotFound, entry_for
from auth.permissions import Permission
from auth.policy import may
from auth.reasons import NOT_YOUR_SECTION, OWN_FAMILY
from auth.who import Who
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.model import day_of, new_id, to_bson
from documents.personal_code import PersonalCode
from documents.reading import find_by_code
from documents.report import ACKNOWLEDGED, RECEIVED, Place, Report, Step
from documents.store import Changed, Row, Store, Transaction
from fixtures.loaders.ids import keyed_id
from portal.identities.rules import Newcomer, provisional_child
from portal.needs.actions import NeedDraft, open_for_need
from portal.notices import tell
from portal.reports.routing import institution_for, told_to_decide
from portal.reports.rules import Decided, Side, outcomes_for, side_of
from portal.reports.taking import change, family_of, mine, reporter_key

STATES = {"open": "opened", "take_up": "taken_up", "close": "closed"}


class NobodyThere(Exception):
    """The place has no institution of the type it should be referred to."""


class SameInstitution(Exception):
    """It would be referred to where it is."""


class UnknownCode(Exception):
    """No child of the register has this code."""


@dataclass(frozen=True)
class Opening:
    """What opens a dossier: the need, and who the child is where the register does not know it."""

    need: NeedDraft
    newcomer: Newcomer | None = None


async def decide_report(
    store: Store, who: Who, report_id: str, decided: Decided, opening: Opening | None, version: int, now: datetime
) -> str:
    """Decide, by whoever acknowledged; returns the dossier that was opened, or nothing.

    Raises NotFound, Forbidden, NobodyThere, SameInstitution, and Changed where it was decided or handed over before.
    """
    sealed = await store.secrets.seal({"text": decided.reason}, "report", now.year) if decided.reason else None

    async def work(transaction: Transaction) -> str:
        report = await mine(transaction, who, report_id)
        if side_of(who, report) is not Side.RESPONSIBLE:
            raise Changed(report) if side_of(who, report) is Side.COLLEAGUE else NotFound
        if report.state != ACKNOWLEDGED or report.version != version:
            raise Changed(report)
        dossier = await transaction.dossier(report.dossier_id) if report.dossier_id else None
        is_open = dossier is not None and dossier.opened is not None
        identifies = may(who, Permission.NEED_IDENTIFY).allowed
        if decided.outcome not in outcomes_for(report, dossier_open=is_open, identifies=identifies):
            raise Changed(report)
        step = Step(what=decided.outcome, at=now, by=who.as_professional(), sealed=sealed)
        if decided.outcome == "refer":
            await _refer(transaction, report, decided, step, now)
            opened = ""
        else:
            opened = await _open(transaction, who, report, dossier, opening, now) if decided.outcome == "open" else ""
            values: Row = {"state": STATES[decided.outcome], "decided_at": now}
            await change(transaction, report, values | ({"dossier_id": opened} if opened else {}), step)
            _tell_manager(transaction, who, report, dossier, now)
        about = opened or report.dossier_id
        transaction.record(entry_for(who, Act.REPORT_DECIDED, now, dossier_id=about, subject=report.id))
        said = "report_passed_on" if decided.outcome == "refer" else "report_decided"
        tell(transaction, reporter_key(report), said, now, None, report.id)
        return opened

    return await store.transact(work)


async def name_child(store: Store, who: Who, report_id: str, code: PersonalCode, now: datetime) -> None:
    """Say which child of the register a report is about, by its exact code.

    Raises NotFound, Forbidden, Changed, UnknownCode.
    """
    row = await find_by_code(store, code, {"_id": 1})

    async def work(transaction: Transaction) -> None:
        report = await mine(transaction, who, report_id)
        if side_of(who, report) is not Side.RESPONSIBLE:
            raise NotFound
        if report.state != ACKNOWLEDGED or report.dossier_id is not None:
            raise Changed(report)
        dossier = await transaction.dossier(row["_id"]) if row else None
        if dossier is None:
            raise UnknownCode
        if who.person_id in dossier.family_ids:
            raise Forbidden(OWN_FAMILY)
        child = dossier.child
        known: Row = {
            "dossier_id": dossier.id,
            "initials": child.initials,
            "birth_year": child.birth_date.year,
            "protected": child.protected,
        }
        await change(transaction, report, known)
        _tell_manager(transaction, who, report, dossier, now)
        entry = entry_for(who, Act.REPORT_CHILD_NAMED, now, dossier_id=dossier.id, subject=report.id)
        transaction.record(entry)

    await store.transact(work)


async def _open(
    transaction: Transaction, who: Who, report: Report, dossier: Dossier | None, opening: Opening | None, now: datetime
) -> str:
    """Open the child's dossier; of a child the register does not know, under a provisional identity."""
    if opening is None:
        raise Forbidden(NOT_YOUR_SECTION)
    if dossier is None:
        if opening.newcomer is None:
            raise Changed(report)
        store = transaction.store
        dossier = Dossier(
            id=keyed_id(store.code_key, f"report:{report.id}"),
            child=provisional_child(opening.newcomer),
            municipality=report.present,
        )
        await transaction.insert(store.dossiers, dossier)
    await open_for_need(transaction, who, dossier, opening.need, now, new_id())
    return dossier.id


async def _refer(transaction: Transaction, report: Report, decided: Decided, step: Step, now: datetime) -> None:
    to: Place | None = await institution_for(transaction, decided.to_type, decided.to_place)
    if to is None:
        raise NobodyThere
    if report.decides is not None and to.institution_id == report.decides.institution_id:
        raise SameInstitution
    routes = classifiers().report_routes
    due = routes[report.route].acknowledge_within.after(now) if report.route in routes else report.due
    told = [place for place in report.told if place.institution_id != to.institution_id]
    values: Row = {
        "decides": to_bson(to),
        "told": [to_bson(place) for place in told],
        "state": RECEIVED,
        "due": due,
    }
    await change(
        transaction,
        report,
        values,
        step.model_copy(update={"to": to.name, "to_type": to.type}),
        ("responsible", "named"),
    )
    family = await family_of(transaction.store, report, transaction.session)
    keys = await told_to_decide(transaction, report, to, day_of(now), family)
    tell(transaction, keys, "report_to_decide", now, report.dossier_id, report.id)


def _tell_manager(transaction: Transaction, who: Who, report: Report, dossier: Dossier | None, now: datetime) -> None:
    manager = dossier.case_manager if dossier and dossier.opened else None
    if dossier is None or manager is None or not manager.accepted:
        return
    if who.role is None or manager.role_id != who.role.id:
        tell(transaction, [f"r:{manager.role_id}"], "reported", now, dossier.id, report.id)
