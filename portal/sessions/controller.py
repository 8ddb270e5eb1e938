"""Where am I signed in; signing out elsewhere or everywhere; how long this stay still lasts."""

from typing import Any

from litestar import Controller, MediaType, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from auth.access import NotFound, entry_for
from auth.oidc import ProviderUnavailable
from auth.permissions import Permission
from auth.sessions import Session
from documents.acts import Act
from portal.cookies import Kept, made_cookie
from portal.page import Request, changed, page
from portal.runtime import runtime

REFERENCE = 16  # letters of a session's own id (a hash) by which the page names it


class SessionController(Controller):
    """`/sessions`."""

    path = "/sessions"

    @get("/", name="sessions", opt={"permission": Permission.SIGNED_IN})
    async def own(self, request: Request) -> Response[Any]:
        """Everywhere I am signed in, the one seen last first."""
        held, state = runtime(request), request.scope["state"]
        living = await held.sessions.of_person(state["who"].person_id, state["now"])
        rows = [_row(session, here=session.id == state["session"].id) for session in living]
        return page(request, "sessions/sessions.html", sessions=rows)

    @post("/{reference:str}/end", name="end_session", opt={"permission": Permission.SIGNED_IN})
    async def end(self, request: Request, reference: FromPath[str]) -> Response[Any]:
        """Sign out somewhere else. Raises NotFound for what is none of one's own."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        living = await held.sessions.of_person(who.person_id, now)
        meant = [session for session in living if session.id[:REFERENCE] == reference]
        if len(meant) != 1:
            raise NotFound
        await held.store.audit.record(entry_for(who, Act.SESSION_ENDED, now, count=1))
        await held.sessions.end(meant[0].id, now)
        return changed(request, "/sessions", "session_ended")

    @post("/end", name="end_sessions", opt={"permission": Permission.SIGNED_IN})
    async def end_all(self, request: Request) -> Response[Any]:
        """Sign out everywhere, here and at the identity provider too."""
        held, state = runtime(request), request.scope["state"]
        who, session, demo = state["who"], state["session"], held.settings.demo
        count = len(await held.sessions.of_person(who.person_id, state["now"]))
        await held.store.audit.record(entry_for(who, Act.SESSION_ENDED, state["now"], count=count))
        await held.sessions.end_by_person(who.person_id, state["now"])
        home = f"{held.settings.public_url}/"
        try:
            address = await held.oidc.end_session_url(session.id_token, home)
        except ProviderUnavailable:
            address = home  # here all have ended, whether the provider answers or not
        answer: Response[Any] = Redirect(address, status_code=303, headers={"Clear-Site-Data": '"cache", "storage"'})
        answer.set_cookie(made_cookie(Kept.SESSION, "", demo=demo, max_age=0))
        return answer

    @get("/remaining", name="session_remaining", opt={"permission": Permission.PUBLIC})
    async def remaining(self, request: Request) -> Response[str]:
        """How many seconds are left; 0 for whom is not signed in. Asked by the page itself, it prolongs nothing."""
        return _seconds(request)

    @post("/stay", name="stay_signed_in", status_code=200, opt={"permission": Permission.SIGNED_IN})
    async def stay(self, request: Request) -> Response[str]:
        """Somebody is there: the request itself prolongs the stay, up to the absolute limit."""
        return _seconds(request)


def _seconds(request: Request) -> Response[str]:
    state = request.scope["state"]
    session: Session | None = state.get("session")
    left = session.seconds_left(state["now"]) if session and state.get("who") else 0
    return Response(str(left), media_type=MediaType.TEXT, headers={"Cache-Control": "no-store"})


def _row(session: Session, *, here: bool) -> dict[str, Any]:
    return {
        "reference": session.id[:REFERENCE],
        "since": session.created,
        "last_seen": session.last_seen,
        "until": session.absolute_until,
        "here": here,
    }
