"""One request as the person in front of it may see it: whoever asked, decides, or answers for those who decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from auth.access import NotFound, entry_for, refused
from auth.permissions import Permission, Section
from auth.policy import Access, standing
from auth.reasons import NO_RELATION, NOT_YOUR_SECTION, OWN_REQUEST, Reason
from auth.supervision import supervises
from auth.who import Who
from documents.access_request import AccessRequest
from documents.acts import Act
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.draft import find_draft, forget_draft
from documents.store import Row, Store
from portal.access_requests.actions import find_request, words_of
from portal.access_requests.rules import authority
from portal.access_requests.view import RequestView, for_asker, for_decider, section_names
from portal.events.form import say
from portal.events.rules import Message, many, one
from portal.forms import Values
from portal.page import Request
from portal.runtime import runtime

_NARRATIVE: Row = dict.fromkeys(("events", "base", "recent", "summary"), 0)


@dataclass(frozen=True)
class Seen:
    """A request, as what one sees it, and whether one may decide it."""

    asked: AccessRequest
    side: Literal["asker", "decider", "head"]
    dossier: Dossier | None
    decides: bool
    reason: Reason

    async def forget_draft(self, request: Request) -> None:
        """The decision is made: what was typed of it is not needed any more."""
        who: Who = request.scope["state"]["who"]
        await forget_draft(runtime(request).store, _role(who), f"/access-requests/{self.asked.id}")


async def one_request(request: Request, request_id: str) -> Seen:
    """Open a request and record the look. Raises NotFound for whom it does not concern."""
    store, state = runtime(request).store, request.scope["state"]
    who, now = state["who"], state["now"]
    asked = await find_request(store, request_id)
    entry = entry_for(who, Act.ACCESS_REQUESTS_READ, now, subject=asked.id, sections=[Section.EXISTENCE.value])
    if who.role is not None and asked.by.role_id == who.role.id:
        hidden = asked.blind and not for_asker(asked, now).opens
        await store.audit.record(entry if hidden else entry.model_copy(update={"dossier_id": asked.dossier_id}))
        return Seen(asked, "asker", None, decides=False, reason=OWN_REQUEST)
    entry = entry.model_copy(update={"dossier_id": asked.dossier_id})
    row = await store.dossiers.find_one({"_id": asked.dossier_id or "", "erased": None}, _NARRATIVE)
    dossier = Dossier.model_validate(row) if row else None
    stands = standing(who, dossier, now) if dossier else Access(False, NO_RELATION)
    decides = authority(stands, who, asked) is not None
    if dossier is not None and (decides or (asked.by.person_id == who.person_id and stands.allowed)):
        await store.audit.record(entry.model_copy(update={"relation": stands.relation}))
        return Seen(asked, "decider", dossier, decides, OWN_REQUEST)
    heads = dossier is not None and (supervises(who, dossier, now) or unled(who, asked, dossier))
    if heads and who.person_id not in (dossier.family_ids if dossier else ()):
        await store.audit.record(entry.model_copy(update={"relation": "supervises"}))
        return Seen(asked, "head", dossier, decides=False, reason=NOT_YOUR_SECTION)
    await store.audit.record(refused(entry, Permission.ACCESS_REQUESTS_READ, stands.reason))
    raise NotFound


async def request_context(
    request: Request, seen: Seen, values: Values, errors: Mapping[str, Message], *, conflict: bool = False
) -> dict[str, Any]:
    """What `access_requests/request.html` needs; a head reads neither the message nor the reason."""
    store, state = runtime(request).store, request.scope["state"]
    asked, now = seen.asked, state["now"]
    kept_at = None
    if seen.decides and not values:
        draft = await find_draft(store, _role(state["who"]), f"/access-requests/{asked.id}")
        values, kept_at = draft or ({}, None)
    shown = _shown(seen, now)
    decision = asked.decision if shown.state not in ("waiting", "silent") else None
    reads = seen.side != "head"
    tells_reason = reads and not (seen.side == "asker" and asked.blind and asked.state == "refused")
    return {
        "asked": shown,
        "side": seen.side,
        "decides": seen.decides and asked.state == "waiting",
        "blind": asked.blind,
        "message": await words_of(store, asked.sealed) if reads else "",
        "decision": decision,
        "decided_by": decision.by if decision and await _tells_place(store, seen) else None,
        "given": section_names(decision.sections) if decision else (),
        "why": await words_of(store, decision.sealed) if decision and tells_reason else "",
        "contact": seen.dossier.case_manager if seen.dossier and seen.side == "head" else None,
        "conflict": conflict,
        "kept_at": kept_at,
        "errors": {name: say(message) for name, message in errors.items()},
        "one": lambda name: one(values, name),
        "chosen": set(many(values, "sections")) if values else set(asked.sections),
        "sensitive": bool(one(values, "sensitive")) if values else asked.sensitive,
        "until": one(values, "until") if values else f"{asked.until:%d.%m.%Y}.",
        "choices": list(zip(_codes(asked), section_names(asked.sections), strict=True)),
    }


def _shown(seen: Seen, now: Any) -> RequestView:
    if seen.side == "asker":
        return for_asker(seen.asked, now)
    return for_decider(seen.asked, now, seen.dossier if seen.side == "decider" else None)


async def _tells_place(store: Store, seen: Seen) -> bool:
    """Who was refused is not told who decided about a protected child: that would tell the place."""
    if seen.side != "asker" or seen.asked.state != "refused":
        return True
    protected = {"_id": seen.asked.dossier_id, "child.protected": True}
    return await store.dossiers.find_one(protected, {"_id": 1}) is None


def unled(who: Who, asked: AccessRequest, dossier: Dossier) -> bool:
    """The head of the institution that has to name a case manager."""
    heads = who.level == 3 and who.role is not None and who.role.unit_id is None
    return heads and dossier.case_manager is None and asked.routed_to == who.institution_id


def _codes(asked: AccessRequest) -> list[str]:
    return sorted(asked.sections, key=lambda code: classifiers().sections[code].order)


def _role(who: Who) -> str:
    return who.role.id if who.role else who.person_id
