"""Where a page of the log ends: a moment, and how many entries of that very moment were shown already."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from documents.audit import AuditEntry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def cursor_after(entries: Sequence[AuditEntry], before: "tuple[datetime, int] | None") -> str:
    """Return what stands in the address of the next page. Raises IndexError without entries."""
    last = entries[-1].at
    shown = sum(1 for entry in entries if entry.at == last)
    if before and before[0] == last:
        shown += before[1]
    return f"{(last - _EPOCH) // _MILLISECOND:x}-{shown:x}"


def read_cursor(text: str) -> tuple[datetime, int] | None:
    """Return the moment and how many of it to leave out; none for what is no cursor."""
    moment, _, shown = text.partition("-")
    try:
        return _EPOCH + int(moment, 16) * _MILLISECOND, min(max(int(shown, 16), 0), 10_000)
    except (ValueError, OverflowError):
        return None
