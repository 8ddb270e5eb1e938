"""Our own sessions: ids only from us, kept as hashes, made at sign-in and never revived once ended.

Who merely visits leaves no row; a new id comes with every sign-in, role change and step-up.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from auth.request_checks import csrf_token, csrf_valid, request_origin_ok

__all__ = ["Session", "Sessions", "csrf_token", "csrf_valid", "request_origin_ok"]

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
SEEN_EVERY = timedelta(minutes=1)
REMEMBERED = timedelta(hours=1)  # a used logout token; none is believed so long after it was issued
# Joined by the index on `_id`: the smaller half of what a page waits for is the journey to the database.
_WITH_PERSON = {"$lookup": {"from": "people", "localField": "person_id", "foreignField": "_id", "as": "person"}}
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, document_class=dict)


@dataclass(frozen=True)
class Session:
    """A signed-in browser. `id` is the hash of what its cookie holds; times are UTC."""

    id: str
    person_id: str
    role_id: str | None
    sub: str
    sid: str | None
    acr: str | None
    auth_time: datetime | None
    id_token: str
    created: datetime
    last_seen: datetime
    idle_until: datetime
    absolute_until: datetime
    expires: datetime
    csrf_secret: bytes
    revoked: datetime | None = None
    # The role before the last change and the secret of its forms: one of them sent late loses no text.
    earlier_role: str | None = None
    earlier_secret: bytes | None = None

    def seconds_left(self, now: datetime) -> int:
        """Return how long it lasts if nobody clicks any more."""
        return max(0, round((min(self.idle_until, self.absolute_until) - now).total_seconds()))


class Sessions:
    """The sessions of all browsers. `idle` is the longest pause, `absolute` the longest stay after a sign-in."""

    def __init__(
        self,
        collection: AsyncCollection[dict[str, Any]],
        *,
        idle: timedelta = IDLE,
        absolute: timedelta = ABSOLUTE,
    ) -> None:
        self._rows = collection.with_options(codec_options=_OPTIONS, write_concern=WriteConcern("majority", j=True))
        self._idle, self._absolute = idle, absolute

    async def open(
        self,
        now: datetime,
        *,
        person_id: str,
        sub: str,
        id_token: str,
        sid: str | None = None,
        acr: str | None = None,
        auth_time: datetime | None = None,
        role_id: str | None = None,
        replacing: str | None = None,
    ) -> tuple[str, Session]:
        """A new session after a sign-in: what its cookie is to hold, and the session.

        `replacing` is the cookie the browser brought along, if any: that session ends.
        """
        limit = now + self._absolute
        session = Session(
            id="",
            person_id=person_id,
            role_id=role_id,
            sub=sub,
            sid=sid,
            acr=acr,
            auth_time=auth_time,
            id_token=id_token,
            created=now,
            last_seen=now,
            idle_until=min(now + self._idle, limit),
            absolute_until=limit,
            expires=limit,
            csrf_secret=b"",
        )
        token, session = await self._insert(session)
        if replacing:
            await self.end(_hashed(replacing), now)
        return token, session

    async def find(self, token: str, now: datetime, *, polling: bool = False) -> Session | None:
        """The living session of a cookie; being seen prolongs it, unless the browser asked by itself (`polling`)."""
        row = await self._rows.find_one({"_id": _hashed(token), **_living(now)})
        return await self._seen(_session(row), now, polling) if row else None

    async def find_with_person(
        self, token: str, now: datetime, *, polling: bool = False
    ) -> tuple[Session, dict[str, Any] | None] | None:
        """As `find`, and in the same journey the person as stored now (None where there is none any more)."""
        pipeline = [{"$match": {"_id": _hashed(token), **_living(now)}}, _WITH_PERSON]
        rows = await (await self._rows.aggregate(pipeline)).to_list(1)
        if not rows:
            return None
        session = await self._seen(_session(rows[0]), now, polling)
        return (session, next(iter(rows[0]["person"]), None)) if session else None

    async def _seen(self, session: Session, now: datetime, polling: bool) -> Session | None:
        if polling or now - session.last_seen < SEEN_EVERY:
            return session
        idle_until = min(now + self._idle, session.absolute_until)
        # Only where still living: a request in flight must not revive what a logout has just ended.
        done = await self._rows.update_one(
            {"_id": session.id, **_living(now)}, {"$set": {"last_seen": now, "idle_until": idle_until}}
        )
        return replace(session, last_seen=now, idle_until=idle_until) if done.matched_count else None

    async def lapsed(self, token: str, now: datetime) -> Session | None:
        """The session of a cookie that ran out by itself within the last day: whose typed text may be kept, no more."""
        row = await self._rows.find_one({"_id": _hashed(token), "revoked": None, "idle_until": {"$lte": now}})
        if row is None or "csrf_secret" not in row or now - row["idle_until"] > timedelta(days=1):
            return None
        return _session(row)

    async def renew(
        self,
        session: Session,
        now: datetime,
        *,
        role_id: str | None = None,
        acr: str | None = None,
        auth_time: datetime | None = None,
    ) -> tuple[str, Session] | None:
        """The same stay under a new id, in the role given (None: as it was), after a step-up with its new proof.

        The absolute limit stays. None if the session has ended meanwhile.
        """
        new = replace(
            session,
            role_id=role_id if role_id is not None else session.role_id,
            acr=acr or session.acr,
            auth_time=auth_time or session.auth_time,
            last_seen=now,
            idle_until=min(now + self._idle, session.absolute_until),
            earlier_role=session.role_id,
            earlier_secret=session.csrf_secret,
        )
        # First the new, then the old: a logout in between finds one of them living, whichever order.
        token, new = await self._insert(new)
        if await self.end(session.id, now):
            return token, new
        await self._rows.delete_one({"_id": new.id})
        return None

    async def end(self, session_id: str, now: datetime) -> bool:
        """Sign this one out; False if it was not living any more."""
        return bool(await self._end({"_id": session_id}, now))

    async def end_by_sid(self, sid: str, now: datetime) -> int:
        """Sign out all that belong to a session of the identity provider; returns how many."""
        return await self._end({"sid": sid}, now)

    async def end_by_sub(self, sub: str, now: datetime) -> int:
        """Sign out a subject of the identity provider everywhere; returns how many."""
        return await self._end({"sub": sub}, now)

    async def people_of(self, *, sid: str | None = None, sub: str | None = None) -> list[str]:
        """Whose living sessions belong to a session or subject of the identity provider."""
        which = {"sid": sid} if sid else {"sub": sub}
        found: list[str] = await self._rows.distinct("person_id", {**which, "revoked": None})
        return found

    async def first_use(self, jti: str, now: datetime) -> bool:
        """Whether a logout token of this name was not used before; from now on it was."""
        used = self._rows.database["logout_tokens"].with_options(write_concern=WriteConcern("majority", j=True))
        try:
            await used.insert_one({"_id": _hashed(jti), "expires": now + REMEMBERED})
        except DuplicateKeyError:
            return False
        return True

    async def end_by_person(self, person_id: str, now: datetime) -> int:
        """Sign out a person everywhere, for instance when the account is closed; returns how many."""
        return await self._end({"person_id": person_id}, now)

    async def of_person(self, person_id: str, now: datetime) -> list[Session]:
        """The living sessions of a person, the one seen last first."""
        rows = self._rows.find({"person_id": person_id, **_living(now)}).sort("last_seen", -1).limit(100)
        return [_session(row) async for row in rows]

    async def _end(self, which: dict[str, str], now: datetime) -> int:
        ended = {"$set": {"revoked": now}, "$unset": {"id_token": "", "csrf_secret": "", "earlier_secret": ""}}
        return (await self._rows.update_many({**which, "revoked": None}, ended)).modified_count

    async def _insert(self, session: Session) -> tuple[str, Session]:
        token = secrets.token_urlsafe(32)
        session = replace(session, id=_hashed(token), csrf_secret=secrets.token_bytes(32), revoked=None)
        row = {("_id" if name == "id" else name): value for name, value in asdict(session).items()}
        # Absent rather than null, so that the partial indexes hold only what can be looked for.
        await self._rows.insert_one({k: v for k, v in row.items() if v is not None or k == "revoked"})
        return token, session


def _hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _living(now: datetime) -> dict[str, Any]:
    return {"revoked": None, "idle_until": {"$gt": now}, "absolute_until": {"$gt": now}}


def _session(row: dict[str, Any]) -> Session:
    values = {field.name: row.get(field.name) for field in fields(Session)}
    return Session(**{**values, "id": row["_id"]})
