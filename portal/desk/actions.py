"""My desk: the children I work for, and what changed since I last looked – read from the audit log."""

from dataclasses import dataclass
from datetime import datetime

from auth.access import entry_for
from auth.permissions import Section
from auth.policy import AT_WORK, KNOWN_BY_NAME, reach, relations_to
from auth.who import Who
from documents.acts import Act
from documents.event import RecentChange
from documents.reading import DossierLine, dossier_lines, last_looks
from documents.store import Row, Store

SHOWN = 200
NEWS_SHOWN = 3
# Who reads the whole life course, or its dates and kinds, is told that there is something new in it.
TOLD_OF_NEWS = frozenset({*KNOWN_BY_NAME, "supervises"})


@dataclass(frozen=True)
class DeskChild:
    """One child with the changes by others since the last look; `looked` is none for a child never opened.

    `news` are the newest of them, `news_count` tells how many there are; restricted entries are never among them.
    """

    line: DossierLine
    relation: str  # the strongest
    looked: datetime | None
    news: list[RecentChange]
    news_count: int


async def my_children(store: Store, who: Who, now: datetime, *, tasks: bool = False) -> list[DeskChild]:
    """Return the children of the desk: those with news first, then by name. `tasks`: the page shows own ones too."""
    lines = await dossier_lines(store, reach(who, now, (*AT_WORK, "addressed", "supervises", "parent", "self")), SHOWN)
    looks = await last_looks(store, who.person_id, [line.id for line in lines])
    children = [_child(who, line, looks.get(line.id), now) for line in lines]
    news = any(child.news for child in children)
    sections = [Section.EXISTENCE.value]
    sections += [section.value for section, shown in ((Section.TIMELINE, news), (Section.PLAN, tasks)) if shown]
    await store.audit.record(
        entry_for(who, Act.DESK_READ, now, count=len(lines), children=[line.id for line in lines], sections=sections)
    )
    return sorted(children, key=lambda child: (not child.news, child.line.child.sort_name))


def _child(who: Who, line: DossierLine, looked: datetime | None, now: datetime) -> DeskChild:
    relations = relations_to(who, line.readers, now)
    role_id = who.role.id if who.role else None
    news: list[Row] = []
    if not TOLD_OF_NEWS.isdisjoint(relations):
        since = [change for change in line.recent if looked is None or change["at"] > looked]
        news = [c for c in since if c.get("role_id") != role_id and c.get("confidentiality") != "restricted"]
        news.sort(key=lambda change: change["at"], reverse=True)
    newest = [RecentChange.model_validate(change) for change in news[:NEWS_SHOWN]]
    return DeskChild(line, relations[0], looked, newest, len(news))
