"""What of the own cases a head looks at: each a query with its index, each with an address to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from auth.policy import RESPONSIBLE, reach
from auth.who import Who
from documents.model import day_of
from documents.store import Row
from portal.forms import page_number
from portal.translations import N_

PAGE = 25
LAST_PAGE = 400
SOON = 7  # days until a task is due, today and the last one among them; what is late already stands under "late"
SILENT = {"silent14": 14, "silent30": 30}  # days without anything recorded by who works for the child
SHOWS = {
    "all": N_("All"),
    "late": N_("Overdue"),
    "soon": N_("Due within 7 days"),
    "silent14": N_("Silent for 14 days"),
    "silent30": N_("Silent for 30 days"),
    "unled": N_("Without a case manager"),
    "left": N_("Case manager has left"),
    "requests": N_("Access requests overdue"),
}
# The index each is read by, in its order: the longest silent first, of what is late the oldest.
HINTS = {"late": "due", "soon": "due", "unled": "unled", "left": "unled"}
ORDERS = {"late": "due", "soon": "due"}


@dataclass(frozen=True)
class Filters:
    """What stands in the address; nonsense counts as nothing."""

    show: str = "all"
    staff: str = ""  # the role of one of the staff
    page: int = 1

    def href(self, **changes: str | int) -> str:
        """The address with something else chosen; from the first page on unless a page is."""
        chosen: dict[str, str | int] = {"show": self.show, "staff": self.staff, "page": 1, **changes}
        query = {name: value for name, value in chosen.items() if value not in ("", "all", 1)}
        return f"/oversight?{urlencode(query)}" if query else "/oversight"


def read_filters(asked: Mapping[str, str]) -> Filters:
    """Read the address."""
    show, page = asked.get("show", ""), page_number(asked.get("page", ""))
    return Filters(show if show in SHOWS else "all", asked.get("staff", "")[:64], min(page, LAST_PAGE))


def heads_of(who: Who) -> list[str]:
    """The keys a head's cases are found by: the institution, or the units of the own subtree."""
    return [key for key in who.keys if key.startswith(("i:", "u:"))]


def query_of(who: Who, filters: Filters, now: datetime, late: Sequence[str], left: Sequence[str]) -> Row:
    """Return the query: never more than the policy lets the head reach.

    `late`: cases with an overdue request; `left`: roles of the own staff that are not held any more.
    """
    query: Row = {"answering": {"$in": heads_of(who)}, **reach(who, now, ("supervises",))}
    if filters.staff:
        key = f"r:{filters.staff}"
        now_at_work = {
            "key": key,
            "relation": {"$in": list(RESPONSIBLE)},
            "until": {"$gt": now},
            "since": {"$lte": now},
        }
        query |= {"answering": key, "$and": [{"readers": {"$elemMatch": now_at_work}}]}
    if filters.show == "late":
        query["due"] = {"$lt": day_of(now).isoformat()}
    elif filters.show == "soon":
        today = day_of(now)
        query["due"] = {"$gte": today.isoformat(), "$lte": (today + timedelta(days=SOON)).isoformat()}
    elif filters.show in SILENT:
        query["touched"] = {"$lte": now - timedelta(days=SILENT[filters.show])}
    elif filters.show == "unled":
        query["case_manager.role_id"] = None
    elif filters.show == "left":
        query["case_manager.role_id"] = {"$in": list(left)}
    elif filters.show == "requests":
        query["_id"] = {"$in": list(late)}
    return query
