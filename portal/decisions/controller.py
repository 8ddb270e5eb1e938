"""Decisions about one child: the list, one with its letter and file, drafting, issuing."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from auth.access import LONGEST_ID, Forbidden, NotFound, Opened, dossier_for, record_look, record_refusal
from auth.decisions import drafts_here, reads_decision
from auth.permissions import Permission
from auth.reasons import NOT_YOUR_SECTION
from documents.acts import Act
from documents.classifiers import DecisionKind, classifiers
from documents.decision import CourtDecision, decisions_about, find_decision
from documents.file_names import attachment_header
from documents.files import FileGone, open_file
from documents.model import day_of
from documents.store import Changed
from portal.decisions.actions import change_draft, draft_decision, find_carers, find_named, person_of, words_of
from portal.decisions.form import choices_for, form_context, values_of
from portal.decisions.issuing import issue_decision
from portal.decisions.letter import Letter, letter_of
from portal.decisions.rules import Refused, read_decision
from portal.decisions.view import effects_in_words, later_in_words, line_of, lines_of
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, Values, number_in, one
from portal.forms import read_form, submission_of
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import language, translations
from portal.typed_before import typed_before

DRAFT, READ = Permission.DECISION_DRAFT, Permission.DECISIONS_READ
ALL = "/dossiers/{dossier_id:str}/decisions"
ONE = ALL + "/{decision_id:str}"
NEW_FORM = "/dossiers/{dossier_id}/decisions/new"
SEVERAL = {"concerned", "parties", "addressed_to", "protect_from"}  # boxes: as many as fit
ONE_FORM = "/dossiers/{dossier_id}/decisions/{decision_id}"


class DecisionController(Controller):
    """`/dossiers/{id}/decisions…`."""

    @get(ALL, name="decisions", opt={"permission": READ})
    async def decisions(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """All decisions the person sees, the newest first."""
        opened = await _opened(request, dossier_id, READ)
        await record_look(runtime(request).store, opened, act=Act.DECISION_READ)
        found = await decisions_about(runtime(request).store, [dossier_id])
        return page(
            request,
            "decisions/about.html",
            child=header_of(opened),
            here="decisions",
            lines=lines_of(opened, found, day_of(opened.now)),
            drafts=opened.can(DRAFT),
        )

    @get(ALL + "/new", name="decision_kinds", opt={"permission": DRAFT})
    async def kinds(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Choose what is to be decided; the form that was not taken comes back at once."""
        opened = await _opened(request, dossier_id, DRAFT)
        await record_look(runtime(request).store, opened)
        typed = await typed_before(request, NEW_FORM.format(dossier_id=dossier_id))
        if (code := one(typed, "kind")) in classifiers().decision_kinds:
            return await _form(request, opened, classifiers().decision_kinds[code], typed, {})
        kinds = [
            (k.code, k.label(language()).capitalize(), k.explained(language()))
            for k in classifiers().decision_kinds.in_force(day_of(opened.now))
        ]
        return page(request, "decisions/kinds.html", child=header_of(opened), here="decisions", kinds=kinds)

    @get(ALL + "/new/{code:str}", name="new_decision", opt={"permission": DRAFT})
    async def new(self, request: Request, dossier_id: FromPath[str], code: FromPath[str]) -> Response[Any]:
        """The empty form of a kind."""
        opened = await _opened(request, dossier_id, DRAFT)
        kind = classifiers().decision_kinds.get(code)
        if kind is None:
            raise NotFound
        await record_look(runtime(request).store, opened)
        return await _form(request, opened, kind, {}, {})

    @post(ALL, name="draft_decision", opt={"permission": DRAFT, "draft": NEW_FORM, "many": SEVERAL})
    async def draft(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Save a new draft."""
        opened, held = await _opened(request, dossier_id, DRAFT), runtime(request)
        values, _ = await read_form(request)
        kind = classifiers().decision_kinds.get(one(values, "kind"))
        if kind is None:
            return changed(request, NEW_FORM.format(dossier_id=dossier_id))
        choices = await choices_for(held.store, opened, kind)
        draft, errors = read_decision(values, kind, choices, day_of(opened.now))
        if draft is None:
            return await _again(request, opened, kind, values, errors)
        try:
            carers = await find_carers(
                held.store, opened.who, draft.carer_codes, opened.now, accept_invented=held.settings.demo
            )
            decision_id = await draft_decision(
                held.store, opened.who, dossier_id, draft, carers, opened.now, submission_of(values)
            )
        except Refused as refusal:
            return await _again(request, opened, kind, values, {refusal.field: refusal.message})
        return changed(request, f"/dossiers/{dossier_id}/decisions/{decision_id}", "decision_drafted")

    @get(ONE, name="decision", opt={"permission": READ})
    async def decision(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """The decision word for word, as it stands in the sealed file; of a draft also what it would change."""
        opened, decision = await _readable(request, dossier_id, decision_id, Act.DECISION_READ)
        return page(request, "decisions/one.html", **await _shown(request, opened, decision, {}))

    @get(ONE + "/draft", name="decision_draft_form", opt={"permission": DRAFT})
    async def draft_form(
        self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]
    ) -> Response[Any]:
        """The draft again, to be written anew."""
        opened, decision = await _own_draft(request, dossier_id, decision_id, Act.DECISION_READ)
        await record_look(runtime(request).store, opened, act=Act.DECISION_READ)
        typed = await typed_before(request, ONE_FORM.format(dossier_id=dossier_id, decision_id=decision_id) + "/draft")
        values = typed or await values_of(runtime(request).store, decision)
        return await _form(request, opened, classifiers().decision_kinds[decision.kind], values, {}, decision)

    @post(
        ONE + "/draft", name="change_decision", opt={"permission": DRAFT, "draft": ONE_FORM + "/draft", "many": SEVERAL}
    )
    async def change(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """Save the draft anew."""
        opened, before = await _own_draft(request, dossier_id, decision_id, Act.DECISION_CHANGED)
        held, kind = runtime(request), classifiers().decision_kinds[before.kind]
        values, _ = await read_form(request)
        choices = await choices_for(held.store, opened, kind, before)
        draft, errors = read_decision(values, kind, choices, day_of(opened.now))
        if draft is None:
            return await _again(request, opened, kind, values, errors, before)
        try:
            carers = await find_carers(
                held.store, opened.who, draft.carer_codes, opened.now, accept_invented=held.settings.demo
            )
            version = number_in(values)
            await change_draft(held.store, opened.who, dossier_id, decision_id, version, draft, carers, opened.now)
        except Refused as refusal:
            return await _again(request, opened, kind, values, {refusal.field: refusal.message}, before)
        except Changed:
            return await _conflict(request, opened, values, dossier_id, decision_id)
        return changed(request, f"/dossiers/{dossier_id}/decisions/{decision_id}", "decision_drafted")

    @post(ONE + "/issue", name="issue_decision", opt={"permission": DRAFT, "step_up": True, "draft": ONE_FORM})
    async def issue(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """Issue it: number, seal, effects."""
        held, who = runtime(request), request.scope["state"]["who"]
        values, _ = await read_form(request)
        address = f"/dossiers/{dossier_id}/decisions/{decision_id}"
        try:
            await issue_decision(held, who, dossier_id, decision_id, number_in(values))
        except (Refused, Changed) as refusal:
            opened, decision = await _readable(request, dossier_id, decision_id, Act.DECISION_READ)
            errors = {refusal.field: refusal.message} if isinstance(refusal, Refused) else {}
            context = await _shown(request, opened, decision, errors)
            if errors:
                return refused(request, "decisions/one.html", "main", **context)
            return page(request, "decisions/one.html", status=409, conflict=True, **context)
        return changed(request, address, "decision_issued")

    @get(ONE + "/file", name="decision_file", opt={"permission": READ})
    async def file(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Stream:
        """The sealed file, to be saved and never shown in the browser."""
        _, decision = await _readable(request, dossier_id, decision_id, Act.DECISION_SAVED, with_file=True)
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


async def _opened(request: Request, dossier_id: str, permission: Permission, subject: str | None = None) -> Opened:
    """Open the dossier; the look is recorded once it is known what is shown."""
    store, state = runtime(request).store, request.scope["state"]
    return await dossier_for(store, state["who"], dossier_id, permission, state["now"], subject=subject, quiet=True)


async def _readable(
    request: Request, dossier_id: str, decision_id: str, act: Act, *, with_file: bool = False
) -> tuple[Opened, CourtDecision]:
    """Return a decision this person reads, and record the look. Raises NotFound, Forbidden."""
    store = runtime(request).store
    opened = await _opened(request, dossier_id, READ, decision_id[:64])
    decision = await find_decision(store, dossier_id, decision_id)
    reads = decision is not None and reads_decision(opened.who, opened.access, decision)
    if decision is None or not reads or (with_file and decision.file is None):
        await record_refusal(store, opened, READ, NOT_YOUR_SECTION, act=act)
        raise NotFound
    await record_look(store, opened, act=act)
    return opened, decision


async def _own_draft(request: Request, dossier_id: str, decision_id: str, act: Act) -> tuple[Opened, CourtDecision]:
    """Return a draft of the own court; a refusal is recorded. Raises NotFound, also for an issued one; Forbidden."""
    store = runtime(request).store
    opened = await _opened(request, dossier_id, DRAFT, decision_id[:LONGEST_ID])
    decision = await find_decision(store, dossier_id, decision_id)
    if decision is not None and not decision.issued and drafts_here(opened.who, opened.access, decision):
        return opened, decision
    await record_refusal(store, opened, DRAFT, NOT_YOUR_SECTION, act=act)
    if decision is None or decision.issued:
        raise NotFound
    raise Forbidden(NOT_YOUR_SECTION)


async def _again(
    request: Request,
    opened: Opened,
    kind: DecisionKind,
    values: Values,
    errors: Mapping[str, Message],
    draft: CourtDecision | None = None,
) -> Response[Any]:
    """The form with what is to be put right: it names the child and the family, so the look is recorded."""
    await record_look(runtime(request).store, opened)
    return await _form(request, opened, kind, values, errors, draft)


async def _form(
    request: Request,
    opened: Opened,
    kind: DecisionKind,
    values: Values,
    errors: Mapping[str, Message],
    draft: CourtDecision | None = None,
) -> Response[Any]:
    choices = await choices_for(runtime(request).store, opened, kind, draft)
    context = form_context(opened, kind, choices, values, errors, draft)
    if errors:
        return refused(request, "decisions/form.html", "main", **context)
    return page(request, "decisions/form.html", **context)


async def _conflict(
    request: Request, opened: Opened, values: Values, dossier_id: str, decision_id: str
) -> Response[Any]:
    """Somebody saved first: what was typed stays in the form, what stands now is shown above it."""
    store = runtime(request).store
    draft = await find_decision(store, dossier_id, decision_id)
    if draft is None or draft.issued:
        return changed(request, f"/dossiers/{dossier_id}/decisions/{decision_id}")
    await record_look(store, opened, act=Act.DECISION_READ)
    kind = classifiers().decision_kinds[draft.kind]
    choices, theirs = await choices_for(store, opened, kind, draft), await values_of(store, draft)
    context = form_context(opened, kind, choices, values, {}, draft, conflict=theirs)
    return page(request, "decisions/form.html", status=409, **context)


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
