"""What every document shares: days, moments, identifiers, and one way into BSON."""

import secrets
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from bson.binary import Binary
from pydantic import BaseModel, ConfigDict, PlainSerializer

RIGA = ZoneInfo("Europe/Riga")
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)

# A calendar day is stored as ISO text: it sorts as a day and no time zone can move it.
Day = Annotated[date, PlainSerializer(date.isoformat)]
# What only `documents.secrecy` can read; BSON subtype 6 is MongoDB's own mark of encrypted data.
Sealed = Annotated[bytes, PlainSerializer(lambda value: Binary(value, 6))]

# Crockford's letters: no I, L, O, U, so that an id read out over the phone is not misheard.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Return a new unguessable identifier: 13 letters, 65 random bits."""
    return id_from(secrets.randbits(65))


def id_from(number: int) -> str:
    """Return the identifier that spells `number` (0 ≤ number < 2**65): the same seed, the same id."""
    return "".join(_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


def start_of(day: date) -> datetime:
    """Return the moment `day` begins in Latvia, in UTC (midnight in Riga moves with the season)."""
    return datetime(day.year, day.month, day.day, tzinfo=RIGA).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Return the calendar day in Latvia at `moment`."""
    return moment.astimezone(RIGA).date()


class Model(BaseModel):
    """An embedded value. Unknown stored fields are ignored, so an older process survives a newer one."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


def to_bson(model: BaseModel) -> dict[str, Any]:
    """Return what is stored of a model; defaults take no room, but for the revision that writes ask for."""
    row: dict[str, Any] = _lean(model.model_dump(by_alias=True, exclude_defaults=True))
    if "revision" in type(model).model_fields:
        row["revision"] = model.revision  # type: ignore[attr-defined]
    return row


def _lean(value: Any) -> Any:
    """The dumped value without empty lists and mappings, which mean the same as their absence."""
    if isinstance(value, dict):
        return {name: _lean(inner) for name, inner in value.items() if inner not in ([], {})}
    return [_lean(inner) for inner in value] if isinstance(value, list) else value
