"""What a notice can say: a kind is one sentence and the page where to act. A new kind is a new row here."""

from dataclasses import dataclass

from auth.permissions import Section
from portal.translations import N_


@dataclass(frozen=True)
class NoticeKind:
    """`words` is the sentence; `page` where to act (or nothing), of `{dossier}` and `{subject}`.

    `inside`: the page is in the dossier, so who does not reach the dossier any more gets no link.
    `section`: read whole the page is open; who reads it in part gets its `part`, who reads none of it the life course.
    """

    words: str
    page: str
    inside: bool = True
    section: Section | None = None
    part: str = ""


LIFE_COURSE = "/dossiers/{dossier}/timeline"
LIFE = "/dossiers/{dossier}/events/{subject}"
ASSESSMENT = "/dossiers/{dossier}/assessments/{subject}"
REPORT = "/reports/{subject}"
THREAD = "/dossiers/{dossier}/messages/{subject}"
PLAN = "/dossiers/{dossier}/plan"
REQUEST = "/access-requests/{subject}"

KINDS: dict[str, NoticeKind] = {
    "added": NoticeKind(N_("A new entry was added to the life course."), LIFE),
    "corrected": NoticeKind(N_("An entry in the life course was corrected."), LIFE),
    "withdrawn": NoticeKind(N_("An entry in the life course was withdrawn."), LIFE),
    "assessed": NoticeKind(N_("An assessment of the child was completed."), ASSESSMENT),
    "assessment_corrected": NoticeKind(N_("An assessment of the child was corrected."), ASSESSMENT),
    "assessment_withdrawn": NoticeKind(N_("An assessment of the child was withdrawn."), ASSESSMENT),
    "reported": NoticeKind(N_("Somebody reported a concern about the child."), "/dossiers/{dossier}/reports"),
    "report_to_decide": NoticeKind(N_("A report of a concern waits for your decision."), REPORT, inside=False),
    "report_told": NoticeKind(
        N_("Your institution was told of a concern at once: take note of it."), REPORT, inside=False
    ),
    "report_acknowledged": NoticeKind(N_("Somebody works on your report."), REPORT, inside=False),
    "report_decided": NoticeKind(N_("Your report was decided."), REPORT, inside=False),
    "report_passed_on": NoticeKind(N_("Your report was passed on: somebody else will decide."), REPORT, inside=False),
    "access_asked": NoticeKind(N_("A request for access waits for a decision."), REQUEST, inside=False),
    "access_decided": NoticeKind(N_("Your request for access was answered."), REQUEST, inside=False),
    "access_revoked": NoticeKind(N_("The access given to you was taken back."), "/access-requests", inside=False),
    "access_denied": NoticeKind(
        N_("Somebody was denied access: look whether it is justified."), "/dossiers/{dossier}/grants"
    ),
    "decision_issued": NoticeKind(
        N_("The orphan's court has issued a decision."),
        "/dossiers/{dossier}/decisions/{subject}",
        section=Section.DECISIONS,
        part="/dossiers/{dossier}/decisions",
    ),
    "emergency_opened": NoticeKind(
        N_("The dossier was opened in an emergency: review it."), "/dossiers/{dossier}/emergencies/{subject}/review"
    ),
    "responsible_named": NoticeKind(N_("You are named responsible for a child."), "/dossiers/{dossier}"),
    "substitute_named": NoticeKind(N_("You stand in for a colleague who is responsible."), "/dossiers/{dossier}"),
    "family_manager_named": NoticeKind(N_("You are named the family's case manager."), "/dossiers/{dossier}"),
    "responsible_replaced": NoticeKind(N_("Somebody else is responsible for the child now."), "", inside=False),
    "manager_named": NoticeKind(
        N_("You are asked to lead a case: accept or decline."), "/case-offers/{dossier}", inside=False
    ),
    "manager_not_needed": NoticeKind(
        N_("You need not take over the case any more: somebody else was asked."), "", inside=False
    ),
    "manager_replaced": NoticeKind(N_("Somebody else leads the case now."), "", inside=False),
    "manager_accepted": NoticeKind(N_("Whom you named has taken over the case."), "/access-requests", inside=False),
    "manager_declined": NoticeKind(
        N_("Whom you named has declined to lead the case: name somebody else."), "/access-requests", inside=False
    ),
    "question_asked": NoticeKind(N_("Your head asks you about a case: answer."), THREAD),
    "question_answered": NoticeKind(N_("Your question about a case was answered."), THREAD),
    "message_from_family": NoticeKind(N_("Somebody of the family wrote to you."), THREAD),
    "message_to_family": NoticeKind(N_("The case manager wrote to you."), THREAD),
    "meeting_set": NoticeKind(N_("A meeting about the support plan is set."), PLAN),
    "meeting_off": NoticeKind(N_("The meeting about the support plan is called off."), PLAN),
    "team_joined": NoticeKind(N_("You are in the team of a case."), "/dossiers/{dossier}"),
    "team_left": NoticeKind(N_("You are not in the team of a case any more."), "", inside=False),
    "plan_proposed": NoticeKind(N_("A plan is proposed: read it and answer."), PLAN),
    "plan_answered": NoticeKind(N_("The family answered the proposed plan."), PLAN),
    "plan_word": NoticeKind(
        N_("An answer to the proposed plan was written down for you: look whether it is right."), PLAN
    ),
    "plan_in_force": NoticeKind(N_("The support plan is in force."), PLAN),
    "task_given": NoticeKind(N_("The support plan has tasks for you."), PLAN),
    "task_reported": NoticeKind(N_("Somebody said how a task of the plan goes."), PLAN),
    "emergency_reviewed": NoticeKind(N_("Your emergency access was reviewed and has ended."), "/dossiers/{dossier}"),
}
