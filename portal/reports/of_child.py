"""All reports about one child, for its case manager."""

from dataclasses import dataclass
from datetime import date, datetime

from auth.access import Opened
from documents.report import Reporter, from_row
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
    by: Reporter
    family_knows: str
    text: str
    state: str
    decides: str
    holder: str


async def reports_of_child(store: Store, opened: Opened) -> list[ReportOfChild]:
    """Return them, the newest first. The page is opened, and recorded, by the door."""
    rows = store.reports.find({"dossier_id": opened.dossier.id}).sort("at", -1).limit(SHOWN)
    found = []
    async for row in rows:
        report = from_row(row)
        sealed = await store.secrets.open(report.sealed)
        found.append(
            ReportOfChild(
                id=report.id,
                kind=kind_name(report),
                danger=gettext(DANGER[report.danger]),
                danger_now=report.danger == "yes",
                day=report.day,
                at=report.at,
                by=report.by,
                family_knows=gettext(FAMILY_KNOWS[report.family_knows]),
                text=sealed.get("text", ""),
                state=gettext(STATES[report.state]),
                decides=report.decides.name if report.decides else "",
                holder=report.responsible.name if report.responsible else "",
            )
        )
    return found
