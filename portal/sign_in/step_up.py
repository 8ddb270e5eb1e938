"""Proving anew who one is: to the identity provider and back to the form, with nothing typed lost."""

from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Controller, Response, get
from litestar.response import Redirect

from auth.access import entry_for
from auth.oidc import Identity, SignInFlow, new_flow, safe_return_path, seal_flow
from auth.permissions import Permission
from auth.step_up import ASKED, accepted
from documents.acts import Act
from portal.cookies import Kept, made_cookie
from portal.guard import SignInFirst
from portal.page import Request, page
from portal.runtime import runtime

log = structlog.get_logger("sign_in")


class StepUpController(Controller):
    """`/step-up`."""

    @get("/step-up", name="step_up", opt={"permission": Permission.SIGNED_IN})
    async def explain(self, request: Request) -> Response[Any]:
        """Why it is asked, and the way to the provider: by a link, for a form would not be let go there."""
        back = safe_return_path(request.query_params.get("return"), "/desk")
        return page(
            request, "sign_in/step_up.html", begin=f"/step-up/begin?{urlencode({'return': back})}", failed=False
        )

    @get("/step-up/begin", name="step_up_begin", opt={"permission": Permission.SIGNED_IN})
    async def begin(self, request: Request) -> Response[Any]:
        """Lead to the provider; the flow remembers which stay is proved."""
        held = runtime(request)
        back = safe_return_path(request.query_params.get("return"), "/desk")
        session, who = request.scope["state"]["session"], request.scope["state"]["who"]
        flow = new_flow(back, proves=session.id)
        # By the same means as before: others would be another subject.
        broker = next((one.provider for one in who.person.identities if one.subject == session.sub), "")
        means = {"kc_idp_hint": broker} if broker in held.settings.sign_in_with else {}
        address = await held.oidc.authorization_url(held.settings.callback_url, flow, **ASKED, **means)
        answer: Response[Any] = Redirect(address, status_code=303)
        sealed = seal_flow(flow, held.cookie_key, held.now())
        answer.set_cookie(made_cookie(Kept.FLOW, sealed, demo=held.settings.demo, max_age=600))
        return answer


async def come_back(request: Request, flow: SignInFlow, identity: Identity) -> Response[Any]:
    """The same stay under a new id with its new proof, or as it was with the reason why it is not proved."""
    held, state = runtime(request), request.scope["state"]
    session, who, now = state.get("session"), state.get("who"), held.now()
    if session is None or who is None or session.id != flow.proves:
        raise SignInFirst(flow.return_path)
    entry = entry_for(who, Act.SESSION_STEPPED_UP, now)
    if not accepted(identity, session, now):
        log.warning("step_up_refused")
        await held.store.audit.record(entry.model_copy(update={"outcome": "refused", "reason": "not_proved"}))
        begin = f"/step-up/begin?{urlencode({'return': flow.return_path})}"
        return page(request, "sign_in/step_up.html", status=403, begin=begin, failed=True)
    await held.store.audit.record(entry)
    renewed = await held.sessions.renew(session, now, acr=identity.acr, auth_time=identity.auth_time)
    if renewed is None:
        raise SignInFirst(flow.return_path)
    answer: Response[Any] = Redirect(flow.return_path, status_code=303)
    answer.set_cookie(made_cookie(Kept.SESSION, renewed[0], demo=held.settings.demo))
    answer.set_cookie(made_cookie(Kept.FLOW, "", demo=held.settings.demo, max_age=0))
    return answer
