"""Who is asking: the session cookie becomes a person in a role, at each request, from the present state."""

from http.cookies import CookieError, SimpleCookie

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from pymongo.errors import PyMongoError

from auth.assurance import suffices
from auth.sessions import Session
from auth.who import Who, who_is
from documents.institution import Institution
from documents.person import Person
from documents.store import Row
from portal.cookies import Kept, cookie_name, made_cookie
from portal.runtime import Runtime
from portal.translations import LANGUAGES, set_language
from portal.viewer import viewer_of

POLLING_HEADER = b"x-polling"


class Identity:
    """ASGI middleware: sets `session`, `who`, `viewer`, `language`, `now`, `demo` in the request's state."""

    def __init__(self, app: ASGIApp, held: Runtime) -> None:
        self.app, self.held = app, held
        self.names = {kept: cookie_name(kept, demo=held.settings.demo) for kept in Kept}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Recognise the person; anonymous requests leave no trace."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        held, state = self.held, scope["state"]
        cookies = _cookies(scope)
        state["now"] = held.now()
        state["demo"] = held.settings.demo
        state["language"] = set_language(_language(cookies.get(self.names[Kept.LANGUAGE], "")))
        state["notice"] = cookies.get(self.names[Kept.NOTICE], "")
        state["origin"] = origin_of(scope, held)
        token = cookies.get(self.names[Kept.SESSION])
        if token and not scope["path"].startswith("/assets/"):
            try:
                await _recognise(held, scope, token)
            except PyMongoError as error:
                state["unrecognised"] = error  # pages for everybody still open; the guard refuses the others

        async def send_with_notice(message: Message) -> None:
            if message["type"] == "http.response.start":
                _carry_notice(message, state, demo=held.settings.demo)
            await send(message)

        await self.app(scope, receive, send_with_notice)


async def _recognise(held: Runtime, scope: Scope, token: str) -> None:
    state = scope["state"]
    polling = any(name == POLLING_HEADER for name, _ in scope["headers"])
    found = await recognised(held, token, scope, polling=polling)
    if found is None:
        state["lapsed"] = await held.sessions.lapsed(token, state["now"])
    elif found[1] is not None:
        state["session"], state["who"] = found
        state["viewer"] = viewer_of(found[1], state["language"])


async def recognised(
    held: Runtime, token: str, scope: Scope, *, polling: bool = False
) -> tuple[Session, Who | None] | None:
    """Return the living session of a cookie and its person as people and roles stand now.

    None without such a session; no person when the account is gone.
    """
    found = await held.sessions.find_with_person(token, scope["state"]["now"], polling=polling)
    return (found[0], await _who_in(held, *found, scope)) if found else None


async def _who_in(held: Runtime, session: Session, row: Row | None, scope: Scope) -> Who | None:
    if row is None or row.get("deactivated"):
        return None
    person = Person.model_validate(row)
    role = next((r for r in person.roles if r.id == session.role_id), None)
    institution = None
    if role is not None and role.unit_id is not None and role.level == 3:
        found = await held.store.institutions.find_one({"_id": role.institution_id})
        institution = Institution.model_validate(found) if found else None
    # A role the sign-in is not enough for counts as none chosen.
    role_id = session.role_id if session.role_id and suffices(session.acr, session.role_id) else None
    return who_is(
        person,
        role_id,
        institution,
        scope["state"]["now"],
        session_key=session.id,
        acr=session.acr or "",
        auth_time=session.auth_time,
        origin=scope["state"]["origin"],
    )


def origin_of(scope: Scope, held: Runtime) -> str:
    """The address of the client; a forwarded one only from a proxy we run."""
    client = scope["client"][0] if scope["client"] else ""
    if client in held.settings.trusted_proxies:
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                return value.decode("latin-1").split(",")[-1].strip()[:45]
    return client


def _cookies(scope: Scope) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _language(chosen: str) -> str:
    """The language chosen before; Latvian for everybody who never chose."""
    return chosen if chosen in LANGUAGES else "lv"


def _carry_notice(message: Message, state: dict[str, object], *, demo: bool) -> None:
    """A notice crosses one redirect in a short cookie and is gone once shown: a code, never free text."""
    headers = MutableScopeHeaders.from_message(message)
    if flash := state.get("flash"):
        cookie = made_cookie(Kept.NOTICE, str(flash), demo=demo, max_age=60)
    elif state.get("notice") and message["status"] == 200 and state.get("notice_shown"):  # type: ignore[typeddict-item]
        cookie = made_cookie(Kept.NOTICE, "", demo=demo, max_age=0)
    else:
        return
    headers.add("Set-Cookie", cookie.to_header(header=""))
