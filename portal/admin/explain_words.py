"""An explanation in words, the same on the page and on the console."""

from dataclasses import dataclass
from datetime import datetime

from auth.explain import Explanation, State, Way
from auth.matrix import Right, Scope
from auth.permissions import Permission
from documents.classifiers import classifiers
from documents.model import FOREVER, LONG_AGO
from portal.formats import datetime_text
from portal.translations import N_, gettext, language, pgettext

ACTIONS: dict[Permission, str] = {
    Permission.ACCESS_ASK: N_("ask for access"),
    Permission.ACCESS_DECIDE: N_("decide requests for access"),
    Permission.ACCESS_DENY: N_("deny somebody access"),
    Permission.ACCESS_DENY_FAMILY: N_("deny the family access"),
    Permission.ACCESS_GRANT: N_("give access to the dossier"),
    Permission.ACCESS_GRANT_OWN: N_("give access to entries of the own institution"),
    Permission.ACCESS_LIST_READ: N_("read grants and denials"),
    Permission.ACCESS_LOG_READ: N_("read who looked"),
    Permission.ACCESS_REQUESTS_READ: N_("read requests for access"),
    Permission.ACCESS_REVIEW: N_("review denials"),
    Permission.ACCOUNTS_MANAGE: N_("look after accounts"),
    Permission.ANALYTICS_READ: N_("read the released figures"),
    Permission.ASSESSMENT_ADD: N_("make an assessment"),
    Permission.ASSESSMENT_CHANGE: N_("correct or withdraw an assessment"),
    Permission.ASSESSMENTS_READ: N_("read assessments"),
    Permission.AUDIT_SEARCH: N_("search the audit log"),
    Permission.BASE_READ: N_("read base data"),
    Permission.BASE_WRITE: N_("change base data"),
    Permission.CASE_ACCEPT: N_("accept the leading of a case"),
    Permission.CONTACTS_WRITE: N_("change contacts"),
    Permission.DECISION_DRAFT: N_("write and issue decisions of the orphan's court"),
    Permission.DECISIONS_LIST: N_("open the orphan's court's list"),
    Permission.DECISIONS_READ: N_("read decisions"),
    Permission.DESK_READ: N_("open the own desk"),
    Permission.DOCUMENTS_READ: N_("read documents"),
    Permission.EMERGENCY_EXPLAIN: N_("say what was done in an emergency"),
    Permission.EMERGENCY_REVIEW: N_("review an emergency access"),
    Permission.EMERGENCY_USE: N_("open a dossier in an emergency"),
    Permission.EVENT_ADD: N_("add an entry"),
    Permission.EVENT_CHANGE: N_("correct or withdraw an entry"),
    Permission.EVENT_READ: N_("read an entry"),
    Permission.EXPLAIN: N_("ask why somebody may or may not"),
    Permission.FAMILY_READ: N_("read family and contacts"),
    Permission.LEVEL_CHANGE: N_("change the prevention level"),
    Permission.MESSAGE_WRITE: N_("write messages"),
    Permission.MESSAGES_READ: N_("read messages"),
    Permission.NEED_IDENTIFY: N_("identify a need"),
    Permission.NOTICES_READ: N_("read the own notices"),
    Permission.OVERSIGHT: N_("see the cases of the own staff"),
    Permission.QUESTION_ASK: N_("ask one of the staff about a case"),
    Permission.PEOPLE_NAME: N_("name who is responsible and who leads the case"),
    Permission.REPORT: N_("report a concern"),
    Permission.REPORT_DECIDE: N_("decide reports"),
    Permission.REPORT_HAND_OVER: N_("hand a report to somebody else"),
    Permission.REPORTS_OF_CHILD: N_("read the reports about a child"),
    Permission.REPORTS_READ: N_("read reports of concerns"),
    Permission.PLAN_ANSWER: N_("answer a proposed plan"),
    Permission.PLAN_READ: N_("read the support plan"),
    Permission.PLAN_TASK: N_("say how an own task goes"),
    Permission.PLAN_WRITE: N_("write the support plan"),
    Permission.TEAM_EDIT: N_("change the team and hand the case over"),
    Permission.ROLE_CHOOSE: N_("choose a role"),
    Permission.SEARCH_NATION: N_("ask the whole register"),
    Permission.SEARCH_RELATED: N_("search among one's own children"),
    Permission.TASKS_READ: N_("read the own tasks"),
    Permission.TECHNICAL_READ: N_("read named fields for another system"),
    Permission.TIMELINE_READ: N_("read the life course"),
}
STATES = {
    State.HOLDS: N_("in force"),
    State.COMING: N_("not begun yet"),
    State.ENDED: N_("ended"),
    State.NOT_OF_POSITION: N_("not a way of this position"),
}
SCOPES = {
    Scope.ALL: N_("reads everything"),
    Scope.OPEN_OWN_ADDRESSED: N_("reads entries open to the domain, own and addressed ones"),
    Scope.ADDRESSED: N_("reads addressed entries"),
    Scope.OWN: N_("reads own entries"),
    Scope.GOALS: N_("reads goals and own tasks"),
    Scope.LINE: N_("reads dates, kinds and recorder"),
    Scope.FAMILY: N_("reads what the family may see"),
    Scope.NOTHING: N_("reads nothing"),
}
MAY = {
    "ask_access": N_("ask for access"),
    "report": N_("report a concern"),
    "see_reports": N_("read reports of concerns"),
    "identify_need": N_("identify a need"),
    "decides_reports": N_("decide reports"),
    "leads_cases": N_("lead cases"),
    "emergency_access": N_("use emergency access"),
    "supervises": N_("supervise"),
    "drafts_decisions": N_("draft decisions"),
    "administers": N_("administer"),
}


