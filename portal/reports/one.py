"""One report as the person in front of it may see it; every look is recorded before anything is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auth.access import NotFound, entry_for, refused
from auth.permissions import Permission
from auth.policy import may
from auth.reasons import NO_RELATION
from auth.who import Who
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.draft import find_draft
from documents.model import day_of, new_id
from documents.report import OPEN_STATES, Report, from_row
from documents.store import NOT_FOR_RIGHTS, Store
from portal.events.form import say
from portal.events.rules import Message, one
from portal.forms import Values
from portal.needs.controller import need_fields
from portal.page import Request
from portal.reports.actions import type_name
from portal.reports.rules import FAMILY_KNOWS, READS, Side, deciding_types, outcomes_for, side_of
from portal.reports.taking import family_of, people_to_name
from portal.reports.view import STEPS, passed_on, row_of, source_of
from portal.runtime import runtime
from portal.translations import gettext, language


@dataclass(frozen=True)
class Seen:
    """A report and as what one sees it; `dossier` only for whoever answers for it or was told and took note."""

    report: Report
    side: Side
    dossier: Dossier | None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What may be decided now."""
        if self.side is not Side.RESPONSIBLE:
            return ()
        is_open = self.dossier is not None and self.dossier.opened is not None
        return outcomes_for(self.report, dossier_open=is_open, identifies=True)


async def one_report(request: Request, report_id: str) -> Seen:
    """Open a report and record the look. Raises NotFound for whom it does not concern."""
    store, state = runtime(request).store, request.scope["state"]
    who, now = state["who"], state["now"]
    row = await store.reports.find_one({"_id": report_id})
    report = from_row(row) if row else None
    side = side_of(who, report) if report else None
    entry = entry_for(who, Act.REPORTS_READ, now, subject=report.id if report else None)
    kin = side not in (None, Side.REPORTER) and report and who.person_id in await family_of(store, report)
    if report is None or side is None or kin:
        await store.audit.record(refused(entry, Permission.REPORTS_READ, NO_RELATION))
        raise NotFound
    dossier = None
    if side in READS - {Side.REPORTER} and report.dossier_id:
        found = await store.dossiers.find_one({"_id": report.dossier_id, "erased": None}, NOT_FOR_RIGHTS)
        dossier = Dossier.model_validate(found) if found else None
    # Of a report by code its reporter looks at nothing of the child.
    about = report.dossier_id if side is not Side.REPORTER else None
    await store.audit.record(entry.model_copy(update={"dossier_id": about}))
    return Seen(report, side, dossier)


async def report_context(
    request: Request, seen: Seen, values: Values, errors: Mapping[str, Message], *, conflict: bool = False
) -> dict[str, Any]:
    """What `reports/report.html` needs; narrative only for whoever reads it."""
    store, state = runtime(request).store, request.scope["state"]
    report, side, now = seen.report, seen.side, state["now"]
    reads = side in READS
    sealed = await store.secrets.open(report.sealed) if reads else {}
    kept_at = None
    if side is Side.RESPONSIBLE and not values:
        draft = await find_draft(store, state["who"].role.id, f"/reports/{report.id}")
        values, kept_at = draft or (_from_report(report, sealed), None)
    full = side is Side.RESPONSIBLE
    return {
        "report": row_of(report, state["who"], now, _child(seen)),
        "version": report.version,
        "side": side.value,
        "told": [place.name for place in report.told] if full else [],
        "not_found": [type_name(code, language()) for code in report.not_found] if full else [],
        "fell_back": full and report.fell_back,
        "present": _municipality(report) if _tells_place(seen) else "",
        "day": report.day,
        "ongoing": report.ongoing,
        "family_knows": gettext(FAMILY_KNOWS[report.family_knows]) if reads else "",
        "text": sealed.get("text", ""),
        "siblings_words": sealed.get("siblings", "") if side is not Side.TOLD_READS else "",
        "siblings": await _siblings(store, report) if full else [],
        "typed": sealed.get("child") or {},
        "code": sealed.get("code", "") if full and report.dossier_id is None else "",
        "by": report.by if full else None,
        "source": source_of(report, side),
        "steps": await _steps(store, seen),
        "outcomes": seen.outcomes,
        "names_child": full and report.state in OPEN_STATES and report.dossier_id is None,
        "needs_identity": report.dossier_id is None,
        "dossier_id": _address(state["who"], seen),
        "people": await people_to_name(store, state["who"], report, now)
        if side is Side.HEAD and report.state in OPEN_STATES
        else [],
        "conflict": conflict,
        "kept_at": kept_at,
        "submission": new_id(),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "types": [(code, type_name(code, language())) for code in deciding_types()],
        "municipalities": municipalities(now),
        **need_fields(day_of(now)),
    }


def municipalities(now: Any) -> list[tuple[str, str]]:
    """The municipalities of the day by name, as choices."""
    rows = classifiers().current_municipalities(day_of(now))
    return [(row.code, row.label(language())) for row in rows]


def _from_report(report: Report, sealed: Mapping[str, Any]) -> Values:
    """The decision's form as it opens: what the reporter already said of need and child."""
    typed = sealed.get("child") or {}
    return {
        "kind": [report.need_kind or ""],
        "level": [str(report.level or "")],
        "legal_basis": [report.legal_basis or ""],
        "given_name": [typed.get("given_name", "")],
        "family_name": [typed.get("family_name", "")],
        "born": [typed.get("born", "")],
        "to_place": [report.place],
    }


def _child(seen: Seen) -> str:
    if seen.dossier is not None:
        return seen.dossier.child.name
    return ""


def _tells_place(seen: Seen) -> bool:
    """Where a protected child is, only whoever answers for the report and the reporter, who wrote it, read."""
    if seen.side in (Side.RESPONSIBLE, Side.REPORTER):
        return True
    return seen.side is Side.TOLD_READS and not seen.report.protected


def _municipality(report: Report) -> str:
    known = classifiers().municipalities
    return known[report.present].label(language()) if report.present in known else ""


def _address(who: Who, seen: Seen) -> str:
    """The dossier whoever decided opened, as long as it is theirs to open (the door decides anew)."""
    opened = seen.side is Side.RESPONSIBLE and seen.report.state in ("opened", "taken_up")
    return seen.report.dossier_id or "" if opened and may(who, Permission.REPORT_DECIDE).allowed else ""


async def _siblings(store: Store, report: Report) -> list[str]:
    """The brothers and sisters the reporter ticked, by name."""
    if not report.siblings:
        return []
    rows = store.dossiers.find({"_id": {"$in": report.siblings}, "erased": None}, {"child": 1})
    return sorted([f"{row['child']['given_name']} {row['child']['family_name']}" async for row in rows])


async def _steps(store: Store, seen: Seen) -> list[dict[str, Any]]:
    """What happened so far; reasons for whoever answers for it, names for the institution that decides.

    The reporter learns only where it was passed on to.
    """
    if seen.side is Side.REPORTER:
        return passed_on(seen.report)
    if seen.side not in (Side.RESPONSIBLE, Side.HEAD, Side.COLLEAGUE, Side.MAY_TAKE):
        return []
    shown = []
    for step in seen.report.steps:
        full = seen.side is Side.RESPONSIBLE
        why = (await store.secrets.open(step.sealed)).get("text", "") if step.sealed and full else ""
        what = gettext(STEPS[step.what]) % {"to": step.to}
        shown.append({"at": step.at, "what": what, "by": step.by.name, "place": step.by.institution_name, "why": why})
    return shown
