"""Which decisions of the orphan's court somebody reads: the column "decisions" of access.md, decision by decision."""

from auth.matrix import Scope
from auth.permissions import Permission, Section
from auth.policy import Access, decide_as
from auth.who import Who
from documents.decision import CourtDecision


def reads_decision(who: Who, access: Access, decision: CourtDecision) -> bool:
    """Whether the person reads this decision and takes its file; a draft is for those who draft in the own court."""
    if not decision.issued:
        return drafts_here(who, access, decision)
    return any(_within(who, scope, decision) for scope in access.scopes(Section.DECISIONS))


def sees_line(who: Who, access: Access, decision: CourtDecision) -> bool:
    """Whether the person sees that there is one: its date and state, as a head does, or all of it."""
    return reads_decision(who, access, decision) or Scope.LINE in access.scopes(Section.DECISIONS)


def drafts_here(who: Who, access: Access, decision: CourtDecision) -> bool:
    """Whether the person may write and issue this one: decisions of the own court only."""
    return decision.court_id == who.institution_id and decide_as(access, who, Permission.DECISION_DRAFT).allowed


def _within(who: Who, scope: Scope, decision: CourtDecision) -> bool:
    own, addressed = decision.court_id == who.institution_id, who.institution_id in decision.addressed_to
    if scope is Scope.FAMILY:
        return any(party.person_id == who.person_id for party in decision.parties)
    return scope is Scope.ALL or (
        (own and scope in (Scope.OWN, Scope.OPEN_OWN_ADDRESSED))
        or (addressed and scope in (Scope.ADDRESSED, Scope.OPEN_OWN_ADDRESSED))
    )
