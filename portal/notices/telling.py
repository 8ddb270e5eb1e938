"""Putting notices into the outbox with the change they tell of: ids only, no text."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from documents.outbox import OutboxItem
from documents.store import Transaction
from portal.notices.kinds import KINDS

KEPT = timedelta(days=90)


def tell(
    transaction: Transaction, to: Iterable[str], change: str, now: datetime, dossier_id: str | None, subject: str
) -> None:
    """Tell each key: `r:<role>` one person, `p:<person>` family, `i:<institution>` or `u:<unit>` whoever heads it.

    `change` is one of `kinds.KINDS`, `subject` the id of what it is about. Raises KeyError for an unknown kind.
    """
    _ = KINDS[change]
    for key in sorted(set(to)):
        kind, _, name = key.partition(":")
        transaction.send(
            OutboxItem(
                kind="notice",
                at=now,
                to_role=name if kind == "r" else None,
                to_key=None if kind == "r" else key,
                dossier_id=dossier_id,
                subject=subject,
                content={"change": change},
                due=now,  # it is read where it lies; a worker only sees to the mail about it
                expires=now + KEPT,
            )
        )
