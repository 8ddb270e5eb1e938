"""The identity provider says that somebody signed out elsewhere (OpenID Connect Back-Channel Logout 1.0)."""

from datetime import datetime

from auth.tokens import TokenRefused
from documents.acts import Act
from documents.audit import AuditEntry
from portal.runtime import Runtime


async def end_what_ended(held: Runtime, logout_token: str, now: datetime) -> None:
    """End the sessions a logout token names, by `sid` where it has one, else all of its `sub`.

    Raises TokenRefused for a token that is not the provider's, or was used before.
    """
    ended = await held.oidc.logged_out(logout_token, now)
    if not await held.sessions.first_use(ended.jti, now):
        raise TokenRefused("used before")
    people = await held.sessions.people_of(sid=ended.sid, sub=ended.sub)
    if ended.sid:
        await held.sessions.end_by_sid(ended.sid, now)
    elif ended.sub:
        await held.sessions.end_by_sub(ended.sub, now)
    entries = [AuditEntry(act=Act.SESSION_ENDED, at=now, person_id=one, subject="provider") for one in people]
    if entries:
        await held.store.audit.record(*entries)
