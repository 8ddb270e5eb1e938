"""All reports about one child, for its case manager; of those about a brother or sister only that they concern it."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from auth.access import Opened
from documents.report import Report, Reporter, from_row
from documents.store import Store
from portal.reports.rules import DANGER, FAMILY_KNOWS
from portal.reports.view import STATES, kind_name
from portal.translations import gettext

SHOWN = 100


@dataclass(frozen=True, slots=True)
class ReportOfChild:
    """One report with its words."""

    id: str
    kind: str
    danger: str
    danger_now: bool
    day: date | None
    at: datetime
    by: Reporter | None  # none where a name would tell where a protected brother or sister is
    state: str
    decides: str
    holder: str
    sibling: bool  # made about a brother or sister, and concerns this child too
    family_knows: str = ""
    text: str = ""


async def reports_of_child(store: Store, opened: Opened) -> list[ReportOfChild]:
    """Return them, the newest first. The page is opened, and recorded, by the door.

    Of one made about a brother or sister that concerns this child too, no words: they are of another dossier. Of a
    protected brother or sister no institution and no person either: they would tell the place.
    """
    dossier_id = opened.dossier.id
    rows = [
        row
        for query in ({"dossier_id": dossier_id}, {"siblings": dossier_id})
        async for row in store.reports.find(query).sort("at", -1).limit(SHOWN)
    ]
    reports = sorted(map(from_row, rows), key=lambda report: report.at, reverse=True)
    hidden, protected = await _others(store, opened, {report.dossier_id or "" for report in reports} - {dossier_id})
    return [
        await _own(store, report)
        if report.dossier_id == dossier_id
        else _of_sibling(report, protected=report.protected or report.dossier_id in protected)
        for report in reports
        if report.dossier_id not in hidden
    ]


async def _others(store: Store, opened: Opened, ids: set[str]) -> tuple[set[str], set[str]]:
    """Of other children's dossiers: those of the reader's own family, which do not exist here, and the protected."""
    if not ids:
        return set(), set()
    fields = {"family_ids": 1, "child.protected": 1}
    rows = await store.dossiers.find({"_id": {"$in": sorted(ids)}}, fields).to_list()
    own = {row["_id"] for row in rows if opened.who.person_id in row.get("family_ids", ())}
    return own, {row["_id"] for row in rows if row.get("child", {}).get("protected")}


async def _own(store: Store, report: Report) -> ReportOfChild:
    sealed = await store.secrets.open(report.sealed)
    return replace(
        _of_sibling(report, protected=False),
        sibling=False,
        family_knows=gettext(FAMILY_KNOWS[report.family_knows]),
        text=sealed.get("text", ""),
    )


def _of_sibling(report: Report, *, protected: bool) -> ReportOfChild:
    return ReportOfChild(
        id=report.id,
        kind=kind_name(report),
        danger=gettext(DANGER[report.danger]),
        danger_now=report.danger == "yes",
        day=report.day,
        at=report.at,
        by=None if protected else report.by,
        state=gettext(STATES[report.state]),
        decides=report.decides.name if report.decides and not protected else "",
        holder=report.responsible.name if report.responsible and not protected else "",
        sibling=True,
    )
