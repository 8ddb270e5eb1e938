"""One decision: its letter, its sealed file, issuing it."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from auth.access import NotFound, Opened
from auth.decisions import drafts_here, reads_decision
from documents.acts import Act
from documents.decision import CourtDecision, decisions_about
from documents.file_names import attachment_header
from documents.files import FileGone, open_file
from documents.model import day_of
from documents.store import Changed
from portal.decisions.actions import find_named, person_of, words_of
from portal.decisions.issuing import issue_decision
from portal.decisions.letter import Letter, letter_of
from portal.decisions.opening import DRAFT, ONE, ONE_FORM, READ, open_decision
from portal.decisions.rules import Refused
from portal.decisions.view import effects_in_words, later_in_words, line_of
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, number_in
from portal.forms import read_form
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import translations


class OneDecisionController(Controller):
    """`/dossiers/{id}/decisions/{id}`, `…/issue`, `…/file`."""

    @get(ONE, name="decision", opt={"permission": READ})
    async def decision(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """The decision word for word, as it stands in the sealed file; of a draft also what it would change."""
        opened, decision = await open_decision(request, dossier_id, decision_id, Act.DECISION_READ)
        return page(request, "decisions/one.html", **await _shown(request, opened, decision, {}))

    @post(ONE + "/issue", name="issue_decision", opt={"permission": DRAFT, "step_up": True, "draft": ONE_FORM})
    async def issue(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """Issue it: number, seal, effects."""
        held, who = runtime(request), request.scope["state"]["who"]
        values, _ = await read_form(request)
        address = f"/dossiers/{dossier_id}/decisions/{decision_id}"
        try:
            await issue_decision(held, who, dossier_id, decision_id, number_in(values))
        except (Refused, Changed) as refusal:
            opened, decision = await open_decision(request, dossier_id, decision_id, Act.DECISION_READ)
            errors = {refusal.field: refusal.message} if isinstance(refusal, Refused) else {}
            context = await _shown(request, opened, decision, errors)
            if errors:
                return refused(request, "decisions/one.html", "main", **context)
            return page(request, "decisions/one.html", status=409, conflict=True, **context)
        return changed(request, address, "decision_issued")

    @get(ONE + "/file", name="decision_file", opt={"permission": READ})
    async def file(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Stream:
        """The sealed file, to be saved and never shown in the browser."""
        _, decision = await open_decision(request, dossier_id, decision_id, Act.DECISION_SAVED, with_file=True)
        if decision.file is None:
            raise NotFound
        try:
            content = await open_file(runtime(request).store, decision.file.file_id)
        except FileGone as error:
            raise NotFound from error
        headers = {
            "Content-Disposition": attachment_header(decision.file.name),
            "Content-Length": str(decision.file.size),
            "X-Content-Type-Options": "nosniff",
        }
        return Stream(content, media_type=decision.file.media_type, headers=headers)


async def _shown(
    request: Request, opened: Opened, decision: CourtDecision, errors: Mapping[str, Message]
) -> dict[str, Any]:
    """What the page of one decision needs: the letter as issued, or as it would be."""
    store, today, effects = runtime(request).store, day_of(opened.now), list[str]()
    words = await words_of(store, decision)
    links = {each.id: each for each in await decisions_about(store, [decision.dossier_id])}
    if decision.issued:
        letter = Letter.model_validate(words["letter"])
    else:
        named = await find_named(store, decision, lambda person_id: person_of(store, person_id))
        said = (str(words["reasons"]), str(words["terms"]))
        letter = letter_of(opened.dossier, decision, named, said, "", today, opened.who.person.name)
        others = [each for each in links.values() if each.issued]
        effects = effects_in_words(opened.dossier, decision, named, others, today)
    mine = drafts_here(opened.who, opened.access, decision)

    def other(decision_id: str | None) -> CourtDecision | None:
        found = links.get(decision_id or "")
        return found if found and reads_decision(opened.who, opened.access, found) else None

    return {
        "child": header_of(opened),
        "here": "decisions",
        "decision": decision,
        "line": line_of(decision, today, reads=True, mine=mine),
        "letter": letter,
        "effects": effects,
        "earlier": other(decision.replaces),
        "later": other(decision.replaced_by or decision.ended_by),
        "ended": later_in_words(decision, today),
        "errors": {name: say(message) for name, message in errors.items()},
        "lv": translations("lv").gettext,
    }
