"""My desk: the children I work for, and what changed since I last looked – read from the audit log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from auth.access import entry_for
from auth.permissions import Section
from auth.policy import AT_WORK, KNOWN_BY_NAME, reach, relations_to
from auth.who import Who
from documents.acts import Act
from documents.event import RecentChange
from documents.reading import DossierLine, DossierPlace, changes_by_others, dossier_lines, dossier_places, last_looks
from documents.store import Store

SHOWN = 200
PAGE = 40
NEWS_SHOWN = 3
ON_DESK = (*AT_WORK, "addressed", "supervises", "parent", "self")
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


@dataclass(frozen=True)
class Desk:
    """One page of the children, those with news first, then by name; `named` are all whose name the page may tell."""

    children: list[DeskChild]
    named: dict[str, DossierLine]
    count: int  # on all pages
    page: int

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self.page * PAGE < self.count

    @property
    def full(self) -> bool:
        """Whether there may be children who do not stand on it."""
        return self.count == SHOWN


async def my_desk(
    store: Store, who: Who, now: datetime, page: int, *, about: Iterable[str] = (), tasks: bool = False
) -> Desk:
    """Return a page of the desk (the last one where there are not so many) and record whom it names.

    `about`: further children the page speaks of, named as far as they are on any page. `tasks`: it shows own ones.
    """
    mine, role_id = reach(who, now, ON_DESK), who.role.id if who.role else None
    places = await dossier_places(store, mine, role_id, SHOWN)
    looks = await last_looks(store, who.person_id, [place.id for place in places])
    news = {place.id: _news(who, place, looks.get(place.id), now) for place in places}
    order = sorted(places, key=lambda place: not news[place.id])
    page = min(page, max(1, -(-len(order) // PAGE)))
    here = [place.id for place in order[(page - 1) * PAGE : page * PAGE]]
    ids = sorted({*here, *(news.keys() & set(about))})
    on_page, recent = mine | {"_id": {"$in": ids}}, changes_by_others(role_id)
    lines = await dossier_lines(store, on_page, len(ids), recent=recent) if ids else []
    named = {line.id: line for line in lines}
    children = [_child(who, named[i], looks.get(i), news[i], now) for i in here if i in named]
    sections = [Section.EXISTENCE.value]
    told = any(child.news for child in children)
    sections += [section.value for section, shown in ((Section.TIMELINE, told), (Section.PLAN, tasks)) if shown]
    await store.audit.record(
        entry_for(who, Act.DESK_READ, now, count=len(order), children=list(named), sections=sections)
    )
    return Desk(children, named, len(order), page)


def _news(who: Who, place: DossierPlace, looked: datetime | None, now: datetime) -> int:
    """How many changes by others the person is told of."""
    if TOLD_OF_NEWS.isdisjoint(relations_to(who, place.readers, now)):
        return 0
    return sum(looked is None or at > looked for at in place.changed)


def _child(who: Who, line: DossierLine, looked: datetime | None, count: int, now: datetime) -> DeskChild:
    newest = sorted(line.recent, key=lambda change: change["at"], reverse=True) if count else []
    since = [change for change in newest if looked is None or change["at"] > looked]
    news = [RecentChange.model_validate(change) for change in since[:NEWS_SHOWN]]
    return DeskChild(line, relations_to(who, line.readers, now)[0], looked, news, count)
