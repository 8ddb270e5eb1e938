"""The whole vocabulary of answers: page, region, changed, refused. A fragment is a block of its page."""

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from jinja2 import Template
from jinja2.runtime import Context
from litestar import MediaType, Response
from litestar.response import Redirect

from auth.sessions import csrf_token
from portal.incoming import Request as Request
from portal.templating import environment
from portal.translations import N_, gettext

COMPRESS_FROM = 1500  # bytes; below this gzip gains nothing
# What a redirect may say on the next page: a word of this list in a cookie, never free text.
NOTICES = {
    "session_ended": N_("That sign-in has ended."),
    "access_asked": N_("The request is sent. You see here when it is answered."),
    "access_denied": N_("The denial is on the list; it acts at once."),
    "access_given": N_("Access is given; it acts at once."),
    "access_refused": N_("The request is refused."),
    "access_revoked": N_("Access is taken back; it acts at once."),
    "denial_lifted": N_("The denial is lifted."),
    "denial_reviewed": N_("The denial is marked as reviewed."),
    "account_saved": N_("It is saved. It holds from the next click on."),
    "steward_proposed": N_("Another steward has to confirm this."),
    "decision_discarded": N_("The draft is deleted."),
    "decision_drafted": N_("The draft is saved. Read it through before you issue it."),
    "decision_issued": N_("The decision is issued. What it changes holds from the day it is in force."),
    "draft_kept": N_("The draft is kept."),
    "contacts_changed": N_("The contacts are saved."),
    "base_changed": N_("The base data are saved."),
    "emergency_opened": N_("The dossier is open to you for 24 hours. The case manager and those above were told."),
    "emergency_reviewed": N_("The review is saved. The access has ended."),
    "assessment_saved": N_("The assessment is completed."),
    "assessment_corrected": N_("The correction is saved."),
    "assessment_withdrawn": N_("The assessment is withdrawn."),
    "event_saved": N_("The entry is saved."),
    "event_corrected": N_("The correction is saved."),
    "event_withdrawn": N_("The entry is withdrawn."),
    "level_changed": N_("The level is set."),
    "meeting_set": N_("The meeting is set. The family and the team were told."),
    "meeting_off": N_("The meeting is called off. The family and the team were told."),
    "team_changed": N_("The team is changed. Those concerned were told."),
    "plan_begun": N_("A new version is begun. Change it, then propose it to the family."),
    "plan_changed": N_("The plan is saved."),
    "plan_proposed": N_("The plan is proposed. The family was told."),
    "plan_taken_back": N_("The plan is a draft again."),
    "plan_answered": N_("Thank you. Your word is written down."),
    "plan_word": N_("The word is written down."),
    "plan_in_force": N_("The plan is in force. Everybody with a task was told."),
    "task_reported": N_("It is written down. Thank you!"),
    "cases_handed": N_("The cases are handed over. Those concerned were told."),
    "message_sent": N_("The message is sent."),
    "question_asked": N_("The question is sent. You are told when it is answered."),
    "question_closed": N_("The question is closed."),
    "manager_declined_already": N_("You declined already. Who named you was told."),
    "family_manager_named": N_("It is saved. Those concerned were told."),
    "people_named": N_("It is saved. Those concerned were told."),
    "manager_named": N_("The person is asked to lead the case; it changes when they accept."),
    "manager_accepted": N_("You lead this case now."),
    "manager_declined": N_("You declined. Who named you was told."),
    "dossier_opened": N_("The dossier is open. You are responsible for now."),
    "report_sent": N_("The report is sent. You see here what becomes of it."),
    "report_sent_danger": N_("The report is sent. If somebody is in danger now, call 112 too."),
    "report_sent_further": N_(
        "The report is sent. The municipality you named has no institution for it, so one of the State decides."
    ),
    "report_nowhere": N_("The report is kept, but no institution for it was found. Call 116 111, in danger 112."),
    "report_acknowledged": N_("The report is yours. Decide it, or ask the head to hand it to somebody else."),
    "report_noted": N_("It is noted that you have read the report."),
    "report_handed_over": N_("The report waits for the person you named."),
    "report_referred": N_("The report is with the other institution now."),
    "report_closed": N_("The report is closed; whoever sent it sees that."),
    "report_taken_up": N_("It is noted: the open case goes on with it."),
    "report_child_named": N_("It is noted which child the report is about."),
    "concern_reported": N_("A dossier is open already: your words went to the case manager."),
}


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response[bytes]:
    """Answer with a whole page; for htmx with its `main` block, which the browser swaps in."""
    return _answer(request, _whole(environment().get_template(template), _context(request, context)), status)


def region(
    request: Request, template: str, block: str | Sequence[str], status: int = 200, **context: Any
) -> Response[bytes]:
    """Answer with one or several blocks of a page (further ones carry hx-swap-oob themselves)."""
    names = [block] if isinstance(block, str) else list(block)
    return _answer(request, _blocks(environment().get_template(template), names, _context(request, context)), status)


def changed(request: Request, address: str, notice: str = "") -> Response[Any]:
    """A change was made: see other. htmx follows the same way, so the page shows what is now true."""
    if notice:
        request.scope["state"]["flash"] = notice
    if request.htmx:
        return Response(b"", status_code=200, headers={"HX-Redirect": quote(address, safe="/?&=#%:")})
    return Redirect(address, status_code=303)


def refused(request: Request, template: str, block: str, **context: Any) -> Response[bytes]:
    """The same form again with what to put right; nothing typed is lost."""
    if request.htmx:
        return region(request, template, block, status=422, **context)
    return page(request, template, status=422, **context)


def _whole(template: Template, context: dict[str, Any]) -> str:
    with _shown_once(template, context) as shared:
        return "".join(template.root_render_func(shared))


def _blocks(template: Template, names: Sequence[str], context: dict[str, Any]) -> str:
    with _shown_once(template, context) as shared:
        return "".join("".join(template.blocks[name](shared)) for name in names)


@contextmanager
def _shown_once(template: Template, context: dict[str, Any]) -> Iterator[Context]:
    """What a template is given, forgotten as soon as the page is made.

    Jinja's macros and their context hold each other: a whole life course would wait for the garbage collector.
    """
    shared = template.new_context(context)
    try:
        yield shared
    finally:
        shared.parent.clear()
        shared.vars.clear()


def _context(request: Request, context: dict[str, Any]) -> dict[str, Any]:
    state = request.scope["state"]
    session = state.get("session")
    notice = NOTICES.get(state.get("notice", ""), "")
    state["notice_shown"] = bool(notice)
    return {
        "lang": state["language"],
        "viewer": state.get("viewer"),
        "csrf": csrf_token(session) if session else "",
        "seconds_left": session.seconds_left(state["now"]) if session else 0,
        "demo": state["demo"],
        "path": request.scope["path"],
        "now": state["now"],
        "notice": gettext(notice) if notice else "",
        **context,
    }


def _answer(request: Request, html: str, status: int) -> Response[bytes]:
    body = html.encode()
    headers = {"Vary": "HX-Request, Accept-Encoding, Cookie"}
    if len(body) > COMPRESS_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        # Tokens in the page are masked anew each time, so its length tells nothing (BREACH).
        body = gzip.compress(body, 4)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status_code=status, media_type=MediaType.HTML, headers=headers)
