"""Decisions about one child: the list, drafting one, writing it anew, deleting it."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from auth.access import LONGEST_ID, Forbidden, NotFound, Opened, record_look, record_refusal
from auth.decisions import drafts_here
from auth.reasons import NOT_YOUR_SECTION
from documents.acts import Act
from documents.classifiers import DecisionKind, classifiers
from documents.decision import CourtDecision, decisions_about, find_decision
from documents.model import day_of
from documents.store import Changed
from portal.decisions.actions import change_draft, discard_draft, draft_decision, find_carers
from portal.decisions.form import choices_for, form_context, values_of
from portal.decisions.opening import ALL, DRAFT, ONE, ONE_FORM, READ, open_child, open_draft
from portal.decisions.rules import Refused, read_decision
from portal.decisions.view import lines_of
from portal.dossier.header import header_of
from portal.events.rules import Message, Values, number_in, one
from portal.forms import read_form, submission_of
from portal.page import Request, changed, page, refused
from portal.runtime import runtime
from portal.translations import language
from portal.typed_before import typed_before

NEW_FORM = "/dossiers/{dossier_id}/decisions/new"
SEVERAL = {"concerned", "parties", "addressed_to", "protect_from"}  # boxes: as many as fit


class DecisionController(Controller):
    """`/dossiers/{id}/decisions`, `…/new`, `…/{id}/draft`, `…/{id}/discard`."""

    @get(ALL, name="decisions", opt={"permission": READ})
    async def decisions(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """All decisions the person sees, the newest first."""
        opened = await open_child(request, dossier_id, READ)
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
        opened = await open_child(request, dossier_id, DRAFT)
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
        opened = await open_child(request, dossier_id, DRAFT)
        kind = classifiers().decision_kinds.get(code)
        if kind is None:
            raise NotFound
        await record_look(runtime(request).store, opened)
        return await _form(request, opened, kind, {}, {})

    @post(ALL, name="draft_decision", opt={"permission": DRAFT, "draft": NEW_FORM, "many": SEVERAL})
    async def draft(self, request: Request, dossier_id: FromPath[str]) -> Response[Any]:
        """Save a new draft."""
        opened, held = await open_child(request, dossier_id, DRAFT), runtime(request)
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

    @get(ONE + "/draft", name="decision_draft_form", opt={"permission": DRAFT})
    async def draft_form(
        self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]
    ) -> Response[Any]:
        """The draft again, to be written anew."""
        opened, decision = await open_draft(request, dossier_id, decision_id, Act.DECISION_READ)
        await record_look(runtime(request).store, opened, act=Act.DECISION_READ)
        typed = await typed_before(request, ONE_FORM.format(dossier_id=dossier_id, decision_id=decision_id) + "/draft")
        values = typed or await values_of(runtime(request).store, decision)
        return await _form(request, opened, classifiers().decision_kinds[decision.kind], values, {}, decision)

    @post(
        ONE + "/draft", name="change_decision", opt={"permission": DRAFT, "draft": ONE_FORM + "/draft", "many": SEVERAL}
    )
    async def change(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """Save the draft anew."""
        held, (values, _) = runtime(request), await read_form(request)
        if await find_decision(held.store, dossier_id, decision_id) is None:
            return await _gone(request, await open_child(request, dossier_id, DRAFT), values)
        opened, before = await open_draft(request, dossier_id, decision_id, Act.DECISION_CHANGED)
        kind = classifiers().decision_kinds[before.kind]
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

    @get(ONE + "/discard", name="discard_form", opt={"permission": DRAFT})
    async def ask(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """Ask once before a draft is deleted."""
        opened, draft = await open_draft(request, dossier_id, decision_id, Act.DECISION_READ)
        return await _discarding(request, opened, draft)

    @post(ONE + "/discard", name="discard_decision", opt={"permission": DRAFT})
    async def discard(self, request: Request, dossier_id: FromPath[str], decision_id: FromPath[str]) -> Response[Any]:
        """Delete the draft as it was read; one that is gone already stays so."""
        opened, store = await open_child(request, dossier_id, DRAFT, decision_id[:LONGEST_ID]), runtime(request).store
        values, _ = await read_form(request)
        draft = await find_decision(store, dossier_id, decision_id)
        if draft is None:
            return changed(request, f"/dossiers/{dossier_id}/decisions", "decision_discarded")
        if not drafts_here(opened.who, opened.access, draft):
            await record_refusal(store, opened, DRAFT, NOT_YOUR_SECTION, act=Act.DECISION_DISCARDED)
            raise Forbidden(NOT_YOUR_SECTION)
        try:
            await discard_draft(store, opened.who, dossier_id, decision_id, number_in(values), opened.now)
        except Changed:
            draft = await find_decision(store, dossier_id, decision_id)
            if draft is not None and not draft.issued:
                return await _discarding(request, opened, draft, status=409)
            return changed(request, f"/dossiers/{dossier_id}/decisions/{decision_id}")
        return changed(request, f"/dossiers/{dossier_id}/decisions", "decision_discarded")


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


async def _discarding(request: Request, opened: Opened, draft: CourtDecision, status: int = 200) -> Response[Any]:
    """The question; with 409 the draft is another one than was read."""
    await record_look(runtime(request).store, opened, act=Act.DECISION_READ)
    kind = classifiers().decision_kinds[draft.kind].label(language()).capitalize()
    context = {"child": header_of(opened), "here": "decisions", "draft": draft, "kind": kind}
    return page(request, "decisions/discard.html", status=status, conflict=status == 409, **context)


async def _gone(request: Request, opened: Opened, values: Values) -> Response[Any]:
    """Somebody deleted the draft meanwhile: what was typed stays, and may be saved as a new one."""
    kind = classifiers().decision_kinds.get(one(values, "kind"))
    if kind is None:
        raise NotFound
    await record_look(runtime(request).store, opened)
    context = form_context(opened, kind, await choices_for(runtime(request).store, opened, kind), values, {})
    return page(request, "decisions/form.html", status=409, gone=True, **context)


async def _conflict(
    request: Request, opened: Opened, values: Values, dossier_id: str, decision_id: str
) -> Response[Any]:
    """Somebody saved first: what was typed stays in the form, what stands now is shown above it."""
    store = runtime(request).store
    draft = await find_decision(store, dossier_id, decision_id)
    if draft is None:
        return await _gone(request, opened, values)
    if draft.issued:
        return changed(request, f"/dossiers/{dossier_id}/decisions/{decision_id}")
    await record_look(store, opened, act=Act.DECISION_READ)
    kind = classifiers().decision_kinds[draft.kind]
    choices, theirs = await choices_for(store, opened, kind, draft), await values_of(store, draft)
    context = form_context(opened, kind, choices, values, {}, draft, conflict=theirs)
    return page(request, "decisions/form.html", status=409, **context)
