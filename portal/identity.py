"""Who is asking: the session cookie becomes a person in a role, at each request, from the present state."""

from http.cookies import CookieError, SimpleCookie

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from pymongo.errors import PyMongoError

from auth.sessions import Session
from auth.who import Who, who_is
from documents.institution import Institution
from documents.person import Person
from portal.runtime import Runtime
from portal.translations import LANGUAGES, set_language
from portal.viewer import viewer_of

NOTICE_COOKIE = "atbalsts_notice"
# The notices a redirect may carry: a code in a cookie, never free text.
POLLING_HEADER = b"x-polling"


class Identity:
    """ASGI middleware: sets `session`, `who`, `viewer`, `language`, `now`, `demo` in the request's state."""

    def __init__(self, app: ASGIApp, held: Runtime) -> None:
        self.app, self.held = app, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Recognise the person; anonymous requests leave no trace."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        held, state = self.held, scope["state"]
        cookies = _cookies(scope)
        state["now"] = held.now()
        state["demo"] = held.settings.demo
        state["language"] = set_language(_language(cookies, scope))
        state["notice"] = cookies.get(NOTICE_COOKIE, "")
        state["origin"] = _origin(scope, held)
        token = cookies.get(held.settings.cookie_name)
        if token and not scope["path"].startswith("/assets/"):
            try:
                await _recognise(held, scope, token)
            except PyMongoError as error:
                state["unrecognised"] = error  # pages for everybody still open; the guard refuses the others

        async def send_with_notice(message: Message) -> None:
            if message["type"] == "http.response.start":
                _carry_notice(message, state, secure=not held.settings.demo)
            await send(message)

        await self.app(scope, receive, send_with_notice)


async def _recognise(held: Runtime, scope: Scope, token: str) -> None:
    state = scope["state"]
    polling = any(name == POLLING_HEADER for name, _ in scope["headers"])
    session = await held.sessions.find(token, state["now"], polling=polling)
    if session is None:
        state["lapsed"] = await held.sessions.lapsed(token, state["now"])
        return
    who = await who_in(held, session, scope)
    if who is None:
        return
    state["session"], state["who"] = session, who
    state["viewer"] = viewer_of(who, state["language"])


async def who_in(held: Runtime, session: Session, scope: Scope) -> Who | None:
    """Return the person of a session as people and roles stand now; none when the account is gone."""
    row = await held.store.people.find_one({"_id": session.person_id})
    if row is None or row.get("deactivated"):
        return None
    person = Person.model_validate(row)
    role = next((r for r in person.roles if r.id == session.role_id), None)
    institution = None
    if role is not None and role.unit_id is not None and role.level == 3:
        found = await held.store.institutions.find_one({"_id": role.institution_id})
        institution = Institution.model_validate(found) if found else None
    return who_is(
        person,
        session.role_id,
        institution,
        scope["state"]["now"],
        session_key=session.id,
        acr=session.acr or "",
        auth_time=session.auth_time,
        origin=scope["state"]["origin"],
    )


def _origin(scope: Scope, held: Runtime) -> str:
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


def _language(cookies: dict[str, str], scope: Scope) -> str:
    """The language chosen before; Latvian for everybody who never chose."""
    chosen = cookies.get("language", "")
    return chosen if chosen in LANGUAGES else "lv"


def _carry_notice(message: Message, state: dict[str, object], *, secure: bool) -> None:
    """A notice crosses one redirect in a short cookie and is gone once shown."""
    headers = MutableScopeHeaders.from_message(message)
    tail = f"; Path=/; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
    if flash := state.get("flash"):
        headers.add("Set-Cookie", f"{NOTICE_COOKIE}={flash}; Max-Age=60{tail}")
    elif state.get("notice") and message["status"] == 200 and state.get("notice_shown"):  # type: ignore[typeddict-item]
        headers.add("Set-Cookie", f"{NOTICE_COOKIE}=; Max-Age=0{tail}")
