"""Notices in words: the sentence, the child as far as the reader knows it now, where to act."""

from dataclasses import dataclass
from datetime import datetime

from auth.matrix import Scope
from auth.policy import KNOWN_BY_NAME, relations_to, row_of
from auth.who import FAMILY_RELATIONS, Who
from documents.outbox import OutboxItem
from documents.reading import DossierLine
from portal.notices.actions import Notices
from portal.notices.kinds import KINDS, LIFE_COURSE, NoticeKind
from portal.translations import gettext


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice. `gone`: the dossier it is about is out of reach, so the child is not named."""

    id: str
    words: str
    child: str
    href: str
    at: datetime
    unread: bool
    gone: bool


def notice_rows(notices: Notices, who: Who, now: datetime, *, on_desk: bool = False) -> list[NoticeRow]:
    """Return the rows; on the desk only its own children are named, and others are looked at on the page of all."""
    return [_row(notices, item, who, now, on_desk=on_desk) for item in notices.items]


def _row(notices: Notices, item: OutboxItem, who: Who, now: datetime, *, on_desk: bool) -> NoticeRow:
    kind = KINDS[item.content["change"]]
    line = notices.children.get(item.dossier_id or "")
    gone = kind.inside and item.dossier_id is not None and line is None
    href = _page(kind, line, who, now).format(dossier=item.dossier_id, subject=item.subject)
    if gone:
        href = "/notices" if on_desk else ""
    child = _child(line, who, now) if line else ""
    return NoticeRow(
        item.id, gettext(kind.words), child, href, item.at, notices.unread(item), gone=gone and not on_desk
    )


def _page(kind: NoticeKind, line: DossierLine | None, who: Who, now: datetime) -> str:
    """The page one can open: a notice leads to no refusal."""
    if kind.section is None or line is None:
        return kind.page
    relations = relations_to(who, line.readers, now)
    scopes = {row.right(kind.section).scope for r in relations if (row := row_of(r, who))}
    if scopes & {Scope.ALL, Scope.FAMILY}:
        return kind.page
    return kind.part if scopes - {Scope.NOTHING} else LIFE_COURSE


def _child(line: DossierLine, who: Who, now: datetime) -> str:
    """By name for who works with the child or is of its family; for heads and others initials and year."""
    relations = relations_to(who, line.readers, now)
    if any(relation in (*KNOWN_BY_NAME, *FAMILY_RELATIONS) for relation in relations):
        return line.child.name
    words = {"initials": line.child.initials, "year": line.child.birth_date.year}
    return gettext("%(initials)s, born in %(year)s") % words
