"""Requests in words, for those who decide, for heads and for those who asked."""

from dataclasses import dataclass
from datetime import date, datetime

from documents.access_request import AccessRequest
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.involvement import Professional
from portal.access_requests.rules import told
from portal.translations import N_, gettext, language

STATES = {
    "waiting": N_("waits for an answer"),
    "granted": N_("access given"),
    "narrower": N_("access given, narrower than asked"),
    "refused": N_("refused"),
    "silent": N_("no access given"),
    "revoked": N_("access taken back"),
    "over": N_("access is over"),
}
TONES = {"waiting": "info", "granted": "success", "narrower": "success", "refused": "danger", "revoked": "danger"}
# Where a grant leads: the first of these sections that it opens.
PAGES = {"base": "", "timeline": "/timeline", "family": "/family"}


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request. `child` is the name, or initials and year, or the day of birth a code began with."""

    id: str
    child: str
    by: Professional
    title: str
    at: datetime
    due: datetime
    overdue: bool
    sections: tuple[str, ...]
    sensitive: bool
    entries_of: str
    purpose: str
    legal_basis: str
    until: date
    state: str
    words: str
    tone: str
    opens: str
    renewable: bool


def for_decider(request: AccessRequest, now: datetime, dossier: Dossier | None = None) -> RequestView:
    """As those who work for the child see it: by the child's name where the dossier is theirs to read."""
    child = dossier.child.name if dossier else _initials(request)
    return _view(request, now, child, request.state)


def for_asker(request: AccessRequest, now: datetime) -> RequestView:
    """As the asker sees it: of a request by code no more than the asker wrote, until access is given."""
    state = told(request, now)
    decision = request.decision
    if state in ("granted", "narrower") and decision is not None:
        if decision.revoked_at is not None:
            state = "revoked"
        elif _over(request, now):
            state = "over"
    unknown = request.blind and state in ("waiting", "silent")
    return _view(request, now, f"{request.asked_for}-…" if unknown else _initials(request), state)


def section_names(codes: list[str]) -> tuple[str, ...]:
    """The sections as people call them, in the order of the page."""
    rows = sorted((classifiers().sections[code] for code in codes), key=lambda row: row.order)
    return tuple(row.label(language()) for row in rows)


def _view(request: AccessRequest, now: datetime, child: str, state: str) -> RequestView:
    known, lang = classifiers(), language()
    open_now = state in ("granted", "narrower")
    return RequestView(
        id=request.id,
        child=child,
        by=request.by,
        title=known.positions[request.by.title].label(lang) if request.by.title in known.positions else "",
        at=request.at,
        due=request.due,
        overdue=request.overdue(now) and state == "waiting",
        sections=section_names(request.sections),
        sensitive=request.sensitive,
        entries_of=request.entries_of_name,
        purpose=known.purposes[request.purpose].label(lang),
        legal_basis=known.legal_bases[request.legal_basis].label(lang),
        until=request.until,
        state=state,
        words=gettext(STATES[state]),
        tone=TONES.get(state, "neutral"),
        opens=_address(request) if open_now else "",
        renewable=open_now or state == "over",
    )


def _initials(request: AccessRequest) -> str:
    return gettext("%(initials)s, born in %(year)s") % {"initials": request.initials, "year": request.birth_year}


def _over(request: AccessRequest, now: datetime) -> bool:
    decision = request.decision
    return decision is not None and decision.ends is not None and decision.ends <= now


def _address(request: AccessRequest) -> str:
    granted = request.decision.sections if request.decision else []
    page = next((path for section, path in PAGES.items() if section in granted), None)
    return "" if page is None else f"/dossiers/{request.dossier_id}{page}"