@dataclass(frozen=True, slots=True)
class WayRow:
    """One relation of the list."""

    relation: str
    state: str
    holds: bool
    window: str
    given_by: str
    right: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One role's answer."""

    allowed: bool
    sentence: str
    reason: str
    basis: str
    role: str
    position: str
    action: str
    section: str
    ways: tuple[WayRow, ...]
    denials: tuple[str, ...]
    own_family: bool
    position_ways: tuple[str, ...]
    position_may: tuple[str, ...]
    asks_of_position: str


def answer_of(explanation: Explanation) -> Answer:
    """Return the explanation in the language spoken now."""
    positions, lang = classifiers().positions, language()
    position = positions[explanation.position].label(lang) if explanation.position in positions else ""
    relation = _relation(explanation.relation) if explanation.relation else ""
    return Answer(
        allowed=explanation.allowed,
        sentence=gettext(explanation.sentence) % {"relation": relation},
        reason=explanation.reason.code,
        basis=classifiers().legal_bases[explanation.reason.basis].cite("", language()),
        role=explanation.role_id,
        position=position or (pgettext("role", "family") if explanation.role_id == "family" else ""),
        action=gettext(ACTIONS[explanation.permission]),
        section=_section(explanation.section),
        ways=tuple(_way(way) for way in explanation.ways),
        denials=tuple(f"{ban.id}: {_window(ban.since, ban.until)}" for ban in explanation.denials),
        own_family=explanation.own_family,
        position_ways=tuple(_relation(way) for way in explanation.position_ways),
        position_may=tuple(gettext(MAY[right]) for right in explanation.position_may),
        asks_of_position=gettext(MAY[explanation.asks_of_position]) if explanation.asks_of_position else "",
    )


def _way(way: Way) -> WayRow:
    return WayRow(
        relation=_relation(way.relation),
        state=gettext(STATES[way.state]),
        holds=way.state is State.HOLDS,
        window=_window(way.since, way.until),
        given_by=", ".join(way.given_by),
        right=_right(way.right) if way.right else gettext(SCOPES[Scope.NOTHING]),
    )


def _right(right: Right) -> str:
    words = [gettext(SCOPES[right.scope])]
    if right.write:
        words.append(gettext("writes own entries"))
    elif right.contacts:
        words.append(gettext("writes contacts"))
    if right.authorise:
        words.append(gettext("decides on others' access"))
    return ", ".join(words)


def _window(since: datetime, until: datetime | None) -> str:
    begin = datetime_text(since) if since > LONG_AGO else gettext("from the beginning")
    end = datetime_text(until) if until and until < FOREVER else gettext("no end")
    return f"{begin} – {end}"


def _relation(code: str) -> str:
    relations = classifiers().relations
    return relations[code].label(language()) if code in relations else code


def _section(code: str) -> str:
    sections = classifiers().sections
    return sections[code].label(language()) if code in sections else code
