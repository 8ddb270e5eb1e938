"""Open cases the own institution is at work in, by an involvement, and nobody is named responsible yet."""

from dataclasses import dataclass
from datetime import date, datetime

from auth.access import entry_for
from auth.permissions import Section
from auth.who import Who
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.model import day_of
from documents.store import NOT_FOR_RIGHTS, Row, Store
from portal.naming.rules import heads_institution, waiting_involvements
from portal.translations import language

SHOWN = 50
FIELDS: Row = {name: 0 for name in NOT_FOR_RIGHTS if name != "involvements"}


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One involvement without anybody: the child by initials and year, what the institution has to do with it."""

    dossier_id: str
    involvement_id: str
    initials: str
    year: int
    kind: str
    since: date


async def unanswered_by(store: Store, who: Who, now: datetime) -> list[Unanswered]:
    """Return them, the case opened first first; for the head of the institution only. Recorded before it is shown."""
    if not heads_institution(who):
        return []
    query: Row = {"unanswered": who.institution_id, "erased": None, "family_ids": {"$ne": who.person_id}}
    rows = await store.dossiers.find(query, FIELDS).sort("opened", 1).limit(SHOWN).to_list()
    dossiers = [Dossier.model_validate(row) for row in rows]
    found = [
        Unanswered(
            dossier.id,
            involvement.id,
            dossier.child.initials,
            dossier.child.birth_date.year,
            classifiers().involvement_kinds[involvement.kind].label(language()),
            involvement.since,
        )
        for dossier in dossiers
        for _, involvement in waiting_involvements(who, dossier, day_of(now))
    ]
    children = sorted({each.dossier_id for each in found})
    entry = entry_for(who, Act.OVERSIGHT_READ, now, count=len(found), children=children)
    await store.audit.record(entry.model_copy(update={"sections": [Section.EXISTENCE.value] if children else []}))
    return found
