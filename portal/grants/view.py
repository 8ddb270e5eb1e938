"""The list of grants and denials in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.access import Opened
from auth.permissions import Permission
from auth.supervision import supervises
from documents.classifiers import classifiers
from documents.dossier import Grant
from portal.access_requests.view import section_names
from portal.grants.rules import in_force, may_deny, may_revoke, people_to_deny, standing_denials
from portal.translations import gettext, language


@dataclass(frozen=True, slots=True)
class GrantView:
    """One grant: to whom, what, why, until when, by whom; `revocable` by the reader."""

    id: str
    name: str
    place: str
    sections: tuple[str, ...]
    sensitive: bool
    purpose: str
    until: datetime
    revoked_at: datetime | None
    by: str
    revocable: bool


@dataclass(frozen=True, slots=True)
class DenialView:
    """One denial; `liftable` and `reviewable` by the reader."""

    id: str
    name: str
    reason: str
    call: str
    since: datetime
    until: datetime | None
    by: str
    reviewed: bool
    liftable: bool
    reviewable: bool


def lists_of(opened: Opened) -> dict[str, Any]:
    """Return what `grants/grants.html` shows beside the form of a denial."""
    dossier, now = opened.dossier, opened.now
    grants = sorted(dossier.grants, key=lambda grant: grant.since, reverse=True)
    reviews = opened.can(Permission.ACCESS_REVIEW) and supervises(opened.who, dossier, now)
    denies = may_deny(opened, of_family=False) or may_deny(opened, of_family=True)
    return {
        "grants": [_grant(opened, grant) for grant in grants if in_force(grant, now)],
        "past": [_grant(opened, grant) for grant in grants if not in_force(grant, now)],
        "denials": [
            DenialView(
                denial.id,
                denial.name or _name(opened, denial.person_id),
                denial.reason if denies or reviews else "",
                denial.call,
                denial.since,
                denial.until,
                f"{denial.decided_by.name}, {denial.decided_by.institution_name}",
                denial.reviewed_at is not None,
                may_deny(opened, of_family=denial.person_id in dossier.family_ids),
                reviews and denial.reviewed_at is None,
            )
            for denial in standing_denials(dossier, now)
        ],
        "denies": denies,
        "deniable": people_to_deny(opened) if denies else [],
    }


def _grant(opened: Opened, grant: Grant) -> GrantView:
    known = classifiers()
    purpose = known.purposes[grant.purpose].label(language()) if grant.purpose in known.purposes else ""
    return GrantView(
        grant.id,
        grant.to.name if grant.to else _name(opened, grant.person_id),
        grant.to.institution_name if grant.to else "",
        section_names(grant.sections),
        grant.sensitive,
        purpose,
        grant.until,
        grant.revoked_at,
        f"{grant.decided_by.name}, {grant.decided_by.institution_name}",
        may_revoke(opened, grant),
    )


def _name(opened: Opened, person_id: str) -> str:
    """The name where the person is known in the dossier."""
    dossier = opened.dossier
    involved = [person for involvement in dossier.involvements for person in involvement.responsible]
    names = {p.person_id: p.name for p in [*dossier.team, *involved]}
    names |= {r.person_id: r.name for r in dossier.relationships if r.person_id}
    return names.get(person_id, gettext("a specialist"))
