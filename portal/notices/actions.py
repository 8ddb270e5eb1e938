"""Reading one's notices and marking them as read: by the keys held now, so a new head sees what waits."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from auth.access import NotFound, entry_for
from auth.permissions import Section
from auth.policy import reach
from auth.who import Who
from documents.acts import Act
from documents.outbox import OutboxItem
from documents.reading import DossierLine, dossier_lines
from documents.store import Row, Store, Transaction

PAGE = 25
NEWEST = 50  # looked at for the desk
LAST_PAGE = 400


@dataclass(frozen=True)
class Notices:
    """Notices, how many of those looked at are unread, and the children the page may name in them."""

    items: list[OutboxItem]
    reader: str
    unread_count: int
    children: dict[str, DossierLine] = field(default_factory=dict)
    more: bool = False

    def unread(self, item: OutboxItem) -> bool:
        """Whether this person, in this role, has not marked it."""
        return self.reader not in item.read_by

    @property
    def about(self) -> set[str]:
        """The dossiers they are about."""
        return {item.dossier_id for item in self.items if item.dossier_id}


async def newest_notices(store: Store, who: Who, shown: int) -> Notices:
    """Return the few for the desk: of the newest the unread ones before those read, each the newest first."""
    rows, reader = await _rows(store, who, 0, NEWEST), reader_of(who)
    read = [reader in row.get("read_by", ()) for row in rows]
    first = sorted(range(len(rows)), key=read.__getitem__)[:shown]
    return Notices([OutboxItem.model_validate(rows[i]) for i in first], reader, read.count(False))


async def read_notices(store: Store, who: Who, page: int, now: datetime) -> Notices:
    """Return a page (from 1) and record which children it names."""
    rows = await _rows(store, who, (min(page, LAST_PAGE) - 1) * PAGE, PAGE + 1)
    items = [OutboxItem.model_validate(row) for row in rows[:PAGE]]
    found = Notices(items, reader_of(who), 0, more=len(rows) > PAGE)
    children = await _children(store, who, found.about, now)
    named = sorted({line.id for line in children.values()})
    entry = entry_for(who, Act.NOTICES_READ, now, count=len(items), children=named)
    await store.audit.record(entry.model_copy(update={"sections": [Section.EXISTENCE.value] if children else []}))
    return replace(found, children=children, unread_count=sum(map(found.unread, items)))


async def mark_read(store: Store, who: Who, notice_id: str, now: datetime) -> None:
    """Mark one of the own notices as read; once more changes nothing. Raises NotFound."""

    async def work(transaction: Transaction) -> None:
        done = await store.outbox.update_one(
            {"_id": notice_id, **_own(who)}, {"$addToSet": {"read_by": reader_of(who)}}, session=transaction.session
        )
        if done.matched_count == 0:
            raise NotFound
        transaction.record(entry_for(who, Act.NOTICES_MARKED, now, subject=notice_id))

    await store.transact(work)


async def mark_all_read(store: Store, who: Who, until: datetime, now: datetime) -> None:
    """Mark all own notices up to `until` – when the page was made – as read: what came later was not seen."""

    async def work(transaction: Transaction) -> None:
        done = await store.outbox.update_many(
            {"at": {"$lte": until}, "read_by": {"$ne": reader_of(who)}, **_own(who)},
            {"$addToSet": {"read_by": reader_of(who)}},
            session=transaction.session,
        )
        transaction.record(entry_for(who, Act.NOTICES_MARKED, now, count=done.modified_count))

    await store.transact(work)


def reader_of(who: Who) -> str:
    """By whom a notice is marked as read: the role, or the person in the family."""
    return who.role.id if who.role else who.person_id


async def _children(store: Store, who: Who, about: set[str], now: datetime) -> dict[str, DossierLine]:
    """The children within reach, by the dossier a notice names; of one joined with another since it is the other."""
    lines = await _lines(store, who, about, now)
    led: dict[str, str] = {}
    if missing := about - lines.keys():
        tombstones = {"_id": {"$in": sorted(missing)}, "joined_into": {"$gt": ""}}
        rows = store.dossiers.find(tombstones, {"joined_into": 1})
        led = {row["_id"]: row["joined_into"] async for row in rows}
    there = await _lines(store, who, set(led.values()), now)
    return lines | {old: there[new] for old, new in led.items() if new in there}


async def _lines(store: Store, who: Who, dossier_ids: set[str], now: datetime) -> dict[str, DossierLine]:
    if not dossier_ids:
        return {}
    lines = await dossier_lines(store, reach(who, now) | {"_id": {"$in": sorted(dossier_ids)}}, PAGE)
    return {line.id: line for line in lines}


async def _rows(store: Store, who: Who, skip: int, limit: int) -> list[Row]:
    return await store.outbox.find(_own(who)).sort("at", -1).skip(skip).limit(limit).to_list()


def _own(who: Who) -> Row:
    """What is for this person now: by role, by person, and for a head by institution or units."""
    heads = ("i:", "u:") if "supervises" in who.may else ()
    keys = [key for key in who.keys if key.startswith(("p:", *heads))]
    role: Row = {"kind": "notice", "to_role": who.role.id if who.role else ""}
    return {"$or": [role, {"kind": "notice", "to_key": {"$in": keys}}]} if keys else role
