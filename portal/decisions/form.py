"""The form of a draft: what it may name, what it says already, what is to be put right."""

from collections.abc import Mapping
from typing import Any

from auth.access import Opened
from documents.classifiers import DecisionKind, classifiers
from documents.decision import CourtDecision
from documents.model import day_of, new_id
from documents.store import Store
from portal.decisions.actions import issued_about, person_of, words_of
from portal.decisions.effects import take_back
from portal.decisions.rules import Choices, concerned_choices, may_be_replaced, party_choices
from portal.dossier.header import header_of
from portal.events.form import say
from portal.events.rules import Message, Values, many, one
from portal.formats import date_text
from portal.forms import submission_of
from portal.translations import language


async def choices_for(store: Store, opened: Opened, kind: DecisionKind, draft: CourtDecision | None = None) -> Choices:
    """Return what a draft of this kind about this child may name; `draft` is the one being written anew.

    It may also be about those who fit once an earlier decision about them is taken back.
    """
    today, dossier, court = day_of(opened.now), opened.dossier, opened.who.institution_id
    concerned, parties = concerned_choices(kind, dossier, today), party_choices(dossier, today)
    issued = await issued_about(store, dossier.id)
    earlier = [each for each in issued if may_be_replaced(each, kind.code, court)]
    for each in (e for e in earlier if e.kind == kind.code):
        after = dossier.model_copy(deep=True)
        take_back(after, each, today)
        concerned |= {i: name for i, name in concerned_choices(kind, after, today).items() if i in each.concerned}
    if draft is not None:
        parties |= {party.person_id: party for party in draft.parties}
        for person in [await person_of(store, each) for each in draft.carer_ids]:
            if person is not None:
                concerned.setdefault(person.id, person.name)
    active = [i for i in dossier.involvements if i.to is None or i.to >= today]
    centres = store.institutions.find({"type": "care_support_centre", "to": None}, {"name": 1}).sort("name", 1)
    return Choices(
        concerned=concerned,
        parties=parties,
        addressed={i.institution_id: i.institution_name for i in active if i.institution_id != court},
        centres={row["_id"]: row["name"] async for row in centres} if "centre" in kind.asks else {},
        replaces={
            each.id: f"{each.called}, {classifiers().decision_kinds[each.kind].label(language())}" for each in earlier
        },
    )


async def values_of(store: Store, decision: CourtDecision) -> Values:
    """Return a draft as its form would send it."""
    words = await words_of(store, decision)
    return {
        "concerned": decision.carer_ids or decision.concerned,
        "centre": [decision.centre_id or ""],
        "contact": [decision.contact],
        "terms": [str(words["terms"])],
        "until": [date_text(decision.until) if decision.until else ""],
        "heard": ["yes"] if decision.heard else [],
        "protect_from": decision.protect_from,
        "parties": [party.person_id for party in decision.parties],
        "addressed_to": decision.addressed_to,
        "legal_basis": [decision.legal_basis],
        "in_force_from": [date_text(decision.in_force_from)],
        "reasons": [str(words["reasons"])],
        "replaces": [decision.replaces or ""],
    }


def form_context(
    opened: Opened,
    kind: DecisionKind,
    choices: Choices,
    values: Values,
    errors: Mapping[str, Message],
    draft: CourtDecision | None = None,
    *,
    conflict: Values | None = None,
) -> dict[str, Any]:
    """Return what the form's page needs. `conflict` is what somebody else saved meanwhile."""
    lang = language()
    typed = values or {"legal_basis": [kind.legal_basis], "in_force_from": [date_text(day_of(opened.now))]}
    return {
        "child": header_of(opened),
        "here": "decisions",
        "kind": kind,
        "title": kind.label(lang).capitalize(),
        "choices": choices,
        "rules": [(row.code, row.label(lang).capitalize()) for row in classifiers().contact_rules.values()],
        "submission": submission_of(values) or new_id(),
        "version": draft.version if draft else 0,
        "action": f"/dossiers/{opened.dossier.id}/decisions" + (f"/{draft.id}/draft" if draft else ""),
        "kin": lambda code: "" if code == "self" else classifiers().relationship_kinds[code].label(lang),
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(typed, name),
        "many": lambda name: many(typed, name),
        "theirs": conflict or {},
        "new": draft is None,
    }
