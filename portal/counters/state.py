"""Which counting holds: its generation, how far it follows the changes, as of when, and which worker leads."""

from dataclasses import dataclass
from datetime import datetime

from documents.model import new_id
from documents.store import Row, Store

STATE = "counters"  # the row of `settings`


@dataclass(frozen=True)
class Counting:
    """A counting that holds. `token` is where in the stream of changes it stands; all before `as_of` is in it."""

    generation: str
    token: Row
    as_of: datetime


def counting_in(row: Row | None) -> Counting | None:
    """The counting a state tells of; none before the first one is complete."""
    return Counting(row["generation"], row["token"], row["as_of"]) if row and "generation" in row else None


async def state_of(store: Store) -> Row | None:
    """The state as it is stored."""
    found: Row | None = await store.database["settings"].find_one({"_id": STATE})
    return found


def number_of(generation: str) -> int:
    """Countings are numbered; two that were begun at once share the number, not the generation."""
    return int(generation.partition("-")[0])


def generation_after(counting: Counting | None) -> str:
    """A name for the next counting, later in order than the present one."""
    return f"{number_of(counting.generation) + 1 if counting else 1:08d}-{new_id()}"


def older_than(generation: str) -> Row:
    """The query for what is left of all countings before this one."""
    return {"_id": {"$lt": f"{number_of(generation):08d}"}}


def beginning_with(text: str) -> Row:
    """The query for rows whose key begins so."""
    return {"_id": {"$gte": text, "$lt": f"{text}\uffff"}}
