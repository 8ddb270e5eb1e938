"""Signing in and out, choosing the role, choosing the language."""

from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from auth.access import entry_for
from auth.assurance import needed, suffices
from auth.flow import open_leaving, seal_leaving
from auth.oidc import ProviderUnavailable, SignInFailed, new_flow, open_flow, safe_return_path, seal_flow
from auth.permissions import Permission
from auth.tokens import TokenRefused
from auth.who import FAMILY_ROLE, Who, who_is
from documents.acts import Act
from documents.classifiers import classifiers
from portal.cookies import Kept, cookie_name, made_cookie
from portal.guard import SignInFirst
from portal.page import Request, page, refused
from portal.runtime import Runtime, runtime
from portal.sign_in.arrival import TurnedAway, arrive, has_family
from portal.sign_in.backchannel import end_what_ended
from portal.sign_in.means import means_on
from portal.sign_in.people import people_with_password
from portal.sign_in.step_up import come_back
from portal.translations import N_, gettext, language

log = structlog.get_logger("sign_in")


class SignInController(Controller):
    """`/sign-in`, `/roles`, `/sign-out`."""

    @get("/sign-in", name="sign_in", opt={"permission": Permission.PUBLIC})
    async def start(self, request: Request) -> Response[Any]:
        """Lead to the identity provider, by way of the means chosen where there are several; what is needed on return
        waits in a short encrypted cookie."""
        held = runtime(request)
        back = safe_return_path(request.query_params.get("return", "/desk"))
        means, chosen = means_on(held.settings), request.query_params.get("with", "")
        if means and chosen not in {one.code for one in means}:
            return page(request, "sign_in/means.html", means=means, back=back)
        person = request.query_params.get("as", "")
        if held.demo_password and not person:
            return await people_with_password(request, back)
        flow = new_flow(back)
        hint = {"kc_idp_hint": chosen} if means else {"login_hint": person} if held.demo_password else {}
        address = await held.oidc.authorization_url(held.settings.callback_url, flow, **hint)
        answer: Response[Any] = Redirect(address, status_code=303)
        answer.set_cookie(_cookie(held, Kept.FLOW, seal_flow(flow, held.cookie_key, held.now()), max_age=600))
        return answer

    @get("/sign-in/callback", name="sign_in_callback", opt={"permission": Permission.PUBLIC})
    async def finish(self, request: Request) -> Response[Any]:
        """Back from the identity provider: a new session under a new id."""
        held = runtime(request)
        now = held.now()
        flow = open_flow(request.cookies.get(cookie_name(Kept.FLOW, demo=held.settings.demo), ""), held.cookie_key, now)
        if flow is None:
            return _not_signed_in(request, "too_late")
        params = request.query_params
        try:
            identity = await held.oidc.exchange(
                params.get("code", ""), params.get("state", ""), flow, held.settings.callback_url, now
            )
        except SignInFailed:
            return _not_signed_in(request, "cancelled" if params.get("error") == "access_denied" else "not_believed")
        if flow.proves:
            return await come_back(request, flow, identity)
        who = await arrive(held, identity, now, request.scope["state"]["origin"])
        if isinstance(who, TurnedAway):
            answer = _not_signed_in(request, who.reason)
            # The provider still knows them: the next try would end here again, unasked.
            sealed = seal_leaving(identity.id_token, held.cookie_key, now)
            answer.set_cookie(_cookie(held, Kept.FLOW, sealed, max_age=600))
            return answer
        token, _ = await held.sessions.open(
            now,
            person_id=who.person_id,
            sub=identity.sub,
            id_token=identity.id_token,
            sid=identity.sid,
            acr=identity.acr,
            auth_time=identity.auth_time,
            role_id=_role_id(who),
            replacing=request.cookies.get(held.settings.cookie_name),
        )
        choice = "/roles" if flow.return_path == "/desk" else f"/roles?{urlencode({'next': flow.return_path})}"
        answer = Redirect(flow.return_path if _role_id(who) else choice, status_code=303)
        answer.set_cookie(_cookie(held, Kept.SESSION, token))
        answer.set_cookie(_cookie(held, Kept.FLOW, "", max_age=0))
        return answer

    @get("/sign-in/again", name="sign_in_again", opt={"permission": Permission.PUBLIC})
    async def again(self, request: Request) -> Response[Any]:
        """Somebody we refused leaves the provider too, to sign in as another or by other means."""
        held = runtime(request)
        kept = request.cookies.get(cookie_name(Kept.FLOW, demo=held.settings.demo))
        id_token = open_leaving(kept, held.cookie_key, held.now())
        address = await held.oidc.end_session_url(id_token, held.settings.sign_in_url) if id_token else "/sign-in"
        answer: Response[Any] = Redirect(address, status_code=303)
        answer.set_cookie(_cookie(held, Kept.FLOW, "", max_age=0))
        return answer

    @get("/roles", name="roles", opt={"permission": Permission.SIGNED_IN})
    async def roles(self, request: Request) -> Response[Any]:
        """Choose the role to act in; several may be held, one at a time is used."""
        return page(request, "sign_in/roles.html", **await _choice(request))

    @post("/roles", name="choose_role", opt={"permission": Permission.SIGNED_IN})
    async def choose(self, request: Request) -> Response[Any]:
        """Act in another role from now on: the session gets a new id."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        wanted = (await request.form()).get("role", "")
        chosen = who_is(who.person, str(wanted), None, now)
        role_id = _role_id(chosen)
        if role_id is None or not suffices(who.acr, role_id):
            return refused(
                request, "sign_in/roles.html", "main", **await _choice(request, N_("Choose one of your roles."))
            )
        await held.store.audit.record(entry_for(chosen, Act.ROLE_CHOSEN, now, origin=who.origin or None))
        renewed = await held.sessions.renew(request.scope["state"]["session"], now, role_id=role_id)
        if renewed is None:
            raise SignInFirst
        token, _ = renewed
        back = safe_return_path(str((await request.form()).get("back", "")), "/desk")
        answer: Response[Any] = Redirect(back, status_code=303)
        answer.set_cookie(_cookie(held, Kept.SESSION, token))
        return answer

    @post("/sign-out", name="sign_out", opt={"permission": Permission.SIGNED_IN})
    async def sign_out(self, request: Request) -> Response[Any]:
        """End the session here and at the identity provider, and go to the start or to signing in by other means."""
        held, who = runtime(request), request.scope["state"]["who"]
        session = request.scope["state"]["session"]
        await held.sessions.end(session.id, held.now())
        await held.store.audit.record(entry_for(who, Act.SESSION_ENDED, held.now()))
        other = (await request.form()).get("then") == "sign-in"
        after = held.settings.sign_in_url if other else f"{held.settings.public_url}/"
        try:
            address = await held.oidc.end_session_url(session.id_token, after)
        except ProviderUnavailable:
            address = "/"  # ours has ended; the provider's ends by itself
        answer: Response[Any] = Redirect(address, status_code=303, headers={"Clear-Site-Data": '"cache", "storage"'})
        answer.set_cookie(_cookie(held, Kept.SESSION, "", max_age=0))
        return answer

    @post(
        "/sign-out/backchannel",
        name="sign_out_backchannel",
        status_code=200,
        opt={"permission": Permission.PUBLIC, "csrf": "checked by the protocol"},
    )
    async def signed_out_elsewhere(self, request: Request) -> Response[Any]:
        """The identity provider ends sessions; only its signed word counts, and once."""
        held = runtime(request)
        try:
            await end_what_ended(held, str((await request.form()).get("logout_token", "")), held.now())
        except TokenRefused as error:
            log.warning("logout_token_refused", reason=str(error))
            return Response({"error": "invalid_request"}, status_code=400)
        return Response(b"", status_code=200)

    @post("/language/{code:str}", name="language", opt={"permission": Permission.PUBLIC})
    async def speak(self, request: Request, code: FromPath[str]) -> Response[Any]:
        """Speak Latvian or English from now on, on the page one came from."""
        held = runtime(request)
        back = str((await request.form()).get("next", "/"))
        answer: Response[Any] = Redirect(safe_return_path(back), status_code=303)
        if code not in ("lv", "en"):
            raise HTTPException(status_code=404)
        answer.set_cookie(_cookie(held, Kept.LANGUAGE, code, max_age=31_536_000))
        return answer


def _role_id(who: Who) -> str | None:
    if who.in_family_role:
        return FAMILY_ROLE
    return who.role.id if who.role else None


async def _choice(request: Request, problem: str = "") -> dict[str, Any]:
    who: Who = request.scope["state"]["who"]
    held = runtime(request)
    titles = [
        (role, classifiers().positions[role.position].label(language()), suffices(who.acr, role.id))
        for role in who.roles
    ]
    return {
        "family_enough": suffices(who.acr, FAMILY_ROLE),
        "levels": {role_id: _level(role_id) for role_id in ("staff", FAMILY_ROLE)},
        "roles": titles,
        "family": await has_family(held.store, who.person, held.now()),
        "current": _role_id(who),
        "problem": gettext(problem) if problem else "",
        "family_role": FAMILY_ROLE,
        "next": safe_return_path(request.query_params.get("next"), "/desk"),
    }


def _level(role_id: str) -> str:
    return classifiers().assurance_levels[needed(role_id)].label(language())


def _not_signed_in(request: Request, reason: str) -> Response[Any]:
    log.warning("sign_in_refused", reason=reason)
    return page(request, "sign_in/failed.html", status=403, reason=reason)


def _cookie(held: Runtime, which: Kept, value: str, max_age: int | None = None) -> Cookie:
    return made_cookie(which, value, demo=held.settings.demo, max_age=max_age)
